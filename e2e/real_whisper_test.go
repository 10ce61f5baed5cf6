//go:build e2e

package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/e2e/servers"
	"github.com/arealicehole/vocoder/e2e/shipped"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/repo"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

// TestWhisper plays human speech in five languages to the shipped daemon, with real
// servers of Whisper on the host. The typed text must be what the server answered.
func TestWhisper(t *testing.T) {
	if os.Getenv("VOCODER_WHISPER") == "" {
		t.Skip("make sweep-whisper runs this")
	}
	ok(t, shipped.Install(within(t, 2*time.Minute), m))
	t.Cleanup(func() {
		american(t)
		_, err := m.As(context.Background(), "alice", "systemctl --user stop vocoder; systemctl --user unset-environment DEBUG LANG; rm -f ~/.config/vocoder/vocoder.yaml")
		ok(t, err)
	})
	for _, kind := range []servers.Kind{servers.Engine, servers.FasterWhisper} {
		t.Run(string(kind), func(t *testing.T) {
			w := newWhisper(t, kind)
			for _, l := range speech.Languages {
				if kind == servers.Engine || l.Code == "es" {
					t.Run("by the locale, "+l.Code, func(t *testing.T) { w.dictates(t, l, l.Locale, "") })
				}
				if kind == servers.Engine {
					t.Run("by the layout, "+l.Code, func(t *testing.T) { w.dictates(t, l, "C.UTF-8", "layout") })
				}
				if kind != servers.Engine || l.Code == "es" {
					t.Run("from a list, "+l.Code, func(t *testing.T) { w.dictates(t, l, "C.UTF-8", "["+l.Code+", "+partner(l.Code)+"]") })
				}
			}
			t.Run("stopped and started", w.stopped)
			if kind == servers.Engine { // these take minutes, and the daemon does the same with each server
				t.Run("noise", w.noise)
				t.Run("busy and broken", w.busyAndBroken)
			}
		})
	}
}

// partner returns the second language of a list for a language.
func partner(code string) string {
	if code == "en" {
		return "es"
	}
	return "en"
}

// A whisper is a server on the host, which the daemon reaches through a tap.
type whisper struct {
	kind   servers.Kind
	server *servers.Server
	tap    *servers.Tap
	top    string
}

func newWhisper(t *testing.T, kind servers.Kind) *whisper {
	t.Helper()
	top, err := repo.Top()
	ok(t, err)
	w := &whisper{kind: kind, top: top}
	w.start(t, "")
	w.tap, err = servers.Listen(w.server)
	ok(t, err)
	ok(t, m.Forward(within(t, time.Minute), shipped.Port, w.tap.Addr))
	t.Cleanup(func() {
		ok(t, m.Unforward(context.Background(), shipped.Port, w.tap.Addr))
		ok(t, w.tap.Close())
		ok(t, w.server.Stop())
	})
	return w
}

// start starts the server. It runs on after the test that started it.
func (w *whisper) start(t *testing.T, addr string) {
	t.Helper()
	var err error
	w.server, err = servers.Start(context.Background(), w.kind, w.top, addr, servers.Threads, os.Stderr)
	ok(t, err)
}

// daemon starts the daemon in a locale, on a keyboard layout. If language is not empty, it
// is in the settings.
func (w *whisper) daemon(t *testing.T, l speech.Language, locale, language string) {
	t.Helper()
	settings := "whisper_url: http://127.0.0.1:8771\n"
	if language != "" {
		settings += "whisper: {language: " + language + "}\n"
	}
	_, err := m.As(within(t, time.Minute), "alice", asXKB(l.Layout, ""))
	ok(t, err)
	_, err = m.Feed(within(t, time.Minute), "alice", `mkdir -p ~/.config/vocoder && cat > ~/.config/vocoder/vocoder.yaml &&
		systemctl --user set-environment DEBUG=1 LANG=`+locale+` && systemctl --user restart vocoder`, strings.NewReader(settings))
	ok(t, err)
	ok(t, m.ClearTyped(within(t, time.Minute)))
	w.tap.Texts()
}

// knownClip returns a clip of a language, with its words: the sentence, or the days
// of the week.
func knownClip(t *testing.T, l speech.Language) speech.Clip {
	t.Helper()
	c, err := l.Sentence()
	ok(t, err)
	if c.Words == "" {
		days, err := l.Words()
		ok(t, err)
		c = speech.Join("days", 300*time.Millisecond, days[:7]...)
	}
	return c
}

// speak holds the key from a little before the clip until a little after it.
func speak(t *testing.T, clip pcm.Clip) { new(realSession).say(t, clip) }

// dictates dictates a clip. The typed text must be the server's last answer, byte for
// byte, and in the spoken language.
func (w *whisper) dictates(t *testing.T, l speech.Language, locale, language string) {
	w.daemon(t, l, locale, language)
	log := new(realSession).journal(t)
	clip := knownClip(t, l)
	speak(t, clip.Clip)
	end := log.until(t, contains("utterance ", "release_to_text="))
	w.same(t, end)
	if got := text(m.Typed(within(t, time.Minute)))(t); l.Compare(clip.Words, got).Rate() >= 0.5 {
		t.Errorf("spoken %q, typed %q: another language", clip.Words, got)
	}
}

