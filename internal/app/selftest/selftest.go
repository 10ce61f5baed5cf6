// Package selftest tests a whole dictation on this machine: a virtual key, a known
// sentence, the recognizer, and the typing.
package selftest

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/environ"
)

// limit is how long the whole test may take. It normally takes less than a minute.
const limit = 2 * time.Minute

var errLimit = fmt.Errorf("not within %v", limit)

// A Report is the result of a selftest. It contains no spoken or typed text and no name
// or address from the settings, so that users can publish it.
type Report struct {
	State   report.State `json:"state"`
	Version string       `json:"version"`
	System  string       `json:"system"`  // kernel, machine and desktop
	Sound   string       `json:"sound"`   // the sound server, empty if there is none
	Devices string       `json:"devices"` // direct or helper
	Steps   []Step       `json:"links"`
	Words   *WordErrors  `json:"words,omitempty"`
	Left    []string     `json:"left,omitempty"` // what could not be removed again
}

// A Step is the finding about one part of the dictation, and how long the part took.
type Step struct {
	report.Finding
	Milliseconds int64 `json:"ms"`
}

// Run runs the test. It calls onStep with each step, in order. An error means that
// there is no report.
func Run(ctx context.Context, env environ.Env, cfg settings.Loaded, onStep func(Step)) (Report, error) {
	limited, cancel := context.WithTimeoutCause(ctx, limit, errLimit)
	defer cancel()
	r := newRig(env, cfg, onStep)
	r.run(limited)
	r.close()
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	for _, s := range r.result.Steps {
		r.result.State = max(r.result.State, s.State)
	}
	return r.result, nil
}

// system returns the kernel, the machine and the desktop.
func system(env environ.Env) string {
	desktop := cmp.Or(env.Var("XDG_CURRENT_DESKTOP"), env.Var("XDG_SESSION_DESKTOP"), env.Var("XDG_SESSION_TYPE"), "no desktop")
	kernel := runtime.GOOS
	var u unix.Utsname
	if err := unix.Uname(&u); err == nil {
		kernel = unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:])
	}
	return kernel + " " + runtime.GOARCH + ", " + desktop
}
