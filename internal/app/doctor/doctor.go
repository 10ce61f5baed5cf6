// Package doctor examines every part of this machine that a dictation needs, and finds
// the command that fixes what is broken.
package doctor

import (
	"context"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/internal/app/report"
)

// A check examines one part.
type check struct {
	part string
	run  func(*Machine, context.Context) report.Finding
}

// checks are all checks, in the order in which a dictation needs the parts.
var checks = []check{
	{"settings", (*Machine).checkSettings},
	{"module", (*Machine).checkModule},
	{"helper", (*Machine).checkHelper},
	{"node", (*Machine).checkNode},
	{"groups", (*Machine).checkGroups},
	{"key", (*Machine).checkKey},
	{"microphone", (*Machine).checkMicrophone},
	{"recogniser", (*Machine).checkRecognizers},
	{"layout", (*Machine).checkLayout},
	{"session", (*Machine).checkSession},
	{"clipboard", (*Machine).checkClipboard},
	{"daemon", (*Machine).checkDaemon},
}

// checkLimit is how long one check may take.
const checkLimit = 20 * time.Second

// withConfig returns a command of this program or of vocoderctl for the settings that
// --config names.
func (m *Machine) withConfig(command string) string {
	if m.store.Name == "" {
		return command
	}
	if rest, is := strings.CutPrefix(command, "vocoder "); is {
		return "vocoder --config " + quote(m.store.Name) + " " + rest
	}
	if rest, is := strings.CutPrefix(command, "vocoderctl "); is {
		return "vocoderctl --socket " + quote(m.store.SocketPath(m.cfg.Config)) + " " + rest
	}
	return command
}

// Examine returns the findings of all checks. It calls progress with each of them, in
// order. If ctx is done, the findings are not complete.
func (m *Machine) Examine(ctx context.Context, progress func(report.Finding)) []report.Finding {
	var all []report.Finding
	for _, c := range checks {
		limited, cancel := context.WithTimeout(ctx, checkLimit)
		f := c.run(m, limited)
		cancel()
		if ctx.Err() != nil {
			return all
		}
		f.Part, f.Fix = c.part, m.withConfig(f.Fix)
		progress(f)
		all = append(all, f)
	}
	return all
}
