package recognition

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/app/settings"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/fluent"
)

// TestFluent plays speech without pauses, as fast as it was spoken, to the code that
// transcribes recordings. It writes the results into a folder for e2e/cmd/whisper.
func TestFluent(t *testing.T) {
	folder, server := os.Getenv("VOCODER_FLUENT"), os.Getenv("VOCODER_TEST_URL")
	if folder == "" {
		t.Skip("make sweep-cuts runs this, on a quiet machine")
	}
	only := regexp.MustCompile(os.Getenv("VOCODER_CLIPS"))
	clips, err := fluent.Clips()
	if err != nil {
		t.Fatal(err)
	}
	to, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	w := &listener{server: httputil.NewSingleHostReverseProxy(to)}
	w.server.ModifyResponse = w.answered
	web := httptest.NewServer(w)
	t.Cleanup(web.Close)
	b := recognizerAt(t, web.URL)
	b.client.Connect(t.Context())
	for i, c := range clips {
		if !only.MatchString(c.Name + " " + c.Language.Code) {
			continue
		}
		r := hearFluent(t, b, w, c)
		text, err := json.MarshalIndent(r, "", "\t")
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, strings.ReplaceAll(fmt.Sprintf("%02d-%s-%s.json", i, c.Name, r.Language), " ", "-")), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// recognizerAt returns the recognizer of a user who sets its address and nothing else.
func recognizerAt(t *testing.T, url string) *Recognizer {
	cfg := settings.Default()
	cfg.Whisper[0].URL = url
	r, err := New(cfg, Options{Env: noEnv, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// hearFluent transcribes a clip as a whole, its first eight seconds, and in segments while
// it is spoken.
func hearFluent(t *testing.T, b *Recognizer, w *listener, c fluent.Clip) fluent.Result {
	t.Helper()
	r := fluent.Result{Name: c.Name, Language: c.Language.Code, Said: c.Words, Written: c.Written, Sound: c.Duration().Seconds()}
	whole := pcm.Clip{Rate: c.Rate, Samples: slices.Clone(c.Samples), Voice: vad.Detect(c.Clip.Clip), Spoken: language.Of(r.Language)}
	b.gain(whole)
	eight := whole
	eight.Voice = eight.Voice[:nearest(whole.Voice, int(8*time.Second/pcm.VoiceFrame))]
	eight.Samples = eight.Samples[:len(eight.Voice)*vad.Window]
	for range 3 {
		text, took := ask(t, b.Transcribe, whole)
		r.Whole, r.Times = text, append(r.Times, took.Seconds())
		_, took = ask(t, b.Transcribe, eight)
		r.Eight = append(r.Eight, took.Seconds())
	}
	w.take()
	text, after := speakFluent(t, b, c)
	r.Cut, r.After = text, after.Seconds()
	r.Pieces = w.take()
	for i, frames := 1, 0; i < len(r.Pieces); i++ {
		frames += int(math.Round(r.Pieces[i-1].Sound / pcm.VoiceFrame.Seconds()))
		if frames < len(whole.Voice) {
			r.Pieces[i].Gap = (whole.Voice[:frames].After() + whole.Voice[frames:].Before()).Seconds()
		}
	}
	t.Logf("%s %s, %.1f s: %.2f s, whole %.2f, eight %.2f", r.Name, r.Language, r.Sound, r.After, r.Times, r.Eight)
	for _, p := range r.Pieces {
		t.Logf("  gap %.3f, %.1f s: %s", p.Gap, p.Sound, p.Text)
	}
	t.Logf("cut   %s", r.Cut)
	t.Logf("whole %s", r.Whole)
	t.Logf("%+v", r.Compare(c.Language))
	return r
}

// nearest returns the frame without a voice that is nearest to a given one, because
// recognizers make mistakes if a clip ends within a word.
func nearest(voice pcm.Voice, frame int) int {
	best := 0
	for i, p := range voice {
		if !pcm.IsVoice(p) && abs(i-frame) < abs(best-frame) {
			best = i
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// ask returns the text of a clip that is sent at once, and how long it took.
func ask(t *testing.T, transcribe func(context.Context, pcm.Clip) (string, error), c pcm.Clip) (string, time.Duration) {
	t.Helper()
	began := time.Now()
	text, err := transcribe(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return text, time.Since(began)
}

// speakFluent returns the text of a clip that is spoken while it is recorded, and
// how long after the release it was there.
func speakFluent(t *testing.T, b *Recognizer, c fluent.Clip) (string, time.Duration) {
	t.Helper()
	clip := pcm.Clip{Rate: c.Rate, Samples: slices.Clone(c.Samples), Spoken: language.Of(c.Language.Code)}
	u := b.Begin(func() language.Choice { return clip.Spoken }, nil)
	detector := vad.New()
	began := time.Now()
	for window := range slices.Chunk(c.Samples, vad.Window) {
		f := capture.Frame{Voice: detector.Next(window)}
		clip.Voice = append(clip.Voice, f.Voice)
		<-time.After(time.Until(began.Add(time.Duration(len(clip.Voice)) * pcm.VoiceFrame)))
		u.Hear(window)
		u.Frame(f)
	}
	b.gain(clip)
	return ask(t, u.Transcribe, clip)
}

// A listener is between the client and a recognizer. It records requests and answers.
type listener struct {
	server *httputil.ReverseProxy

	mu     sync.Mutex
	pieces []fluent.Piece
}

// take returns what was answered since the last call.
func (w *listener) take() []fluent.Piece {
	w.mu.Lock()
	defer w.mu.Unlock()
	pieces := w.pieces
	w.pieces = nil
	return pieces
}

func (w *listener) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	w.server.ServeHTTP(out, r.WithContext(context.WithValue(r.Context(), asked{}, body)))
}

// asked is the key of the body of a request.
type asked struct{}

// answered records an answer with a text.
func (w *listener) answered(r *http.Response) error {
	answer, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(answer))
	body, _ := r.Request.Context().Value(asked{}).([]byte)
	p, ok := pieceOf(r.Request.Header.Get("Content-Type"), body)
	var said struct{ Text *string }
	if json.Unmarshal(answer, &said) != nil || said.Text == nil || !ok {
		return nil
	}
	p.Text = strings.Join(strings.Fields(*said.Text), " ")
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pieces = append(w.pieces, p)
	return nil
}

// pieceOf returns what a request asks for, if it has sound.
func pieceOf(kind string, body []byte) (p fluent.Piece, ok bool) {
	_, params, _ := mime.ParseMediaType(kind) // one without a boundary is no form
	form, err := multipart.NewReader(bytes.NewReader(body), params["boundary"]).ReadForm(1 << 24)
	if err != nil || len(form.File["file"]) == 0 {
		return p, false
	}
	f, err := form.File["file"][0].Open()
	if err != nil {
		return p, false
	}
	sound, err := pcm.ReadWAV(f)
	p.Sound = sound.Duration().Seconds()
	if prompt := form.Value["prompt"]; len(prompt) > 0 {
		p.Context = prompt[0]
	}
	return p, err == nil
}
