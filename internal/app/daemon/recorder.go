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
	d := r.daemon
	if d.desktop.Password() {
		return nil, dictate.Refusal(dictate.Password)
	}
	defer d.beginRecording()()
	p := d.current()
	meanwhile, end := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer end()
	wg.Go(func() { p.recognizer.Client().Connect(meanwhile) })
	wg.Go(func() { _ = d.keyboard.Open() })                      // it logs what is wrong, and opens again for the text
	d.sounds.begin(ctx, func() { _ = p.mic.Prepare(meanwhile) }) // a microphone that has ended fails in RecordTo
	silence := newSilenceTimer(p.cfg.Silence)
	var quiet sync.Once
	spoken := sync.OnceValue(func() language.Choice { return d.spoken(ctx, p.cfg.Config, binding) })
	wg.Go(func() { spoken() })
	u := p.recognizer.Begin(spoken, &recognition.Live{
		Wanted:   d.server.WordsWanted,
		Show:     func(stable, last string) { d.server.ShowWords(control.Partial{Stable: stable, Provisional: last}) },
		Released: stop,
	})
	clip, err := p.mic.RecordTo(ctx, stop, capture.Hooks{Samples: u.Hear, Frame: func(f capture.Frame) {
		if since, silent := silence.add(f); silent { // the dictation decides whether that ends the recording
			quiet.Do(func() { wg.Go(func() { _ = d.dictation.Send(meanwhile, dictate.Quiet{Since: since}) }) })
		}
		d.server.Peak(f.Peak)
		u.Frame(f)
	}})
	if err != nil {
		u.Drop()
	}
	clip.Spoken = spoken()
	d.sounds.end(err == nil)
	return &recording{d, u, clip}, err
}

// A recording implements dictate.Recording. It uses the recognizer of the current
// settings.
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
	p := r.daemon.current()
	if anyway {
		r.utterance.Drop()
		return p.recognizer.TranscribeAnyway(ctx, r.clip)
	}
	if err := recognition.Gate(p.cfg.Config, r.daemon.log, r.clip); err != nil {
		r.utterance.Drop()
		return "", err
	}
	if r.utterance.Recognizer() != p.recognizer {
		r.utterance.Drop()
		return p.recognizer.Transcribe(ctx, r.clip)
	}
	return r.utterance.Transcribe(ctx, r.clip)
}

// Wipe implements dictate.Recording.
func (r *recording) Wipe() {
	r.utterance.Drop()
	r.clip.Wipe()
}

// newMicrophone returns the microphone of the settings. It reports what is wrong with it.
func (d *daemon) newMicrophone(cfg config.Config) micRecorder {
	conf := microphone.Config(d.Env, cfg)
	conf.Log = d.log
	conf.Hooks.Frame = d.output.Level
	var sound soundProblem
	conf.Hooks.State = func(s capture.State) {
		missing := ""
		if !s.Ready() {
			missing = s.String()
		}
		d.status.setProblem(control.Microphone, missing, "")
		d.status.setProblem(control.Sound, sound.setState(s), "")
		d.readyIfWorking()
	}
	conf.Hooks.Problem = func(t capture.Trouble) {
		if t.Problem != 0 {
			d.log.Warn("microphone", "problem", t.Problem.String(), "source", t.Source)
		}
		d.status.setProblem(control.Sound, sound.setTrouble(t), "")
	}
	return d.edges.mic(conf)
}

// A soundProblem is what is wrong with the sound of a connected microphone: it is muted, or
// the recording has a problem, such as clipping.
type soundProblem struct{ muted, recording string }

// setState and setTrouble record what capture reports, and return the problem. It is empty
// if there is none.
func (p *soundProblem) setState(s capture.State) string {
	if p.muted = ""; s.Ready() && s.Muted {
		p.muted = s.String()
	}
	return cmp.Or(p.muted, p.recording)
}

func (p *soundProblem) setTrouble(t capture.Trouble) string {
	switch t.Problem {
	case 0:
		p.recording = ""
	case capture.Muted, capture.Unready: // setState gets these
	default:
		p.recording = t.Problem.String()
	}
	return cmp.Or(p.muted, p.recording)
}

// suspend closes the microphone while the daemon ignores the key, and allows it again
// afterwards. Without that, pre-roll or linger would record at a locked screen.
func (d *daemon) suspend(ctx context.Context) {
	d.suspendMu.Lock()
	defer d.suspendMu.Unlock()
	_ = d.current().mic.Suspend(ctx, d.status.now().Pause != "") // a microphone that has ended is closed
}

// A silenceTimer finds the moment at which the user stopped speaking, after as much silence
// as the settings say.
type silenceTimer struct {
	silence capture.Silence
	began   time.Time // when the recording began
}

func newSilenceTimer(s config.Silence) *silenceTimer {
	return &silenceTimer{capture.Silence{Start: s.Start, Stop: s.Stop, Amplitude: s.Amplitude}, time.Now()}
}

// add adds the next frame of the recording. It returns the moment once it is known.
func (t *silenceTimer) add(f capture.Frame) (since time.Time, silent bool) {
	if !t.silence.Add(f) {
		return since, false
	}
	since = time.Now().Add(-t.silence.Stop)
	if since.Before(t.began) {
		since = t.began // the silence may begin in the pre-roll
	}
	return since, true
}
