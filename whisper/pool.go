package whisper

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// A pool is a list of recognizers, the best first.
type pool struct {
	all     []*recognizer
	failing func(error) // may be nil

	mu    sync.Mutex
	speed pace
}

func (p *pool) pace() pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.speed
}

// The pauses between rounds of requests, and how long a recognizer that failed is
// asked after the others.
const (
	firstPause   = 500 * time.Millisecond
	lastPause    = 4 * time.Second
	firstBackoff = 5 * time.Second
	lastBackoff  = 2 * time.Minute
	checkTimeout = 10 * time.Second
)

// ask asks each recognizer in turn, the working ones first, until one answers or ctx is
// done. It returns the answer and its recognizer. ctx must have a deadline. Unless once
// is set, ask repeats the requests for retryTimeout to recognizers whose error may be
// temporary. Those that were only slow come last, and have all the time that is left.
func (p *pool) ask(ctx context.Context, q question, once bool) (reply, *recognizer, error) {
	left := p.order(time.Now())
	failed := make(map[*recognizer]error)
	deadline, _ := ctx.Deadline()
	until := time.Now().Add(retryTimeout(q.clip))
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		var after time.Duration
		var again, late []*recognizer
		for i, r := range left {
			begin := time.Now()
			said, err := r.try(ctx, q, len(left)-i)
			if err == nil {
				p.mu.Lock()
				p.speed = p.speed.add(q.clip.Duration(), time.Since(begin))
				p.mu.Unlock()
				return said, r, nil
			}
			if errors.Is(err, context.Canceled) {
				return reply{}, nil, err
			}
			failed[r] = err
			e, ok := errors.AsType[*Error](err)
			switch {
			case !ok || !e.Kind.again():
				continue
			case e.Waited > 0:
				late = append(late, r)
			default:
				again = append(again, r)
			}
			after = max(after, e.After)
		}
		left, after = append(again, late...), max(after, pause)
		if once || len(left) == 0 || time.Until(until) <= after || time.Until(deadline) <= after {
			return reply{}, nil, p.verdict(failed)
		}
		if p.failing != nil {
			p.failing(p.verdict(failed))
		}
		if clock.Sleep(ctx, after) != nil {
			return reply{}, nil, p.verdict(failed)
		}
	}
}

// verdict returns the errors in the order of the recognizers.
func (p *pool) verdict(failed map[*recognizer]error) error {
	var errs Errors
	for _, r := range p.all {
		if err := failed[r]; err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errs
}

// order returns the working recognizers, then those in backoff.
func (p *pool) order(now time.Time) []*recognizer {
	var working, failing []*recognizer
	for _, r := range p.all {
		if r.working(now) {
			working = append(working, r)
		} else {
			failing = append(failing, r)
		}
	}
	return append(working, failing...)
}

// try makes one request. The last of the left recognizers has all the remaining time. The
// others have a share of retryTimeout.
func (r *recognizer) try(ctx context.Context, q question, left int) (reply, error) {
	if left > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, retryTimeout(q.clip)/time.Duration(left))
		defer cancel()
	}
	begin := time.Now()
	said, err := r.askInLanguages(ctx, q)
	err = waited(err, begin)
	if !errors.Is(err, context.Canceled) {
		r.note(err)
	}
	r.Log.Debug("recognizer asked", "url", r.where(), "audio", q.clip.Duration().Round(time.Millisecond),
		"took", time.Since(begin).Round(time.Millisecond), "characters", utf8.RuneCountInString(said.text), "err", err)
	return said, err
}

// connect connects to the recognizer that will be asked first, and to those that could
// not be reached the last time.
func (p *pool) connect(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for i, r := range p.order(time.Now()) {
		if i > 0 && !r.unreachable() {
			continue
		}
		wg.Go(func() {
			if _, ok := r.known(); !ok {
				_, _ = r.search(ctx) // what is wrong will show when it is asked
				return
			}
			if r.connect(ctx) == nil && r.unreachable() {
				r.mu.Lock()
				r.until = time.Time{} // ends the backoff
				r.mu.Unlock()
			}
		})
	}
}

// check asks all recognizers at the same time whether they work.
func (p *pool) check(ctx context.Context) error {
	errs := make([]error, len(p.all))
	var wg sync.WaitGroup
	for i, r := range p.all {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, checkTimeout)
			defer cancel()
			begin := time.Now()
			errs[i] = waited(r.inspect(ctx), begin)
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	failed := map[*recognizer]error{}
	for i, r := range p.all {
		r.note(errs[i])
		failed[r] = errs[i]
	}
	if slices.Contains(errs, nil) {
		return nil
	}
	return p.verdict(failed)
}

// unreachable reports whether the recognizer is in backoff because no connection to it
// was possible. If it is slow or fails, a new connection does not end the backoff.
func (r *recognizer) unreachable() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.until.IsZero() && (isKind(r.last.Err, Unreachable) || isKind(r.last.Err, NotListening))
}

// note records the result of a request, and logs if the state changed.
func (r *recognizer) note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.last
	r.last = Health{Err: err, At: time.Now()}
	if err == nil {
		if was.Err != nil {
			r.Log.Info("recognizer is well again", "url", r.where())
		}
		r.until, r.failures = time.Time{}, 0
		return
	}
	if was.Err == nil {
		r.Log.Warn("recognizer does not answer", "url", r.where(), "err", err)
	}
	r.until = r.last.At.Add(min(firstBackoff<<min(r.failures, 10), lastBackoff))
	r.failures++
}

func (r *recognizer) working(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.until.After(now)
}

func (r *recognizer) health() Health {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.last
	h.Languages, h.Ignored = slices.Clone(r.knows), slices.Sorted(maps.Keys(r.ignored))
	h.Models = slices.Clone(r.models)
	if r.Model != "" {
		h.Models = []string{r.Model}
	}
	h.URL = r.where()
	h.Dialect = r.Dialect
	switch {
	case r.address.bare:
		h.Dialect = Wyoming
	case r.found != nil:
		h.Dialect = r.found.dialect
	}
	return h
}
