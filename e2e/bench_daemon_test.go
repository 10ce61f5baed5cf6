//go:build e2e

package e2e_test

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/test/measure"
	"github.com/arealicehole/vocoder/internal/test/repo"
)

// TestBenchDaemon measures the daemon in alice's session: how long it takes to be ready,
// what it costs while alice does not speak, and the time from release to the first and
// the last key. The recognizer is one that answers at once, then vocoder-engine.
func TestBenchDaemon(t *testing.T) {
	measure.Wanted(t)
	measure.Version(t, strings.TrimSpace(text(m.Run(within(t, time.Minute), ". /etc/os-release; echo $PRETTY_NAME, Linux $(uname -r), $(nproc) processors"))(t)))
	benchExposure(t)
	d := newRealSession(t)
	t.Run("engine", func(t *testing.T) { benchEngine(t, d) })
	s := d.useFakeServer(t)
	t.Run("start", benchStart)
	t.Run("idle", benchIdle)
	t.Run("release", func(t *testing.T) { benchRelease(t, d, s) })
}

// benchExposure measures the scores of `systemd-analyze security` for the units, of ten.
func benchExposure(t *testing.T) {
	top, err := repo.Top()
	ok(t, err)
	for what, files := range map[string][]string{
		"helper":             {"inputd/vocoder-inputd.service"},
		"user unit":          {"vocoder.service"},
		"user unit, sandbox": {"vocoder.service", "50-sandbox.conf"},
		"user unit, strict":  {"vocoder.service", "50-sandbox.conf", "60-strict.conf"},
	} {
		var names []string
		for _, f := range files {
			ok(t, m.Put(within(t, time.Minute), filepath.Join(top, "packaging", f), "/tmp/"+filepath.Base(f)))
			names = append(names, "/tmp/"+filepath.Base(f))
		}
		measure.Tell(t, "exposure, "+what, "of 10", exposure(t, names...))
	}
}

// benchStart measures the time from fork to READY=1, as the user's service manager logs it.
func benchStart(t *testing.T) {
	var starts []float64
	for range 9 {
		_, err := m.As(within(t, time.Minute), "alice", "systemctl --user reset-failed vocoder; systemctl --user restart vocoder")
		ok(t, err)
		began, err := strconv.ParseFloat(show(t, "ExecMainStartTimestampMonotonic"), 64)
		ok(t, err)
		ready, err := strconv.ParseFloat(show(t, "ActiveEnterTimestampMonotonic"), 64)
		ok(t, err)
		starts = append(starts, (ready-began)/1000)
	}
	measure.Tell(t, "start to READY", "ms", starts...)
}

// benchIdle measures idle minutes after the start. The microphone is closed, because there
// was no recording yet.
func benchIdle(t *testing.T) {
	bring(within(t, time.Minute), t, "keyrig")
	rig := startRig(t)
	rig.do(t, "wait 30s")
	resting(t, rig, show(t, "MainPID"), "idle", time.Minute)
}

var stamped = regexp.MustCompile(`(?m)^Event: time (\d+\.\d+), type 1 \(EV_KEY\).*value [01]$`)

// strokes records the presses and releases of a device from now on. The function that it
// returns ends this and returns the kernel's time of each, in seconds.
func strokes(ctx context.Context, t *testing.T, node string) func() []float64 {
	t.Helper()
	file := "/run/strokes-" + node
	_, err := m.Run(ctx, fmt.Sprintf(`setsid stdbuf -oL evtest /dev/input/%s > %s 2>&1 < /dev/null &
		for i in $(seq 100); do grep -q 'interrupt to exit' %[2]s && exit; sleep .1; done; exit 1`, node, file))
	ok(t, err)
	return func() (all []float64) {
		t.Helper()
		out := text(m.Run(ctx, fmt.Sprintf("pkill -f 'evtest /dev/input/%s$'; cat %s", node, file)))(t)
		for _, found := range stamped.FindAllStringSubmatch(out, -1) {
			at, err := strconv.ParseFloat(found[1], 64)
			ok(t, err)
			all = append(all, at)
		}
		return all
	}
}

// nodeOf returns the event node of the device with the name.
func nodeOf(ctx context.Context, t *testing.T, name string) string {
	t.Helper()
	return strings.TrimSpace(text(m.Run(ctx, `for d in /sys/class/input/event*; do grep -qi '`+name+`' $d/device/name && basename $d; done | head -n 1`))(t))
}

// benchRelease compares the kernel's time of the released key with that of the virtual
// keyboard's first and last key. It subtracts the tail of the recording and the time of the
// recognizer, which the daemon logs.
func benchRelease(t *testing.T, d *realSession, s *fakeServer) {
	const said, times = "ok then.", 15
	log := d.journal(t)
	ctx := within(t, 6*time.Minute)
	finger, hand := strokes(ctx, t, nodeOf(ctx, t, "^AT Translated")), strokes(ctx, t, nodeOf(ctx, t, "^vocoder"))
	measured := working(t, show(t, "MainPID"), "dictating")
	var others []float64
	for range times {
		s.says(said)
		d.say(t, d.clips[len(d.clips)-1].Clip)
		end := log.until(t, contains("utterance typed", "release_to_text="))
		others = append(others, logged(t, end, "tail")+logged(t, end, "recogniser"))
	}
	measured()
	var first, last, own []float64
	pressed, typed := finger(), hand()
	if len(pressed) != 2*times {
		t.Fatalf("the key was pressed or released %d times, want %d", len(pressed), 2*times)
	}
	for i, other := range others {
		released, next := pressed[2*i+1], math.Inf(1)
		if i+1 < times {
			next = pressed[2*i+2]
		}
		var mine []float64 // of this utterance
		for _, at := range typed {
			if at > released && at < next {
				mine = append(mine, at)
			}
		}
		if len(mine) == 0 {
			t.Fatalf("nothing was typed of utterance %d", i)
		}
		first = append(first, (mine[0]-released)*1000)
		last = append(last, (mine[len(mine)-1]-released)*1000)
		own = append(own, (mine[0]-released)*1000-other)
	}
	measure.Tell(t, "release to first key", "ms", first...)
	measure.Tell(t, "release to last key", "ms", last...)
	measure.Tell(t, "release to first key, tail and recognizer taken off", "ms", own...)
}

// benchEngine measures the same with the shipped recognizer, by the daemon's clock.
func benchEngine(t *testing.T, d *realSession) {
	log := d.journal(t)
	var all []float64
	for range 9 {
		d.say(t, d.clips[len(d.clips)-1].Clip)
		all = append(all, logged(t, log.until(t, contains("utterance typed", "release_to_text=")), "release_to_text"))
	}
	measure.Tell(t, "release to last key, vocoder-engine", "ms", all...)
}

// logged returns a duration of a line of the journal, in milliseconds.
func logged(t *testing.T, line, field string) float64 {
	t.Helper()
	found := regexp.MustCompile(`\b` + field + `="?([0-9.a-zµ]+)`).FindStringSubmatch(line)
	if found == nil {
		t.Fatalf("no %s in %q", field, line)
	}
	d, err := time.ParseDuration(found[1])
	ok(t, err)
	return float64(d) / float64(time.Millisecond)
}
