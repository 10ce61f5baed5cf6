package dictate

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
)

// A Recorder records speech from the call until stop is closed, and for the tail
// after it. If ctx is done first, it discards the sound. With an error it returns
// the sound before the error. A nil Recording has no sound.
type Recorder interface {
	Record(ctx context.Context, binding int, stop <-chan struct{}) (Recording, error)
}

// A Recording is the sound of one utterance. Its methods are not called
// concurrently.
type Recording interface {
	// Duration returns the length of the sound.
	Duration() time.Duration

	// Text returns the words. A Refusal means that there is nothing to type;
	// after any other error a second call may succeed. With anyway it returns the
	// recognizer's words even if it would otherwise refuse them.
	Text(ctx context.Context, anyway bool) (string, error)

	// Wipe overwrites the sound. It is called once, and Text is not called after it.
	Wipe()
}

// A Typist types text into the focused window. If ctx is done, it stops before
// the next character. It returns how the text was delivered, and the rest that
// was not delivered.
type Typist interface {
	Type(ctx context.Context, text string) (how Outcome, rest string, err error)
}

// A Refusal is the error of a Recording that has nothing worth typing.
type Refusal Reason

func (r Refusal) Error() string { return string(r) }

// A Status is what a dictation is doing, for status lines. It holds no words.
type Status struct {
	Recording bool
	Typing    bool
	Waiting   int   // utterances that the recognizer has or that wait to be typed
	Kept      int   // utterances that can be retried
	Refused   int   // refused utterances that can be retried if none is kept
	Away      bool  // the session is not in use
	Trouble   error // of the last utterance; nil if it succeeded
	Last      Ended // the newest end of an utterance
}

