// Package speech turns clips into text with the help of a worker, a process
// of its own in which native code runs. If that ends, for whatever reason, it
// is an error of one clip; the next starts another.
package speech

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// ErrUnavailable is wrapped where no clip could be recognised now: the model
// is missing or broken, or its process ends.
var ErrUnavailable = errors.New("recogniser unavailable")

const (
	loadTime  = time.Minute     // to load a model, at most
	pieceTime = 2 * time.Minute // to recognise one piece, at most
	shortest  = 100 * time.Millisecond
)

// A Piece is a stretch of a clip and what was said in it.
type Piece struct {
	Start, End time.Duration
	Text       string
}

// A Config is what a Recogniser needs.
type Config struct {
	// Command returns the worker's command line, not yet started. The worker
	// calls Serve.
	Command func() *exec.Cmd
	// Check says why the model cannot be loaded, nil if it can. It is called
	// before each start of a worker.
	Check func() error
	// Idle is how long the model stays loaded unused; 0 is for ever.
	Idle time.Duration
	// Preload loads the model at once, not at the first clip.
	Preload bool
	// Log must not be nil.
	Log *slog.Logger
}

// A Recogniser recognises one clip after the other. Its methods are safe for
// concurrent use while Run runs.
type Recogniser struct {
	c     Config
	jobs  chan job
	ready chan struct{} // closed when Preload has been tried, if that is wanted

	mu     sync.Mutex
	loaded bool
	err    error // why the last start of a worker failed
}

type job struct {
	gone  <-chan struct{} // closed when nobody waits for it any more
	clip  pcm.Clip
	reply chan<- result // has room for one
}

type result struct {
	pieces []Piece
	err    error
}

// New returns a Recogniser that does nothing before Run.
func New(c Config) *Recogniser {
	return &Recogniser{c: c, jobs: make(chan job), ready: make(chan struct{})}
}

// Run starts and stops the worker as clips come. It blocks until ctx is done
// and the worker has ended, and then returns nil.
func (r *Recogniser) Run(ctx context.Context) error {
	var w *worker
	defer func() { r.unload(w) }()
	if r.c.Preload {
		w, _ = r.load(ctx) // the reason is logged and kept for Err
	}
	close(r.ready)
	for {
		var idle <-chan time.Time
		if w != nil && r.c.Idle > 0 {
			idle = time.After(r.c.Idle)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-idle:
			r.unload(w)
			w = nil
		case j := <-r.jobs:
			var res result
			w, res = r.do(ctx, w, j)
			j.reply <- res
		}
	}
}

// Ready is closed once Run takes clips: with Preload when the model is loaded,
// or turned out not to be loadable, which Err tells.
func (r *Recogniser) Ready() <-chan struct{} { return r.ready }

// Err returns why the last attempt to load the model failed, or nil, and
// whether it is loaded now.
func (r *Recogniser) Err() (loaded bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.loaded, r.err
}

// Transcribe returns what was said in a clip. It waits for its turn. Its error
// wraps ErrUnavailable, or is that of ctx.
func (r *Recogniser) Transcribe(ctx context.Context, c pcm.Clip) ([]Piece, error) {
	reply := make(chan result, 1)
	select {
	case r.jobs <- job{ctx.Done(), c, reply}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	select {
	case res := <-reply:
		return res.pieces, res.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// do recognises a clip with worker w, or another one if that has ended since
// its last clip, and returns the worker to go on with.
func (r *Recogniser) do(ctx context.Context, w *worker, j job) (*worker, result) {
	var pieces []Piece
	start := 0
	for _, end := range cut(j.clip) {
		piece := pcm.Clip{Rate: j.clip.Rate, Samples: j.clip.Samples[start:end]}
		select {
		case <-j.gone:
			return w, result{}
		default:
		}
		var text string
		if piece.Duration() >= shortest {
			var err error
			if w, text, err = r.listen(ctx, w, piece); err != nil {
				return w, result{err: err}
			}
		}
		at := pcm.Clip{Rate: j.clip.Rate, Samples: j.clip.Samples[:start]}.Duration()
		pieces = append(pieces, Piece{at, at + piece.Duration(), text})
		start = end
	}
	return w, result{pieces: pieces}
}

// skips is how much later than the clip the tries of listen begin. Moonshine
// now and then hears nothing at all in words that are clear to it as soon as
// its frames lie otherwise; the silence that trim leaves is longer than these.
var skips = []time.Duration{0, 10 * time.Millisecond, 25 * time.Millisecond}

// listen recognises one piece, and does not take silence for an answer at once
// where something stands out of the noise.
func (r *Recogniser) listen(ctx context.Context, w *worker, c pcm.Clip) (_ *worker, text string, err error) {
	c, spoken := trim(c)
	for _, skip := range skips {
		later := pcm.Clip{Rate: c.Rate, Samples: c.Samples[int(skip.Seconds()*float64(c.Rate)):]}
		w, text, err = r.hear(ctx, w, later)
		if err != nil || text != "" || !spoken {
			break
		}
	}
	return w, text, err
}

// hear recognises one piece. If a worker that was there already ends over it,
// another one gets a try: it may have been killed while it was idle.
func (r *Recogniser) hear(ctx context.Context, w *worker, c pcm.Clip) (*worker, string, error) {
	used := w != nil
	for {
		if w == nil {
			var err error
			if w, err = r.load(ctx); err != nil {
				return nil, "", err
			}
		}
		text, err := w.hear(ctx, c)
		if err == nil {
			return w, text, nil
		}
		r.unload(w)
		w = nil
		r.c.Log.Error("worker ended", "audio", c.Duration(), "err", err)
		if !used || ctx.Err() != nil {
			return nil, "", fmt.Errorf("recognise speech: %w: %v", ErrUnavailable, err)
		}
		used = false
	}
}

func (r *Recogniser) load(ctx context.Context) (*worker, error) {
	begin := time.Now()
	w, err := (*worker)(nil), r.c.Check()
	if err == nil {
		w, err = start(ctx, r.c.Command())
	}
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrUnavailable, err)
		r.c.Log.Error("model not loaded", "err", err)
	} else {
		r.c.Log.Info("model loaded", "took", time.Since(begin).Round(time.Millisecond))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.loaded, r.err = err == nil, err
	return w, err
}

func (r *Recogniser) unload(w *worker) {
	if w == nil {
		return
	}
	w.stop()
	r.c.Log.Info("model unloaded")
	r.mu.Lock()
	defer r.mu.Unlock()
	r.loaded = false
}
