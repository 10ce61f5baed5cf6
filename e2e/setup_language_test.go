//go:build e2e

package e2e_test

import (
	"bytes"
	"context"
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

// TestSetupLanguages is a new user of each language, with vocoder-engine and the model
// Whisper base of the packages. Setup proposes that model without a download, writes
// settings, and with these a sentence of that language is typed on its keyboard layout.
//
// Setup and the choice of the model run in the machine. The engine that recognizes runs on
// the host, because the processor of the machine is emulated.
func TestSetupLanguages(t *testing.T) {
	if os.Getenv("VOCODER_SWEEP") == "" {
		t.Skip("make sweep-languages runs this")
	}
	ok(t, shipped.Install(within(t, 2*time.Minute), m))
	bringEngine(t)
	t.Cleanup(func() {
		american(t)
		_, err := m.As(context.Background(), "alice", "systemctl --user stop vocoder; systemctl --user unset-environment DEBUG LANG; rm -rf ~/.config/vocoder ~/.local/share/vocoder")
		ok(t, err)
		_, err = m.Run(context.Background(), "rm -rf /usr/local/bin/vocoder-engine /usr/local/lib/vocoder /usr/share/vocoder/models")
		ok(t, err)
	})
	languages := append([]speech.Language{{Code: "de", Locale: "de_DE.UTF-8", Layout: "de"}}, speech.Languages[1:]...)
	written := map[string]string{}
	for _, l := range languages {
		t.Run("setup, "+l.Code, func(t *testing.T) { written[l.Code] = setsUp(t, l) })
	}
	w := newWhisper(t, servers.Engine)
	for _, l := range languages {
		t.Run("dictation, "+l.Code, func(t *testing.T) {
			ctx := within(t, time.Minute)
			_, err := m.As(ctx, "alice", asXKB(l.Layout, ""))
			ok(t, err)
			_, err = m.Feed(ctx, "alice", "cat > ~/.config/vocoder/vocoder.yaml && systemctl --user set-environment DEBUG=1 LANG="+l.Locale+" && systemctl --user restart vocoder",
				strings.NewReader(written[l.Code]))
			ok(t, err)
			ok(t, m.ClearTyped(ctx))
			w.tap.Texts()
			log := new(realSession).journal(t)
			clip := german(t)
			if l.Code != "de" {
				clip = knownClip(t, l)
			}
			speak(t, clip.Clip)
			w.same(t, log.until(t, contains("utterance ", "release_to_text=")))
			// On a loaded host the emulated sound card drops parts of the clip.
			if got := text(m.Typed(within(t, time.Minute)))(t); l.Compare(clip.Words, got).Rate() >= 0.8 {
				t.Errorf("spoken %q, typed %q: another language", clip.Words, got)
			}
		})
	}
}

// setsUp runs setup in the language's session without and with a terminal, and returns the
// settings that it wrote.
func setsUp(t *testing.T, l speech.Language) string {
	ctx := within(t, 5*time.Minute)
	_, err := m.As(ctx, "alice", "rm -rf ~/.config/vocoder ~/.local/share/vocoder")
	ok(t, err)
	proposed := text(m.As(ctx, "alice", "vocoder-engine models propose --language "+l.Code))(t)
	if first, _, _ := strings.Cut(proposed, "\n"); !strings.HasPrefix(first, "proposed  whisper-base ") || !strings.Contains(first, " installed ") {
		t.Errorf("the table says\n%s", proposed)
	}
	const line = "vocoder-engine, on this machine, with Whisper base (99 languages): installed; about "
	out := text(m.As(ctx, "alice", "LANG="+l.Locale+" vocoder setup --start no 2>&1 || echo exit status $?"))(t)
	if strings.Contains(out, "exit status") || !strings.Contains(out, "Recognizer: "+line) || strings.Contains(out, "fetch") {
		t.Errorf("without a terminal it says\n%s", out)
	}
	settings := text(m.As(ctx, "alice", "cat ~/.config/vocoder/vocoder.yaml"))(t)
	if !strings.Contains(settings, "\nwhisper_url: http://127.0.0.1:8771/v1/transcribe\n") {
		t.Errorf("it writes\n%s", settings)
	}
	out = text(m.As(ctx, "alice", `{ while sleep 1; do echo; done } | LANG=`+l.Locale+` script -qefc "vocoder setup --key keep --microphone default --language locale --start no" /dev/null 2>&1`))(t)
	out = strings.ReplaceAll(out, "\r", "")
	t.Logf("%s\nin a terminal:\n%s", proposed, out)
	if !strings.Contains(out, "  1  "+line) || !strings.Contains(out, "Which recognizer? [1]") || strings.Count(out, "? [") != 1 {
		t.Errorf("in a terminal it says\n%s", out)
	}
	for line := range strings.Lines(proposed) {
		if role, _, _ := strings.Cut(line, " "); role == "better" && !strings.Contains(out, "  2  fewer errors: vocoder-engine") {
			t.Errorf("it does not offer the better model:\n%s", out)
		}
	}
	if used := text(m.As(ctx, "alice", "cat ~/.local/share/vocoder/models/use"))(t); used != "whisper-base\n" {
		t.Errorf("it uses %q", used)
	}
	return settings
}

// bringEngine copies vocoder-engine and the model Whisper base into the machine, where
// packages put them.
func bringEngine(t *testing.T) {
	t.Helper()
	top, err := repo.Top()
	ok(t, err)
	dir := t.TempDir()
	ctx := within(t, 5*time.Minute)
	c := exec.CommandContext(ctx, "sh", "-euc", `
		mkdir -p $DIR/usr/local/bin $DIR/usr/local/lib/vocoder $DIR/usr/share/vocoder/models
		cp bin/vocoder-engine $DIR/usr/local/bin/
		cp bin/*.so $DIR/usr/local/lib/vocoder/
		cp -r "$(bin/vocoder-engine models verify whisper-base | sed 's/^[^:]*: //')" $DIR/usr/share/vocoder/models/whisper-base
		chmod -R a+rX $DIR
		tar -C $DIR -c usr`)
	c.Dir, c.Env = top, append(os.Environ(), "DIR="+dir)
	packed, err := c.Output()
	ok(t, err)
	_, err = m.Feed(ctx, "root", "tar -C / --no-same-owner --keep-directory-symlink --no-overwrite-dir -xp", bytes.NewReader(packed))
	ok(t, err)
}

// german returns a German sentence. The speech is synthetic: Debian has no German prompts.
func german(t *testing.T) speech.Clip {
	t.Helper()
	const words = "guten tag ich wohne in berlin und arbeite in hamburg"
	path := filepath.Join(t.TempDir(), "de.wav")
	out, err := exec.CommandContext(within(t, time.Minute), "espeak-ng", "-v", "de+f2", "-s", "130", "-w", path, "Guten Tag, ich wohne in Berlin und arbeite in Hamburg.").CombinedOutput()
	if err != nil {
		t.Fatalf("%v %s; apt-get install espeak-ng", err, out)
	}
	b, err := os.ReadFile(path)
	ok(t, err)
	clip, err := pcm.ReadWAV(bytes.NewReader(b))
	ok(t, err)
	return speech.Clip{Name: "german", Words: words, Clip: clip}
}
