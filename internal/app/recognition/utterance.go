package recognition

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/whisper"
)

// An Utterance is one recording that the recognizer transcribes while the user
// speaks. At each good pause the sound since the last one is sent as a segment.
// The rest is sent when the recording has ended:
//
//	Begin ──Hear, Frame──▶ segment, segment ──Transcribe──▶ rest ──▶ text
//	  └───────────────────────── Drop ◀───────────┘
//
// It must end with Transcribe or Drop. Both belong to one goroutine.
type Utterance struct {
	recognizer *Recognizer
	segments   chan pcm.Clip      // has room for many
	answer     chan answer        // has room for one; if nil, Transcribe sends the whole recording
	cancel     context.CancelFunc // ends the live transcription

	mu     sync.Mutex
	over   bool            // no more sound is accepted
	done   <-chan struct{} // closed when segments is not read any more
	heard  []int16         // the sound since the last segment
	voice  pcm.Voice       // of its whole frames
	frames int             // how many frames were sent
	sent   int             // in how many segments
}

type answer struct {
	text string
	err  error
}

// Begin returns the utterance for a recording that begins now. It has no live transcription
// if the settings do not ask for it, or if the Recognizer is closed. Begin calls spoken once,
// at the first segment or later. Unless live is nil, the live transcription shows the words.
func (r *Recognizer) Begin(spoken func() language.Choice, live *Live) *Utterance {
	u := &Utterance{recognizer: r, over: true, cancel: func() {}}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.background || r.isClosed() {
		return u
	}
	ctx, cancel := context.WithCancel(context.Background()) // it outlives the recording
	u.over, u.cancel, u.done = false, cancel, ctx.Done()
	u.segments, u.answer = make(chan pcm.Clip, 64), make(chan answer, 1)
	result := u.answer
	r.live.Go(func() {
		defer cancel()
		language := spoken()
		text, err := r.client.In(language).Follow(ctx, u.segments, u.live(live, language))
		cancel()
		u.wipe()
		result <- answer{text, err}
	})
	r.live.Go(func() {
		select {
		case <-r.closed:
			cancel()
		case <-ctx.Done():
		}
	})
	return u
}

// Recognizer returns the recognizer that Begin was called on.
func (u *Utterance) Recognizer() *Recognizer { return u.recognizer }

// Drop ends the live transcription, if there is one. After that Transcribe sends the whole
// recording.
func (u *Utterance) Drop() {
	u.cancel()
	u.answer = nil
}

// Transcribe returns the text of the whole recording, as Recognizer.Transcribe does. It
// sends the rest that was not sent yet. If that fails, and in later calls, it sends the
// whole recording.
func (u *Utterance) Transcribe(ctx context.Context, c pcm.Clip) (string, error) {
	if u.answer == nil || u.recognizer.isClosed() {
		return u.recognizer.Transcribe(ctx, c)
	}
	text, err := u.recognize(ctx, c)
	return u.recognizer.finish(ctx, c.Spoken, text, err)
}

// recognize returns the recognizer's words for the segments and the rest.
func (u *Utterance) recognize(ctx context.Context, c pcm.Clip) (string, error) {
	defer u.Drop()
	client := u.recognizer.client.In(c.Spoken)
	limited, cancel := context.WithTimeout(ctx, whisper.Timeout(c))
	defer cancel()
	text, err := u.finish(limited, c)
	switch {
	case err == nil || errors.Is(err, whisper.ErrNotSpeech) || errors.Is(err, whisper.ErrIncomplete) || isPartly(err) || ctx.Err() != nil:
		return text, err
	case limited.Err() != nil:
		return "", late(client, whisper.Timeout(c))
	}
	u.recognizer.log.Debug("asking for the whole utterance", "audio", c.Duration().Round(time.Millisecond))
	if whisper.MayPass(err) { // finish has asked for the rest again and again
		client = client.Once()
	}
	text, again := client.Transcribe(limited, c)
	if errors.Is(again, context.DeadlineExceeded) {
		return "", err
	}
	return text, again
}

// maxHeard is how much sound without a pause an Utterance keeps, in samples: five minutes.
// It is a second copy of the recording, and has no pause if there is no voice at all.
const maxHeard = 300 * pcm.Rate

// Hear implements capture.Hooks.Samples.
func (u *Utterance) Hear(s []int16) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.over {
		return
	}
	if len(u.heard) > maxHeard {
		u.over = true
		u.cancel() // then Transcribe sends the whole recording
		return
	}
	if n := len(u.heard) + len(s); n > cap(u.heard) { // append would leave copies behind
		old := u.heard
		u.heard = append(make([]int16, 0, max(2*n, 4*pcm.Rate)), old...)
		clear(old)
	}
	u.heard = append(u.heard, s...)
}

// Frame implements capture.Hooks.Frame. It sends a segment if the sound since
// the last one is long enough and has a good pause.
func (u *Utterance) Frame(f capture.Frame) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.over {
		return
	}
	u.voice = append(u.voice, f.Voice)
	frames, ok := cut(u.voice)
	if !ok {
		return
	}
	n := frames * vad.Window
	s := pcm.Clip{Rate: pcm.Rate, Samples: slices.Clone(u.heard[:n]), Voice: slices.Clone(u.voice[:frames])}
	left := copy(u.heard, u.heard[n:])
	clear(u.heard[left:])
	u.heard = u.heard[:left]
	u.voice = slices.Delete(u.voice, 0, frames)
	u.frames += frames
	u.recognizer.gain(s)
	u.send(s)
}

// send passes a segment to the recognizer.
func (u *Utterance) send(s pcm.Clip) {
	select {
	case u.segments <- s:
		u.sent++
	case <-u.done:
	}
}

// finish sends the rest of the clip and returns the words of the whole. If ctx is done
// first, it returns the error of ctx. It does not use the clip after it returns.
func (u *Utterance) finish(ctx context.Context, c pcm.Clip) (string, error) {
	u.sendRest(c)
	select {
	case a := <-u.answer:
		return a.text, a.err
	case <-ctx.Done():
		u.cancel()
		<-u.answer
		return "", ctx.Err()
	}
}

// sendRest sends the part of the clip that was not sent yet, if there is one.
func (u *Utterance) sendRest(c pcm.Clip) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if at := u.frames * vad.Window; at < len(c.Samples) && !u.over {
		u.send(pcm.Clip{Rate: c.Rate, Samples: slices.Clone(c.Samples[at:]), Voice: slices.Clone(c.Voice[min(u.frames, len(c.Voice)):])})
	}
	u.over = true
	close(u.segments)
}

// wipe overwrites the sound that the utterance holds. The caller makes sure that the client
// does not use it any more.
func (u *Utterance) wipe() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.over = true
	clear(u.heard)
	u.heard, u.voice = nil, nil
	for {
		select {
		case s, ok := <-u.segments: // it has room for segments that nothing received
			if !ok {
				return
			}
			s.Wipe()
		default:
			return
		}
	}
}
