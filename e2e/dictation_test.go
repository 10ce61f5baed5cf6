//go:build e2e

package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/e2e/shipped"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/realserver"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

// TestDictation plays human speech to the shipped daemon, in its unit, with the shipped
// recognizer. All subtests use one setup.
func TestDictation(t *testing.T) {
	d := newRealSession(t)
	for _, tt := range []struct {
		name string
		test func(*testing.T, *realSession)
	}{
		{"words of people", wordsOfPeople},
		{"Whisper in Spanish", whisperInSpanish},
		{"recognizer stopped", recognizerStopped},
		{"restart while held", restartWhileHeld},
		{"ended while speaking", endedWhileSpeaking},
		{"watchdog", watchdogRestarts},
		{"quick presses", quickPresses},
		{"group switched", groupSwitched},
		{"no cue", noCue},
		{"unplugged", unplugged},
		{"ready", ready},
		{"two minutes", twoMinutes},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, d) })
	}
}

// A realSession is alice's session with the shipped daemon and recognizer.
type realSession struct {
	engine *realserver.Engine
	clips  []speech.Clip
}

// defaultKey is the daemon's default key, as QEMU names it.
const defaultKey = "ctrl_r"

func newRealSession(t *testing.T) *realSession {
	ctx := within(t, 2*time.Minute)
	d := new(realSession)
	var err error
	d.clips, err = speech.Clips()
	ok(t, err)
	ok(t, shipped.Install(ctx, m))
	d.serve(t)
	t.Cleanup(func() {
		if t.Failed() {
			out, err := m.Run(context.Background(), "journalctl -o short-monotonic -n 60 _SYSTEMD_USER_UNIT=vocoder.service")
			t.Logf("the daemon said (%v):\n%s", err, out)
		}
		_, err := m.As(context.Background(), "alice", "systemctl --user stop vocoder; systemctl --user unset-environment DEBUG")
		ok(t, err)
		if d.engine != nil {
			d.shut(t)
		}
	})
	_, err = m.As(ctx, "alice", "rm -f ~/.config/vocoder/vocoder.yaml; systemctl --user set-environment DEBUG=1; systemctl --user restart vocoder")
	ok(t, err)
	return d
}

// serve starts the recognizer at the daemon's default address. The recognizer runs on
// after the test that starts it.
func (d *realSession) serve(t *testing.T) {
	t.Helper()
	var err error
	d.engine, err = realserver.StartEngine(context.Background(), realserver.Moonshine, os.Stderr)
	ok(t, err)
	ok(t, m.Forward(context.Background(), shipped.Port, d.engine.Addr))
}

// shut stops the recognizer. No program listens on its port afterwards.
func (d *realSession) shut(t *testing.T) {
	t.Helper()
	ok(t, m.Unforward(context.Background(), shipped.Port, d.engine.Addr))
	ok(t, d.engine.Stop())
	d.engine = nil
}

// show returns a property of the daemon's unit.
func show(t *testing.T, property string) string {
	t.Helper()
	return strings.TrimSpace(text(m.As(within(t, time.Minute), "alice", "systemctl --user show vocoder -P "+property))(t))
}

// journal follows what the daemon's unit logs from now on.
func (d *realSession) journal(t *testing.T) *lines {
	t.Helper()
	return fromNow(t, "_SYSTEMD_USER_UNIT=vocoder.service")
}

// fromNow follows the matching entries of the journal from now on.
func fromNow(t *testing.T, matches string) *lines {
	t.Helper()
	cursor := text(m.Run(within(t, time.Minute), "journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p'"))(t)
	return follow(t.Context(), t, "root", fmt.Sprintf("exec journalctl -f -n all -o cat --after-cursor='%s' %s", strings.TrimSpace(cursor), matches))
}

// pass waits for a time, as a user does while holding a key.
func pass(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
		t.Fatal(context.Cause(t.Context()))
	}
}

