// Package speech turns clips into text. Native code runs in a worker, a separate
// process. If the worker ends, that is an error of one clip only; the next clip starts a
// new worker.
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

// ErrUnavailable is wrapped if no clip can be recognized now: the model is missing or
// broken, or its process ends.
var ErrUnavailable = errors.New("recognizer unavailable")

const (
	loadTime  = time.Minute     // to load a model, at most
	pieceTime = 2 * time.Minute // to recognize one piece, at most
	shortest  = 100 * time.Millisecond

	// divisible is the length from which a piece is divided if the model did not find its
	// end or its words. Moonshine tiny fails at lists of numbers, and hears their halves.
	divisible = 2 * time.Second
)

// A Piece is a stretch of a clip and what was said in it.
type Piece struct {
	Start, End time.Duration
	Text       string
}

// Options are how to recognize a clip. With the zero value, the model detects the
// language and transcribes.
type Options struct {
	Language string `json:"language,omitempty"` // a code that the model knows; empty: detect
	Task     string `json:"task,omitempty"`     // a task of the model; empty: transcribe

	// HotWords are words that the model should prefer, one a line, the most important first.
	HotWords string `json:"hot_words,omitempty"`
}

// A Transcript is what was said in a clip.
type Transcript struct {
	Language string // the code of the first spoken language, if the model reports it
	Pieces   []Piece
}

// Requirements are the requirements of a family of models.
type Requirements struct {
	// Longest is the longest piece that the model gets at once. It must be above 10 s.
	// The zero value is 30 s.
	Longest time.Duration
	// Again makes the Recognizer try a piece again, from a little later in its sound, if
	// the model finds no word in speech.
	Again bool
	// Invents means that the model finds words in silence. It then gets no silence. If
	// it finds no word in a piece, or one word many times, the Recognizer tries the
	// piece again.
	Invents bool
}

// A Config has the settings of a Recognizer.
type Config struct {
	// Requirements returns the requirements of the model that the worker runs.
	Requirements func() Requirements
	// Command returns the worker's command, not started. The worker calls Serve.
	Command func() *exec.Cmd
	// Check returns why the model cannot be loaded, nil if it can. The Recognizer calls
	// it before each start of a worker.
	Check func() error
	// Idle is how long an unused model stays loaded. 0 means for ever.
	Idle time.Duration
	// Preload loads the model at once, not at the first clip.
	Preload bool
	// Log must not be nil.
	Log *slog.Logger
}

// A Recognizer recognizes one clip after the other. Its methods are safe for concurrent
// use while Run runs.
type Recognizer struct {
	c     Config
	jobs  chan job
	ready chan struct{} // closed when Run accepts clips

	mu     sync.Mutex
	loaded bool
	err    error // why the last start of a worker failed
}

type job struct {
	gone    <-chan struct{} // closed when the caller does not wait any more
	clip    pcm.Clip
	options Options
	reply   chan<- result // has room for one result
}

type result struct {
	transcript Transcript
	err        error
}

// New returns a Recognizer that does nothing before Run.
func New(c Config) *Recognizer {
	return &Recognizer{c: c, jobs: make(chan job), ready: make(chan struct{})}
}

