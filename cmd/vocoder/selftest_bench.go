package main

import (
	"bytes"
	"context"
	_ "embed" // the sentence
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/app/helper"
	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/app/microphone"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/usage"
	"github.com/arealicehole/vocoder/whisper"
)

// Sentence is a reading of Sense and Sensibility by a volunteer of LibriVox, in
// the public domain, as Debian's pocketsphinx-testdata has it.
//
//go:embed selftest.wav
var sentence []byte

const sentenceWords = "he was not an ill disposed young man"

// nullName is what the outputs of selftests are called, before the process.
const nullName = "vocoder_selftest_"

// A bench is a selftest under way. All that it puts up is in undo.
type bench struct {
	app    *app
	cfg    settings.Loaded
	told   func(tried)
	log    *slog.Logger
	report trial
	undo   []func(context.Context) error

	null     *capture.Null
	mic      *capture.Recorder
	flows    chan struct{} // closed when the microphone delivers
	window   *window
	desktop  *typing.Desktop
	keyboard *typing.Keyboard
	rig      *inject.Keyboard // whose key is held
	key      key.Code
}

func newBench(a *app, cfg settings.Loaded, told func(tried)) *bench {
	b := &bench{app: a, cfg: cfg, told: told, log: settings.QuietLogger(a.Env, cfg.Config), flows: make(chan struct{})}
	b.report = trial{Version: usage.Version(), System: a.system(), Devices: "direct"}
	if cfg.Devices == "helper" || cfg.Devices == "auto" && helper.Installed() {
		b.report.Devices = "helper"
	}
	return b
}

// tell notes what a link did since began.
func (b *bench) tell(link string, began time.Time, f finding) bool {
	f.Link = link
	t := tried{f, time.Since(began).Milliseconds()}
	b.report.Links = append(b.report.Links, t)
	b.told(t)
	return f.Health != broken
}

// later has something undone at the end, the newest first.
func (b *bench) later(undo func(context.Context) error) { b.undo = append(b.undo, undo) }

// clear takes everything away again. What does not go stands in the report.
func (b *bench) clear() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, undo := range slices.Backward(b.undo) {
		if err := undo(ctx); err != nil {
			b.report.Left = append(b.report.Left, err.Error())
		}
	}
	b.undo = nil
	if len(b.report.Left) > 0 {
		b.report.State = doubtful
	}
}

// run tests link after link. Where one is broken, those that need it are not
// tested.
func (b *bench) run(ctx context.Context) {
	if !b.sound(ctx) {
		return
	}
	if why := b.devices(ctx); why != "" {
		b.tell("key", time.Now(), finding{Health: doubtful, Says: "not tested: " + why})
		b.withoutKeys(ctx)
		b.tell("typing", time.Now(), finding{Health: doubtful, Says: "not tested: " + why})
		return
	}
	b.withKeys(ctx)
}

// sound puts up the output that nobody hears and the microphone at its end.
func (b *bench) sound(ctx context.Context) bool {
	began, server := time.Now(), b.app.PulseServer()
	if _, err := capture.SweepNulls(ctx, server, orphan); err != nil {
		return b.tell("sound", began, badly(err))
	}
	name, err := capture.ServerName(ctx, server)
	if err != nil {
		return b.tell("sound", began, badly(err))
	}
	b.report.Sound = name
	if b.null, err = capture.OpenNull(ctx, server, nullName+strconv.Itoa(os.Getpid())); err != nil {
		return b.tell("sound", began, badly(err))
	}
	b.later(b.removeNull)
	conf := microphone.Config(b.app.Env, b.cfg.Config)
	conf.Source, conf.PreRoll, conf.Log = b.null.Source(), 0, b.log
	open := sync.OnceFunc(func() { close(b.flows) })
	conf.Hooks.Heard = func([]int16) { open() }
	b.mic = capture.New(conf)
	b.during(func(ctx context.Context) error { return b.mic.Run(ctx) })
	return b.tell("sound", began, ok("an output of its own is there"))
}

// removeNull removes the output and sees that it is gone.
func (b *bench) removeNull(ctx context.Context) error {
	if err := b.null.Close(ctx); err != nil {
		return fmt.Errorf("output %s: %w", b.null.Output(), err)
	}
	n, err := capture.SweepNulls(ctx, b.app.PulseServer(), func(name string) bool { return name == b.null.Output() })
	if err == nil && n > 0 {
		err = fmt.Errorf("output %s was still there", b.null.Output())
	}
	return err
}

// orphan reports whether an output is that of a selftest that was killed.
func orphan(name string) bool {
	pid, ours := strings.CutPrefix(name, nullName)
	if !ours {
		return false
	}
	_, err := os.Stat(filepath.Join("/proc", pid))
	return errors.Is(err, os.ErrNotExist)
}

// during runs something until the end of the test.
func (b *bench) during(run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	b.later(func(context.Context) error { cancel(); return <-done })
}