// say holds the key, plays the clip and releases the key. The hold is a little longer
// than the clip.
func (d *realSession) say(t *testing.T, clip pcm.Clip) {
	t.Helper()
	ctx := within(t, clip.Duration()+time.Minute)
	ok(t, m.KeyDown(ctx, defaultKey))
	opened(t)
	err := m.Play(ctx, clip)
	pass(t, soundDelay)
	ok(t, m.KeyUp(context.Background(), defaultKey))
	ok(t, err)
}

// wordsOfPeople checks that typed text is as good as what the recognizer returns for the
// files, and that each text is typed once, in order, and nothing else. One word is a
// hundredth, and the emulated sound card differs each time. If one round is not
// conclusive, two are counted.
func wordsOfPeople(t *testing.T, d *realSession) {
	log := d.journal(t)
	var typed, direct speech.Score
	worse := func() bool { return typed.Rate() > direct.Rate()+0.02 }
	clips := d.clips
	if !sweeping() { // make sweep-background dictates all
		clips = nil
		for i := 0; i < len(d.clips); i += 2 {
			clips = append(clips, d.clips[i])
		}
	}
	for round := 1; round == 1 || round == 2 && worse(); round++ {
		for _, clip := range clips {
			got := d.dictate(t, log, clip)
			best := d.recognize(t, clip.Clip)
			t.Logf("%s: spoken %q\n typed %q\nengine %q", clip.Name, clip.Words, got, best)
			typed, direct = typed.Plus(speech.Compare(clip.Words, got)), direct.Plus(speech.Compare(clip.Words, best))
		}
		t.Logf("word error rate: dictated %.1f %%, the engine's own %.1f %%, %d words of %d clips",
			100*typed.Rate(), 100*direct.Rate(), typed.Words, round*len(clips))
	}
	if worse() {
		t.Errorf("dictation makes more than two percentage points more mistakes than the engine")
	}
}

// dictate returns the text that is typed for a clip. It dictates the clip again if the
// emulated sound card lost some of it, as a witness shows.
func (d *realSession) dictate(t *testing.T, log *lines, clip speech.Clip) string {
	t.Helper()
	for range takes {
		ok(t, m.ClearTyped(within(t, time.Minute)))
		w := newWitness(t)
		d.say(t, clip.Clip)
		t.Log(log.until(t, contains("utterance ", "release_to_text=")))
		got := text(m.Typed(within(t, time.Minute)))(t)
		if alike := w.heard(clip.Clip); alike < delivered {
			t.Logf("%s: the sound card lost sound: the envelopes correlate by %.3f; typed %q", clip.Name, alike, got)
			continue
		}
		if strings.Contains(got, "\n") || strings.TrimSpace(got) == "" {
			t.Errorf("%s: typed %q, want one line of words", clip.Name, got)
		}
		return got
	}
	t.Fatalf("%s: the sound card lost sound in each of %d takes", clip.Name, takes)
	return ""
}

// recognize sends a clip to the engine on the host, in the predecessor's form.
func (d *realSession) recognize(t *testing.T, clip pcm.Clip) string {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", "clip.wav")
	ok(t, err)
	_, err = file.Write(clip.WAV())
	ok(t, err)
	ok(t, form.WriteField("format", "json"))
	ok(t, form.Close())
	q, err := http.NewRequestWithContext(within(t, time.Minute), http.MethodPost, "http://"+d.engine.Addr+"/v1/transcribe", &body)
	ok(t, err)
	q.Header.Set("Content-Type", form.FormDataContentType())
	answer, err := http.DefaultClient.Do(q)
	ok(t, err)
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	ok(t, err)
	var said struct{ Text string }
	if err := json.Unmarshal(b, &said); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("the engine answered %s (%v)", answer.Status, err)
	}
	return said.Text
}

// recognizerStopped checks that status and journal report it, that the daemon keeps the
// utterance, and that the next press after the restart works.
func recognizerStopped(t *testing.T, d *realSession) {
	log := d.journal(t)
	clip := d.clips[len(d.clips)-1]
	ok(t, m.ClearTyped(within(t, time.Minute)))
	d.shut(t)
	d.say(t, clip.Clip)
	t.Log(log.until(t, contains("utterance kept")))
	if got := show(t, "StatusText"); !strings.Contains(got, "recogniser") || !strings.Contains(got, "1 kept") {
		t.Errorf("status %q says nothing of the recognizer or of what is kept", got)
	}
	d.serve(t)
	d.say(t, clip.Clip)
	log.until(t, contains("utterance typed"))
	if got := text(m.Typed(within(t, time.Minute)))(t); strings.TrimSpace(got) == "" {
		t.Error("nothing was typed after the recognizer's return")
	}
}

