package whisper

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/text"
)

// minRatio is how many times longer a part is than a request for the shortest clip
// takes. When the user releases the key, Follow must wait for the request in
// progress, so there should rarely be one. Whisper takes as long for a second as for
// ten.
const minRatio = 5

// The pauses of Follow after a request that failed. Each failure doubles the pause,
// so that a recognizer that fails gets at most five further requests in a minute.
const (
	firstFollowPause = 4 * time.Second
	lastFollowPause  = time.Minute
)

// maxMissing is how much sound without a text Follow keeps. The caller has all of it, so
// this is a second copy. Of half an hour it would take 55 MiB.
const maxMissing = 5 * time.Minute

// followPause returns the pause after a request that failed, after others in a row.
func followPause(others int) time.Duration {
	return min(firstFollowPause<<min(others, 10), lastFollowPause)
}

var errBehind = errors.New("the recognizer is too far behind")

// Follow transcribes an utterance while it is spoken. It receives segments of it,
// which end in pauses and follow each other without a gap. It transcribes those that
// it has in the background, one request at a time, with the words before them as
// context. When segments is closed it transcribes the rest. It returns the texts
// joined in order, like Transcribe, with the errors of Transcribe. With a LeftOut the
// texts are those of the other parts. If the recognizer
// is slower than speech, Follow asks it only at the end.
//
// After a request that failed Follow pauses. Until a request succeeds it does not
// send the same sound a second time, and after an error that will not pass it sends
// nothing until the end.
//
// Follow is always ready to receive a segment. The clips are its own: it wipes each when
// it has its text, and all when it returns. After an error the caller has the sound in
// another clip and can call Transcribe.
//
// Unless live is nil, Follow also shows the words while the user speaks. If the recognizer
// is quick, it asks again and again for the words since the last segment. These requests
// never change the result.
func (c *Client) Follow(ctx context.Context, segments <-chan pcm.Clip, live *Live) (string, error) {
	f := follower{client: c, done: make(chan part), preview: newPreview(live)}
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		cancel()
		if f.preview.cancel != nil {
			<-f.preview.done
		}
		if f.busy {
			<-f.done
		}
		f.wipe(0, len(f.segments))
	}()
	for {
		select {
		case s, ok := <-segments:
			if !ok {
				return f.finish(ctx)
			}
			f.segments = append(f.segments, s)
			f.length += s.Duration()
			if from, to := f.missing(); duration(f.segments[from:to]) > maxMissing {
				return "", errBehind
			}
		case p := <-f.done:
			f.take(p)
		case <-f.resume:
			f.resume = nil
		case <-f.preview.due:
			f.look(ctx)
		case p := <-f.preview.done:
			f.seen(p)
		case <-f.preview.Released:
			f.preview.end()
		case <-ctx.Done():
			return "", ctx.Err()
		}
		f.begin(ctx)
	}
}

// A part is the segments from one number to another, and their text.
type part struct {
	from, to int
	text.Segment
	err error
}

// A follower is the state of one Follow.
type follower struct {
	client   *Client
	segments []pcm.Clip    // all so far; those with an answer have no samples any more
	length   time.Duration // of all segments
	parts    []part        // those with an answer, in order
	sent     int           // how many segments were sent at least once
	refused  error         // the last part that was not speech
	madeUp   []string      // the words of all of them
	lacks    error         // the last part that is probably incomplete

	failures int              // requests in a row that failed
	resume   <-chan time.Time // gets the end of the pause after a failure; nil if there is none
	hopeless bool             // an error will not pass

	preview preview // the words while the user speaks

	done   chan part          // gets the result of the request in progress
	busy   bool               // a request is in progress
	cancel context.CancelFunc // of that request
}

// begin starts a request if there is enough sound for one and no request is in
// progress.
func (f *follower) begin(ctx context.Context) {
	from, to := f.missing()
	if f.failures > 0 {
		from, to = max(from, f.sent), len(f.segments)
	}
	length, pace := duration(f.segments[from:to]), f.client.pool.pace()
	if f.busy || f.resume != nil || f.hopeless || !f.client.pool.accepts(time.Now()) || length < max(minPart, minRatio*pace.of(0)) || pace.slow(length) {
		return
	}
	f.busy = true
	ctx, f.cancel = context.WithCancel(ctx)
	once := f.client.Once()
	ask := f.question(from, to)
	go func() { f.done <- ask(ctx, once) }() // take or the end of Follow always receives it
}

// question returns a function that asks for some segments.
func (f *follower) question(from, to int) func(context.Context, *Client) part {
	clips, gap := f.segments[from:to], gapBefore(f.segments, from)
	before := f.before(from, gap)
	return func(ctx context.Context, c *Client) part {
		words, err := c.transcribe(ctx, clips, before)
		return part{from, to, text.Segment{Text: words, Gap: gap}, err}
	}
}

