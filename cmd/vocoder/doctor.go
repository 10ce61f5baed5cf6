package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/evdev/learn"
	"github.com/arealicehole/vocoder/inject/layout"
	"github.com/arealicehole/vocoder/internal/app/microphone"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/linux/session"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
	"github.com/arealicehole/vocoder/internal/usage"
)

// A health is how a link of the chain is. The worst of all is that of the chain.
type health int

const (
	well     health = iota
	doubtful        // it works, but not as well or as safely as it could
	broken
)

func (h health) String() string { return [...]string{"ok", "warning", "broken"}[h] }

// MarshalText implements encoding.TextMarshaler.
func (h health) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// A finding is how one link is and, if it is not well, the one command that
// mends it.
type finding struct {
	Link   string `json:"link"`
	Health health `json:"state"`
	Says   string `json:"says"`
	Mend   string `json:"mend,omitempty"`
}

func ok(format string, args ...any) finding {
	return finding{Says: fmt.Sprintf(format, args...)}
}

func ill(h health, mend, format string, args ...any) finding {
	return finding{Health: h, Mend: mend, Says: fmt.Sprintf(format, args...)}
}

// An illness is the error of doctor: what it found was printed already.
type illness health

func (i illness) Error() string { return "the chain is " + health(i).String() }

// A patient is the machine as doctor examines it. What is a file is looked up
// below root; the rest is asked for.
type patient struct {
	app     *app
	root    string // of /dev, /proc, /sys, /etc, /usr and the like; empty for /
	home    string
	runtime string
	name    string // of the user
	uid     int

	file     string // of the settings
	cfg      settings.Loaded
	settings error // what is wrong with them; cfg are the defaults then

	usual config.Whisper // where this machine's engine listens

	open      func(path string, flag int) error
	devices   func() ([]evdev.Device, error)
	sources   func(context.Context) ([]capture.Source, error)
	listen    func(context.Context) (capture.Problem, error) // records a moment
	layout    func(context.Context) (layout.State, error)
	clipboard func(context.Context) error
	session   func(context.Context) (session.State, error)
	unit      func(context.Context, string) (systemd.UnitState, error) // of the user's manager
	daemon    func(context.Context) (control.Status, error)
}

// A link is one part of the chain and how to examine it.
type link struct {
	name    string
	examine func(*patient, context.Context) finding
}

// chain is all links, in the order in which a dictation needs them.
var chain = []link{
	{"settings", (*patient).settingsLink},
	{"module", (*patient).moduleLink},
	{"helper", (*patient).helperLink},
	{"node", (*patient).nodeLink},
	{"groups", (*patient).groupsLink},
	{"key", (*patient).keyLink},
	{"microphone", (*patient).microphoneLink},
	{"recogniser", (*patient).recogniserLink},
	{"layout", (*patient).layoutLink},
	{"session", (*patient).sessionLink},
	{"clipboard", (*patient).clipboardLink},
	{"daemon", (*patient).daemonLink},
}

// examineFor is how long one link may take to answer.
const examineFor = 20 * time.Second

// examine returns the finding about each link; told is given each as it is
// made.
func (p *patient) examine(ctx context.Context, told func(finding)) []finding {
	var all []finding
	for _, l := range chain {
		short, cancel := context.WithTimeout(ctx, examineFor)
		f := l.examine(p, short)
		cancel()
		if ctx.Err() != nil {
			return all
		}
		f.Link = l.name
		told(f)
		all = append(all, f)
	}
	return all
}

func worst(all []finding) health {
	h := well
	for _, f := range all {
		h = max(h, f.Health)
	}
	return h
}

func (a *app) doctorCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Examine every link of the chain, and say what mends it",
		Long: `Examine every link of the chain on this machine, in the order in which a
dictation needs them: each is ok, a warning or broken, with the one command that
mends it. The exit status is that of the worst: 0, 4 for a warning, 1 for broken.

The microphone is listened to for a second, and the recogniser is sent a short
tone. Nothing is typed, and the clipboard is left alone.`,
		Args: usage.NoArgs,
	}
	asJSON := c.Flags().Bool("json", false, "print one JSON object")
	c.RunE = func(c *cobra.Command, _ []string) error {
		p := a.patient(c)
		told := a.tellFinding
		if *asJSON {
			told = func(finding) {}
		}
		all := p.examine(c.Context(), told)
		if err := c.Context().Err(); err != nil {
			return err
		}
		h := worst(all)
		if *asJSON {
			if err := json.NewEncoder(a.Stdout).Encode(struct {
				State   health    `json:"state"`
				Version string    `json:"version"`
				Links   []finding `json:"links"`
			}{h, usage.Version(), all}); err != nil {
				return err
			}
		}
		if h != well {
			return illness(h)
		}
		return nil
	}
	return c
}

// tellFinding prints a finding for a person.
func (a *app) tellFinding(f finding) {
	fmt.Fprintf(a.Stdout, "%-8s %-11s %s\n", f.Health, f.Link, f.Says)
	if f.Mend != "" {
		fmt.Fprintf(a.Stdout, "%21s%s\n", "-> ", f.Mend)
	}
}

// status is the exit status that tells of an illness.
func (i illness) status() int {
	if health(i) == doubtful {
		return exitDoubtful
	}
	return exitFailed
}

// patient returns this machine and the settings as the daemon would read them.
func (a *app) patient(c *cobra.Command) *patient {
	p := &patient{app: a, runtime: a.RuntimeDir(), uid: os.Getuid(), usual: config.Default().Whisper[0], devices: func() ([]evdev.Device, error) { return learn.List() }}
	p.home, _ = a.Lookup("HOME")
	p.name, _ = a.Lookup("USER")
	p.open = func(path string, flag int) error {
		f, err := os.OpenFile(path, flag, 0)
		if err != nil {
			return err
		}
		return f.Close()
	}
	p.cfg, p.settings = a.load(c)
	p.file, _, _ = a.store().File() // its error is that of settings
	if p.settings != nil {
		p.cfg = settings.Default()
	}
	p.sources = func(ctx context.Context) ([]capture.Source, error) {
		return capture.Sources(ctx, capture.Config{Server: a.PulseServer()})
	}
	p.listen = func(ctx context.Context) (capture.Problem, error) {
		r, err := microphone.Probe(ctx, microphone.Config(a.Env, p.cfg.Config), time.Second, func() {})
		return r.Problem, err
	}
	p.layout, p.clipboard = a.examineDesk(p.cfg.Config)
	p.session = sessionNow
	p.unit = systemd.NewUserManager(a.RuntimeDir(), a.Var("DBUS_SESSION_BUS_ADDRESS") != "").State
	p.daemon = func(ctx context.Context) (control.Status, error) {
		return control.Client{Path: a.store().SocketPath(p.cfg.Config)}.Status(ctx)
	}
	return p
}
