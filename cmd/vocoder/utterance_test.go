package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/environ"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/whisper"
)

// A server hears word n in sound of the level 1000+n.
type server struct {
	mu    sync.Mutex
	asked []string          // what was in each request
	fail  func(string) bool // whether it fails at one
	says  string            // instead of what it heard, if not empty
	wait  chan struct{}     // not nil: answers when it is closed
	whole chan string       // has room; gets each request
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, _, err := r.FormFile("file")
	if err != nil { // a probe
		http.Error(w, "send a file", http.StatusBadRequest)
		return
	}
	c, err := pcm.ReadWAV(f)
	if err != nil {
		http.Error(w, "no sound", http.StatusBadRequest)
		return
	}
	var said []string
	for i, v := range c.Samples {
		if v > 1000 && (i == 0 || v != c.Samples[i-1]) {
			said = append(said, fmt.Sprintf("word%d", v-1000))
		}
	}
	words := strings.Join(said, " ")
	s.mu.Lock()
	s.asked = append(s.asked, words)
	fails := s.fail != nil && s.fail(words)
	s.mu.Unlock()
	s.whole <- words
	if s.wait != nil {
		select {
		case <-s.wait:
		case <-r.Context().Done():
		}
	}
	if fails {
		http.Error(w, "Oops", http.StatusTeapot)
		return
	}
	if s.says != "" {
		words = s.says
	}
	_, _ = fmt.Fprintf(w, `{"text": %q}`, words)
}

func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// brainOf returns the brain of settings with the server as recogniser.
func brainOf(t *testing.T, s *server, set func(*config.Config)) *brain {
	t.Helper()
	s.whole = make(chan string, 1000)
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	cfg := settings.Default()
	cfg.Whisper[0].URL, cfg.Audio.Gate = web.URL+"/v1/transcribe", false
	if set != nil {
		set(&cfg.Config)
	}
	a := &app{Env: environ.Env{Lookup: func(string) (string, bool) { return "", false }}}
	b, err := a.newBrain(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.close)
	return b
}

// say has a word heard that lasts 9.6 s, or a pause of 192 ms if it is zero, and
// returns the clip with it.
func say(u *utterance, c pcm.Clip, word int16) pcm.Clip {
	frames, f := 300, capture.Frame{Voice: 1}
	if word == 0 {
		frames, f = 6, capture.Frame{}
	}
	for range frames {
		piece := slices.Repeat([]int16{word}, vad.Window)
		c.Samples, c.Voice = append(c.Samples, piece...), append(c.Voice, f.Voice)
		u.hear(piece)
		u.frame(f)
	}
	return c
}

// utter says words with a pause after each but the last. With live transcription
// it waits in each pause until the server was asked for the words before.
func utter(b *brain, s *server, n int) (*utterance, pcm.Clip) {
	u := b.begin(anyLanguage)
	clip := pcm.Clip{Rate: pcm.Rate}
	for i := range n {
		clip = say(u, clip, int16(1001+i))
		if i < n-1 {
			clip = say(u, clip, 0)
			if u.answer != nil && s.wait == nil {
				<-s.whole
			}
		}
	}
	return u, clip
}

const three = "word1 word2 word3"

// The recognizer is asked for what was said until a pause while the user speaks,
// and for the rest at the end. If it is asked again, it is asked for the whole.
func TestLiveTranscription(t *testing.T) {
	s := &server{}
	b := brainOf(t, s, nil)
	u, clip := utter(b, s, 3)
	if n := len(s.requests()); n != 2 {
		t.Errorf("%d requests before the end, want 2", n)
	}
	text, err := u.transcribe(t.Context(), clip)
	if err != nil || text != three {
		t.Errorf("%q, %v", text, err)
	}
	got := s.requests() // a slow answer may have the last two asked for in one
	if len(got) != 3 || got[2] != "word3" && got[2] != "word2 word3" {
		t.Errorf("asked %q", got)
	}
	if text, err := u.transcribe(t.Context(), clip); err != nil || text != three {
		t.Errorf("again: %q, %v", text, err)
	}
	if got = s.requests(); len(got) != 4 || got[3] != three {
		t.Errorf("asked %q", got)
	}
	b.live.Wait() // it has ended
}

func TestNoLiveTranscription(t *testing.T) {
	s := &server{}
	b := brainOf(t, s, func(c *config.Config) { c.Background = false })
	u, clip := utter(b, s, 3)
	text, err := u.transcribe(t.Context(), clip)
	if got := s.requests(); err != nil || text != three || len(got) != 1 {
		t.Errorf("%q, %v, asked %q", text, err, got)
	}
}

