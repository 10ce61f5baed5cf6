package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/session"
)

// worldLimit is far above what any wait here takes, also on a busy machine.
const worldLimit = time.Minute

// A world is a running daemon, and everything around it: the key, the microphone, the
// recognizer, the virtual keyboard and logind. Each of these can be held up and can fail.
//
// The user says two words in each utterance, with a pause between them: word1 word2, then
// word3 word4. The words after the pause are said when the key is released, so they are lost
// if the recording ends earlier.
type world struct {
	t      *testing.T
	d      *daemon
	frames int // of each part of an utterance
	keys   chan key.Event
	end    context.CancelFunc // as SIGTERM
	done   chan error         // the result of the daemon's run

	mu      sync.Mutex
	changed chan struct{} // closed and replaced at each change
	panics  bool          // the next reload does
	isDown  bool          // the key
	reload  error         // a mistake in the settings, for the next reload
	fields  string        // typing.password_fields of the next reload, if not empty
	held    map[string]bool
	fails   map[string]error // by gate: what happens to those who pass it
	passing map[string]int   // by gate: how many wait in it
	passed  map[string]int
	spoken  int // utterances whose recording began
	asleep  time.Duration
	paper   []rune         // what was typed or pasted
	logged  map[string]int // lines of the log, and their messages
	ends    []string       // "1 typed", "2 kept session away", in order
	status  dictate.Status
	logind  func(session.State) // nil while it is not asked
	state   session.State
	silent  bool          // logind does not answer
	broken  map[int]bool  // recordings without their second part
	sound   chan struct{} // closed when the sound server goes away
}

// newWorld starts a daemon, which transcribes while the user speaks, or pastes all texts.
func newWorld(t *testing.T, background, paste bool) *world {
	t.Helper()
	frames := 30 // about a second
	if background {
		frames = 300 // enough for a segment
	}
	w := &world{
		t: t, frames: frames, keys: make(chan key.Event), done: make(chan error, 1), changed: make(chan struct{}),
		held: map[string]bool{}, fails: map[string]error{}, passing: map[string]int{}, passed: map[string]int{},
		broken: map[int]bool{}, logged: map[string]int{}, sound: make(chan struct{}), state: session.State{InUse: true},
	}
	web := httptest.NewServer(http.HandlerFunc(w.recognize))
	t.Cleanup(web.Close)
	cfg, _, err := settings.Of(config.Source{Text: []byte("whisper_url: " + web.URL + "/v1/transcribe\nwhisper: {dialect: vocoder}\n" +
		"audio: {gate: false}\nmin_hold: 0s\nkey: KEY_F13\ntyping: {layout: us, paste_limit: 0, pace: brisk}\nnotify: false\n" +
		fmt.Sprintf("background: %v\n", background))})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	vars := map[string]string{"XDG_RUNTIME_DIR": dir, "HOME": dir}
	env := environ.Env{Stdin: strings.NewReader(""), Stdout: t.Output(), Stderr: t.Output(), Lookup: func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}}
	o := Options{Env: env, Store: settings.Store{Env: env}, Config: cfg}
	o.Load = func(environ.Env) (settings.Loaded, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.panics {
			panic("index out of range")
		}
		cfg.Typing.PasswordFields = cmp.Or(w.fields, cfg.Typing.PasswordFields)
		return cfg, w.reload
	}
	o.edges = edges{
		devices: typing.Devices{Open: func() (typing.Device, typing.PhysicalKeys, error) { return worldKeyboard{w}, noKeysDown{}, nil }},
		keys: func(_ config.Config, changed func(evdev.Status, error)) keyListener {
			return worldKeys{w, func() { changed(evdev.Status{}, nil) }}
		},
		mic: func(c capture.Config) micRecorder {
			return &worldMic{world: w, hooks: c.Hooks, ended: make(chan struct{})}
		},
		watch: w.watch,
		asleep: func() time.Duration {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.asleep
		},
	}
	if paste {
		o.edges.typist = worldClipboard{w}
	}
	w.d = newDaemon(o, slog.New(worldLog{w}), nil)
	ctx, end := context.WithCancel(context.Background())
	w.end = end
	watch := w.d.dictation.Watch
	w.d.dictation.Watch = func(s dictate.Status) {
		watch(s)
		w.change(func() { w.status = s })
	}
	go func() { w.done <- w.d.run(ctx) }()
	t.Cleanup(func() {
		w.openAll()
		w.exit()
	})
	w.until("the daemon works", func() bool { return w.logind != nil && w.passed["keys"] > 0 && w.passed["microphone"] > 0 })
	return w
}