// missing returns the first segments that have no answer.
func (f *follower) missing() (from, to int) {
	for _, p := range f.parts {
		if from < p.from {
			return from, p.from
		}
		from = p.to
	}
	return from, len(f.segments)
}

// gapBefore returns the silence before a clip of several; negative if unknown.
func gapBefore(clips []pcm.Clip, n int) time.Duration {
	switch {
	case clips[n].Voice == nil, n > 0 && clips[n-1].Voice == nil:
		return -1
	case n == 0:
		return clips[n].Voice.Before()
	}
	return clips[n-1].Voice.After() + clips[n].Voice.Before()
}

// before returns the words of the segments before a segment, as context. Gap is the silence
// before it.
func (f *follower) before(n int, gap time.Duration) string {
	var said []text.Segment
	end := 0
	for _, p := range f.parts {
		if p.to <= n {
			said, end = append(said, p.Segment), p.to
		}
	}
	if end != n {
		gap = -1
	}
	return text.Context(f.client.written(), said, gap)
}

// take ends the request in progress, and decides when the next may follow.
func (f *follower) take(p part) {
	f.cancel()
	f.busy = false
	if f.keep(p) {
		f.failures, f.preview.voice = 0, 0
		f.preview.next(0)
		return
	}
	f.resume = time.After(followPause(f.failures))
	f.failures++
	f.hopeless = !MayPass(p.err)
}

// keep records the answer for a part. It reports whether there was one.
func (f *follower) keep(p part) bool {
	if !unsent(p.err) {
		f.sent = max(f.sent, p.to)
	}
	switch {
	case errors.Is(p.err, ErrNotSpeech):
		f.refused, f.madeUp, p.Text = p.err, append(f.madeUp, p.Text), ""
	case errors.Is(p.err, ErrIncomplete):
		f.lacks = p.err
	case p.err != nil:
		return false
	}
	i, _ := slices.BinarySearchFunc(f.parts, p, func(a, b part) int { return a.from - b.from })
	f.parts = slices.Insert(f.parts, i, p)
	f.wipe(p.from, p.to)
	return true
}

// wipe overwrites and frees the sound of some segments.
func (f *follower) wipe(from, to int) {
	for i := range f.segments[from:to] {
		s := &f.segments[from+i]
		clear(s.Samples)
		s.Samples = nil
	}
}

// finish waits for the request in progress and then asks for the rest. To cancel the
// request and ask for both together would gain nothing, because servers complete what
// they began. whisper.cpp 1.9.1 completes the encoder, which takes most of its time:
// the callback that checks for the client does not reach it (src/whisper.cpp,
// ggml_graph_compute_helper with a scheduler).
func (f *follower) finish(ctx context.Context) (string, error) {
	f.preview.end()
	if f.busy {
		f.take(<-f.done)
	}
	for {
		from, to := f.missing()
		if from == to || to == len(f.segments) && f.isTail(from) {
			break
		}
		if p := f.question(from, to)(ctx, f.client.restOf(f.length)); !f.keep(p) {
			return "", p.err
		}
	}
	words := text.Join(f.client.written(), f.said()...)
	madeUp := text.Line(strings.Join(f.madeUp, " "))
	switch {
	case words == "" && f.lacks == nil:
		return madeUp, f.refused
	case madeUp != "":
		return words, errors.Join(f.lacks, &LeftOut{Words: madeUp, Why: f.refused})
	}
	return words, f.lacks
}

// isTail reports whether the segments from a number on come after the last word: they
// are short, and none of their frames has a voice, not even a soft one. A request for
// them would take as long as a request for a word.
func (f *follower) isTail(from int) bool {
	tail := f.segments[from:]
	return slices.ContainsFunc(f.parts, func(p part) bool { return p.Text != "" }) && duration(tail) < minPart &&
		!slices.ContainsFunc(tail, func(c pcm.Clip) bool { return c.Voice.Speaks() || c.Voice.Total() > 0 })
}

// transcribe asks for the text of clips that follow each other.
func (c *Client) transcribe(ctx context.Context, clips []pcm.Clip, before string) (string, error) {
	whole := clips[0]
	if len(clips) > 1 {
		whole = join(clips)
		defer whole.Wipe()
	}
	return c.ask(ctx, question{clip: whole, before: before})
}

// join returns clips that follow each other as one. Each but the last ends with a
// whole frame, if its voice is known.
func join(clips []pcm.Clip) pcm.Clip {
	n := 0
	for _, c := range clips {
		n += len(c.Samples)
	}
	all := pcm.Clip{Rate: clips[0].Rate, Samples: make([]int16, 0, n)} // growing would leave copies behind
	for _, c := range clips {
		all.Samples = append(all.Samples, c.Samples...)
		all.Voice = append(all.Voice, c.Voice...)
	}
	return all
}

func duration(clips []pcm.Clip) (d time.Duration) {
	for _, c := range clips {
		d += c.Duration()
	}
	return d
}
