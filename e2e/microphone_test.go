//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

// TestMicrophone checks what the daemon records, what it does not record, and what it reports.
// The recognizer is the test itself.
func TestMicrophone(t *testing.T) {
	b := quietMockSession(t)
	for _, tt := range []struct {
		name string
		test func(*testing.T, *mockSession)
	}{
		{"muted", muted},
		{"silence", silence},
		{"ends by itself", endsByItself},
		{"locked", lockedMicrophone},
		{"canary", canary},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.pedals(t)
			tt.test(t, b)
		})
	}
}

// plain are settings for a key that types nothing.
const plain = `whisper_url: http://127.0.0.1:8771/v1/transcribe
whisper: {dialect: vocoder}
key: KEY_F14
debug: true
`

// statusAfter returns how long after a command in alice's session grep found, with
// these arguments, the daemon's status. It is in the machine's time.
func statusAfter(t *testing.T, command, arguments string) time.Duration {
	t.Helper()
	out, err := m.As(within(t, time.Minute), "alice", fmt.Sprintf(`
		f=$(mktemp -u); mkfifo $f; vocoderctl watch > $f & w=$!; exec 3< $f; sleep 2
		%s; s=$(date +%%s%%N)
		timeout 20 grep -m 1 -q %s <&3 || exit 1
		e=$(date +%%s%%N); kill $w; rm $f; echo $(( (e - s) / 1000000 ))`, command, arguments))
	ok(t, err)
	ms, err := strconv.Atoi(strings.TrimSpace(out))
	ok(t, err)
	return time.Duration(ms) * time.Millisecond
}

// muted checks that the status reports a muted microphone within a second, without a
// press, until it is unmuted.
func muted(t *testing.T, b *mockSession) {
	ctx := within(t, 2*time.Minute)
	b.startWith(t, plain)
	t.Cleanup(func() {
		_, err := m.As(context.Background(), "alice", "pactl set-source-mute @DEFAULT_SOURCE@ 0")
		ok(t, err)
	})
	took := statusAfter(t, "pactl set-source-mute @DEFAULT_SOURCE@ 1", "'the microphone is muted'")
	t.Logf("named after %v", took)
	if took > time.Second {
		t.Error("that is more than a second")
	}
	if got := text(m.As(ctx, "alice", "systemctl --user show vocoder -P StatusText"))(t); !strings.Contains(got, "the microphone is muted") {
		t.Errorf("status %q", got)
	}
	b.rig.do(t, holding("KEY_F14", time.Second))
	t.Log(b.log.until(t, contains("utterance refused")))
	took = statusAfter(t, "pactl set-source-mute @DEFAULT_SOURCE@ 0", "-v 'the microphone is muted'") // on a busy host it may lack sound
	t.Logf("no longer named after %v", took)
	if took > time.Second {
		t.Error("that is more than a second")
	}
	b.none(t)
}

// silence checks that the daemon sends speech to the recognizer, and no other sound.
func silence(t *testing.T, b *mockSession) {
	r := rand.New(rand.NewPCG(1, 2))
	tick := 0.0
	sounds := []struct {
		name string
		at   func(s float64) float64
	}{
		{"nothing", func(float64) float64 { return 0 }},
		{"hum", func(s float64) float64 { return .1*math.Sin(2*math.Pi*100*s) + .05*math.Sin(2*math.Pi*200*s) }},
		{"white noise", func(float64) float64 { return .1 * r.NormFloat64() }},
		{"clicks", func(s float64) float64 {
			if tick *= .97; math.Mod(s, .2) < 1.5/pcm.Rate {
				tick = .8
			}
			return tick * r.NormFloat64() / 2
		}},
		{"a tone", func(s float64) float64 { return .3 * math.Sin(2*math.Pi*440*s) }},
	}
	b.startWith(t, plain)
	for _, s := range sounds {
		c := pcm.Clip{Rate: pcm.Rate}
		for i := range 3 * pcm.Rate {
			c.Samples = append(c.Samples, int16(max(min(s.at(float64(i)/pcm.Rate), .9), -.9)*math.MaxInt16))
		}
		p, err := m.StartPlay(t.Context(), c)
		ok(t, err)
		b.rig.do(t, "wait 500ms", holding("KEY_F14", 2*time.Second))
		t.Log(s.name, ": ", b.log.until(t, contains("utterance refused", "reason=silence")))
		ok(t, p.Wait(t.Context()))
	}
	t.Logf("%d requests for %d recordings without speech", len(b.heard), len(sounds))
	b.none(t)
	clips, err := speech.Clips()
	ok(t, err)
	p, err := m.StartPlay(t.Context(), clips[0].Clip)
	ok(t, err)
	b.rig.do(t, holding("KEY_F14", clips[0].Duration()+time.Second))
	ok(t, p.Wait(t.Context()))
	b.next(t).answer <- "said"
	b.types(t, "said ")
}

// endsByItself checks that in mode toggle the settings silence.* end the recording, and
// that its text is typed.
func endsByItself(t *testing.T, b *mockSession) {
	// In one piece: the silence at the end is as long as a piece.
	b.startWith(t, plain+"background: false\nmode: toggle\nsilence: {start_threshold: 0.5, stop_threshold: 1.5, amplitude: 0.01}\n")
	clips, err := speech.Clips()
	ok(t, err)
	for i := range 2 {
		b.rig.do(t, holding("KEY_F14", 100*time.Millisecond))
		opened(t)
		ok(t, m.Play(within(t, time.Minute), clips[0].Clip))
		q := b.next(t) // the key was pressed only once
		t.Logf("%v of sound for %v of speech", q.Duration(), clips[0].Duration())
		if q.Duration() < clips[0].Duration() {
			t.Error("some of it is missing")
		}
		q.answer <- "said"
		b.types(t, strings.Repeat("said ", i+1))
	}
	b.none(t)
}

// lockedMicrophone checks that the microphone is closed while the session is locked, also with
// a pre-roll, which otherwise keeps it open.
func lockedMicrophone(t *testing.T, b *mockSession) {
	ctx := within(t, 2*time.Minute)
	b.startWith(t, plain+"audio: {pre_roll: 300ms}\n")
	open := func(want int) {
		t.Helper()
		_, err := m.As(ctx, "alice", fmt.Sprintf("for i in $(seq 600); do [ $(pactl list short source-outputs | wc -l) = %d ] && exit; sleep .1; done; exit 1", want))
		if err != nil {
			t.Errorf("not %d streams: %v", want, err)
		}
	}
	open(1)
	lockHint(t, true)
	open(0)
	t.Log("locked: ", text(m.As(ctx, "alice", "sleep 7; pactl list short sources"))(t)) // the server suspends a source after five seconds
	lockHint(t, false)
	open(1)
}
