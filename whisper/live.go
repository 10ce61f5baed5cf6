package whisper

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/text"
	"github.com/arealicehole/vocoder/whisper/internal/markup"
)

// The times of the requests for provisional words.
const (
	previewInterval = 700 * time.Millisecond // from the beginning of one to that of the next
	previewLimit    = 2 * time.Second        // then a request is cancelled
	previewSoon     = 50 * time.Millisecond  // until a segment that was sent has arrived
)

// A Live shows the words of an utterance while the user speaks. All fields must be set.
type Live struct {
	// Open returns a copy of the sound after the segments that Follow was sent, and their
	// number. Follow wipes the copy. Wanted is false if no client reads the words now.
	Open func() (open pcm.Clip, segments int, wanted bool)

	// Show gets all words so far. Settled words are those of segments. The last words of
	// others are of sound that has not ended, and may change.
	Show func(words string, settled bool)

	// Released is closed when the user has released the key. Follow then ends a request for
	// provisional words, and shows no more.
	Released <-chan struct{}
}

// A preview is the state of Follow's Live. The zero value shows nothing.
type preview struct {
	Live
	on       bool
	due      <-chan time.Time   // gets the time of the next request
	done     chan pass          // gets the result of the request in progress
	cancel   context.CancelFunc // of that request; nil if there is none
	began    time.Time          // when it began
	voice    time.Duration      // how much voice the newest result is of, since the last segment with an answer
	repeated bool               // the result before was of the same voice
	failures int                // requests in a row that failed
}

// A pass is the words of the utterance so far, from one request.
type pass struct {
	words string
	voice time.Duration
	err   error
}

func newPreview(l *Live) preview {
	if l == nil {
		return preview{}
	}
	return preview{Live: *l, on: true, due: time.After(previewInterval), done: make(chan pass)}
}

// end cancels the request in progress. There are no more.
func (p *preview) end() {
	p.on, p.due, p.Released = false, nil, nil
	if p.cancel != nil {
		p.cancel()
	}
}

// next lets the next request begin after a while.
func (p *preview) next(after time.Duration) {
	if p.on && p.cancel == nil {
		p.due = time.After(after)
	}
}

// look asks for the words of the sound that has no answer yet, if the recognizer is quick
// and has nothing else to do. If it is not, or there is no word in that sound, look shows the
// words of the segments.
func (f *follower) look(ctx context.Context) {
	f.preview.next(previewInterval)
	if f.busy || f.failures > 0 || f.preview.cancel != nil {
		return
	}
	open, segments, wanted := f.preview.Open()
	defer open.Wipe()
	from, to := f.missing()
	switch {
	case !wanted:
		return
	case segments != len(f.segments):
		f.preview.next(previewSoon)
		return
	case to != len(f.segments): // some before it failed
		return
	}
	clips := append(slices.Clone(f.segments), open)
	said, length := f.said(), duration(clips[from:])
	var voice pcm.Voice
	for _, c := range clips[from:] {
		voice = append(voice, c.Voice...)
	}
	total := voice.Total()
	same := total == f.preview.voice
	switch {
	case !voice.Speaks(), !f.client.pool.quick(length):
		if words := text.Join(f.client.written(), said...); words != "" {
			f.preview.Show(words, true)
		}
		return
	case same && f.preview.repeated:
		return
	}
	gap := gapBefore(clips, from)
	before := f.before(from, gap)
	whole := join(clips[from:])
	ctx, f.preview.cancel = context.WithCancel(ctx)
	f.preview.due, f.preview.began, f.preview.repeated = nil, time.Now(), same
	go func() {
		defer whole.Wipe()
		words, err := f.client.preview(ctx, question{clip: whole, before: before})
		said = append(said, text.Segment{Text: words, Gap: gap})
		f.preview.done <- pass{text.Join(f.client.written(), said...), total, err} // Follow always receives it
	}()
}

// seen ends a request for provisional words, and shows its answer.
func (f *follower) seen(p pass) {
	v := &f.preview
	v.cancel()
	v.cancel = nil
	took := time.Since(v.began)
	switch {
	case p.err == nil:
		v.failures, v.voice = 0, p.voice
		if v.on && p.words != "" {
			v.Show(p.words, false)
		}
	case errors.Is(p.err, errNotNow), errors.Is(p.err, context.Canceled):
	case !MayPass(p.err):
		v.end()
	default:
		v.next(followPause(v.failures))
		v.failures++
		return
	}
	v.next(max(previewInterval-took, took)) // the recognizer rests as long as it worked
}

// said returns the texts of the segments that have an answer.
func (f *follower) said() []text.Segment {
	var said []text.Segment
	for _, p := range f.parts {
		said = append(said, p.Segment)
	}
	return said
}

// preview asks for the words of a clip, once, if no other request is in progress. It is
// cancelled when one begins. Its failure changes nothing for other requests.
func (c *Client) preview(ctx context.Context, q question) (string, error) {
	q.spoken, q.length = c.spoken, q.clip.Duration()
	ctx, cancel := context.WithTimeout(ctx, timeout(q.length))
	defer cancel()
	defer time.AfterFunc(previewLimit, cancel).Stop()
	said, from, err := c.pool.preview(ctx, cancel, q)
	if err != nil {
		return "", err
	}
	words, err := filter(text.Line(markup.Remove(said.text)), said, q, from.Config)
	if errors.Is(err, ErrNotSpeech) {
		return "", nil
	}
	return words, err
}
