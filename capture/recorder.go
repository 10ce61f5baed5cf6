package capture

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// A Recorder records speech. Its Record is safe for concurrent use, but there
// is one recording at a time: a new one ends the one before it.
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
	return &Recorder{cfg: c, requests: make(chan request), ended: make(chan struct{})}
}

// A request is what Record asks of Run.
type request struct {
	do        func(s *session, rec *recording, now time.Time)
	recording *recording
	at        time.Time
}

// Run keeps a stream prepared and serves Record until the context is done, when
// it returns nil. A server or a microphone that is not there is a State, not an
// error: it is tried again, more and more seldom, and at each press. Run may be
// called once.
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
		if at := s.deadline(); at.IsZero() {
			timer.Stop()
		} else {
			timer.Reset(at.Sub(now))
		}
	}
}

// Record records from now until stop is closed, and until the voice has ended, at
// most Config.Tail longer, and returns the sound of that time and where in it
// somebody speaks. It waits for Run.
//
// If sound is missing, the clip holds what there is, and the error says why,
// wrapping ErrGap, ErrServer or ErrSource. If the context is done, Record
// returns its error at once and the sound is discarded. If Record is called
// again before this call has returned, this recording ends where the new one
// begins; no sample is lost or in both.
func (r *Recorder) Record(ctx context.Context, stop <-chan struct{}) (pcm.Clip, error) {
	return r.RecordTo(ctx, stop, Hooks{})
}

// RecordTo is Record for one who listens meanwhile: the Heard and Frame of own
// are told of this recording alone, beside those of Config. Where a new
// recording ends this one, it has heard up to 20 ms more than the clip holds.
func (r *Recorder) RecordTo(ctx context.Context, stop <-chan struct{}, own Hooks) (pcm.Clip, error) {
	rec := newRecording(time.Now(), r.cfg.newDetector())
	rec.monitor.callerHooks = own
	if err := r.send(ctx, request{(*session).press, rec, rec.pressed}); err != nil {
		return pcm.Clip{}, fmt.Errorf("record: %w", err)
	}
	select {
	case <-stop:
		if err := r.send(ctx, request{(*session).release, rec, time.Now()}); err == nil {
			break
		}
	case res := <-rec.reply: // it was ended by another, or by Run
		return res.clip, res.err
	case <-ctx.Done():
	}
	select {
	case res := <-rec.reply:
		return res.clip, res.err
	case <-ctx.Done():
		return pcm.Clip{}, r.discard(ctx, rec)
	case <-r.ended:
		return pcm.Clip{}, fmt.Errorf("record: %w", ErrClosed)
	}
}

// Suspend closes the microphone between recordings at once, whatever Linger and
// PreRoll say, for when nobody is there who knows that it is open, or lets it
// stay open again. Recordings work all the same. It waits for Run; without it
// the microphone is closed, and the error wraps ErrClosed.
func (r *Recorder) Suspend(ctx context.Context, deaf bool) error {
	do := func(s *session, _ *recording, now time.Time) { s.suspend(deaf, now) }
	return wrap("close the microphone", r.send(ctx, request{do: do, at: time.Now()}))
}

// Prepare opens the microphone for a recording that is about to begin, so that its
// first word is not lost while it opens. It does not wait for the microphone,
// but for Run; without a recording it is closed again after two seconds.
func (r *Recorder) Prepare(ctx context.Context) error {
	do := func(s *session, _ *recording, now time.Time) { s.prepare(now) }
	return wrap("open the microphone", r.send(ctx, request{do: do, at: time.Now()}))
}

// Alive waits until Run takes note of it, which shows that its loop does not
// stand still. Its error is that of ctx, or wraps ErrClosed when Run has ended.
func (r *Recorder) Alive(ctx context.Context) error {
	do := func(*session, *recording, time.Time) {}
	return wrap("look after the recorder", r.send(ctx, request{do: do, at: time.Now()}))
}

// discard makes Run forget the take.
func (r *Recorder) discard(ctx context.Context, rec *recording) error {
	select {
	case r.requests <- request{(*session).discard, rec, time.Now()}:
	case <-r.ended:
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
