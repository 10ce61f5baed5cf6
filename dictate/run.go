package dictate

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// A Recorder records speech from the call until stop is closed, and the tail
// after it. A done ctx throws the sound away. With an error it returns the
// sound up to it.
type Recorder interface {
	Record(ctx context.Context, binding int, stop <-chan struct{}) (pcm.Clip, error)
}

// A Transcriber turns speech into text. A Refusal is its word that there is
// nothing to type; any other error means that asking again may help. With anyway
// it returns the recogniser's words whatever the clip and they are. It does not
// keep the clip.
type Transcriber interface {
	Transcribe(ctx context.Context, binding int, c pcm.Clip, anyway bool) (string, error)
}

// A Typist types text into the focused window. When ctx is done it stops at
// the next character. It returns how the text was delivered and what of it was
// not.
type Typist interface {
	Type(ctx context.Context, text string) (how Outcome, rest string, err error)
}

// A Refusal is the error of a Transcriber that found nothing worth typing.
type Refusal Reason

func (r Refusal) Error() string { return string(r) }

// A Status is what a dictation is doing, for people and status bars. It holds
// nothing that was said.
type Status struct {
	Recording bool
	Typing    bool
	Waiting   int   // utterances with the recogniser or waiting to be typed
	Kept      int   // utterances that can be retried
	Refused   int   // refused utterances that can be, where nothing is kept
	Away      bool  // the session is not in use
	Trouble   error // of the last utterance; nil if it went well
	Last      Ended // the newest end of an utterance
}

// A Dictation is keys wired to a microphone, a recogniser and a keyboard.
type Dictation struct {
	Policy      Policy
	Recorder    Recorder
	Transcriber Transcriber
	Typist      Typist
	Log         *slog.Logger
	Watch       func(Status)  // called by the loop after each event; must not wait for it
	Grace       time.Duration // how long Run goes on after ctx is done, for what is under way
}

// Run dictates until ctx is done, which is not an error, or keys is closed,
// which is. Orders are events from elsewhere: commands, the session, Beat. The
// failure of one utterance is logged and ends only that one. When Run returns,
// every goroutine it started has ended and all sound is wiped.
func (d *Dictation) Run(ctx context.Context, keys <-chan key.Event, orders <-chan Event) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &loop{Dictation: d, policy: d.Policy, ctx: work, done: make(chan report), jobs: map[ID]*job{}}
	defer l.close()
	defer stop()

	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	quit := ctx.Done()
	var grace <-chan time.Time
	for {
		arm(timer, l.state.Deadline(l.policy))
		var ev Event
		select {
		case <-quit:
			quit, grace, ev = nil, time.After(d.Grace), Quit{time.Now()}
		case <-grace:
			return nil
		case k, ok := <-keys:
			if !ok {
				return errors.New("dictate: key events ended")
			}
			ev = keyEvent(k)
		case ev = <-orders:
			switch ev := ev.(type) {
			case Follow:
				l.policy = ev.Policy
			case Tell:
				ev.Text <- l.state.text
			}
		case at := <-timer.C:
			ev = Expire{at}
		case r := <-l.done:
			ev = l.take(r)
		}
		l.step(ev)
		if quit == nil && l.state.queue.n == 0 {
			return nil
		}
	}
}

// arm sets the timer to ring at the deadline, or not at all if that is zero.
func arm(t *time.Timer, deadline time.Time) {
	if deadline.IsZero() {
		t.Stop()
		return
	}
	t.Reset(time.Until(deadline))
}

func keyEvent(k key.Event) Event {
	if k.Down {
		return Press{k.Binding, k.At}
	}
	return Release{k.Binding, k.At, k.Cause != key.Physical}
}

// A job is the work on one utterance: its sound and whoever uses it.
type job struct {
	binding int
	stop    chan struct{}      // closed at the end of the hold
	cancel  context.CancelFunc // ends what is under way; nil if nothing is
	clip    pcm.Clip
	over    bool // wiped as soon as nothing is under way

	released, recorded, heard, typing time.Time
}

