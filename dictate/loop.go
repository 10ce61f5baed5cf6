package dictate

import (
	"context"
	"errors"
	"sync"
	"time"
)

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
	asleep time.Duration // what Asleep returned at the last event
}

// minSleep is the shortest sleep of the machine that counts. The clocks are not read
// at the same moment.
const minSleep = time.Second

func (l *loop) sleep() time.Duration {
	if l.Asleep == nil {
		return 0
	}
	return l.Asleep()
}

// step passes ev to Step, after the sleep of the machine before it.
func (l *loop) step(ev Event) {
	if now := l.sleep(); now-l.asleep >= minSleep {
		l.carryOut(Slept{now - l.asleep, time.Now()})
		l.asleep = now
	}
	l.carryOut(ev)
}

// carryOut passes ev to Step and carries out the effects.
func (l *loop) carryOut(ev Event) {
	var do []Effect
	l.state, do = Step(l.state, l.policy, ev)
	for _, e := range do {
		l.perform(e)
	}
	l.show()
}

// show has Watch see the state.
func (l *loop) show() {
	now := l.status
	now.Recording, now.Utterance = false, 0
	if u := l.state.recording(); u != nil {
		now.Recording, now.Utterance = true, u.ID
	}
	now.Typing = l.state.queue.n > 0 && l.state.queue.at[0].Phase == typing
	now.Waiting, now.Kept, now.Refused = l.state.queue.n, l.state.kept.n, l.state.refused.n
	now.Sound = l.state.kept.sound() + l.state.refused.sound()
	if now.Recording {
		now.Waiting--
	}
	now.Away, now.Paused, now.Ending = !l.state.away.IsZero(), l.state.absent&(1<<Pause) != 0, l.state.quitting
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
		if e.Lost {
			l.status.Lost++
			l.Log.Error("utterance forgotten", "utterance", e.ID)
		}
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
	l.status.Ends++
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
		return
	}
	if u := l.state.kept.find(e.ID); u != nil && u.Text != "" { // a retry types it, and no stage is at work
		j.wipe()
		j.recording = nil
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

// close waits for all work to end and wipes what it left. What is under way ends here. It
// returns how many utterances are lost.
func (l *loop) close() (lost int) {
	l.wg.Wait()
	if lost = l.state.queue.n + l.state.kept.n; lost > 0 {
		l.Log.Error("utterances lost at exit", "count", lost)
	}
	for _, u := range l.state.queue.all() {
		l.ended(Ended{ID: u.ID, Outcome: Refused, Reason: Exited})
	}
	l.state.queue = queue{}
	l.show()
	for _, j := range l.jobs {
		j.wipe()
	}
	return lost
}

func (l *loop) record(ctx context.Context, e Record, stop <-chan struct{}) report {
	r, err := l.Recorder.Record(ctx, e.Binding, stop)
	ev := Recorded{ID: e.ID}
	if why, ok := errors.AsType[Refusal](err); ok {
		ev.Reason, err = Reason(why), nil
	}
	if r != nil {
		ev.Length = r.Duration()
	}
	return report{e.ID, ev, r, err, "record"}
}

func transcribe(ctx context.Context, e Transcribe, r Recording) report {
	text, err := r.Text(ctx, e.Anyway)
	now := time.Now()
	if why, ok := errors.AsType[Refusal](err); ok {
		return report{id: e.ID, ev: Heard{ID: e.ID, Text: text, Reason: Reason(why), At: now}}
	}
	left, partly := errors.AsType[Partly](err)
	if err != nil && !partly {
		return report{e.ID, Failed{e.ID, now}, nil, err, "transcribe"}
	}
	return report{id: e.ID, ev: Heard{ID: e.ID, Text: text, Left: left, At: now}}
}

func (l *loop) write(ctx context.Context, e Type) report {
	how, rest, err := l.Typist.Type(ctx, e.Text)
	if ctx.Err() != nil && rest != "" {
		err = nil // it was interrupted
	}
	var why Reason
	if errors.Is(err, ErrReplaced) {
		why, err = Replaced, nil
	} else if refused, ok := errors.AsType[Refusal](err); ok {
		why, err = Reason(refused), nil
	}
	return report{e.ID, Written{e.ID, how, why, rest, time.Now()}, nil, err, "type"}
}