// restartWhileHeld checks that a key that is down when the daemon starts does not begin
// a recording.
func restartWhileHeld(t *testing.T, d *realSession) {
	ctx := within(t, time.Minute)
	log := d.journal(t)
	clip := d.clips[len(d.clips)-1]
	ok(t, m.KeyDown(ctx, defaultKey))
	_, err := m.As(ctx, "alice", "systemctl --user restart vocoder")
	ok(t, err)
	ok(t, m.ClearTyped(ctx)) // typed by the daemon before
	ok(t, m.Play(ctx, clip.Clip))
	if got := show(t, "StatusText"); strings.Contains(got, "listening") {
		t.Errorf("status %q before a fresh press", got)
	}
	ok(t, m.KeyUp(ctx, defaultKey))
	d.say(t, clip.Clip)
	// The first utterance of this daemon is that of the fresh press.
	log.until(t, contains("started"))
	if end := log.until(t, contains("utterance ", "release_to_text=")); !strings.Contains(end, "utterance=1 ") || !strings.Contains(end, "utterance typed") {
		t.Errorf("the first end after the restart: %s", end)
	}
}

// endedWhileSpeaking checks that SIGTERM during a hold leaves no key down and no
// keyboard, and that the daemon exits with success and in time.
func endedWhileSpeaking(t *testing.T, d *realSession) {
	ctx := within(t, time.Minute)
	ok(t, m.KeyDown(ctx, defaultKey))
	pass(t, time.Second)
	_, err := m.As(ctx, "alice", "systemctl --user stop vocoder")
	ok(t, m.KeyUp(ctx, defaultKey))
	ok(t, err)
	if got := show(t, "Result"); got != "success" {
		t.Errorf("result of the unit: %s", got)
	}
	if _, err := m.Run(ctx, "! grep -qi vocoder /proc/bus/input/devices"); err != nil {
		t.Error("its keyboard is still there")
	}
	ok(t, m.ClearTyped(ctx))
	for _, k := range []string{"x", "ret"} { // a key that is still down would repeat, or change these
		ok(t, m.KeyDown(ctx, k))
		ok(t, m.KeyUp(ctx, k))
	}
	if got := text(m.WaitTyped(ctx, ended))(t); got != "x\n" {
		t.Errorf("typed afterwards: %q", got)
	}
	_, err = m.As(ctx, "alice", "systemctl --user start vocoder")
	ok(t, err)
}

// watchdogRestarts checks that systemd restarts a daemon that hangs.
func watchdogRestarts(t *testing.T, d *realSession) {
	ctx := within(t, 2*time.Minute)
	_, err := m.As(ctx, "alice", `mkdir -p $XDG_RUNTIME_DIR/systemd/user/vocoder.service.d &&
		printf '[Service]\nWatchdogSec=5\n' > $XDG_RUNTIME_DIR/systemd/user/vocoder.service.d/test.conf &&
		systemctl --user daemon-reload && systemctl --user restart vocoder`)
	ok(t, err)
	t.Cleanup(func() {
		_, err := m.As(context.Background(), "alice", `rm -r $XDG_RUNTIME_DIR/systemd/user/vocoder.service.d; systemctl --user daemon-reload; systemctl --user restart vocoder`)
		ok(t, err)
	})
	pass(t, 12*time.Second) // two of its periods
	if n := show(t, "NRestarts"); n != "0" {
		t.Fatalf("%s restarts of a daemon that is well", n)
	}
	log := d.journal(t)
	_, err = m.As(ctx, "alice", "kill -STOP "+show(t, "MainPID"))
	ok(t, err)
	log.until(t, contains("started"))
	if n := show(t, "NRestarts"); n != "1" {
		t.Errorf("%s restarts of a daemon that hung once", n)
	}
}