// devices puts up both virtual keyboards and finds the terminal. It returns why
// keys cannot be tested, or nothing.
func (b *bench) devices(ctx context.Context) string {
	if b.report.Devices == "helper" {
		return "vocoder-inputd has the devices and presses keys after a hold of the real key alone; --devices direct tests without it"
	}
	for _, name := range []string{"SSH_CONNECTION", "SSH_TTY"} {
		if v, ok := b.app.Lookup(name); ok && v != "" {
			return "this terminal is on another machine than the keyboard"
		}
	}
	var err error
	if b.window, err = openWindow("/dev/tty"); err != nil {
		return "there is no terminal to type into"
	}
	b.later(func(context.Context) error { return b.window.close() })
	if b.rig, err = inject.OpenKeyboard(); err != nil {
		b.tell("node", time.Now(), finding{Health: broken, Says: plainly(err), Mend: hint.Of(err)})
		return "no virtual keyboard can be made"
	}
	b.later(func(context.Context) error { return closeKeyboard(b.rig) })
	b.desktop = typing.NewDesktop(b.app.Env, b.log)
	b.during(b.desktop.Run)
	if err := b.openKeyboard(ctx); err != nil {
		return plainly(err)
	}
	return b.focus(ctx)
}

// openKeyboard opens the keyboard, which types only while the terminal has the focus,
// and never pastes: the clipboard is the user's.
func (b *bench) openKeyboard(context.Context) error {
	style, err := typing.NewStyle(b.cfg)
	if err != nil {
		return err
	}
	b.desktop.Configure(style)
	devices := typing.Direct()
	open := devices.Open
	devices.Open = func() (typing.Device, typing.PhysicalKeys, error) {
		k, physical, err := open()
		return shy{k, b.window.mine}, physical, err
	}
	b.keyboard = typing.NewKeyboard(devices, typing.Options{Desktop: b.desktop, Log: b.log, NoPaste: true, OnState: func(error) {}})
	b.later(func(context.Context) error {
		name := b.keyboard.Sysname()
		b.keyboard.Close()
		return gone(name)
	})
	return b.keyboard.Open()
}

// closeKeyboard takes a keyboard away and sees that it is gone.
func closeKeyboard(k *inject.Keyboard) error {
	return errors.Join(k.Close(), gone(k.Sysname()))
}

func gone(sysname string) error {
	if sysname == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join("/sys/class/input", sysname)); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("virtual keyboard %s", sysname)
	}
	return nil
}

// focus waits until the terminal says that it has the focus. Most say so only
// when that changes.
func (b *bench) focus(ctx context.Context) string {
	began := time.Now()
	if !b.window.until(ctx, time.Second, b.window.mine) {
		b.window.say("Click into another window, then into this one again.")
		if !b.window.until(ctx, 30*time.Second, b.window.mine) {
			return "this terminal did not say that it has the focus"
		}
	}
	b.tell("window", began, ok("this terminal has the focus"))
	return ""
}

// withoutKeys records and transcribes the sentence.
func (b *bench) withoutKeys(ctx context.Context) {
	s := &stages{bench: b, begun: make(chan struct{})}
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		<-s.begun
		b.play(ctx)
	}()
	r, err := s.Record(ctx, 0, stop)
	<-stop
	defer r.Wipe()
	if err == nil {
		_, _ = r.Text(ctx, false) // the report has it
	}
}

// play plays the sentence once the microphone delivers.
func (b *bench) play(ctx context.Context) {
	select {
	case <-b.flows:
	case <-time.After(10 * time.Second):
		return
	case <-ctx.Done():
		return
	}
	c, err := pcm.ReadWAV(bytes.NewReader(sentence))
	if err != nil {
		panic("vocoder: selftest.wav: " + err.Error())
	}
	p := &capture.Player{Server: b.app.PulseServer(), Output: b.null.Output()}
	defer p.Close()
	if err := p.Play(ctx, c); err != nil {
		b.log.Debug("play", "err", err)
	}
}

// unbound returns a key that no setting has and that means nothing to desktops.
func unbound(cfg config.Config) key.Code {
	const f13, f24 = 183, 194
	for c := key.Code(f24); c > f13; c-- {
		if !slices.ContainsFunc(cfg.Bindings, func(b config.Binding) bool { return slices.Contains(b.Keys, c) }) && !slices.Contains(cfg.Cancel, c) {
			return c
		}
	}
	return f13
}

// badly is a finding of something that broke.
func badly(err error) finding {
	return finding{Health: broken, Says: plainly(err), Mend: hint.Of(err)}
}

// plainly is an error without what the user named: of the recogniser, only what
// kind of trouble it is; of the text, nothing.
func plainly(err error) string {
	if e, is := errors.AsType[*whisper.Error](err); is {
		return e.Kind.String()
	}
	if _, is := errors.AsType[*keymap.UntypableError](err); is {
		return "the layout in effect lacks characters of the sentence"
	}
	if errors.Is(err, whisper.ErrNotSpeech) {
		return "it heard no speech"
	}
	return err.Error()
}

// listening waits until the ear has opened the keyboard that is to be pressed.
func listening(changed chan evdev.Status, ctx context.Context, patience time.Duration) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case s := <-changed:
			if len(s.Missing) == 0 && len(s.Devices) > 0 {
				return nil
			}
			for _, d := range s.Denied {
				if d.Err != nil && d.Virtual {
					timer.Reset(min(patience, 3*time.Second)) // udev may not have got to it
				}
			}
		case <-timer.C:
			return errors.New("the virtual keyboard cannot be read: is there a udev rule for keyboards of this user?")
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
