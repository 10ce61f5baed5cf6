package selftest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/app/report"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/test/isolated"
	"github.com/arealicehole/vocoder/internal/test/pulse"
	"github.com/arealicehole/vocoder/internal/test/tty"
	"github.com/arealicehole/vocoder/whisper"
)

// TestMain keeps the tests apart from the user who runs them.
func TestMain(m *testing.M) { isolated.Main(m) }

// TestScanner: the scanner separates text from reports and keys without text.
func TestScanner(t *testing.T) {
	for _, tt := range []struct{ name, in, text, focus string }{
		{"text", "he was", "he was", ""},
		{"focus", "\x1b[Ia\x1b[O\x1b[I", "a", "+-+"},
		{"keys that are no text", "\x1b[24~a\x1bOPb\x1b[1;5Ic\x1bxd", "abcd", ""},
		{"F24 of foot", "\x1b[24;2~", "", ""},
		{"escape twice", "\x1b\x1b[I", "", "+"},
		{"not Latin", "é→", "é→", ""},
	} {
		var s scanner
		var text []byte
		focus := ""
		for _, c := range []byte(tt.in) {
			switch s.next(c) {
			case letter:
				text = append(text, c)
			case focusIn:
				focus += "+"
			case focusOut:
				focus += "-"
			}
		}
		if string(text) != tt.text || focus != tt.focus {
			t.Errorf("%s: text %q, focus %q", tt.name, text, focus)
		}
	}
}

