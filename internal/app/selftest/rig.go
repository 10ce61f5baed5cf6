package selftest

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
	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
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

// A rig is a selftest under way. All that it puts up is in undo.
type rig struct {
	env    environ.Env
	cfg    settings.Loaded
	onStep func(Step)
	log    *slog.Logger
	result Report
	undo   []func(context.Context) error

	null     *capture.Null
	mic      *capture.Recorder
	flows    chan struct{} // closed when the microphone delivers
	window   *window
	desktop  *typing.Desktop
	keyboard *typing.Keyboard
	presser  *inject.Keyboard // whose key is held
	key      key.Code
}

func newRig(env environ.Env, cfg settings.Loaded, onStep func(Step)) *rig {
	r := &rig{env: env, cfg: cfg, onStep: onStep, log: settings.QuietLogger(env, cfg.Config), flows: make(chan struct{})}
	r.result = Report{Version: usage.Version(), System: system(env), Devices: "direct"}
	if cfg.Devices == "helper" || cfg.Devices == "auto" && helper.Installed() {
		r.result.Devices = "helper"
	}
	return r
}

// tell notes what a link did since began.
func (r *rig) record(link string, began time.Time, f report.Finding) bool {
	f.Part = link
	t := Step{f, time.Since(began).Milliseconds()}
	r.result.Steps = append(r.result.Steps, t)
	r.onStep(t)
	return f.State != report.Broken
}

// later has something undone at the end, the newest first.
func (r *rig) onCleanup(undo func(context.Context) error) { r.undo = append(r.undo, undo) }

// clear takes everything away again. What does not go stands in the report.
func (r *rig) cleanup() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, undo := range slices.Backward(r.undo) {
		if err := undo(ctx); err != nil {
			r.result.Left = append(r.result.Left, err.Error())
		}
	}
	r.undo = nil
	if len(r.result.Left) > 0 {
		r.result.State = report.Warning
	}
}

// run tests link after link. Where one is report.Broken, those that need it are not
// tested.
func (r *rig) run(ctx context.Context) {
	if !r.sound(ctx) {
		return
	}
	if why := r.devices(ctx); why != "" {
		r.record("key", time.Now(), report.Finding{State: report.Warning, Text: "not tested: " + why})
		r.withoutKeys(ctx)
		r.record("typing", time.Now(), report.Finding{State: report.Warning, Text: "not tested: " + why})
		return
	}
	r.withKeys(ctx)
}

// sound puts up the output that nobody hears and the microphone at its end.
func (r *rig) sound(ctx context.Context) bool {
	began, server := time.Now(), r.env.PulseServer()
	if _, err := capture.SweepNulls(ctx, server, orphan); err != nil {
		return r.record("sound", began, failed(err))
	}
	name, err := capture.ServerName(ctx, server)
	if err != nil {
		return r.record("sound", began, failed(err))
	}
	r.result.Sound = name
	if r.null, err = capture.OpenNull(ctx, server, nullName+strconv.Itoa(os.Getpid())); err != nil {
		return r.record("sound", began, failed(err))
	}
	r.onCleanup(r.removeNull)
	conf := microphone.Config(r.env, r.cfg.Config)
	conf.Source, conf.PreRoll, conf.Log = r.null.Source(), 0, r.log
	open := sync.OnceFunc(func() { close(r.flows) })
	conf.Hooks.Heard = func([]int16) { open() }
	r.mic = capture.New(conf)
	r.during(func(ctx context.Context) error { return r.mic.Run(ctx) })
	return r.record("sound", began, report.Good("an output of its own is there"))
}

