package main

import (
	"github.com/arealicehole/vocoder/internal/app/setup"
	"github.com/spf13/cobra"
)

func setupCommand(a *cli) *cobra.Command {
	var given setup.Answers
	c := &cobra.Command{
		Use:   "setup",
		Short: "Set up key, microphone, language, recognizer and start",
		Long: `Ask at most five questions, write what was answered to the settings file, with a
comment at each setting, and start the daemon: which key (press it), which
microphone (speak into it), which language (what locale and keyboard layouts tell
is proposed), which recognizer (of those that answer, and of the offline one's
models for that language and this machine, with what to expect of each; a model is
only fetched if you choose it), and when to start.

What a flag says is not asked; without a terminal nothing is, and what no flag
says stays as it is or is found out. It may be repeated. Where vocoder-inputd
serves the devices, the daemon is also put in a sandbox, if one works here. --undo
puts the settings file back, takes the sandbox away and stops the daemon.`,
	}
	f := c.Flags()
	f.StringVar(&given.Key, "key", "", "the `KEY` to hold, by its kernel name; keep for the one that is set")
	f.StringVar(&given.Microphone, "microphone", "", "the `NAME` of a microphone or a part of it; default for that of the session; speak for the one that hears you now")
	f.StringVar(&given.Language, "language", "", "the `LANGUAGE` you speak, as whisper.language: a code, several with commas, locale, layout or auto")
	f.StringVar(&given.Recognizer, "recogniser", "", "the `URL` of the recognizer; keep for the one that is set; engine for vocoder-engine, the offline one")
	f.StringVar(&given.Start, "start", "", "`WHEN` the daemon is started: login, now or no")
	undo := f.Bool("undo", false, "put back what there was before")
	probe := f.Bool("probe", false, "change nothing; fail if a recognizer's port seems to be another user's, as one may in a sandbox")
	offer(c, "key", func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		names, directive := holdNames(c, args, typed)
		return append([]string{"keep"}, names...), directive
	})
	offer(c, "microphone", microphones("default", "speak"))
	offer(c, "language", among("locale", "layout", "auto"))
	offer(c, "recogniser", among("keep", "engine"))
	offer(c, "start", among("login", "now", "no"))
	c.RunE = func(c *cobra.Command, _ []string) error {
		if given.Key == "keep" {
			f.Lookup("key").Changed = false // the setting of that name is a key
		}
		cfg, err := a.load(c)
		if err != nil && !*undo {
			return err
		}
		s := setup.New(a.Env, a.store(), cfg, given)
		switch {
		case *probe:
			return s.ProbeInside(c.Context())
		case *undo:
			return s.Undo(c.Context())
		}
		return s.Run(c.Context())
	}
	return c
}
