package whisper

import (
	"cmp"
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

	mu         sync.Mutex
	speed      pace
	answered   *recognizer        // the last that answered; nil if none has
	asking     int                // requests in progress, without a preview
	previewing context.CancelFunc // of the preview in progress; nil if there is none
}

func (p *pool) pace() pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.speed
}

// fallback returns the name of the recognizer that answered last, if it is not the first.
func (p *pool) fallback() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answered == nil || p.answered == p.all[0] {
		return ""
	}
	return p.answered.address.Name()
}

// The pauses between rounds of requests, and how long a recognizer that failed is
// asked after the others.
const (
	firstPause   = 500 * time.Millisecond
	lastPause    = 8 * time.Second
	firstBackoff = 5 * time.Second
	lastBackoff  = 2 * time.Minute
	checkTimeout = 10 * time.Second
)

// ask asks each recognizer in turn, the working ones first, until one answers or ctx is
// done. It returns the answer and its recognizer. ctx must have a deadline. Unless once
// is set, ask repeats the requests for retryTimeout to recognizers whose error may be
// temporary, to each after the pause that it wants itself. Those that were only slow come
// last, and have all the time that is left. If last is not nil, it is asked after all
// others.
func (p *pool) ask(ctx context.Context, q question, once bool, last *recognizer) (reply, *recognizer, error) {
	defer p.begin()()
	left := p.order(time.Now())
	if i := slices.Index(left, last); i >= 0 {
		left = append(slices.Delete(left, i, i+1), last)
	}
	tried := make(map[*recognizer]attempt)
	end := time.Now().Add(retryTimeout(q.length))
	if deadline, _ := ctx.Deadline(); deadline.Before(end) {
		end = deadline
	}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		now := time.Now()
		ready := slices.DeleteFunc(slices.Clone(left), func(r *recognizer) bool { return tried[r].due.After(now) })
		for i, r := range ready {
			begin := time.Now()
			said, err := r.try(ctx, q, len(ready)-i)
			if err == nil {
				p.mu.Lock()
				p.speed = p.speed.add(q.clip.Duration(), time.Since(begin))
				p.answered = r
				p.mu.Unlock()
				return said, r, nil
			}
			if errors.Is(err, context.Canceled) {
				return reply{}, nil, err
			}
			tried[r] = newAttempt(err, pause)
		}
		left = slices.DeleteFunc(left, func(r *recognizer) bool { return !tried[r].again || !tried[r].due.Before(end) })
		if once || len(left) == 0 {
			return reply{}, nil, p.verdict(tried)
		}
		slices.SortStableFunc(left, func(a, b *recognizer) int { return cmp.Compare(tried[a].rank, tried[b].rank) })
		if p.failing != nil {
			p.failing(p.verdict(tried))
		}
		next := slices.MinFunc(left, func(a, b *recognizer) int { return tried[a].due.Compare(tried[b].due) })
		if clock.Sleep(ctx, time.Until(tried[next].due)) != nil {
			return reply{}, nil, p.verdict(tried)
		}
	}
}

// An attempt is a request that failed.
type attempt struct {
	err   error
	again bool      // the same request may succeed later
	due   time.Time // when it may be repeated
	rank  int       // 0, or 1 for a recognizer that was only slow
}

// newAttempt returns the attempt that failed just now, after which comes a pause at least.
func newAttempt(err error, pause time.Duration) attempt {
	a := attempt{err: err}
	if e, ok := errors.AsType[*Error](err); ok {
		a.again, a.due = e.Kind.again(), time.Now().Add(max(pause, e.After))
		a.rank = int(min(e.Waited, 1))
	}
	return a
}

// verdict returns the errors in the order of the recognizers.
func (p *pool) verdict(last map[*recognizer]attempt) error {
	var errs Errors
	for _, r := range p.all {
		if err := last[r].err; err != nil {
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
		ctx, cancel = context.WithTimeout(ctx, retryTimeout(q.length)/time.Duration(left))
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
	last := map[*recognizer]attempt{}
	for i, r := range p.all {
		r.note(errs[i])
		last[r] = attempt{err: errs[i]}
	}
	if slices.Contains(errs, nil) {
		return nil
	}
	return p.verdict(last)
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
		r.until, r.wait, r.failures = time.Time{}, time.Time{}, 0
		return
	}
	if was.Err == nil {
		r.Log.Warn("recognizer does not answer", "url", r.where(), "err", err)
	}
	r.wait = r.last.At.Add(after(err))
	backoff := r.last.At.Add(min(firstBackoff<<min(r.failures, 10), lastBackoff))
	r.until = slices.MaxFunc([]time.Time{r.wait, backoff}, time.Time.Compare)
	r.failures++
}

// accepts reports whether a recognizer accepts requests now, as far as the recognizers
// said.
func (p *pool) accepts(now time.Time) bool {
	return slices.ContainsFunc(p.all, func(r *recognizer) bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return !r.wait.After(now)
	})
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
	h.Doubt = r.doubt
	h.Languages, h.Ignored = slices.Clone(r.knows), slices.Sorted(maps.Keys(r.ignored))
	h.Models = slices.Clone(r.models)
	if r.Model != "" {
		h.Models = []string{r.Model}
	}
	h.URL = r.where()
	h.Dialect = r.Dialect
	switch {
	case r.address.Bare:
		h.Dialect = Wyoming
	case r.found != nil:
		h.Dialect = r.found.dialect
	}
	return h
}

// quick reports whether the recognizer may be asked for provisional words of a clip.
func (p *pool) quick(length time.Duration) bool {
	return p.pace().quick(length) && p.order(time.Now())[0].previews()
}

// errNotNow is the error of a preview if the recognizers have something else to do.
var errNotNow = errors.New("not now")

// preview makes one request to the recognizer that is asked first.
func (p *pool) preview(ctx context.Context, cancel context.CancelFunc, q question) (reply, *recognizer, error) {
	r := p.order(time.Now())[0]
	if !p.beginPreview(cancel) {
		return reply{}, nil, errNotNow
	}
	begin := time.Now()
	said, err := r.askInLanguages(ctx, q)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.previewing = nil
	if err == nil {
		p.speed = p.speed.add(q.clip.Duration(), time.Since(begin))
	}
	return said, r, err
}

// beginPreview reports whether a preview may begin. Another request calls cancel.
func (p *pool) beginPreview(cancel context.CancelFunc) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asking > 0 || p.previewing != nil {
		return false
	}
	p.previewing = cancel
	return true
}

// begin counts a request that is no preview until it ends, and cancels a preview.
func (p *pool) begin() (end func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asking++
	if p.previewing != nil {
		p.previewing()
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asking--
	}
}

// previews reports whether the recognizer may be asked for provisional words: it worked the
// last time, and has no key. A server with a key counts and limits its requests.
func (r *recognizer) previews() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	return r.key == "" && r.last.Err == nil && !r.until.After(now) && !r.wait.After(now)
}
