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

// sentence is a WAV file: a volunteer of LibriVox reads from Sense and Sensibility. It is
// in the public domain, and comes from Debian's pocketsphinx-testdata.
//
//go:embed selftest.wav
var sentence []byte

const sentenceWords = "he was not an ill disposed young man"

// nullName is the name of the output of a selftest. The number of its process follows.
const nullName = "vocoder_selftest_"

// A rig is a selftest that runs, with everything it opened. It implements
// dictate.Recorder and dictate.Typist.
type rig struct {
	env     environ.Env
	cfg     settings.Loaded
	onStep  func(Step)
	log     *slog.Logger
	result  Report
	cleanup []func(context.Context) error // the last is called first

	null     *capture.Null
	mic      *capture.Recorder
	flows    chan struct{} // closed when the microphone delivers sound
	begun    chan struct{} // closed when a recording begins
	window   *window
	keyboard *typing.Keyboard // types the words
	presser  *inject.Keyboard // holds key
	key      key.Code
}

func newRig(env environ.Env, cfg settings.Loaded, onStep func(Step)) *rig {
	r := &rig{env: env, cfg: cfg, onStep: onStep, log: settings.QuietLogger(env, cfg.Config), flows: make(chan struct{}), begun: make(chan struct{})}
	r.result = Report{Version: usage.Version(), System: system(env), Devices: "direct"}
	if helper.Used(cfg.Devices) {
		r.result.Devices = "helper"
	}
	return r
}

// addStep adds to the report what a part of the dictation did since began.
func (r *rig) addStep(part string, began time.Time, f report.Finding) {
	f.Part = part
	t := Step{f, time.Since(began).Milliseconds()}
	r.result.Steps = append(r.result.Steps, t)
	r.onStep(t)
}

// onCleanup adds a function for close to call.
func (r *rig) onCleanup(f func(context.Context) error) { r.cleanup = append(r.cleanup, f) }

// close removes everything that the test opened. The report lists what could not be
// removed.
func (r *rig) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, f := range slices.Backward(r.cleanup) {
		if err := f(ctx); err != nil {
			r.result.Left = append(r.result.Left, err.Error())
		}
	}
	if len(r.result.Left) > 0 {
		r.result.State = report.Warning
	}
}

// run tests one part after the other. It does not test what needs a broken part.
func (r *rig) run(ctx context.Context) {
	began := time.Now()
	if err := r.openSound(ctx); err != nil {
		r.addStep("sound", began, failed(err))
		return
	}
	r.addStep("sound", began, report.Good("an output of its own is there"))
	why := r.openDevices(ctx)
	if why == "" {
		r.withKeys(ctx)
		return
	}
	notTested := report.Bad(report.Warning, "", "not tested: %s", why)
	r.addStep("key", time.Now(), notTested)
	r.withoutKeys(ctx)
	r.addStep("typing", time.Now(), notTested)
}

// openSound makes a null output, which has no loudspeaker, and opens the microphone that
// records what is played there.
func (r *rig) openSound(ctx context.Context) (err error) {
	conf := microphone.Config(r.env, r.cfg.Config)
	if _, err := capture.SweepNulls(ctx, conf, orphan); err != nil {
		return err
	}
	if r.result.Sound, err = capture.ServerName(ctx, conf); err != nil {
		return err
	}
	if r.null, err = capture.OpenNull(ctx, conf, nullName+strconv.Itoa(os.Getpid())); err != nil {
		return err
	}
	r.onCleanup(r.removeNull)
	conf.Source, conf.PreRoll, conf.Log = r.null.Source(), 0, r.log
	open := sync.OnceFunc(func() { close(r.flows) })
	conf.Hooks.Samples = func([]int16) { open() }
	r.mic = capture.New(conf)
	r.during(r.mic.Run)
	return nil
}

// removeNull removes the null output and checks that it is gone.
func (r *rig) removeNull(ctx context.Context) error {
	if err := r.null.Close(ctx); err != nil {
		return fmt.Errorf("output %s: %w", r.null.Output(), err)
	}
	n, err := capture.SweepNulls(ctx, microphone.Config(r.env, r.cfg.Config), func(name string) bool { return name == r.null.Output() })
	if err == nil && n > 0 {
		err = fmt.Errorf("output %s was still there", r.null.Output())
	}
	return err
}

// orphan reports whether an output belongs to a selftest that was killed.
func orphan(name string) bool {
	pid, ours := strings.CutPrefix(name, nullName)
	if !ours {
		return false
	}
	_, err := os.Stat(filepath.Join("/proc", pid))
	return errors.Is(err, os.ErrNotExist)
}

// during starts run. close ends it and waits for it.
func (r *rig) during(run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	r.onCleanup(func(context.Context) error { cancel(); return <-done })
}