// If the recognizer refuses segments, it is asked for the whole.
func TestLiveTranscriptionFails(t *testing.T) {
	all := 0
	s := &server{fail: func(words string) bool {
		if words == three {
			all++ // the first time it is the rest
		}
		return all < 2
	}}
	b := brainOf(t, s, nil)
	u := b.begin(anyLanguage)
	clip := pcm.Clip{Rate: pcm.Rate}
	for i := range 3 {
		clip = say(u, clip, int16(1001+i))
		clip = say(u, clip, 0)
	}
	if text, err := u.transcribe(t.Context(), clip); err != nil || text != three {
		t.Errorf("%q, %v, asked %q", text, err, s.requests())
	}
}

// A live transcription can be cancelled at any moment. After that the recognizer
// gets no more requests.
func TestLiveTranscriptionCancelled(t *testing.T) {
	s := &server{wait: make(chan struct{})}
	b := brainOf(t, s, nil)
	u, _ := utter(b, s, 2)
	<-s.whole
	u.drop() // while it is recorded

	u, clip := utter(b, s, 2)
	<-s.whole
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if text, err := u.transcribe(ctx, clip); text != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("%q, %v", text, err)
	}
	u.mu.Lock()
	if u.sent != nil {
		t.Error("it may still read the clip, which is wiped now")
	}
	u.mu.Unlock()
	b.close() // waits for all of it
	if b.begin(anyLanguage).answer != nil {
		t.Error("a new one begins")
	}
	close(s.wait)
	if got := s.requests(); len(got) != 2 {
		t.Errorf("asked %q", got)
	}
}

// New settings in the middle of an utterance cost none of it.
func TestLiveTranscriptionReloaded(t *testing.T) {
	s := &server{}
	b := brainOf(t, s, nil)
	u, clip := utter(b, s, 3)
	b.close()
	if text, err := u.transcribe(t.Context(), clip); err != nil || text != three {
		t.Errorf("%q, %v", text, err)
	}
}

// A recording made before new settings is sent whole to the recognizer of the
// new ones.
func TestRecordingReloaded(t *testing.T) {
	before, after := &server{}, &server{}
	b := brainOf(t, before, nil)
	u, clip := utter(b, before, 2)
	d := &daemon{log: slog.New(slog.DiscardHandler)}
	d.now = &generation{daemon: d, brain: brainOf(t, after, nil)}
	r := &recording{d, u, clip}
	defer r.Wipe()
	if text, err := r.Text(t.Context(), false); err != nil || text != "word1 word2" {
		t.Errorf("%q, %v", text, err)
	}
	if old, now := before.requests(), after.requests(); len(old) != 1 || len(now) != 1 {
		t.Errorf("asked the old one for %q, the new one for %q", old, now)
	}
}

// The sound of a recording that is not transcribed, and what was sent of it, are
// wiped.
func TestRecordingWiped(t *testing.T) {
	s := &server{wait: make(chan struct{})} // it never answers
	b := brainOf(t, s, nil)
	u, clip := utter(b, s, 2)
	<-s.whole
	u.mu.Lock()
	sounds := [][]int16{clip.Samples, u.heard, u.sent[0].Samples}
	u.mu.Unlock()
	(&recording{&daemon{}, u, clip}).Wipe()
	b.live.Wait()
	for i, sound := range sounds {
		if len(sound) == 0 || slices.ContainsFunc(sound, func(v int16) bool { return v != 0 }) {
			t.Errorf("sound %d of %d samples is still there", i, len(sound))
		}
	}
}

// When the time for the words is over, the status says in our words how long was
// waited, and what mends it.
func TestLiveTranscriptionTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &app{Env: environ.Env{Lookup: func(string) (string, bool) { return "", false }}}
		b, err := a.newBrain(settings.Default(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		var told string
		b.told = func(part string, err error) { told = trouble(part, err) + hint.Advice(err) }
		clip := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate)}
		u := &utterance{brain: b, segments: make(chan pcm.Clip, 64), answer: make(chan answer, 1)}
		result := u.answer
		u.cancel = func() { // its recognizer hangs until then; drop cancels once more
			select {
			case result <- answer{err: context.Canceled}:
			default:
			}
		}
		begin := time.Now()
		_, err = u.transcribe(t.Context(), clip)
		if took := time.Since(begin); err == nil || took != whisper.Patience(clip) {
			t.Errorf("%v after %v", err, took)
		}
		for _, want := range []string{"no answer within 1m4s, it may be busy or slow", "`vocoderctl retry`"} {
			if !strings.Contains(told, want) {
				t.Errorf("told %q, want %q", told, want)
			}
		}
		if strings.Contains(told, "it said") || strings.Contains(told, "context") {
			t.Errorf("told %q", told)
		}
		b.close()
	})
}

