package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/printable"
)

// rootWarning returns what to say of a command that root calls, or nothing. The settings,
// the microphone and the unit are those of the user at the desktop, and not root's.
func rootWarning(command string, uid int, env environ.Env) string {
	switch command {
	case "vocoder setup", "vocoder run", "vocoder doctor", "vocoder config set", "vocoder config edit":
	default:
		return ""
	}
	if uid != 0 {
		return ""
	}
	for _, name := range []string{"SUDO_USER", "DOAS_USER"} {
		if user := env.Var(name); user != "" && user != "root" {
			return "this is for the desktop's user and not for root: call it as " + user + ", without sudo"
		}
	}
	if env.Var("PKEXEC_UID") != "" || command == "vocoder setup" {
		return "this is for the desktop's user and not for root, for whom vocoder.service never starts"
	}
	return ""
}

// maxWarning limits a warning, in characters.
const maxWarning = 200

// warnRoot says so, before the command runs.
func warnRoot(env environ.Env, c *cobra.Command) {
	if w := rootWarning(c.CommandPath(), os.Geteuid(), env); w != "" {
		fmt.Fprintln(env.Stderr, "vocoder: warning: "+printable.Line(w, maxWarning))
	}
}
