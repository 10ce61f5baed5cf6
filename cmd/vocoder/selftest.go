package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/terminal"
	"github.com/arealicehole/vocoder/internal/usage"
)

// selftestWithin bounds the whole test. The links take what they take.
const selftestWithin = 2 * time.Minute

// A trial is the report of a selftest: nothing in it was said, typed or is the
// name of something that the user named.
type trial struct {
	State   health    `json:"state"`
	Version string    `json:"version"`
	System  string    `json:"system"`  // kernel, machine and desktop
	Sound   string    `json:"sound"`   // the sound server, empty if there is none
	Devices string    `json:"devices"` // direct or helper
	Links   []tried   `json:"links"`
	Words   *wordings `json:"words,omitempty"`
	Left    []string  `json:"left,omitempty"` // what could not be removed again
}

// Tried is what a link of the chain did, and how long that took.
type tried struct {
	finding
	Milliseconds int64 `json:"ms"`
}

// Wordings compare what was spoken with what came of it.
type wordings struct {
	Spoken int `json:"spoken"`
	Wrong  int `json:"wrong"` // missing, too many or other ones
}

func (a *app) selftestCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "selftest",
		Short: "Test the whole chain on this machine: key, sound, recogniser, typing",
		Long: `Test the whole chain on this machine, in about a minute: press a virtual key, play
a known sentence to an output that nobody hears, record it from there, send it to
the recogniser of the settings, and type its words into this terminal. Nothing is
typed unless the terminal says that it has the focus, and nothing stays behind. The
microphone and the clipboard are not used.

The report holds no words, no names and no addresses: put it into a bug report.
Each link is ok, a warning (which "not tested" is too) or broken. The exit status is
that of the worst: 0, 4 for a warning, 1 for broken.

Where vocoder-inputd has the devices, this program may press no keys: key and typing
are then not tested. --devices direct tests them, if this user may open /dev/uinput.`,
		Args: usage.NoArgs,
	}
	addSettings(c, "devices", "whisper_url", "whisper", "typing")
	yes := c.Flags().Bool("yes", false, "do not ask before")
	asJSON := c.Flags().Bool("json", false, "print one JSON object")
	c.RunE = func(c *cobra.Command, _ []string) error {
		cfg, err := a.load(c)
		if err != nil {
			return err
		}
		if !*yes {
			if err := a.consent(); err != nil {
				return err
			}
		}
		ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGHUP, syscall.SIGQUIT)
		defer stop()
		told := a.tellTried
		if *asJSON {
			told = func(tried) {}
		}
		r, err := a.selftest(ctx, cfg, told)
		if err != nil {
			return err
		}
		if *asJSON {
			err = json.NewEncoder(a.Stdout).Encode(r)
		} else {
			a.tellTrial(r)
		}
		if err == nil && r.State != well {
			err = illness(r.State)
		}
		return err
	}
	return c
}

var errNoConsent = errors.New("selftest: not without a yes")

// consent asks, in a terminal, whether the test may begin.
func (a *app) consent() error {
	if !terminal.Is(a.Stdin) {
		return usage.Errorf("selftest: no terminal to ask in; --yes answers before")
	}
	fmt.Fprint(a.Stderr, `This presses a virtual key, plays a known sentence where nobody hears it, sends it
to your recogniser, and types its words into this terminal. Leave keyboard and mouse
alone for a minute. Microphone and clipboard are not used. Begin? [y/N] `)
	answer, err := bufio.NewReader(a.Stdin).ReadString('\n')
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if s := strings.ToLower(strings.TrimSpace(answer)); s != "y" && s != "yes" {
		return errNoConsent
	}
	return nil
}

// selftest runs the test and says what each link did as soon as it is known. An
// error means that there is no report, not even one of what is broken.
func (a *app) selftest(ctx context.Context, cfg settings.Loaded, told func(tried)) (trial, error) {
	limited, cancel := context.WithTimeoutCause(ctx, selftestWithin, errTooLong)
	defer cancel()
	b := newBench(a, cfg, told)
	b.run(limited)
	b.clear()
	if err := ctx.Err(); err != nil {
		return trial{}, err
	}
	for _, l := range b.report.Links {
		b.report.State = max(b.report.State, l.Health)
	}
	return b.report, nil
}

var errTooLong = fmt.Errorf("not within %v", selftestWithin)

// tellTried prints what a link did for a person.
func (a *app) tellTried(t tried) {
	took := ""
	if t.Milliseconds > 0 {
		took = fmt.Sprintf("%d ms", t.Milliseconds)
	}
	fmt.Fprintf(a.Stdout, "%-8s %-11s %9s  %s\n", t.Health, t.Link, took, t.Says)
	if t.Mend != "" {
		fmt.Fprintf(a.Stdout, "%32s%s\n", "-> ", t.Mend)
	}
}

// tellTrial prints the rest of the report.
func (a *app) tellTrial(r trial) {
	fmt.Fprintf(a.Stdout, "\nvocoder %s, %s, %s, devices: %s\n", r.Version, r.System, r.Sound, r.Devices)
	for _, what := range r.Left {
		fmt.Fprintf(a.Stdout, "left behind: %s\n", what)
	}
}

// system says on what the test ran.
func (a *app) system() string {
	desktop := "no desktop"
	for _, name := range []string{"XDG_CURRENT_DESKTOP", "XDG_SESSION_DESKTOP", "XDG_SESSION_TYPE"} {
		if v, ok := a.Lookup(name); ok && v != "" {
			desktop = v
			break
		}
	}
	kernel := runtime.GOOS
	var u unix.Utsname
	if err := unix.Uname(&u); err == nil {
		kernel = unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:])
	}
	return kernel + " " + runtime.GOARCH + ", " + desktop
}
