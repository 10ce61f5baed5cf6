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
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// ErrUnavailable is wrapped where no clip could be recognised now: the model
// is missing or broken, or its process ends.
var ErrUnavailable = errors.New("recogniser unavailable")

const (
	loadTime  = time.Minute     // to load a model, at most
	pieceTime = 2 * time.Minute // to recognise one piece, at most
	shortest  = 100 * time.Millisecond

	// divisible is from what length on a piece is divided, of which a model
	// could not write all.
	divisible = 5 * time.Second
)

// A Piece is a stretch of a clip and what was said in it.
type Piece struct {
	Start, End time.Duration
	Text       string
}

// Options say how a clip is to be recognised. The zero value has the language
// detected and what was said transcribed.
type Options struct {
	Language string `json:"language,omitempty"` // a code that the model knows; empty: detect
	Task     string `json:"task,omitempty"`     // one that the model can; empty: transcribe
}

// A Transcript is what was said in a clip.
type Transcript struct {
	Language string // the code of what was spoken, if the model tells; of several, the first
	Pieces   []Piece
}

// Habits are what a family of models needs to be given.
type Habits struct {
	// Longest is how much of a clip the model is given at once, at most. It
	// must be above 10 s. The zero value is 30 s.
	Longest time.Duration
	// Again has a piece tried again, a little later in its sound, if the model
	// finds no word where something was spoken.
	Again bool
	// Invents says that the model finds words in silence: it is given none. A
	// piece in which it finds no word, or one word over and over, is tried again.
	Invents bool
}

// A Config is what a Recogniser needs.
type Config struct {
	// Habits returns those of the model that the worker runs.
	Habits func() Habits
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
	gone    <-chan struct{} // closed when nobody waits for it any more
	clip    pcm.Clip
	options Options
	reply   chan<- result // has room for one
}

type result struct {
	transcript Transcript
	err        error
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
func (r *Recogniser) Transcribe(ctx context.Context, c pcm.Clip, o Options) (Transcript, error) {
	reply := make(chan result, 1)
	select {
	case r.jobs <- job{ctx.Done(), c, o, reply}:
	case <-ctx.Done():
		return Transcript{}, context.Cause(ctx)
	}
	select {
	case res := <-reply:
		return res.transcript, res.err
	case <-ctx.Done():
		return Transcript{}, context.Cause(ctx)
	}
}

// do recognises a clip with worker w, or another one if that has ended since
// its last clip, and returns the worker to go on with.
func (r *Recogniser) do(ctx context.Context, w *worker, j job) (*worker, result) {
	var t Transcript
	start, habits := 0, r.c.Habits()
	for ends := cut(j.clip, habits.Longest); len(ends) > 0; {
		piece := pcm.Clip{Rate: j.clip.Rate, Samples: j.clip.Samples[start:ends[0]]}
		select {
		case <-j.gone:
			return w, result{}
		default:
		}
		var words Words
		if piece.Duration() >= shortest {
			var err error
			if w, words, err = r.listen(ctx, w, piece, j.options, habits); err != nil {
				return w, result{err: err}
			}
		}
		if words.Full && piece.Duration() >= divisible {
			ends = append([]int{start + middle(piece)}, ends...)
			continue
		}
		if words.Text != "" && t.Language == "" {
			t.Language = words.Language
			j.options.Language = words.Language // that of the first is that of the rest
		}
		at := pcm.Clip{Rate: j.clip.Rate, Samples: j.clip.Samples[:start]}.Duration()
		t.Pieces = append(t.Pieces, Piece{at, at + piece.Duration(), words.Text})
		start, ends = ends[0], ends[1:]
	}
	return w, result{transcript: t}
}

// skips is how much later than the clip the tries of listen begin. Moonshine
// now and then hears nothing at all in words that are clear to it as soon as
// its frames lie otherwise, and Whisper "no" fifteen times in a second; the silence
// that trim leaves is longer than these.
var skips = []time.Duration{0, 10 * time.Millisecond, 25 * time.Millisecond}

// listen recognises one piece. Where the model needs it, it does not take
// silence for an answer at once if something stands out of the noise.
func (r *Recogniser) listen(ctx context.Context, w *worker, c pcm.Clip, o Options, h Habits) (_ *worker, words Words, err error) {
	if h.Invents && silent(c) {
		return w, Words{}, nil
	}
	c, spoken := trim(c)
	var first Words
	for i, skip := range skips {
		later := pcm.Clip{Rate: c.Rate, Samples: c.Samples[int(skip.Seconds()*float64(c.Rate)):]}
		w, words, err = r.hear(ctx, w, later, o)
		if i == 0 {
			first = words
		}
		again := words.Text == "" && h.Again && spoken || words.Text != "" && h.Invents && invented(words.Text)
		if err != nil || !again {
			return w, words, err
		}
	}
	return w, first, nil
}

// invented reports whether a text has no letter, digit or sign of a word, or more
// than three of one word alone.
func invented(text string) bool {
	if !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r) || r == '%'
	}) {
		return true
	}
	words := strings.Fields(text)
	return len(words) > 3 && !slices.ContainsFunc(words, func(word string) bool { return !strings.EqualFold(word, words[0]) })
}

// hear recognises one piece. If a worker that was there already ends over it,
// another one gets a try: it may have been killed while it was idle.
func (r *Recogniser) hear(ctx context.Context, w *worker, c pcm.Clip, o Options) (*worker, Words, error) {
	used := w != nil
	for {
		if w == nil {
			var err error
			if w, err = r.load(ctx); err != nil {
				return nil, Words{}, err
			}
		}
		words, err := w.hear(ctx, c, o)
		if err == nil {
			return w, words, nil
		}
		r.unload(w)
		w = nil
		r.c.Log.Error("worker ended", "audio", c.Duration(), "err", err)
		if !used || ctx.Err() != nil {
			return nil, Words{}, fmt.Errorf("recognise speech: %w: %v", ErrUnavailable, err)
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
