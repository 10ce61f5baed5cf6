package capture

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// A Recorder records speech. Record is safe for concurrent use, but only one recording
// is held at a time: a new one ends the previous one.
type Recorder struct {
	cfg      Config
	requests chan request
	ended    chan struct{} // closed when Run returns
}

// New returns a Recorder that does nothing until Run.
func New(c Config) *Recorder {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.detector == nil {
		c.detector = func() detector { return vad.New() }
	}
	return &Recorder{cfg: c, requests: make(chan request), ended: make(chan struct{})}
}

// A request is a call that Record and the other methods send to Run.
type request struct {
	do        func(s *session, rec *recording, now time.Time)
	recording *recording
	at        time.Time
}

// Run keeps a stream prepared and serves Record. It returns nil when the context is
// done. A missing server or microphone is a State, not an error: Run tries again, with a
// growing pause, and at each press. Run may be called once.
func (r *Recorder) Run(ctx context.Context) error {
	defer close(r.ended)
	var lines sync.WaitGroup
	defer lines.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	s := newSession(&r.cfg, func() *streamHandle {
		lineCtx, cancel := context.WithCancel(ctx)
		commands, events := make(chan command, 16), make(chan any, 64)
		lines.Go(func() {
			err := r.cfg.runStream(lineCtx, commands, events)
			select {
			case events <- ended{err}:
			case <-lineCtx.Done():
			}
		})
		return &streamHandle{commands: commands, events: events, cancel: cancel}
	})
	defer s.close()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case req := <-r.requests:
			req.do(s, req.recording, req.at)
		case e := <-s.stream.events:
			s.handle(e, time.Now())
		case <-timer.C:
		}
		now := time.Now()
		s.runDue(now)
		if at, _ := s.next(); at.IsZero() {
			timer.Stop()
		} else {
			timer.Reset(at.Sub(now))
		}
	}
}

// Record records from now until stop is closed and the voice has ended, at most
// Config.Tail longer. It returns the sound of that time and the voice in it. Record
// waits for Run.
//
// If sound is missing, the clip holds what there is. The error says why and wraps
// ErrGap, ErrServer or ErrSource. If the context is done, Record returns its error at
// once and discards the sound. If Record is called again before this call has returned,
// this recording ends where the new one begins. No sample is lost or in both.
func (r *Recorder) Record(ctx context.Context, stop <-chan struct{}) (pcm.Clip, error) {
	return r.RecordTo(ctx, stop, Hooks{})
}

// RecordTo is Record with additional hooks. Samples and Frame of own are called for this
// recording alone, after those of Config. If a new recording ends this one, Samples may
// get up to 20 ms more than the clip holds.
func (r *Recorder) RecordTo(ctx context.Context, stop <-chan struct{}, own Hooks) (pcm.Clip, error) {
	rec := newRecording(time.Now(), r.cfg.detector(), r.cfg.Longest)
	rec.monitor.callerHooks = own
	if err := r.send(ctx, request{(*session).press, rec, rec.pressed}); err != nil {
		return pcm.Clip{}, fmt.Errorf("record: %w", err)
	}
	select {
	case <-stop:
		_ = r.send(ctx, request{(*session).release, rec, time.Now()}) // the next select finds the cause
	case res := <-rec.reply: // a new recording or Run ended it
		return res.clip, res.err
	case <-ctx.Done():
	}
	// Run replies to every recording before it ends, so that its end needs no case here.
	select {
	case res := <-rec.reply:
		return res.clip, res.err
	case <-ctx.Done():
		return pcm.Clip{}, r.discard(ctx, rec)
	}
}

// Suspend closes the microphone between recordings at once, whatever Linger and PreRoll
// are, or ends that. The daemon calls it when the user cannot know that the microphone
// is open. Recordings work in both cases. Suspend waits for Run. If Run has ended, the
// microphone is closed and the error wraps ErrClosed.
func (r *Recorder) Suspend(ctx context.Context, suspended bool) error {
	do := func(s *session, _ *recording, now time.Time) { s.suspend(suspended, now) }
	return wrap("close the microphone", r.send(ctx, request{do: do, at: time.Now()}))
}

// Prepare opens the microphone for a recording that is about to begin, so that the first
// word is not lost. It waits for Run, but not for the microphone. If no recording
// begins, the microphone is closed again after two seconds.
func (r *Recorder) Prepare(ctx context.Context) error {
	do := func(s *session, _ *recording, now time.Time) { s.prepare(now) }
	return wrap("open the microphone", r.send(ctx, request{do: do, at: time.Now()}))
}

// Alive waits until Run has received a request, which shows that its loop works. It
// returns the error of ctx, or an error that wraps ErrClosed if Run has ended.
func (r *Recorder) Alive(ctx context.Context) error {
	do := func(*session, *recording, time.Time) {}
	return wrap("look after the recorder", r.send(ctx, request{do: do, at: time.Now()}))
}

// discard makes Run drop the recording.
func (r *Recorder) discard(ctx context.Context, rec *recording) error {
	select {
	case r.requests <- request{(*session).discard, rec, time.Now()}:
	case <-r.ended:
	}
	select {
	case res := <-rec.reply: // it ended before that
		res.clip.Wipe()
	default:
	}
	return fmt.Errorf("record: %w", context.Cause(ctx))
}

func (r *Recorder) send(ctx context.Context, req request) error {
	select {
	case r.requests <- req:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-r.ended:
		return ErrClosed
	}
}
