package config

import (
	"fmt"
	"strings"
)

// manual returns the manual page vocoder.yaml(5), in mdoc(7).
func manual() string {
	var b strings.Builder
	b.WriteString(`.Dd November 22, 2026
.Dt VOCODER.YAML 5
.Os
.Sh NAME
.Nm vocoder.yaml
.Nd settings of vocoder
.Sh DESCRIPTION
.Nm
is a YAML file.
Without
.Fl Fl config
it is read from
.Pa $XDG_CONFIG_HOME/vocoder/vocoder.yaml ,
or
.Pa ~/.config/vocoder/vocoder.yaml
if that variable is not set.
Without the file, all settings have their defaults.
A setting that is unknown or out of range is an error, which has the line.
.Pp
Each setting below can also be given in the environment, under the name in
parentheses, and as a flag of the command: audio.tail is
.Fl Fl audio-tail .
A flag wins over the environment, and that over the file.
Durations are written 200ms, 30s or 2m; a bare number is seconds.
.Pa ~/
at the beginning of a file is the home folder.
Anchors, aliases and tags of YAML are errors: put a value that begins with
.Ql & ,
.Ql *
or
.Ql \&!
in quotes.
.Pp
.Ev WHISPER_URL , MAX_DURATION
and
.Ev DEBUG
are names of other programs, too: a value that is not right is a warning, and not
used.
A variable whose name is nearly that of a setting is a warning.
.Pp
vocoder checks the settings in the same way at the start, at a reload, in
.Ql vocoder config check ,
.Ql vocoder config set ,
.Ql vocoder setup
and
.Ql vocoder doctor .
.Sh SETTINGS
.Bl -tag -width indent
`)
	for _, s := range settings {
		fmt.Fprintf(&b, ".It Cm %s Pq Ev %s\n", s.Name, strings.Join(s.envs(), " , "))
		for line := range strings.SplitSeq(s.Help, "\n") {
			b.WriteString(roff(line) + "\n")
		}
		if s.Default != "" {
			fmt.Fprintf(&b, "The default is\n.Ql %s .\n", s.Default)
		}
	}
	b.WriteString(`.It Cm bindings
A list of keys in place of
.Cm key , device , mode
and
.Cm grab .
Each entry has a
.Cm key
and may have a
.Cm device , mode , grab
and
.Cm language .
.It Cm typing.applications
A list of programs with their own settings for typing.
Each entry has an
.Cm app :
the app_id of Wayland or the class of X11, which
.Ql vocoder layout
shows, on sway, Hyprland, niri and X11.
It may have a
.Cm pace , paste_chord
and
.Cm dead_keys .
.It Cm whisper
Instead of the settings of one recognizer, a list of several, the best first.
Each entry has a
.Cm url
and may have any of the settings of
.Cm whisper
above, of which
.Cm credential
is empty unless it is named there.
vocoder asks the first recognizer that works.
If it fails, vocoder sends the same utterance to the next one.
It asks the first one again as soon as that works.
An address in the environment or a flag replaces the list.
.El
.Sh SEE ALSO
.Xr vocoder 1
`)
	return b.String()
}

// roff escapes a line of text, so that mdoc(7) finds no request or macro in it.
func roff(line string) string {
	line = strings.ReplaceAll(line, `\`, `\e`)
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		line = `\&` + line
	}
	return strings.NewReplacer("“", `\(lq`, "”", `\(rq`, "—", `\(em`, "…", "...").Replace(line)
}
