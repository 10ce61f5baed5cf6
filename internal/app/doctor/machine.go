package doctor

import (
	"context"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/evdev/learn"
	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/internal/app/microphone"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/linux/session"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
)

// A Machine is everything that doctor examines: files below root, and the functions,
// which tests replace.
type Machine struct {
	env  environ.Env
	root string // the folder of /dev, /proc, /sys, /etc and /usr; empty for /
	user string // empty if it has no name
	uid  int
	gid  int // the primary group

	store    settings.Store
	file     string // of the settings
	cfg      settings.Loaded
	settings error // why the daemon would not run with cfg; what cannot be read has its default there

	engine config.Whisper // the default address of vocoder-engine

	open        func(path string, flag int) error
	devices     func() ([]evdev.Device, error)
	sources     func(context.Context) ([]capture.Source, error)
	usualSource string                                         // the microphone if the settings name none; empty for the default of the session
	listen      func(context.Context) (capture.Problem, error) // records for a second
	layout      func(context.Context) (desktop.State, error)
	clipboard   func(context.Context) error
	session     func(context.Context) (session.State, error)
	unit        func(context.Context, string) (systemd.UnitState, error) // of the user's manager
	daemon      func(context.Context) (control.Status, error)
	installed   func(program string) time.Time // when a file was put in its place; zero if unknown
}

// New returns this machine. cfg are the settings in store as a daemon would read them.
// wrong is why a daemon would not run with them, or nil.
func New(env environ.Env, store settings.Store, cfg settings.Loaded, wrong error) *Machine {
	m := &Machine{
		env: env, uid: os.Getuid(), gid: os.Getgid(),
		store: store, cfg: cfg, settings: wrong, engine: config.Default().Whisper[0],
		open: open, devices: learn.List, session: currentSession, installed: installed,
		unit: systemd.NewUserManager(env.RuntimeDir(), env.Var("DBUS_SESSION_BUS_ADDRESS") != "").State,
	}
	m.user = env.Var("USER")
	if u, err := user.LookupId(strconv.Itoa(m.uid)); err == nil { // $USER may be missing, or another user's
		m.user = u.Username
	}
	m.file, _, _ = store.File() // wrong has its error
	m.usualSource = env.PulseSource()
	m.sources = func(ctx context.Context) ([]capture.Source, error) {
		return capture.Sources(ctx, capture.Config{Server: env.PulseServer(), Cookies: env.PulseCookies()})
	}
	m.listen = func(ctx context.Context) (capture.Problem, error) {
		r, err := microphone.Probe(ctx, microphone.Config(env, m.cfg.Config), time.Second, func() {})
		return r.Problem, err
	}
	m.layout, m.clipboard = desktopProbes(env, m.cfg.Config)
	m.daemon = func(ctx context.Context) (control.Status, error) {
		return control.Client{Path: store.SocketPath(m.cfg.Config)}.Status(ctx)
	}
	return m
}

// installed returns when the file of a program was put in its place. A package sets its
// modification time, but not its change time. Source: inode(7).
func installed(program string) time.Time {
	var st unix.Stat_t
	if unix.Stat(program, &st) != nil {
		return time.Time{}
	}
	return time.Unix(st.Ctim.Unix())
}

// at returns where a path of the machine is below its root.
func (m *Machine) at(path string) string { return filepath.Join(m.root, path) }

// exists reports whether a file of the machine exists.
func (m *Machine) exists(path string) bool {
	_, err := os.Stat(m.at(path))
	return err == nil
}

// open opens a file and closes it.
func open(path string, flag int) error {
	f, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return err
	}
	return f.Close()
}
