package recognition

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/test/recognizer"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/whisper"
)

// newRecognizer returns the recognizer of settings that name a server.
func newRecognizer(t *testing.T, s *recognizer.Server, report func(control.Part, error), change func(*config.Config)) *Recognizer {
	t.Helper()
	cfg := settings.Default()
	cfg.Whisper[0].URL, cfg.Audio.Gate = s.Start(t)+"/v1/transcribe", false
	if change != nil {
		change(&cfg.Config)
	}
	r, err := New(cfg, Options{Env: noEnv, Log: slog.New(slog.DiscardHandler), Report: report})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// noEnv has no variables.
var noEnv = environ.Env{Lookup: func(string) (string, bool) { return "", false }}

// say adds a word of 9.6 s to an utterance, or a pause of 192 ms if word is zero. It returns
// the clip with it.
func say(u *Utterance, c pcm.Clip, word int16) pcm.Clip {
	frames, f := 300, capture.Frame{Voice: 1}
	if word == 0 {
		frames, f = 6, capture.Frame{}
	}
	for range frames {
		piece := slices.Repeat([]int16{word}, vad.Window)
		c.Samples, c.Voice = append(c.Samples, piece...), append(c.Voice, f.Voice)
		u.Hear(piece)
		u.Frame(f)
	}
	return c
}

// utter says words with a pause after each but the last. With live transcription
// it waits in each pause until the server was asked for the words before.
func utter(r *Recognizer, s *recognizer.Server, n int) (*Utterance, pcm.Clip) {
	u := r.Begin(anyLanguage, nil)
	clip := pcm.Clip{Rate: pcm.Rate}
	for i := range n {
		clip = say(u, clip, int16(1001+i))
		if i < n-1 {
			clip = say(u, clip, 0)
			if u.answer != nil && s.Wait == nil {
				<-s.Asked
			}
		}
	}
	return u, clip
}

const three = "word1 word2 word3"

// While the user speaks, the recognizer gets the sound up to each pause, and at the end the
// rest. Another attempt sends the whole recording.
func TestLiveTranscription(t *testing.T) {
	s := &recognizer.Server{}
	r := newRecognizer(t, s, nil, nil)
	u, clip := utter(r, s, 3)
	if n := len(s.Requests()); n != 2 {
		t.Errorf("%d requests before the end, want 2", n)
	}
	text, err := u.Transcribe(t.Context(), clip)
	if err != nil || text != three {
		t.Errorf("%q, %v", text, err)
	}
	got := s.Requests() // a slow answer may have the last two asked for in one
	if len(got) != 3 || got[2] != "word3" && got[2] != "word2 word3" {
		t.Errorf("asked %q", got)
	}
	if text, err := u.Transcribe(t.Context(), clip); err != nil || text != three {
		t.Errorf("again: %q, %v", text, err)
	}
	if got = s.Requests(); len(got) != 4 || got[3] != three {
		t.Errorf("asked %q", got)
	}
	r.live.Wait() // it has ended
}

func TestNoLiveTranscription(t *testing.T) {
	s := &recognizer.Server{}
	r := newRecognizer(t, s, nil, func(c *config.Config) { c.Background = false })
	u, clip := utter(r, s, 3)
	text, err := u.Transcribe(t.Context(), clip)
	if got := s.Requests(); err != nil || text != three || len(got) != 1 {
		t.Errorf("%q, %v, asked %q", text, err, got)
	}
}

// If the recognizer refuses segments, it gets the whole recording.
func TestLiveTranscriptionFails(t *testing.T) {
	all := 0
	s := &recognizer.Server{Fails: func(words string) bool {
		if words == three {
			all++ // the first time it is the rest
		}
		return all < 2
	}}
	r := newRecognizer(t, s, nil, nil)
	u := r.Begin(anyLanguage, nil)
	clip := pcm.Clip{Rate: pcm.Rate}
	for i := range 3 {
		clip = say(u, clip, int16(1001+i))
		clip = say(u, clip, 0)
	}
	if text, err := u.Transcribe(t.Context(), clip); err != nil || text != three {
		t.Errorf("%q, %v, asked %q", text, err, s.Requests())
	}
}

// A live transcription can be cancelled at any moment. After that the recognizer
// gets no more requests.
func TestLiveTranscriptionCancelled(t *testing.T) {
	s := &recognizer.Server{Wait: make(chan struct{})}
	r := newRecognizer(t, s, nil, nil)
	u, _ := utter(r, s, 2)
	<-s.Asked
	u.Drop() // while it is recorded

	u, clip := utter(r, s, 2)
	<-s.Asked
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if text, err := u.Transcribe(ctx, clip); text != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("%q, %v", text, err)
	}
	u.mu.Lock()
	if !u.over || u.heard != nil {
		t.Error("it still holds sound")
	}
	u.mu.Unlock()
	r.Close() // waits for all of it
	if r.Begin(anyLanguage, nil).answer != nil {
		t.Error("a new one begins")
	}
	close(s.Wait)
	if got := s.Requests(); len(got) != 2 {
		t.Errorf("asked %q", got)
	}
}