// A Config is what a Dictation is made of.
type Config struct {
	Policy   Policy
	Recorder Recorder
	Typist   Typist
	Log      *slog.Logger
	Watch    func(Status)  // called by Run after each event; must not call the Dictation
	Grace    time.Duration // how long Run finishes its work after ctx is done
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

// LastText returns the last text that was typed or was to be typed, or "". Its
// errors are those of Send.
func (d *Dictation) LastText(ctx context.Context) (string, error) {
	var text string
	if err := d.call(ctx, func(l *loop) { text = l.state.text }); err != nil {
		return "", err
	}
	return text, nil
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
// all its goroutines have ended and all sound is wiped. Run may be called once.
func (d *Dictation) Run(ctx context.Context, keys <-chan key.Event) {
	defer close(d.ended)
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &loop{Config: d.Config, policy: d.Policy, ctx: work, done: make(chan report), jobs: map[ID]*job{}}
	defer l.close()
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
			return
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
			return
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

// A job is the work on one utterance.
type job struct {
	stop      chan struct{}      // closed at the end of the hold
	cancel    context.CancelFunc // cancels the stage at work; nil if there is none
	recording Recording          // nil before Recorded, and if there is no sound
	length    time.Duration      // of the recording
	over      bool               // wipe it as soon as no stage is at work

	released, recorded, heard, typing time.Time
}

func (j *job) wipe() {
	if j.recording != nil {
		j.recording.Wipe()
	}
}

// A report is the result of a stage's work on an utterance.
type report struct {
	id        ID
	ev        Event
	recording Recording // of the stage record; may be nil
	err       error
	stage     string // for the log
}

// A loop owns the state and the jobs of a running Dictation.
type loop struct {
	Config
	policy Policy // the current one
	ctx    context.Context
	wg     sync.WaitGroup
	done   chan report
	state  State
	jobs   map[ID]*job
	status Status
}

// step passes ev to Step and carries out the effects.
func (l *loop) step(ev Event) {
	var do []Effect
	l.state, do = Step(l.state, l.policy, ev)
	for _, e := range do {
		l.perform(e)
	}
	now := l.status
	now.Recording = l.state.recording() != nil
	now.Typing = l.state.queue.n > 0 && l.state.queue.at[0].Phase == typing
	now.Waiting, now.Kept, now.Refused = l.state.queue.n, l.state.kept.n, l.state.refused.n
	if now.Recording {
		now.Waiting--
	}
	now.Away = !l.state.away.IsZero()
	l.status = now
	if l.Watch != nil {
		l.Watch(now)
	}
}

func (l *loop) perform(e Effect) {
	switch e := e.(type) {
	case Record:
		j := &job{stop: make(chan struct{})}
		l.jobs[e.ID] = j
		l.start(e.ID, func(ctx context.Context) report { return l.record(ctx, e, j.stop) })
	case Finish:
		j := l.jobs[e.ID]
		j.released = time.Now()
		close(j.stop)
	case Discard:
		l.cancel(e.ID)
	case Drop:
		l.cancel(e.ID)
	case Interrupt:
		l.cancel(e.ID)
	case Transcribe:
		recording := l.jobs[e.ID].recording
		l.start(e.ID, func(ctx context.Context) report { return transcribe(ctx, e, recording) })
	case Type:
		if l.jobs[e.ID] == nil { // the last text, again
			l.jobs[e.ID] = &job{}
		}
		l.jobs[e.ID].typing = time.Now()
		l.start(e.ID, func(ctx context.Context) report { return l.write(ctx, e) })
	case Ended:
		l.ended(e)
	case Forget:
		l.Log.Error("utterance forgotten", "utterance", e.ID)
		l.drop(e.ID)
	case Wipe:
		l.drop(e.ID)
	}
}

// cancel cancels the stage that is at work on an utterance, if there is one.
func (l *loop) cancel(id ID) {
	if j := l.jobs[id]; j.cancel != nil {
		j.cancel()
	}
}

// start runs work on an utterance and sends its report to the loop.
func (l *loop) start(id ID, work func(context.Context) report) {
	ctx, cancel := context.WithCancel(l.ctx)
	l.jobs[id].cancel = cancel
	l.wg.Go(func() {
		defer cancel()
		r := work(ctx)
		select {
		case l.done <- r:
		case <-l.ctx.Done():
			if r.recording != nil {
				r.recording.Wipe()
			}
		}
	})
}

// finished records the result of a stage and returns its event.
func (l *loop) finished(r report) Event {
	j := l.jobs[r.id]
	j.cancel = nil
	switch ev := r.ev.(type) {
	case Recorded:
		j.recording, j.length, j.recorded = r.recording, ev.Length, time.Now()
	case Heard:
		j.heard = time.Now()
	}
	if j.over {
		l.drop(r.id)
		return r.ev
	}
	l.status.Trouble = r.err
	if r.err != nil {
		l.Log.Error(r.stage, "utterance", r.id, "err", r.err)
	}
	return r.ev
}

// ended logs the end of an utterance, and frees it unless it is kept or held.
func (l *loop) ended(e Ended) {
	l.status.Last = e
	j := l.jobs[e.ID]
	if j == nil { // refused before it began
		l.Log.Error("utterance refused", "utterance", e.ID, "reason", string(e.Reason))
		return
	}
	now := time.Now()
	l.Log.Debug("utterance "+string(e.Outcome), "utterance", e.ID, "reason", string(e.Reason),
		"speech", j.length, "tail", span(j.released, j.recorded), "recogniser", span(j.recorded, j.heard),
		"typing", span(j.typing, now), "release_to_text", span(j.released, now))
	if e.Outcome != Kept && !e.Held {
		l.drop(e.ID)
	}
}

// span returns the time from a to b, or 0 if one of them never was.
func span(a, b time.Time) time.Duration {
	if a.IsZero() || b.IsZero() {
		return 0
	}
	return b.Sub(a)
}

// drop wipes an utterance, now or when the work on it has ended.
func (l *loop) drop(id ID) {
	j := l.jobs[id]
	if j == nil {
		return
	}
	if j.cancel != nil {
		j.over = true
		return
	}
	j.wipe()
	delete(l.jobs, id)
}

// close waits for all work to end and wipes what it left.
func (l *loop) close() {
	l.wg.Wait()
	if n := l.state.queue.n + l.state.kept.n; n > 0 {
		l.Log.Error("utterances lost at exit", "count", n)
	}
	for _, j := range l.jobs {
		j.wipe()
	}
}

func (l *loop) record(ctx context.Context, e Record, stop <-chan struct{}) report {
	r, err := l.Recorder.Record(ctx, e.Binding, stop)
	ev := Recorded{ID: e.ID}
	if r != nil {
		ev.Length = r.Duration()
	}
	return report{e.ID, ev, r, err, "record"}
}

func transcribe(ctx context.Context, e Transcribe, r Recording) report {
	text, err := r.Text(ctx, e.Anyway)
	now := time.Now()
	if why, ok := errors.AsType[Refusal](err); ok {
		return report{id: e.ID, ev: Heard{ID: e.ID, Reason: Reason(why), At: now}}
	}
	if err != nil {
		return report{e.ID, Failed{e.ID, now}, nil, err, "transcribe"}
	}
	return report{id: e.ID, ev: Heard{ID: e.ID, Text: text, At: now}}
}

func (l *loop) write(ctx context.Context, e Type) report {
	how, rest, err := l.Typist.Type(ctx, e.Text)
	if ctx.Err() != nil && rest != "" {
		err = nil // it was interrupted
	}
	return report{e.ID, Written{e.ID, how, rest, time.Now()}, nil, err, "type"}
}