// exit ends the daemon as SIGTERM does, and waits for that.
func (w *world) exit() {
	w.t.Helper()
	w.end()
	select {
	case err := <-w.done:
		w.done <- nil
		if err != nil {
			w.t.Error(err)
		}
	case <-time.After(worldLimit):
		w.t.Fatal("the daemon does not end")
	}
}

// change changes the world, and wakes those who wait for that.
func (w *world) change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
	close(w.changed)
	w.changed = make(chan struct{})
}

// until waits until the condition holds.
func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	if err := w.await(context.Background(), holds); err != nil {
		w.t.Fatalf("%s: not within %v: %s", what, worldLimit, w)
	}
}

func (w *world) await(ctx context.Context, holds func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, worldLimit)
	defer cancel()
	for {
		w.mu.Lock()
		ok, changed := holds(), w.changed
		w.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// String says what there is, for a failure.
func (w *world) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return fmt.Sprintf("%d spoken, ends %q, typed %q, in the gates %v, status %+v", w.spoken, w.ends, string(w.paper), w.passing, w.status)
}

// close and open hold up those who come to a gate, and let them go on. With an error they
// fail. The gates are the tail, the recognizer, and typing.
func (w *world) close(gate string) { w.change(func() { w.held[gate] = true }) }
func (w *world) open(gate string, err error) {
	w.change(func() { w.held[gate], w.fails[gate] = false, err })
}

func (w *world) openAll() {
	w.change(func() { clear(w.held); clear(w.fails) })
}

// pass goes through a gate.
func (w *world) pass(ctx context.Context, gate string) error {
	w.change(func() { w.passing[gate]++ })
	err := w.await(ctx, func() bool { return !w.held[gate] })
	w.change(func() {
		w.passing[gate]--
		w.passed[gate]++
		err = errors.Join(err, w.fails[gate])
	})
	return err
}

// inGate waits until someone is held up in a gate.
func (w *world) inGate(gate string) {
	w.t.Helper()
	w.until(gate, func() bool { return w.passing[gate] > 0 })
}

// press and release are the key.
func (w *world) press() {
	w.t.Helper()
	w.mu.Lock()
	before := w.spoken
	w.mu.Unlock()
	w.send(key.Event{Down: true, At: time.Now(), Cause: key.Physical})
	w.until("it records", func() bool { return w.spoken > before })
}

func (w *world) release(cause key.Cause) { w.send(key.Event{At: time.Now(), Cause: cause}) }

// lift releases the key if it is down.
func (w *world) lift() {
	w.t.Helper()
	if w.isDown {
		w.release(key.Physical)
	}
}

func (w *world) send(ev key.Event) {
	w.t.Helper()
	select {
	case w.keys <- ev:
		w.isDown = ev.Down
	case <-time.After(worldLimit):
		w.t.Fatal("no pipeline listens to the key")
	}
}

// do is vocoderctl.
func (w *world) do(c control.Command) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), worldLimit)
	defer cancel()
	if err := w.d.Do(ctx, c); err != nil {
		w.t.Errorf("%s: %v", c, err)
	}
}

// settle waits until nothing is under way.
func (w *world) settle() {
	w.t.Helper()
	w.until("all has ended", func() bool { return !w.status.Recording && w.status.Waiting == 0 && len(w.ends) > 0 })
}

// words returns what was typed.
func (w *world) words() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Fields(string(w.paper))
}

// lastEnd returns how an utterance ended last.
func (w *world) lastEnd(id int) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range slices.Backward(w.ends) {
		if s, ok := strings.CutPrefix(e, fmt.Sprintf("%d ", id)); ok {
			return s
		}
	}
	return "nothing"
}