// openDevices opens both virtual keyboards and the terminal, and waits for the focus. It
// returns why keys cannot be tested, or nothing.
func (r *rig) openDevices(ctx context.Context) string {
	if r.result.Devices == "helper" {
		return "vocoder-inputd has the devices and presses keys after a hold of the real key alone; --devices direct tests without it"
	}
	if r.env.Var("SSH_CONNECTION") != "" || r.env.Var("SSH_TTY") != "" {
		return "this terminal is on another machine than the keyboard"
	}
	var err error
	if r.window, err = openWindow("/dev/tty"); err != nil {
		return "there is no terminal to type into"
	}
	r.onCleanup(func(context.Context) error { return r.window.close() })
	if r.presser, err = inject.OpenKeyboard(); err != nil {
		r.addStep("node", time.Now(), failed(err))
		return "no virtual keyboard can be made"
	}
	r.onCleanup(func(context.Context) error { return errors.Join(r.presser.Close(), gone(r.presser.Sysname())) })
	desktop := typing.NewDesktop(r.env, r.log)
	r.during(desktop.Run)
	if err := r.openKeyboard(desktop); err != nil {
		return reason(err)
	}
	return r.focus(ctx)
}

// openKeyboard opens the keyboard for the words. It types only while the terminal has the
// focus, and never pastes, because the clipboard belongs to the user.
func (r *rig) openKeyboard(desktop *typing.Desktop) error {
	style, err := typing.NewStyle(r.cfg)
	if err != nil {
		return err
	}
	desktop.Configure(style)
	devices := typing.Direct()
	open := devices.Open
	devices.Open = func() (typing.Device, typing.PhysicalKeys, error) {
		k, physical, err := open()
		return guardedKeyboard{k, r.window.hasFocus}, physical, err
	}
	r.keyboard = typing.NewKeyboard(devices, typing.Options{Desktop: desktop, Log: r.log, NoPaste: true, OnState: func(error) {}})
	r.keyboard.Configure(style.Spacing())
	r.onCleanup(func(context.Context) error {
		name := r.keyboard.Sysname()
		r.keyboard.Close()
		return gone(name)
	})
	return r.keyboard.Open()
}

// gone returns an error if a virtual keyboard is still there.
func gone(sysname string) error {
	if sysname == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join("/sys/class/input", sysname)); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("virtual keyboard %s", sysname)
	}
	return nil
}

// focus waits until the terminal reports that it has the focus. Most terminals report it
// only when it changes. If the terminal does not report it, focus returns why keys cannot
// be tested.
func (r *rig) focus(ctx context.Context) string {
	began := time.Now()
	if !r.window.until(ctx, time.Second, r.window.hasFocus) {
		r.window.writeLine("Click into another window, then into this one again.")
		if !r.window.until(ctx, 30*time.Second, r.window.hasFocus) {
			return "this terminal did not say that it has the focus"
		}
	}
	r.addStep("window", began, report.Good("this terminal has the focus"))
	return ""
}

// withoutKeys records and transcribes the sentence, without the dictation that keys
// control.
func (r *rig) withoutKeys(ctx context.Context) {
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		<-r.begun
		r.play(ctx)
	}()
	sound, err := r.Record(ctx, 0, stop)
	<-stop
	defer sound.Wipe()
	if err == nil {
		_, _ = sound.Text(ctx, false) // it adds the result to the report
	}
}

// play plays the sentence as soon as the microphone delivers sound.
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
	p := &capture.Player{Server: r.env.PulseServer(), Cookies: r.env.PulseCookies(), Output: r.null.Output()}
	defer p.Close()
	if err := p.Play(ctx, c); err != nil {
		r.log.Debug("play", "err", err)
	}
}

// freeKey returns one of the keys F13 to F24 that no setting uses. Desktops do not use
// them either.
func freeKey(cfg config.Config) key.Code {
	const f13, f24 = 183, 194 // linux/input-event-codes.h
	for c := key.Code(f24); c > f13; c-- {
		if !slices.ContainsFunc(cfg.Bindings, func(b config.Binding) bool { return slices.Contains(b.Keys, c) }) && !slices.Contains(cfg.Cancel, c) {
			return c
		}
	}
	return f13
}

// failed returns the finding about a part that failed with err.
func failed(err error) report.Finding {
	return report.Finding{State: report.Broken, Text: reason(err), Fix: hint.Of(err)}
}

// reason returns the text of an error for the report. It leaves out what is private: the
// address of the recognizer, what the recognizer said, and the characters of the text.
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

// listening waits until the listener has opened the keyboard whose key will be pressed.
func listening(ctx context.Context, changed <-chan evdev.Status) error {
	const openLimit = 5 * time.Second   // a busy machine needs some seconds
	const deniedLimit = 3 * time.Second // udev may set the permissions later
	timer := time.NewTimer(openLimit)
	defer timer.Stop()
	for {
		select {
		case s := <-changed:
			if len(s.Missing) == 0 && len(s.Devices) > 0 {
				return nil
			}
			for _, d := range s.Denied {
				if d.Err != nil && d.Virtual {
					timer.Reset(deniedLimit)
				}
			}
		case <-timer.C:
			return errors.New("the virtual keyboard cannot be read: is there a udev rule for keyboards of this user?")
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