// New settings during an utterance lose none of it.
func TestLiveTranscriptionReloaded(t *testing.T) {
	s := &recognizer.Server{}
	r := newRecognizer(t, s, nil, nil)
	u, clip := utter(r, s, 3)
	r.Close()
	if text, err := u.Transcribe(t.Context(), clip); err != nil || text != three {
		t.Errorf("%q, %v", text, err)
	}
}

// When the recognizer is too late, the status says how long the daemon has waited and what
// the user can do.
func TestLiveTranscriptionTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reported error
		r, err := New(settings.Default(), Options{Env: noEnv, Log: slog.New(slog.DiscardHandler), Report: func(_ control.Part, err error) { reported = err }})
		if err != nil {
			t.Fatal(err)
		}
		clip := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate)}
		u := &Utterance{recognizer: r, segments: make(chan pcm.Clip, 64), answer: make(chan answer, 1)}
		result := u.answer
		u.cancel = func() { // its recognizer hangs until then; drop cancels once more
			select {
			case result <- answer{err: context.Canceled}:
			default:
			}
		}
		begin := time.Now()
		_, err = u.Transcribe(t.Context(), clip)
		if took := time.Since(begin); err == nil || took != whisper.Timeout(clip) {
			t.Errorf("%v after %v", err, took)
		}
		shown := reported.Error() + hint.Advice(reported)
		for _, want := range []string{"no answer within 1m4s, it may be busy or slow", "`vocoderctl retry`"} {
			if !strings.Contains(shown, want) {
				t.Errorf("the status shows %q, want %q", shown, want)
			}
		}
		if strings.Contains(shown, "it said") || strings.Contains(shown, "context") {
			t.Errorf("the status shows %q", shown)
		}
		r.Close()
	})
}

// If no server listens, the error is reported at once, while the client tries again, and
// not as its words.
func TestToldAtOnce(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String() + "/v1/transcribe"
	_ = l.Close() // no server listens now
	ctx, cancel := context.WithCancel(t.Context())
	var reported []string
	r := newRecognizer(t, &recognizer.Server{}, func(part control.Part, err error) {
		reported = append(reported, err.Error()+hint.Advice(err))
		cancel()
	}, func(c *config.Config) { c.Whisper[0].URL = url })
	_, err = r.Transcribe(ctx, pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate)})
	if !errors.Is(err, context.Canceled) || len(reported) != 1 || !strings.Contains(reported[0], "nothing listens there") || strings.Contains(reported[0], "it said") {
		t.Errorf("%v, reported %q", err, reported)
	}
}

// F-34: a text that the recognizer made up is refused, and is not reported as a problem. It
// comes with the refusal.
func TestMadeUp(t *testing.T) {
	reported := errors.New("no report")
	r := newRecognizer(t, &recognizer.Server{Says: "Untertitel von Amara.org"}, func(_ control.Part, err error) { reported = err }, nil)
	text, err := r.Transcribe(t.Context(), voiceless())
	if text != "Untertitel von Amara.org" || !errors.Is(err, dictate.Refusal(dictate.NotSpeech)) || reported != nil {
		t.Errorf("%q, %v, reported %v", text, err, reported)
	}
}