// A report is the result of some work on an utterance.
type report struct {
	id    ID
	ev    Event
	clip  *pcm.Clip // what was recorded, if that was the work
	err   error
	stage string
}

// A loop owns the state and the jobs of a running Dictation.
type loop struct {
	*Dictation
	policy Policy
	ctx    context.Context
	wg     sync.WaitGroup
	done   chan report
	state  State
	jobs   map[ID]*job
	status Status
}

// step takes ev and carries out what follows from it.
func (l *loop) step(ev Event) {
	var do []Effect
	l.state, do = Step(l.state, l.policy, ev)
	for _, e := range do {
		l.perform(e)
	}
	now := l.status
	now.Recording = l.state.recording() != nil
	now.Typing = l.state.queue.n > 0 && l.state.queue.at[0].Phase == Typing
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
		j := &job{binding: e.Binding, stop: make(chan struct{})}
		l.jobs[e.ID] = j
		l.start(e.ID, func(ctx context.Context) report { return l.record(ctx, e.ID, j) })
	case Finish:
		j := l.jobs[e.ID]
		j.released = time.Now()
		close(j.stop)
	case Discard:
		l.jobs[e.ID].cancel()
	case Drop, Interrupt:
		if j := l.jobs[id(e)]; j.cancel != nil {
			j.cancel()
		}
	case Transcribe:
		j := l.jobs[e.ID]
		l.start(e.ID, func(ctx context.Context) report { return l.transcribe(ctx, e, j) })
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

func id(e Effect) ID {
	switch e := e.(type) {
	case Drop:
		return e.ID
	case Interrupt:
		return e.ID
	}
	panic("dictate: effect has no work to stop")
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
			if r.clip != nil {
				r.clip.Wipe()
			}
		}
	})
}

// take notes what a report brings and returns its event.
func (l *loop) take(r report) Event {
	j := l.jobs[r.id]
	j.cancel = nil
	if r.clip != nil {
		j.clip = *r.clip
		j.recorded = time.Now()
	}
	switch r.ev.(type) {
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
	l.Log.Debug("utterance "+e.Outcome.String(), "utterance", e.ID, "reason", string(e.Reason),
		"speech", j.clip.Duration(), "tail", span(j.released, j.recorded), "recogniser", span(j.recorded, j.heard),
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
	j.clip.Wipe()
	delete(l.jobs, id)
}

// close waits for all work to end and wipes what it left.
func (l *loop) close() {
	l.wg.Wait()
	if n := l.state.queue.n + l.state.kept.n; n > 0 {
		l.Log.Error("utterances lost at exit", "count", n)
	}
	for _, j := range l.jobs {
		j.clip.Wipe()
	}
}

func (l *loop) record(ctx context.Context, id ID, j *job) report {
	c, err := l.Recorder.Record(ctx, j.binding, j.stop)
	return report{id, Recorded{id, c.Duration()}, &c, err, "record"}
}

func (l *loop) transcribe(ctx context.Context, e Transcribe, j *job) report {
	id := e.ID
	text, err := l.Transcriber.Transcribe(ctx, j.binding, j.clip, e.Anyway)
	now := time.Now()
	if why, ok := errors.AsType[Refusal](err); ok {
		return report{id: id, ev: Heard{ID: id, Reason: Reason(why), At: now}}
	}
	if err != nil {
		return report{id, Failed{id, now}, nil, err, "transcribe"}
	}
	return report{id: id, ev: Heard{ID: id, Text: text, At: now}}
}

func (l *loop) write(ctx context.Context, e Type) report {
	how, rest, err := l.Typist.Type(ctx, e.Text)
	if ctx.Err() != nil && rest != "" {
		err = nil // it was told to stop
	}
	return report{e.ID, Written{e.ID, how, rest, time.Now()}, nil, err, "type"}
}
