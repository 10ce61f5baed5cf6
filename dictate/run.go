package dictate

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

// A Recorder records speech from the call until stop is closed, and for the tail
// after it. If ctx is done first, it discards the sound. With an error it returns
// the sound before the error. A nil Recording has no sound. With a Refusal it has recorded
// nothing.
type Recorder interface {
	Record(ctx context.Context, binding int, stop <-chan struct{}) (Recording, error)
}

// A Recording is the sound of one utterance. Its methods are not called
// concurrently.
type Recording interface {
	// Duration returns the length of the sound.
	Duration() time.Duration

	// Text returns the words. With a Refusal they are not typed, and the user can
	// have them as the last text. With a Partly they are typed. After any other error a
	// second call may succeed. With anyway it returns the recognizer's words even if it
	// would otherwise refuse them.
	Text(ctx context.Context, anyway bool) (string, error)

	// Wipe overwrites the sound. It is called once, and Text is not called after it.
	Wipe()
}

// ErrReplaced is the error of a Typist that pasted all of a text, and could not put back
// what the clipboard held.
var ErrReplaced = errors.New("the clipboard keeps the text: what it held could not be saved")

// A Typist types text into the focused window. If ctx is done, it stops before
// the next character. It returns how the text was delivered, and the rest that
// was not delivered. With a Refusal the rest is kept for that reason.
type Typist interface {
	Type(ctx context.Context, text string) (how Outcome, rest string, err error)
}

// A Refusal is the error of a Recording that has nothing worth typing.
type Refusal Reason

func (r Refusal) Error() string { return string(r) }

// A Partly is the error of a Recording whose words lack a part that the recognizer
// probably made up. The zero Partly lacks nothing.
type Partly struct {
	Left string // the part
	Why  string // why it is not typed
}

func (p Partly) Error() string { return "a part is left out: " + p.Why }

// A Status is what a dictation is doing, for status lines. It holds no words.
type Status struct {
	Recording bool
	Utterance ID // that is being recorded; 0 if there is none
	Typing    bool
	Waiting   int           // utterances that the recognizer has or that wait to be typed
	Kept      int           // utterances that can be retried
	Lost      int           // utterances so far that were kept and then forgotten: too old, or too many
	Refused   int           // refused utterances that can be retried if none is kept
	Sound     time.Duration // of the kept and the refused utterances
	Away      bool          // the session is not in use, or Paused
	Paused    bool          // the user asked to ignore the key
	Ending    bool          // the program ends, and nothing new begins
	Trouble   error         // of the last utterance; nil if it succeeded
	Last      Ended         // the newest end of an utterance
	Ends      int           // how many there were: that of a retry may be the same again
}

// A Config is what a Dictation is made of.
type Config struct {
	Policy   Policy
	Recorder Recorder
	Typist   Typist
	Log      *slog.Logger
	Watch    func(Status)         // called by Run after each event; must not call the Dictation
	Grace    time.Duration        // how long Run finishes its work after ctx is done
	Asleep   func() time.Duration // how long the machine was asleep since some moment; nil means that it never is
}

// ErrEnded is the error of a Dictation whose Run has returned.
var ErrEnded = errors.New("the dictation has ended")

// A Dictation connects keys with a microphone, a recognizer and a keyboard. Its
// methods are safe for concurrent use.
type Dictation struct {
	Config
	calls chan func(*loop) // for Run to carry out
	ended chan struct{}    // closed when Run returns
}

// New returns a Dictation, which Run carries out.
func New(c Config) *Dictation {
	return &Dictation{c, make(chan func(*loop)), make(chan struct{})}
}

// Send has Run carry out an event and waits for that. If ctx is done first, Send returns
// its error. After Run has returned, Send returns ErrEnded.
func (d *Dictation) Send(ctx context.Context, ev Event) error {
	return d.call(ctx, func(l *loop) { l.step(ev) })
}

// Alive waits until Run has carried out everything that it received before. Its errors
// are those of Send.
func (d *Dictation) Alive(ctx context.Context) error { return d.call(ctx, func(*loop) {}) }

// SetPolicy changes the policy. It does nothing if Run has returned.
func (d *Dictation) SetPolicy(p Policy) {
	_ = d.call(context.Background(), func(l *loop) { l.policy = p }) // only ErrEnded is possible
}

// LastText returns the last text that was typed or was to be typed, or "", and what was
// left out of it. Its errors are those of Send.
func (d *Dictation) LastText(ctx context.Context) (text string, left Partly, err error) {
	if err := d.call(ctx, func(l *loop) { text, left = l.state.text, l.state.left }); err != nil {
		return "", Partly{}, err
	}
	return text, left, nil
}

// call has Run call f, and waits for it.
func (d *Dictation) call(ctx context.Context, f func(*loop)) error {
	done := make(chan struct{})
	select {
	case d.calls <- func(l *loop) { f(l); close(done) }:
	case <-d.ended:
		return ErrEnded
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Run dictates until ctx is done. The channel keys may be nil, and must not be closed.
// Run logs the failure of an utterance and continues with the next. When it returns,
// all its goroutines have ended and all sound is wiped. It returns how many utterances are
// lost with it: those that it could not finish and the kept ones. Run may be called once.
func (d *Dictation) Run(ctx context.Context, keys <-chan key.Event) (lost int) {
	defer close(d.ended)
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &loop{Config: d.Config, policy: d.Policy, ctx: work, done: make(chan report), jobs: map[ID]*job{}}
	l.asleep = l.sleep()
	defer func() { lost = l.close() }()
	defer stop()

	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	quit := ctx.Done()
	var grace <-chan time.Time
	for {
		arm(timer, l.state.Deadline(l.policy))
		select {
		case <-quit:
			quit, grace = nil, time.After(d.Grace)
			l.step(Quit{time.Now()})
		case <-grace:
			return 0 // l.close says how many
		case k := <-keys:
			l.step(KeyEvent(k))
		case f := <-d.calls:
			f(l)
		case at := <-timer.C:
			l.step(Expire{at})
		case r := <-l.done:
			l.step(l.finished(r))
		}
		if quit == nil && l.state.queue.n == 0 {
			return 0
		}
	}
}

// arm sets the timer to the deadline, or stops it if that is zero.
func arm(t *time.Timer, deadline time.Time) {
	if deadline.IsZero() {
		t.Stop()
		return
	}
	t.Reset(time.Until(deadline))
}

// KeyEvent returns the event of a bound key.
func KeyEvent(k key.Event) Event {
	if k.Down {
		return Press{k.Binding, k.At}
	}
	return Release{k.Binding, k.At, k.Cause != key.Physical}
}
