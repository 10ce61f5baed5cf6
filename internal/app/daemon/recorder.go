package daemon

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/app/microphone"
	"github.com/arealicehole/vocoder/internal/app/recognition"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// A recorder implements dictate.Recorder. While it records, it also connects to the
// recognizer and opens the keyboard, so that neither delays the text.
type recorder struct{ daemon *daemon }

// Record implements dictate.Recorder.
func (r recorder) Record(ctx context.Context, binding int, stop <-chan struct{}) (dictate.Recording, error) {
	g := r.daemon.current()
	aside, end := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer end()
	wg.Go(func() { g.recognizer.Client().Connect(aside) })
	wg.Go(func() { _ = r.daemon.keyboard.Open() })                  // it is tried again when there is a text
	r.daemon.sounds.begin(ctx, func() { _ = g.mic.Prepare(aside) }) // one that has ended says so itself
	quiet := newSilenceTimer(g.cfg.Silence)
	wg.Go(func() { quiet.tell(aside, r.daemon.orders) })
	spoken := sync.OnceValue(func() language.Choice { return g.spoken(ctx, binding) })
	wg.Go(func() { spoken() })
	u := g.recognizer.Begin(spoken)
	clip, err := g.mic.RecordTo(ctx, stop, capture.Hooks{Heard: u.Hear, Frame: func(f capture.Frame) {
		quiet.hear(f)
		u.Frame(f)
	}})
	if err != nil {
		u.Drop()
	}
	clip.Spoken = spoken()
	r.daemon.sounds.end(err == nil)
	return &recording{r.daemon, u, clip}, err
}

// A recording implements dictate.Recording with the recognizer of the settings
// in use.
type recording struct {
	daemon    *daemon
	utterance *recognition.Utterance
	clip      pcm.Clip
}

func (r *recording) Duration() time.Duration { return r.clip.Duration() }

// Text implements dictate.Recording. It uses the live transcription if the
// settings are still those of the recording. With anyway it does not, because
// the recognizer may have refused a segment.
func (r *recording) Text(ctx context.Context, anyway bool) (string, error) {
	g := r.daemon.current()
	if anyway {
		r.utterance.Drop()
		return g.recognizer.TranscribeAnyway(ctx, r.clip)
	}
	if err := recognition.Gate(g.cfg.Config, r.daemon.log, r.clip); err != nil {
		r.utterance.Drop()
		return "", err
	}
	if r.utterance.Recognizer() != g.recognizer {
		r.utterance.Drop()
		return g.recognizer.Transcribe(ctx, r.clip)
	}
	return r.utterance.Transcribe(ctx, r.clip)
}

// Wipe implements dictate.Recording.
func (r *recording) Wipe() {
	r.utterance.Drop()
	r.clip.Wipe()
}

// microphone returns the microphone of the settings, which says on the board
// and in the journal how it is.
func (d *daemon) microphone(cfg config.Config) *capture.Recorder {
	conf := microphone.Config(d.env, cfg)
	conf.Log = d.log
	if d.live != nil {
		conf.Hooks.Level = d.live.Level
	}
	var ill microphoneProblem
	conf.Hooks.State = func(s capture.State) {
		what := ""
		if !s.Ready() {
			what = s.String()
		}
		d.board.lack(control.Microphone, what)
		d.board.lack(control.Sound, ill.state(s))
		d.readyIfWorking()
	}
	conf.Hooks.Problem = func(t capture.Trouble) {
		if t.Problem != 0 {
			d.log.Warn("microphone", "problem", t.Problem.String(), "source", t.Source)
		}
		d.board.lack(control.Sound, ill.trouble(t))
	}
	return capture.New(conf)
}

// An microphoneProblem is what is wrong with a microphone that is there: it is muted, or
// the recording under way suffers from something. It is shown until that is
// over or the next recording begins.
type microphoneProblem struct{ muted, problem string }

// state and trouble take what the microphone says, and return what to show.
func (a *microphoneProblem) state(s capture.State) string {
	if a.muted = ""; s.Ready() && s.Muted {
		a.muted = s.String()
	}
	return a.show()
}

func (a *microphoneProblem) trouble(t capture.Trouble) string {
	switch t.Problem {
	case 0:
		a.problem = ""
	case capture.Muted, capture.Unready: // the state says so
	default:
		a.problem = t.Problem.String()
	}
	return a.show()
}

func (a *microphoneProblem) show() string { return cmp.Or(a.muted, a.problem) }

// suspend closes the microphone while nobody is to be heard, so that neither
// pre-roll nor linger hears who passes a locked screen, and lets it stay open
// again afterwards.
func (d *daemon) suspend(ctx context.Context) {
	d.suspending.Lock()
	defer d.suspending.Unlock()
	_ = d.current().mic.Suspend(ctx, d.board.deaf()) // one that has ended is closed
}

// A silenceTimer tells the dictation when nobody has spoken in a recording for as long
// as the settings say. Whether that ends it is the dictation's business.
type silenceTimer struct {
	silence capture.Silence
	began   time.Time
	since   chan time.Time // the newest; has room for one
}

func newSilenceTimer(s config.Silence) *silenceTimer {
	return &silenceTimer{
		silence: capture.Silence{Start: s.Start, Stop: s.Stop, Amplitude: s.Amplitude},
		began:   time.Now(), since: make(chan time.Time, 1),
	}
}

// hear takes the next frame of the recording.
func (h *silenceTimer) hear(f capture.Frame) {
	if !h.silence.Hear(f) {
		return
	}
	since := time.Now().Add(-h.silence.Stop)
	if since.Before(h.began) {
		since = h.began // the silence may begin in the pre-roll
	}
	select {
	case h.since <- since:
	default: // it is being told
	}
}

// tell passes on, once, that it is quiet.
func (h *silenceTimer) tell(ctx context.Context, orders chan<- dictate.Event) {
	select {
	case since := <-h.since:
		select {
		case orders <- dictate.Quiet{Since: since}:
		case <-ctx.Done():
		}
	case <-ctx.Done():
	}
}