// TestWindow: a window has the focus after the terminal reports it. If it loses the focus
// for a moment while armed, it does not get it back. close restores the terminal.
func TestWindow(t *testing.T) {
	master, pts := tty.Open(t)
	was, err := unix.IoctlGetTermios(int(pts.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	w, err := openWindow(pts.Name())
	if err != nil {
		t.Fatal(err)
	}
	sent := make([]byte, len(focusReports))
	if _, err := master.Read(sent); err != nil || string(sent) != focusReports {
		t.Errorf("it sends the terminal %q: %v", sent, err)
	}
	if w.hasFocus() {
		t.Error("it has the focus before the terminal reports it")
	}
	if _, err := master.WriteString("\x1b[I\x1b[O\x1b[I\x1b[O"); err != nil { // as when keyboards appear
		t.Fatal(err)
	}
	settled := func() bool { w.mu.Lock(); defer w.mu.Unlock(); return w.reports == 4 }
	if !w.until(t.Context(), 5*time.Second, settled) || w.hasFocus() {
		t.Error("it has the focus although the terminal lost it")
	}
	if w.armGuard(t.Context(), time.Second) {
		t.Error("it is armed although the focus did not come back")
	}
	ctx, pressed, want := t.Context(), 0, ""
	k := guardedKeyboard{&countingKeyboard{&pressed}, w.hasFocus}
	for _, press := range []func(key.Code) error{k.Down, k.Tap} {
		if err := press(30); !errors.Is(err, errNoFocus) || pressed != 0 {
			t.Errorf("a key is pressed without the focus: %v", err)
		}
	}
	// The focus comes and stays. Changes before armGuard do not count.
	if _, err := master.WriteString("\x1b[I\x1b[O\x1b[I"); err != nil {
		t.Fatal(err)
	}
	if !w.armGuard(ctx, 5*time.Second) {
		t.Error("it is not armed although the focus came back")
	}
	for _, step := range []struct {
		in       string
		hasFocus bool
	}{{"", true}, {"he", true}, {"\x1b[O", false}, {"\x1b[I", false}} {
		if _, err := master.WriteString(step.in + "x"); err != nil {
			t.Fatal(err)
		}
		want += strings.TrimLeft(step.in, "\x1b[IO") + "x"
		w.until(ctx, 5*time.Second, func() bool { now, _ := w.typed(); return now == want })
		if w.hasFocus() != step.hasFocus {
			t.Errorf("after %q it has the focus: %v", step.in, w.hasFocus())
		}
		before2 := pressed
		if err := k.Down(30); (err == nil) != step.hasFocus || (pressed > before2) != step.hasFocus {
			t.Errorf("after %q pressing gives %v", step.in, err)
		}
	}
	if !w.armGuard(ctx, 5*time.Second) || !w.hasFocus() {
		t.Error("a loss before armGuard still counts")
	}
	if text, at := w.typed(); text != "xhexxx" || text != want || at.IsZero() {
		t.Errorf("typed %q at %v", text, at)
	}
	if err := w.close(); err != nil {
		t.Error(err)
	}
	now, err := unix.IoctlGetTermios(int(pts.Fd()), unix.TCGETS)
	if err != nil || *now != *was {
		t.Errorf("the terminal is %+v, was %+v: %v", now, was, err)
	}
}

// A countingKeyboard counts the presses.
type countingKeyboard struct{ pressed *int }

func (countingKeyboard) Ready(context.Context) error { return nil }
func (k *countingKeyboard) Down(key.Code) error      { *k.pressed++; return nil }
func (countingKeyboard) Up(key.Code) error           { return nil }
func (k *countingKeyboard) Tap(c key.Code) error     { return k.Down(c) }
func (countingKeyboard) Sysname() string             { return "" }
func (countingKeyboard) Close() error                { return nil }

// TestCompare: how many words are wrong, and the finding about that.
func TestCompare(t *testing.T) {
	for _, tt := range []struct {
		spoken, written string
		want            WordErrors
		state           report.State
	}{
		{sentenceWords, "He was not an ill disposed young man.", WordErrors{8, 0}, report.OK},
		{sentenceWords, "He was not an ill-disposed young man", WordErrors{8, 0}, report.OK},
		{sentenceWords, "he was an ill disposed young man", WordErrors{8, 1}, report.OK},
		{sentenceWords, "er war kein schlechter junger mann", WordErrors{8, 8}, report.Warning},
		{sentenceWords, "", WordErrors{8, 8}, report.Broken},
	} {
		got := compare(tt.spoken, tt.written)
		if f := got.finding(len(tt.written), true); got != tt.want || f.State != tt.state {
			t.Errorf("%q: %+v, %v", tt.written, got, f.State)
		}
		// A bad answer of a recognizer that does not know English is only a warning.
		want, says := tt.state, "words are wrong"
		if tt.state != report.OK {
			want, says = report.Warning, "the recognizer does not know"
		}
		if f := got.finding(len(tt.written), false); f.State != want || !strings.Contains(f.Text, says) {
			t.Errorf("%q, without English: %+v", tt.written, f)
		}
	}
}

// TestReason: an error in the report contains no address and no word of the text.
func TestReason(t *testing.T) {
	for _, err := range []error{
		&whisper.Error{Kind: whisper.NotListening, URL: "http://secret.example/v1", Said: "secret"},
		fmt.Errorf("type: %w", &keymap.UntypableError{Runes: []rune("secret")}),
		fmt.Errorf("secret: %w", whisper.ErrNotSpeech),
	} {
		if got := reason(err); got == "" || strings.Contains(got, "secret") || strings.Contains(got, "'s'") {
			t.Errorf("%q", got)
		}
	}
}

// TestOrphan: the output of a selftest that runs is no orphan.
func TestOrphan(t *testing.T) {
	for name, want := range map[string]bool{
		nullName + strconv.Itoa(os.Getpid()): false,
		nullName + "999999999":               true,
		"speaker":                            false,
	} {
		if got := orphan(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestFreeKey: freeKey returns a key that no setting uses.
func TestFreeKey(t *testing.T) {
	cfg := config.Default()
	if got := freeKey(cfg); got != 194 {
		t.Errorf("%d, want F24", got)
	}
	cfg.Bindings[0].Keys, cfg.Cancel = []key.Code{194}, []key.Code{193}
	if got := freeKey(cfg); got != 192 {
		t.Errorf("%d, want F22", got)
	}
}

// TestSelftestSound tests the part without keys on a real sound server: the recognizer gets
// the sentence, and the test removes what it made.
func TestSelftestSound(t *testing.T) {
	pulse.Wanted(t)
	bytes := 0
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f, h, err := r.FormFile("file"); err == nil {
			bytes = int(h.Size)
			_ = f.Close()
		}
		_, _ = w.Write([]byte(`{"text": "He was not an ill disposed young man."}`))
	}))
	defer web.Close()
	server := pulse.Start(t)
	server.OpenFifo(t)
	env := environ.Env{Stderr: t.Output(), Lookup: func(name string) (string, bool) {
		v, ok := map[string]string{"PULSE_SERVER": server.Socket, "HOME": t.TempDir()}[name]
		return v, ok
	}}
	cfg, _, err := settings.Of(config.Source{Text: []byte("whisper_url: " + web.URL + "/v1/transcribe\nwhisper: {dialect: vocoder}\ndevices: helper\n")})
	if err != nil {
		t.Fatal(err)
	}
	left := server.OpenNull(t, nullName+"999999999")
	steps := ""
	r, err := Run(t.Context(), env, cfg, func(s Step) { steps += s.Part + " " + s.State.String() + ", " })
	if err != nil {
		t.Fatal(err)
	}
	if want := "sound ok, key warning, microphone ok, recogniser ok, typing warning, "; steps != want || r.State != report.Warning {
		t.Errorf("steps %q, want %q; state %v", steps, want, r.State)
	}
	if bytes < 2*3*16000 || r.Words == nil || *r.Words != (WordErrors{8, 0}) || len(r.Left) > 0 {
		t.Errorf("%d bytes sent, words %+v, left %q", bytes, r.Words, r.Left)
	}
	if n, err := capture.SweepNulls(t.Context(), capture.Config{Server: server.Socket}, func(name string) bool { return strings.HasPrefix(name, nullName) }); n != 0 || err != nil {
		t.Errorf("%d outputs are left, one of them %s: %v", n, left.Output(), err)
	}
	if b, err := json.Marshal(r); err != nil || strings.Contains(string(b), "127.0.0.1") || strings.Contains(string(b), "disposed") {
		t.Errorf("the report says %s: %v", b, err)
	}
}