// TestLeftOut: words without a part that was made up are typed. The dictation gets the part,
// with the reason. The recognizer works.
func TestLeftOut(t *testing.T) {
	reported := map[control.Part]error{}
	r := newRecognizer(t, &recognizer.Server{}, func(p control.Part, err error) { reported[p] = err }, nil)
	made := &whisper.LeftOut{Words: "Thanks.", Why: whisper.ErrNotSpeech}
	for _, err := range []error{made, errors.Join(whisper.ErrIncomplete, made)} {
		text, got := r.finish(t.Context(), anyLanguage(), "Some words.", err)
		if want := (dictate.Partly{Left: "Thanks.", Why: "not speech"}); text != "Some words." || got != want {
			t.Errorf("%v: %q, %v", err, text, got)
		}
		if reported[control.Recognizer] != nil || (reported[control.Words] != nil) != errors.Is(err, whisper.ErrIncomplete) {
			t.Errorf("%v: reported %v", err, reported)
		}
	}
}

// The text comes from the user's words, rules and command, in this order. A command that
// fails leaves the text as it was, and is reported.
func TestWrite(t *testing.T) {
	for _, tt := range []struct {
		name    string
		command []string
		want    string
		err     error
		report  bool
	}{
		{"none", nil, "first, WORD2", nil, false},
		{"command", []string{"tr", "a-z", "A-Z"}, "FIRST, WORD2", nil, false},
		{"fails", []string{"false"}, "first, WORD2", nil, true},
		{"not there", []string{"/nonexistent"}, "first, WORD2", nil, true},
		{"takes it", []string{"sh", "-c", "exit 77"}, "", dictate.Refusal(dictate.Taken), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &recognizer.Server{}
			var reported error
			report := func(part control.Part, err error) {
				if part == "command" {
					reported = err
				}
			}
			r := newRecognizer(t, s, report, func(c *config.Config) {
				c.Text.Vocabulary = writeFile(t, "word1 => first,\nword2 => comma, WORD2\n")
				c.Text.Punctuation, c.Text.Command = "on", tt.command
			})
			u, clip := utter(r, s, 2)
			u.Drop()
			text, err := r.Transcribe(t.Context(), clip)
			if text != tt.want || !errors.Is(err, tt.err) || (reported != nil) != tt.report {
				t.Errorf("%q, %v, reported %v, want %q, %v", text, err, reported, tt.want, tt.err)
			}
		})
	}
}

// voiceless is a second without speech.
func voiceless() pcm.Clip {
	c := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate)}
	c.Voice = vad.Detect(c)
	return c
}

func anyLanguage() language.Choice { return language.Choice{} }

// TestDropWipes: the sound of an utterance that is dropped, and of what was sent of it,
// is wiped.
func TestDropWipes(t *testing.T) {
	s := &recognizer.Server{Wait: make(chan struct{})} // it never answers
	r := newRecognizer(t, s, nil, nil)
	u, _ := utter(r, s, 2)
	<-s.Asked
	sent := slices.Repeat([]int16{1}, pcm.Rate)
	u.mu.Lock()
	sounds := [][]int16{u.heard, sent}
	u.mu.Unlock()
	u.segments <- pcm.Clip{Rate: pcm.Rate, Samples: sent}
	u.Drop()
	r.live.Wait()
	for i, sound := range sounds {
		if len(sound) == 0 || slices.ContainsFunc(sound, func(v int16) bool { return v != 0 }) {
			t.Errorf("sound %d of %d samples is still there", i, len(sound))
		}
	}
}

// TestIncompleteReported: words that are far too few for the voice are typed and reported
// as a problem of the text. No words at all are an error, so that the sound is kept. The
// next text ends the problem.
func TestIncompleteReported(t *testing.T) {
	clip := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, 40*pcm.Rate), Voice: slices.Repeat(pcm.Voice{1}, 1250)}
	short := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate), Voice: slices.Repeat(pcm.Voice{1}, 31)}
	for says, want := range map[string]string{"Hm, well.": "Hm, well.", " ": ""} {
		problems := map[control.Part]error{}
		r := newRecognizer(t, &recognizer.Server{Says: says}, func(part control.Part, err error) { problems[part] = err }, nil)
		text, err := r.Transcribe(t.Context(), clip)
		if text != want || (err == nil) != (want != "") || !errors.Is(problems[control.Words], whisper.ErrIncomplete) {
			t.Errorf("%q, %v, reported %v", text, err, problems)
		}
		if _, err := r.Transcribe(t.Context(), short); err != nil || problems[control.Words] != nil || problems[control.Recognizer] != nil {
			t.Errorf("%v, still reported %v", err, problems)
		}
	}
}