// same fails if the terminal does not have what the server answered. If there are
// several answers for one utterance, the last counts. A pause in a clip may divide an
// utterance into parts, which are joined.
func (w *whisper) same(t *testing.T, end string) {
	t.Helper()
	answers := w.tap.Texts()
	if len(answers) == 0 {
		t.Fatalf("the server said nothing; %s", end)
	}
	for i, a := range answers {
		answers[i] = strings.Join(strings.Fields(a), " ")
	}
	last := answers[len(answers)-1] + " "
	whole := strings.Join(answers, " ") + " "
	got, err := m.WaitTyped(within(t, time.Minute), func(s string) bool { return s == last || s == whole })
	if err != nil {
		t.Errorf("typed %q, the server said %q; %s", got, answers, end)
	}
	t.Logf("typed %q", got)
}

// noise checks that the daemon types nothing for sound without speech.
func (w *whisper) noise(t *testing.T) {
	w.daemon(t, speech.Languages[0], "en_US.UTF-8", "")
	folder := t.TempDir()
	c := exec.CommandContext(within(t, 5*time.Minute), "go", "test", "-count", "1", "-run", "^TestNoiseFiles$", "./capture/vad")
	c.Dir, c.Env = w.top, append(os.Environ(), "VOCODER_NOISES="+folder)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"silence", "white -40", "hum 50", "typing", "breath", "mouse"} {
		b, err := os.ReadFile(filepath.Join(folder, name+".wav"))
		ok(t, err)
		clip, err := pcm.ReadWAV(bytes.NewReader(b))
		ok(t, err)
		log := new(realSession).journal(t)
		speak(t, clip)
		t.Logf("%s: %s", name, log.until(t, contains("utterance refused")))
	}
	if got := text(m.Typed(within(t, time.Minute)))(t); got != "" {
		t.Errorf("typed %q of noise", got)
	}
}

// stopped checks that no words are lost if the server is stopped during a dictation and
// started afterwards.
func (w *whisper) stopped(t *testing.T) {
	l := speech.Languages[1]
	w.daemon(t, l, l.Locale, "")
	clip := knownClip(t, l)
	log := new(realSession).journal(t)
	ctx := within(t, 3*time.Minute)
	ok(t, m.KeyDown(ctx, defaultKey))
	pass(t, 200*time.Millisecond)
	playing, err := m.StartPlay(ctx, clip.Clip)
	ok(t, err)
	pass(t, clip.Duration()/2)
	ok(t, w.server.Stop())
	ok(t, playing.Wait(ctx))
	pass(t, 300*time.Millisecond)
	ok(t, m.KeyUp(ctx, defaultKey))
	t.Log(log.until(t, contains("recognizer does not answer")))
	w.start(t, w.server.Addr)
	w.retried(t, log)
}

// retried waits until a text is typed. If the daemon has kept the utterance, retried
// requests it again.
func (w *whisper) retried(t *testing.T, log *lines) {
	t.Helper()
	end := log.until(t, contains("utterance ", "release_to_text="))
	if strings.Contains(end, "utterance kept") {
		t.Log(end)
		_, err := m.As(within(t, time.Minute), "alice", "vocoderctl retry")
		ok(t, err)
		end = log.until(t, contains("utterance typed"))
	}
	w.same(t, end)
}

// busyAndBroken checks that the daemon's status distinguishes a slow server from a
// missing one.
func (w *whisper) busyAndBroken(t *testing.T) {
	l := speech.Languages[1]
	w.daemon(t, l, l.Locale, "")
	clip := knownClip(t, l)
	log := new(realSession).journal(t)

	ok(t, w.server.Pause())
	speak(t, clip.Clip)
	log.until(t, contains("utterance kept"))
	busy := recognizerStatus(t)
	ok(t, w.server.Continue())
	_, err := m.As(within(t, time.Minute), "alice", "vocoderctl retry")
	ok(t, err)
	w.same(t, log.until(t, contains("utterance typed")))

	ok(t, w.server.Stop())
	ok(t, m.ClearTyped(within(t, time.Minute)))
	speak(t, clip.Clip)
	log.until(t, contains("utterance kept"))
	broken := recognizerStatus(t)
	w.start(t, w.server.Addr)
	_, err = m.As(within(t, time.Minute), "alice", "vocoderctl retry")
	ok(t, err)
	w.same(t, log.until(t, contains("utterance typed")))

	t.Logf("busy: %s\nbroken: %s", busy, broken)
	if busy == broken || busy == "" || broken == "" || strings.Contains(busy, "context deadline exceeded") {
		t.Errorf("of a busy server the status says %q, of a broken one %q", busy, broken)
	}
}

// recognizerStatus returns the part of the daemon's status about the recognizer.
func recognizerStatus(t *testing.T) string {
	t.Helper()
	out := text(m.As(within(t, time.Minute), "alice", "vocoderctl status --json"))(t)
	var s struct{ Lacks map[string]string }
	ok(t, json.Unmarshal([]byte(out), &s))
	return s.Lacks["recogniser"]
}