// Run starts and stops the worker as clips arrive. It returns nil when ctx is done and
// the worker has ended.
func (r *Recognizer) Run(ctx context.Context) error {
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

// Ready returns a channel that is closed when Run accepts clips. With Preload that is
// when the model is loaded or could not be loaded; Err returns which.
func (r *Recognizer) Ready() <-chan struct{} { return r.ready }

// Err reports whether the model is loaded now, and returns why the last attempt to load
// it failed, or nil.
func (r *Recognizer) Err() (loaded bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.loaded, r.err
}

// Transcribe returns what was said in a clip. Clips wait for each other. Its error wraps
// ErrUnavailable, or is that of ctx.
func (r *Recognizer) Transcribe(ctx context.Context, c pcm.Clip, o Options) (Transcript, error) {
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

// do recognizes a clip with worker w, and returns the worker for the next clip. If w has
// ended since its last clip, do starts a new one.
func (r *Recognizer) do(ctx context.Context, w *worker, j job) (*worker, result) {
	var t Transcript
	start, requirements := 0, r.c.Requirements()
	for ends := cut(j.clip, requirements.Longest); len(ends) > 0; {
		piece := pcm.Clip{Rate: j.clip.Rate, Samples: j.clip.Samples[start:ends[0]]}
		select {
		case <-j.gone:
			return w, result{}
		default:
		}
		var words Words
		if piece.Duration() >= shortest {
			var err error
			if w, words, err = r.listen(ctx, w, piece, j.options, requirements); err != nil {
				return w, result{err: err}
			}
		}
		if words.Full && piece.Duration() >= divisible {
			ends = append([]int{start + middle(piece)}, ends...)
			continue
		}
		if words.Text != "" && t.Language == "" {
			t.Language = words.Language
			j.options.Language = words.Language // the language of the first piece is that of the others
		}
		at := pcm.Clip{Rate: j.clip.Rate, Samples: j.clip.Samples[:start]}.Duration()
		t.Pieces = append(t.Pieces, Piece{at, at + piece.Duration(), words.Text})
		start, ends = ends[0], ends[1:]
	}
	return w, result{transcript: t}
}

// skips is how much later than the clip the attempts of listen begin. Moonshine
// sometimes finds no words in clear speech, but finds them when its frames are shifted.
// Whisper then sometimes writes "no" fifteen times for a second. The silence that trim
// keeps is longer than each skip.
var skips = []time.Duration{0, 10 * time.Millisecond, 25 * time.Millisecond}

// listen recognizes one piece. If the model's Requirements require it, listen tries again
// after an empty or invented answer, without hot words. With these it also tries again if
// the answer is one word several times: as its prompt, they have Whisper write "Guillaume,
// Guillaume," for a sentence about Guillaumin. Any model may not find the end of a text.
func (r *Recognizer) listen(ctx context.Context, w *worker, c pcm.Clip, o Options, h Requirements) (_ *worker, words Words, err error) {
	if h.Invents && silent(c) {
		return w, Words{}, nil
	}
	c, spoken := trim(c)
	var first Words
	prompted := false // the first answer may come of the hot words
	for i, skip := range skips {
		later := pcm.Clip{Rate: c.Rate, Samples: c.Samples[int(skip.Seconds()*float64(c.Rate)):]}
		w, words, err = r.hear(ctx, w, later, o)
		if i == 0 {
			first, prompted = words, o.HotWords != "" && repeated(plainWords(words.Text), 2)
		}
		again := i == 0 && prompted || loops(words.Text) || words.Text == "" && h.Again && spoken || words.Text != "" && h.Invents && invented(words.Text)
		if err == nil && !again && words.Text == "" && prompted {
			return w, first, nil
		}
		if err == nil && loops(words.Text) && o.HotWords == "" && c.Duration() >= divisible {
			words.Full = true
			return w, words, nil
		}
		if err != nil || !again {
			return w, words, err
		}
		o.HotWords = ""
	}
	first.Full = first.Full || first.Text == "" || loops(first.Text)
	return w, first, nil
}

// invented reports whether a text has no letter, digit or symbol, or consists of one
// word more than three times.
func invented(text string) bool {
	if !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsSymbol(r) || r == '%'
	}) {
		return true
	}
	return repeated(strings.Fields(text), 4)
}

// loops reports whether a text has one word more often in a row than people say one.
// Moonshine tiny wrote 90 thirty times after "70, 80". Eight times alone is no loop.
func loops(text string) bool {
	const least = 8
	words := plainWords(text)
	for i := 0; len(words) > least && i+least <= len(words); i++ {
		if repeated(words[i:i+least], least) {
			return true
		}
	}
	return false
}

// plainWords returns the words of a text without punctuation.
func plainWords(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) })
}

// repeated reports whether words are one word, at least so many times.
func repeated(words []string, least int) bool {
	return len(words) >= least && !slices.ContainsFunc(words, func(word string) bool { return !strings.EqualFold(word, words[0]) })
}

// hear recognizes one piece. If a worker from an earlier clip ends, hear tries a new
// worker once: the old one may have been killed while it was idle.
func (r *Recognizer) hear(ctx context.Context, w *worker, c pcm.Clip, o Options) (*worker, Words, error) {
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
			return nil, Words{}, fmt.Errorf("recognize speech: %w: %v", ErrUnavailable, err)
		}
		used = false
	}
}

func (r *Recognizer) load(ctx context.Context) (*worker, error) {
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

func (r *Recognizer) unload(w *worker) {
	if w == nil {
		return
	}
	w.stop()
	r.c.Log.Info("model unloaded")
	r.mu.Lock()
	defer r.mu.Unlock()
	r.loaded = false
}
