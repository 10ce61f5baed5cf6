package capture

import (
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestHour records for ten minutes, or for an hour if VOCODER_SWEEP is 1, and checks that
// no memory remains in use.
func TestHour(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	onFake(t, func(t *testing.T, f *fake) {
		c := f.config()
		c.AutoGain = true
		c.PreRoll = 300 * time.Millisecond
		m := runMic(t, c)
		m.ready(time.Second)
		<-time.After(time.Second)
		var soon, late runtime.MemStats
		var goroutines int
		minutes := 10
		if os.Getenv("VOCODER_SWEEP") == "1" {
			minutes = 60
		}
		for i := range minutes {
			h := m.record(59 * time.Second)
			if h.err != nil {
				t.Fatal(h.err)
			}
			lasts(t, h.clip, 59*time.Second+testTail+c.PreRoll+startMargin)
			h.clip.Wipe()
			<-time.After(time.Second)
			switch i {
			case 5:
				runtime.GC()
				runtime.ReadMemStats(&soon)
				goroutines = runtime.NumGoroutine()
			case minutes - 1:
				runtime.GC()
				runtime.ReadMemStats(&late)
			}
		}
		grown := int64(late.HeapAlloc) - int64(soon.HeapAlloc)
		t.Logf("heap after 6 minutes %d KiB, at the end %+d KiB", soon.HeapAlloc>>10, grown>>10)
		if grown > 256<<10 {
			t.Errorf("the heap grew by %d KiB", grown>>10)
		}
		if n := runtime.NumGoroutine(); n != goroutines {
			t.Errorf("%d goroutines, were %d", n, goroutines)
		}
	})
}

// descriptors counts the open files of this process.
func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// TestReconnecting loses the server many times and checks that no file stays open.
func TestReconnecting(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	onServer(t, "pulseaudio", func(t *testing.T, r *rig) {
		m := runMic(t, Config{Server: r.socket})
		m.ready(soon)
		before := descriptors(t)
		for range 5 {
			r.kill()
			m.until(soon, "waiting", func(s State) bool { return !s.Ready() })
			r.up()
			m.ready(soon)
		}
		// The pipe of a program that the test started may be open.
		if after := descriptors(t); after > before+1 {
			t.Errorf("%d open files, were %d", after, before)
		}
	})
}

// TestCost prints what the microphone costs at rest, lingering, and in use.
func TestCost(t *testing.T) {
	if os.Getenv("VOCODER_SWEEP") != "1" {
		t.Skip("VOCODER_SWEEP is not 1")
	}
	onServer(t, "pulseaudio", func(t *testing.T, r *rig) {
		const long = 10 * time.Second
		measure := func(what string) {
			var a, b syscall.Rusage
			_ = syscall.Getrusage(syscall.RUSAGE_SELF, &a)
			<-time.After(long)
			_ = syscall.Getrusage(syscall.RUSAGE_SELF, &b)
			cpu := time.Duration(b.Utime.Nano()+b.Stime.Nano()-a.Utime.Nano()-a.Stime.Nano()) / 10
			t.Logf("%s: %.1f wakeups/s, %v of CPU/s", what, float64(b.Nvcsw-a.Nvcsw)/long.Seconds(), cpu)
		}
		measure("this test alone")
		m := runMic(t, Config{Server: r.socket, Source: "speaker.monitor"})
		m.ready(soon)
		<-time.After(3 * time.Second) // the server sends events about a new client
		measure("at rest")
		m.record(time.Second)
		measure("lingering")
	})
}

// TestRecordingLeavesNothing checks that no buffer keeps sound that a recording has dropped.
func TestRecordingLeavesNothing(t *testing.T) {
	loud := func(n int) []int16 {
		s := make([]int16, n)
		for i := range s {
			s[i] = 7
		}
		return s
	}
	quiet := func(what string, s []int16) {
		t.Helper()
		for i, v := range s {
			if v != 0 {
				t.Errorf("%s: sample %d is left", what, i)
				return
			}
		}
	}
	k := newRecording(time.Now(), &fakeVoice{}, 0)
	k.add(0, loud(100))
	first := k.buf
	k.add(100, loud(10*pcm.Rate))
	quiet("grown", first[:cap(first)])
	k.trimStart(50)
	quiet("begun later", k.buf[len(k.buf):cap(k.buf)])
	k.setEnd(1000)
	if len(k.buf) != 950 {
		t.Errorf("%d samples, want 950", len(k.buf))
	}
	quiet("ended earlier", k.buf[len(k.buf):cap(k.buf)])
	all := k.buf[:cap(k.buf)]
	k.wipe()
	quiet("discarded", all)
	r := newRing(100)
	r.add(loud(250))
	if n := r.last(1000); len(n) != 100 || len(r.last(30)) != 30 {
		t.Errorf("%d samples in the ring", len(n))
	}
	r.wipe()
	quiet("ring", r.buf)
}
