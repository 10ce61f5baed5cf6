package whisper

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/text"
)

// minPart is how much sound is transcribed while the user still speaks, at least.
// From less, recognizers make little sense.
const minPart = 1500 * time.Millisecond

// minRatio is how many times longer a part is than a request for the shortest clip
// takes. When the user releases the key, Follow must wait for the request in
// progress, so there should rarely be one. Whisper takes as long for a second as for
// ten.
const minRatio = 5

// Follow transcribes an utterance while it is spoken. It receives segments of it,
// which end in pauses and follow each other without a gap. It transcribes those that
// it has in the background, one request at a time, with the words before them as
// context. When segments is closed it transcribes the rest. It returns the texts
// joined in order, like Transcribe, with the errors of Transcribe. If the recognizer
// is slower than speech, Follow asks it only at the end.
//
// Follow is always ready to receive a segment. The clips must not change until it
// returns. After an error the caller still has all sound and can call Transcribe.
func (c *Client) Follow(ctx context.Context, segments <-chan pcm.Clip) (string, error) {
	f := follower{client: c, done: make(chan part)}
	ctx, cancel := context.WithCancel(ctx)
	defer func() {
		cancel()
		if f.busy {
			<-f.done
		}
	}()
	for {
		select {
		case s, ok := <-segments:
			if !ok {
				return f.finish(ctx)
			}
			f.pending = append(f.pending, s)
		case p := <-f.done:
			f.take(p)
		case <-ctx.Done():
			return "", ctx.Err()
		}
		f.begin(ctx)
	}
}

// A part is some segments and their text.
type part struct {
	clips []pcm.Clip
	text.Segment
	err error
}

// A follower is the state of one Follow.
type follower struct {
	client  *Client
	pending []pcm.Clip // no request was made for it yet
	said    []text.Segment
	after   time.Duration // without a voice at the end of the last request; negative if unknown
	refused error         // the last part that was not speech

	done   chan part          // gets the result of the request in progress
	busy   bool               // a request is in progress
	cancel context.CancelFunc // of that request
}

// begin starts a request for what is pending if that is long enough and no request is
// in progress.
func (f *follower) begin(ctx context.Context) {
	length, pace := duration(f.pending), f.client.pool.pace()
	if f.busy || length < max(minPart, minRatio*pace.of(0)) || pace.slow(length) {
		return
	}
	clips := f.pending
	f.pending = nil
	f.busy = true
	ctx, f.cancel = context.WithCancel(ctx)
	once, gap := f.client.Once(), f.gap(clips)
	context := text.Context(f.said, gap)
	go func() {
		words, err := once.transcribe(ctx, clips, context)
		f.done <- part{clips, text.Segment{Text: words, Gap: gap}, err} // take or the end of Follow always receives it
	}()
}

// gap returns the silence between the last request and clips; negative if unknown.
func (f *follower) gap(clips []pcm.Clip) time.Duration {
	if f.after < 0 || clips[0].Voice == nil {
		return -1
	}
	return f.after + clips[0].Voice.Before()
}

// take ends the request in progress. It keeps the text, or adds the sound to what is
// pending again.
func (f *follower) take(p part) {
	f.cancel()
	f.busy = false
	if !f.keep(p) {
		f.pending = slices.Concat(p.clips, f.pending)
	}
}

// keep records the answer for a part. It reports whether there was one.
func (f *follower) keep(p part) bool {
	switch {
	case errors.Is(p.err, ErrNotSpeech):
		f.refused = p.err
	case p.err != nil:
		return false
	case p.Text != "":
		f.said = append(f.said, p.Segment)
	}
	f.after = -1
	if last := p.clips[len(p.clips)-1].Voice; last != nil {
		f.after = last.After()
	}
	return true
}

// finish waits for the request in progress and then asks for the rest. To cancel the
// request and ask for both together would gain nothing, because servers complete what
// they began. whisper.cpp 1.9.1 completes the encoder, which takes most of its time:
// the callback that checks for the client does not reach it (src/whisper.cpp,
// ggml_graph_compute_helper with a scheduler).
func (f *follower) finish(ctx context.Context) (string, error) {
	if f.isTail() {
		f.pending = nil
	}
	if f.busy {
		f.take(<-f.done)
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if len(f.pending) > 0 {
		gap := f.gap(f.pending)
		words, err := f.client.transcribe(ctx, f.pending, text.Context(f.said, gap))
		if !f.keep(part{f.pending, text.Segment{Text: words, Gap: gap}, err}) {
			return "", err
		}
	}
	words := text.Join(f.said...)
	if words == "" {
		return "", f.refused
	}
	return words, nil
}

// isTail reports whether what is pending comes after the last word: it is short, and
// none of its frames has a voice, not even a soft one. A request for it would take as
// long as a request for a word.
func (f *follower) isTail() bool {
	said := f.busy || len(f.said) > 0
	return said && duration(f.pending) < minPart &&
		!slices.ContainsFunc(f.pending, func(c pcm.Clip) bool { return c.Voice.Speaks() || c.Voice.Total() > 0 })
}

// transcribe asks for the text of clips that follow each other.
func (c *Client) transcribe(ctx context.Context, clips []pcm.Clip, before string) (string, error) {
	whole := clips[0]
	if len(clips) > 1 {
		whole = join(clips)
		defer whole.Wipe()
	}
	return c.ask(ctx, question{clip: whole, spoken: c.spoken, before: before})
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
