//go:build e2e

package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/e2e/shipped"
	"github.com/arealicehole/vocoder/internal/test/realserver"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

// whisperInSpanish checks that Whisper's answer to a Spanish sentence is typed on the
// Spanish layout byte for byte, with its accents, although the setting names two
// languages.
func whisperInSpanish(t *testing.T, d *realSession) {
	ctx := within(t, 3*time.Minute)
	all, err := speech.Sentences()
	ok(t, err)
	spanish := all[slices.IndexFunc(all, func(s speech.Sentence) bool { return s.Language == "es" })]
	answers := d.serveWhisper(t)
	const restart = "systemctl --user restart vocoder"
	_, err = m.As(ctx, "alice", "mkdir -p ~/.config/vocoder && printf 'whisper: {language: [es, en]}\n' > ~/.config/vocoder/vocoder.yaml && "+asXKB(spanish.Layout, "")+" && "+restart)
	t.Cleanup(func() {
		_, err := m.As(context.Background(), "alice", "rm -f ~/.config/vocoder/vocoder.yaml; "+restart)
		ok(t, err)
		american(t)
	})
	ok(t, err)
	log := d.journal(t)
	ok(t, m.ClearTyped(ctx))
	d.say(t, spanish.Clip.Clip)
	t.Log(log.until(t, contains("utterance ", "release_to_text=")))
	want := strings.Join(answers.all(), " ") + " "
	got := awaitTyped(t, want)
	t.Logf("spoken %q, typed %q", spanish.Words, got)
	sameText(t, got, want)
	// The emulated sound card of a busy host sometimes loses sound.
	if score := speech.Compare(spanish.Words, got); score.Errors > 2 || !strings.ContainsAny(got, "áéíóúñ") {
		t.Errorf("%d of %d words are not those that were spoken", score.Errors, score.Words)
	}
}

// answers are the texts of a recognizer's answers, in order.
type answers struct {
	mu    sync.Mutex
	texts []string
}

func (a *answers) all() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.texts)
}

// serveWhisper starts the engine with Whisper at the daemon's default address, and keeps
// its answers to sound. The end of the test starts the other recognizer again.
func (d *realSession) serveWhisper(t *testing.T) *answers {
	t.Helper()
	d.shut(t)
	t.Cleanup(func() { d.serve(t) })
	engine, err := realserver.StartEngine(context.Background(), realserver.Whisper, os.Stderr)
	ok(t, err)
	t.Cleanup(func() { ok(t, engine.Stop()) })
	a := new(answers)
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: engine.Addr})
	proxy.ModifyResponse = a.note
	web := httptest.NewServer(proxy)
	t.Cleanup(web.Close)
	addr := web.Listener.Addr().String()
	ok(t, m.Forward(context.Background(), shipped.Port, addr))
	t.Cleanup(func() { ok(t, m.Unforward(context.Background(), shipped.Port, addr)) })
	return a
}

// note keeps the text of an answer, unless the clip is too short for speech. With such clips
// the daemon detects the recognizer's dialect.
func (a *answers) note(r *http.Response) error {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(b))
	var said struct{ Text string }
	if r.Request.ContentLength < 10_000 || json.Unmarshal(b, &said) != nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.texts = append(a.texts, said.Text)
	return nil
}
