//go:build e2e

package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
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

// statusAfter returns how long after a command in alice's session the daemon's status had a
// text, in the machine's time.
func statusAfter(t *testing.T, command, text string) time.Duration {
	t.Helper()
	out, err := m.As(within(t, time.Minute), "alice", fmt.Sprintf(`
		f=$(mktemp -u); mkfifo $f; vocoderctl watch > $f & w=$!; exec 3< $f; sleep 2
		%s; s=$(date +%%s%%N)
		timeout 20 grep -m 1 -q '%s' <&3 || exit 1
		e=$(date +%%s%%N); kill $w; rm $f; echo $(( (e - s) / 1000000 ))`, command, text))
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
	took := statusAfter(t, "pactl set-source-mute @DEFAULT_SOURCE@ 1", "the microphone is muted")
	t.Logf("named after %v", took)
	if took > time.Second {
		t.Error("that is more than a second")
	}
	if got := text(m.As(ctx, "alice", "systemctl --user show vocoder -P StatusText"))(t); !strings.Contains(got, "the microphone is muted") {
		t.Errorf("status %q", got)
	}
	b.rig.do(t, holding("KEY_F14", time.Second))
	t.Log(b.log.until(t, contains("utterance refused")))
	took = statusAfter(t, "pactl set-source-mute @DEFAULT_SOURCE@ 0", `"lacks":{}`)
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
	b.startWith(t, plain+"mode: toggle\nsilence: {start_threshold: 0.5, stop_threshold: 1.5, amplitude: 0.01}\n")
	clips, err := speech.Clips()
	ok(t, err)
	for i := range 2 {
		b.rig.do(t, holding("KEY_F14", 100*time.Millisecond))
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
	open := func(want string) {
		t.Helper()
		_, err := m.As(ctx, "alice", "for i in $(seq 100); do pactl list source-outputs | grep -q 'Corked: "+want+"' && exit; sleep .1; done; exit 1")
		if err != nil {
			t.Errorf("the stream is not Corked: %s: %v", want, err)
		}
	}
	open("no")
	lockHint(t, true)
	open("yes")
	t.Log("locked: ", text(m.As(ctx, "alice", "sleep 7; pactl list short sources"))(t)) // the server suspends a source after five seconds
	lockHint(t, false)
	open("no")
}

// canary checks that recorded sound, and words that the daemon could not type, are not
// on the disk, in the journal, in files in memory, or in a core dump (F-37).
func canary(t *testing.T, b *mockSession) {
	ctx := within(t, 4*time.Minute)
	const dropIn = "/run/systemd/user/vocoder.service.d"
	_, err := m.Run(ctx, "mkdir -p "+dropIn+` && printf '[Service]\nLimitCORE=infinity\nEnvironment=GOTRACEBACK=crash\n' > `+dropIn+"/test.conf && sysctl -q kernel.core_pattern=/var/tmp/core.%e.%p && rm -f /var/tmp/core.*")
	ok(t, err)
	ok(t, b.systemctl(ctx, "daemon-reload"))
	t.Cleanup(func() {
		_, err := m.Run(context.Background(), "rm -r "+dropIn+" /var/tmp/core.*; sysctl -q kernel.core_pattern=core")
		ok(t, err)
		ok(t, b.systemctl(context.Background(), "daemon-reload"))
	})
	b.startWith(t, plain+"audio: {gate: false}\n")
	if got := text(m.Run(ctx, "cat /sys/fs/cgroup$(sed s/0::// /proc/"+b.pid+"/cgroup)/memory.swap.max"))(t); got != "0\n" {
		t.Errorf("of the daemon's memory, %s may go to swap", strings.TrimSpace(got))
	}
	if _, err := m.As(ctx, "alice", "cat /proc/"+b.pid+"/environ > /dev/null"); err == nil {
		t.Error("other programs of alice can look into the daemon")
	}
	const secret = "nightingale-7f3a" // as long as a mark
	song := warble()
	p, err := m.StartPlay(t.Context(), song)
	ok(t, err)
	b.rig.do(t, holding("KEY_F14", 3*time.Second))
	q := b.next(t)
	heard := q.Clip
	marks := distinctive(t, heard)
	q.answer <- "canary"
	b.types(t, "canary ")
	ok(t, p.Wait(t.Context()))
	left := remembered(t, b.pid, marks)
	t.Logf("%d of %d places of %v of sound are in the daemon's memory afterwards", left, len(marks), q.Duration())
	if left > 4 { // the microphone lingers and keeps the newest tenth of a second
		t.Error("they should have been overwritten")
	}

	b.rig.do(t, holding("KEY_F14", 700*time.Millisecond))
	q = b.next(t)
	lockHint(t, true) // the words have to wait
	q.answer <- secret
	b.log.until(t, contains("recognizer asked", fmt.Sprint("characters=", len(secret))))
	_, err = m.Run(ctx, "kill -ABRT "+b.pid+"; while test -d /proc/"+b.pid+"; do sleep .1; done")
	ok(t, err)
	lockHint(t, false)
	b.launch(t, "restart")
	b.hears(t)
	marks = append(marks, mark([]byte(secret)))

	p, err = m.StartPlay(t.Context(), song)
	ok(t, err)
	b.rig.do(t, "press p KEY_F14", "wait 2s")
	_, err = m.Run(ctx, "kill -ABRT "+b.pid+"; while test -d /proc/"+b.pid+"; do sleep .1; done")
	ok(t, err)
	b.rig.do(t, "release p KEY_F14")
	ok(t, p.Wait(t.Context()))
	_, err = m.As(ctx, "alice", "cd /; bash -c 'ulimit -c unlimited; kill -ABRT $$'; true")
	ok(t, err)
	if got := text(m.Run(ctx, "cd /var/tmp; ls core.*"))(t); !strings.Contains(got, "core.bash") || strings.Contains(got, "core.vocoder") {
		t.Errorf("core dumps: %q, want that of a shell alone", got)
	}

	searched := func(what string, found, bytes int) {
		t.Helper()
		t.Logf("%s: %d of %d places found in %d MiB", what, found, len(marks), bytes>>20)
		if found > 0 {
			t.Errorf("sound is in %s", what)
		}
	}
	disk := func() (int, int) {
		_, err := m.Run(ctx, "sync")
		ok(t, err)
		return onDisk(t, marks)
	}
	found, size := disk()
	searched("the disk", found, size)
	journal := []byte(text(m.Run(ctx, "journalctl -o export"))(t))
	searched("the journal", len(within16(journal, marks)), len(journal))
	files := []byte(text(m.Run(ctx, "tar -c /run /dev/shm 2> /dev/null || true"))(t))
	searched("files in memory", len(within16(files, marks)), len(files))

	_, err = m.Feed(ctx, "alice", "cat > control.wav", io.MultiReader(bytes.NewReader(heard.WAV()), strings.NewReader(secret)))
	ok(t, err)
	if found, _ := disk(); found < len(marks)/2 {
		t.Errorf("of a recording that is on the disk, %d of %d places are found", found, len(marks))
	}
	if found, _ := onDisk(t, marks[len(marks)-1:]); found == 0 {
		t.Error("words that are on the disk are not found")
	}
	_, err = m.As(ctx, "alice", "rm control.wav")
	ok(t, err)
}