// That nobody listens is told at once, while the recogniser is asked again, and
// not as its words.
func TestToldAtOnce(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String() + "/v1/transcribe"
	_ = l.Close() // nobody listens now
	s := &server{}
	b := brainOf(t, s, func(c *config.Config) { c.Whisper[0].URL = url })
	ctx, cancel := context.WithCancel(t.Context())
	var told []string
	b.told = func(part string, err error) {
		told = append(told, trouble(part, err)+hint.Advice(err))
		cancel()
	}
	_, err = b.transcribe(ctx, pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate)})
	if !errors.Is(err, context.Canceled) || len(told) != 1 || !strings.Contains(told[0], "nobody listens there") || strings.Contains(told[0], "it said") {
		t.Errorf("%v, told %q", err, told)
	}
}

// F-34: what a recogniser makes up is refused, and no fault of it is told.
func TestMadeUp(t *testing.T) {
	b := brainOf(t, &server{says: "Untertitel von Amara.org"}, nil)
	told := errors.New("not told")
	b.told = func(_ string, err error) { told = err }
	text, err := b.transcribe(t.Context(), voiceless())
	if text != "" || !errors.Is(err, dictate.Refusal(dictate.NotSpeech)) || told != nil {
		t.Errorf("%q, %v, told %v", text, err, told)
	}
}

// What the gate or hygiene refused is asked for whole and returned as it is when
// the user insists, of an utterance that was followed, too.
func TestAnyway(t *testing.T) {
	for _, gate := range []bool{true, false} {
		const credits = "Untertitel von Amara.org"
		s := &server{says: credits}
		b := brainOf(t, s, nil)
		d := &daemon{log: slog.New(slog.DiscardHandler)}
		d.now = &generation{daemon: d, cfg: settings.Loaded{Config: config.Config{Audio: config.Audio{Gate: gate}}}, brain: b}
		why, asked := dictate.NotSpeech, 1
		if gate {
			why, asked = dictate.Silence, 0
		}
		clip := voiceless()
		r := &recording{d, b.begin(anyLanguage), clip}
		if text, err := r.Text(t.Context(), false); text != "" || !errors.Is(err, dictate.Refusal(why)) {
			t.Errorf("gate %v: %q, %v, want %q", gate, text, err, why)
		}
		if text, err := r.Text(t.Context(), true); text != credits || err != nil {
			t.Errorf("gate %v, anyway: %q, %v", gate, text, err)
		}
		if n := len(s.requests()); n != asked+1 {
			t.Errorf("gate %v: asked %d times", gate, n)
		}
		b.live.Wait() // it has ended
	}
}

// The user's words, rules and command make the text, in this order; a command
// that fails leaves it as it was and is told about.
func TestWrite(t *testing.T) {
	for _, tt := range []struct {
		name    string
		command []string
		want    string
		err     error
		told    bool
	}{
		{"none", nil, "first, WORD2", nil, false},
		{"command", []string{"tr", "a-z", "A-Z"}, "FIRST, WORD2", nil, false},
		{"fails", []string{"false"}, "first, WORD2", nil, true},
		{"not there", []string{"/nonexistent"}, "first, WORD2", nil, true},
		{"takes it", []string{"sh", "-c", "exit 77"}, "", dictate.Refusal(dictate.Taken), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &server{}
			b := brainOf(t, s, func(c *config.Config) {
				c.Text.Vocabulary = writeFile(t, "word1 => first\nword2 => comma WORD2\n")
				c.Text.Punctuation, c.Text.Command = "on", tt.command
			})
			var told error
			b.told = func(part string, err error) {
				if part == "command" {
					told = err
				}
			}
			u, clip := utter(b, s, 2)
			u.drop()
			text, err := b.transcribe(t.Context(), clip)
			if text != tt.want || !errors.Is(err, tt.err) || (told != nil) != tt.told {
				t.Errorf("%q, %v, told %v, want %q, %v", text, err, told, tt.want, tt.err)
			}
		})
	}
}

// voiceless is a second in which nobody speaks.
func voiceless() pcm.Clip {
	c := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate)}
	c.Voice = vad.Detect(c)
	return c
}

func anyLanguage() language.Choice { return language.Choice{} }
