package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// groups are the groups of commands in the help, in their order.
var groups = []*cobra.Group{
	{ID: "start", Title: "Start here"}, {ID: "daemon", Title: "Daemon"},
	{ID: "settings", Title: "Settings"}, {ID: "pieces", Title: "Pieces"},
}

// helpOf has the group of each command and examples of it.
var helpOf = map[string]struct{ group, example string }{
	"setup": {"start", `  vocoder setup
  vocoder setup --key KEY_F13 --microphone default --start login`},
	"doctor":   {"start", `  vocoder doctor`},
	"selftest": {"start", `  vocoder selftest`},
	"run": {"daemon", `  vocoder run
  vocoder run --key KEY_F13 --whisper-language de`},
	"keys": {"pieces", `  vocoder keys
  vocoder keys --learn`},
	"devices": {"pieces", `  vocoder devices`},
	"sources": {"pieces", `  vocoder sources`},
	"record": {"pieces", `  vocoder record --seconds 3 > clip.wav
  vocoder record --check`},
	"transcribe": {"pieces", `  vocoder transcribe clip.wav
  vocoder record --seconds 5 | vocoder transcribe`},
	"type": {"pieces", `  echo Hello | vocoder type
  vocoder type --after 3s "Hello"`},
	"layout": {"pieces", `  vocoder layout`},
	"config": {"settings", `  vocoder config check
  vocoder config set key KEY_F13`},
	"config reload": {"", `  vocoder config reload`},
	"config check": {"", `  vocoder config check
  vocoder config check other.yaml`},
	"config reference": {"", `  vocoder config reference`},
	"config show":      {"", `  vocoder config show --effective`},
	"config set":       {"", `  vocoder config set audio.tail 300ms`},
	"config migrate":   {"", `  vocoder config migrate old.yaml`},
}

// arrange gives each command its group and examples.
func arrange(root *cobra.Command) {
	root.AddGroup(groups...)
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			page := helpOf[strings.TrimPrefix(sub.CommandPath(), "vocoder ")]
			sub.GroupID, sub.Example = page.group, page.example
			walk(sub)
		}
	}
	walk(root)
}
