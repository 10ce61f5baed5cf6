package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/whisper"
)

// Follows are the utterances that are transcribed while they are spoken. Each
// begins with its recording, is known by its clip once that is whole, and is
// claimed when dictate has the clip transcribed. One that is thrown away in
// between is never claimed, and dropped after a moment.
//
//	record ──stretch──stretch──▶ keep ──▶ claim ──rest──▶ finish
//	   └────────────── drop ◀──────┘
//
// A clip can be claimed once: whoever asks again wants to have all of it heard
// again. The zero follows follow nothing. They are safe for concurrent use.
type follows struct {
	on   bool
	gain func(pcm.Clip) // what becomes of a recording before it is a clip

	mu     sync.Mutex
	closed bool
	all    map[*following]*int16 // and the first sample of its clip while that can be claimed
	wg     sync.WaitGroup
}

// unclaimed is how long a clip may take from the microphone to the recogniser:
// dictate does nothing in between.
const unclaimed = 5 * time.Second

// A following is one of these utterances.
type following struct {
	gain      func(pcm.Clip)
	stretches chan pcm.Clip      // has room for many
	answer    chan answer        // has room for one
	cancel    context.CancelFunc // ends it
	timer     *time.Timer        // drops it if nobody claims it

	mu     sync.Mutex
	over   bool // takes no more
	done   <-chan struct{}
	heard  []int16   // since the last stretch
	voice  pcm.Voice // of the whole frames of that
	frames int       // of the recording that were given
	given  []pcm.Clip
}

type answer struct {
	text string
	err  error
}

// begin follows an utterance that is about to be recorded. It returns nil, which
// hears nothing, if that is not wanted.
// client is called once, when the first stretch is to be sent or later.
func (f *follows) begin(client func() *whisper.Client) *following {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.on || f.closed {
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background()) // it outlives the recording
	one := &following{gain: f.gain, stretches: make(chan pcm.Clip, 64), answer: make(chan answer, 1), cancel: cancel, done: ctx.Done()}
	if f.all == nil {
		f.all = make(map[*following]*int16)
	}
	f.all[one] = nil
	f.wg.Go(func() {
		defer cancel()
		text, err := client().Follow(ctx, one.stretches)
		cancel()
		one.wipe()
		one.answer <- answer{text, err}
	})
	return one
}

// keep has the utterance wait to be claimed with its clip.
func (f *follows) keep(one *following, c pcm.Clip) {
	if one == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.all[one]; !ok || len(c.Samples) == 0 {
		f.remove(one)
		return
	}
	f.all[one] = &c.Samples[0]
	one.timer = time.AfterFunc(unclaimed, func() { f.drop(one) })
}

// claim returns the utterance of a clip, once, or nil. The caller drops it when
// it has its words.
func (f *follows) claim(c pcm.Clip) *following {
	if len(c.Samples) == 0 {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for one, first := range f.all {
		if first == &c.Samples[0] {
			one.timer.Stop()
			f.all[one] = nil
			return one
		}
	}
	return nil
}

// drop ends the following of an utterance.
func (f *follows) drop(one *following) {
	if one == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.remove(one)
}

func (f *follows) remove(one *following) {
	one.cancel()
	if one.timer != nil {
		one.timer.Stop()
	}
	delete(f.all, one)
}

// close ends all of it and waits for that. Whoever claimed an utterance gets
// context.Canceled for its words.
func (f *follows) close() {
	f.mu.Lock()
	f.closed = true
	for one := range f.all {
		f.remove(one)
	}
	f.mu.Unlock()
	f.wg.Wait()
}

// hear implements capture.Hooks.Heard.
func (one *following) hear(s []int16) {
	if one == nil {
		return
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.over {
		return
	}
	if n := len(one.heard) + len(s); n > cap(one.heard) { // append would leave copies behind
		old := one.heard
		one.heard = append(make([]int16, 0, max(2*n, 4*pcm.Rate)), old...)
		clear(old)
	}
	one.heard = append(one.heard, s...)
}

// frame implements capture.Hooks.Frame: what was said until the best gap is a
// stretch, when there is one.
func (one *following) frame(f capture.Frame) {
	if one == nil {
		return
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.over {
		return
	}
	one.voice = append(one.voice, f.Voice)
	frames, ok := cut(one.voice)
	if !ok {
		return
	}
	n := frames * vad.Window
	s := pcm.Clip{Rate: pcm.Rate, Samples: slices.Clone(one.heard[:n]), Voice: slices.Clone(one.voice[:frames])}
	left := copy(one.heard, one.heard[n:])
	clear(one.heard[left:])
	one.heard = one.heard[:left]
	one.voice = slices.Delete(one.voice, 0, frames)
	one.frames += frames
	one.gain(s)
	one.given = append(one.given, s)
	one.give(s)
}

// give passes a stretch on, for which somebody always waits until all is over.
func (one *following) give(s pcm.Clip) {
	select {
	case one.stretches <- s:
	case <-one.done:
	}
}

// finish gives the rest of the clip and returns the words of all of it. If ctx
// is done first, it returns the error of ctx. The clip is not used afterwards.
func (one *following) finish(ctx context.Context, c pcm.Clip) (string, error) {
	one.rest(c)
	select {
	case a := <-one.answer:
		return a.text, a.err
	case <-ctx.Done():
		one.cancel()
		<-one.answer
		return "", ctx.Err()
	}
}

// rest gives what of the clip was not given yet. If the clip is shorter than
// what was heard of it, there is none.
func (one *following) rest(c pcm.Clip) {
	one.mu.Lock()
	defer one.mu.Unlock()
	one.over = true
	if at := one.frames * vad.Window; at < len(c.Samples) {
		one.give(pcm.Clip{Rate: c.Rate, Samples: c.Samples[at:], Voice: c.Voice[min(one.frames, len(c.Voice)):]})
	}
	close(one.stretches)
}

// wipe overwrites the sound that was kept, once Follow has ended.
func (one *following) wipe() {
	one.mu.Lock()
	defer one.mu.Unlock()
	one.over = true
	clear(one.heard)
	for _, s := range one.given {
		s.Wipe()
	}
	one.heard, one.voice, one.given = nil, nil, nil
}