// removeNull removes the output and sees that it is gone.
func (r *rig) removeNull(ctx context.Context) error {
	if err := r.null.Close(ctx); err != nil {
		return fmt.Errorf("output %s: %w", r.null.Output(), err)
	}
	n, err := capture.SweepNulls(ctx, r.env.PulseServer(), func(name string) bool { return name == r.null.Output() })
	if err == nil && n > 0 {
		err = fmt.Errorf("output %s was still there", r.null.Output())
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
func (r *rig) during(run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	r.onCleanup(func(context.Context) error { cancel(); return <-done })
}

// devices puts up both virtual keyboards and finds the terminal. It returns why
// keys cannot be tested, or nothing.
func (r *rig) devices(ctx context.Context) string {
	if r.result.Devices == "helper" {
		return "vocoder-inputd has the devices and presses keys after a hold of the real key alone; --devices direct tests without it"
	}
	for _, name := range []string{"SSH_CONNECTION", "SSH_TTY"} {
		if v, ok := r.env.Lookup(name); ok && v != "" {
			return "this terminal is on another machine than the keyboard"
		}
	}
	var err error
	if r.window, err = openWindow("/dev/tty"); err != nil {
		return "there is no terminal to type into"
	}
	r.onCleanup(func(context.Context) error { return r.window.close() })
	if r.presser, err = inject.OpenKeyboard(); err != nil {
		r.record("node", time.Now(), report.Finding{State: report.Broken, Text: reason(err), Fix: hint.Of(err)})
		return "no virtual keyboard can be made"
	}
	r.onCleanup(func(context.Context) error { return closeKeyboard(r.presser) })
	r.desktop = typing.NewDesktop(r.env, r.log)
	r.during(r.desktop.Run)
	if err := r.openKeyboard(ctx); err != nil {
		return reason(err)
	}
	return r.focus(ctx)
}

// openKeyboard opens the keyboard, which types only while the terminal has the focus,
// and never pastes: the clipboard is the user's.
func (r *rig) openKeyboard(context.Context) error {
	style, err := typing.NewStyle(r.cfg)
	if err != nil {
		return err
	}
	r.desktop.Configure(style)
	devices := typing.Direct()
	open := devices.Open
	devices.Open = func() (typing.Device, typing.PhysicalKeys, error) {
		k, physical, err := open()
		return guardedKeyboard{k, r.window.hasFocus}, physical, err
	}
	r.keyboard = typing.NewKeyboard(devices, typing.Options{Desktop: r.desktop, Log: r.log, NoPaste: true, OnState: func(error) {}})
	r.keyboard.Configure(style.Spacing())
	r.onCleanup(func(context.Context) error {
		name := r.keyboard.Sysname()
		r.keyboard.Close()
		return gone(name)
	})
	return r.keyboard.Open()
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
func (r *rig) focus(ctx context.Context) string {
	began := time.Now()
	if !r.window.until(ctx, time.Second, r.window.hasFocus) {
		r.window.say("Click into another window, then into this one again.")
		if !r.window.until(ctx, 30*time.Second, r.window.hasFocus) {
			return "this terminal did not say that it has the focus"
		}
	}
	r.record("window", began, report.Good("this terminal has the focus"))
	return ""
}

// withoutKeys records and transcribes the sentence.
func (r *rig) withoutKeys(ctx context.Context) {
	s := &stages{rig: r, begun: make(chan struct{})}
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		<-s.begun
		r.play(ctx)
	}()
	sound, err := s.Record(ctx, 0, stop)
	<-stop
	defer sound.Wipe()
	if err == nil {
		_, _ = sound.Text(ctx, false) // the report has what came of it
	}
}

// play plays the sentence once the microphone delivers.
func (r *rig) play(ctx context.Context) {
	select {
	case <-r.flows:
	case <-time.After(10 * time.Second):
		return
	case <-ctx.Done():
		return
	}
	c, err := pcm.ReadWAV(bytes.NewReader(sentence))
	if err != nil {
		panic("vocoder: selftest.wav: " + err.Error())
	}
	p := &capture.Player{Server: r.env.PulseServer(), Output: r.null.Output()}
	defer p.Close()
	if err := p.Play(ctx, c); err != nil {
		r.log.Debug("play", "err", err)
	}
}

// freeKey returns a key that no setting has and that means nothing to desktops.
func freeKey(cfg config.Config) key.Code {
	const f13, f24 = 183, 194
	for c := key.Code(f24); c > f13; c-- {
		if !slices.ContainsFunc(cfg.Bindings, func(b config.Binding) bool { return slices.Contains(b.Keys, c) }) && !slices.Contains(cfg.Cancel, c) {
			return c
		}
	}
	return f13
}

// failed is a report.Finding of something that broke.
func failed(err error) report.Finding {
	return report.Finding{State: report.Broken, Text: reason(err), Fix: hint.Of(err)}
}

// reason is an error without what the user named: of the recognizer, only what
// kind of trouble it is; of the text, nothing.
func reason(err error) string {
	if e, is := errors.AsType[*whisper.Error](err); is {
		return string(e.Kind)
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
