package daemon

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/test/pulse"
)

// TestSoak has the daemon record in mode auto from a real PulseAudio, again and
// again, and looks for what it does not give back: memory, open files,
// goroutines. Where everything is tested it does so for an hour, and ten thousand
// times.
func TestSoak(t *testing.T) {
	if os.Getenv("VOCODER_SOUND") != "1" {
		t.Skip("VOCODER_SOUND is not 1")
	}
	const forever = 24 * time.Hour
	for _, tt := range []struct {
		name  string
		sweep bool
		long  time.Duration // of each second recording; the others are of 50 ms
		total time.Duration
		count int
		words string // that are understood of each second recording
	}{
		{"half a minute", false, 50 * time.Millisecond, 30 * time.Second, math.MaxInt, ""},
		{"an hour", true, 100 * time.Second, time.Hour, math.MaxInt, ""},
		{"ten thousand", true, 50 * time.Millisecond, forever, 10_000, "words"}, // and nothing to type them with
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.sweep != (os.Getenv("VOCODER_SWEEP") == "1") {
				t.Skip("make sweep-soak records long, the other tests short")
			}
			soak(t, tt.long, tt.total, tt.count, tt.words)
		})
	}
}

// soak records until so much time has passed or so many recordings were made.
// What is used is compared after a tenth of that and at the end.
func soak(t *testing.T, long, total time.Duration, count int, words string) {
	heard := make(chan struct{}, 1)
	var asked, bytes atomic.Int64
	url := serveText(t, func(sound int64) string {
		bytes.Add(sound)
		select {
		case heard <- struct{}{}:
		default: // of a long recording there are many
		}
		if asked.Add(1)%2 == 0 {
			return words
		}
		return ""
	})
	d := soakDaemon(t, url)

	tap := func() {
		press(t, d)
		release(t, d)
	}
	began, n := time.Now(), 0
	var before use
	tenths := 1
	for ; time.Since(began) < total && n < count; n++ {
		length := 50 * time.Millisecond
		switch {
		case n == 0:
			length = 3 * time.Second // the microphone is being opened
		case n%2 == 1:
			length = long
		}
		tap()
		<-time.After(length)
		select {
		case <-heard: // while it went on
		default:
		}
		tap()
		select {
		case <-heard:
		case <-time.After(time.Minute):
			t.Fatalf("nothing came of recording %d", n)
		}
		if time.Since(began) < total/10*time.Duration(tenths) && n < count/10*tenths {
			continue
		}
		tenths++
		now := measureUse(t)
		t.Logf("%6.0f s, %d recordings, %d KiB sent: %v", time.Since(began).Seconds(), n+1, bytes.Load()>>10, now)
		if before.files == 0 {
			before = now
		}
	}
	after := measureUse(t)
	if after.files > before.files || after.goroutines > before.goroutines || after.heap > before.heap+1<<20 || after.resident > before.resident+16<<20 {
		t.Errorf("after %d recordings %v, was %v", n, after, before)
	}
}

// soakDaemon runs a daemon in mode auto with a microphone that hums.
func soakDaemon(t *testing.T, recognizer string) *daemon {
	t.Helper()
	return pulseDaemon(t, "whisper_url: "+recognizer+"/v1/transcribe\nwhisper: {dialect: vocoder}\n"+
		"audio: {source: mic, tail: 0s, gate: false}\nmode: auto\nmin_hold: 0s\n", func(t *testing.T, s pulse.Server) { s.Hum(t) })
}

// A use is what this process has of the machine.
type use struct {
	heap, resident    uint64 // bytes
	files, goroutines int
}

func (u use) String() string {
	return fmt.Sprintf("heap %d KiB, resident %d KiB, %d files, %d goroutines", u.heap>>10, u.resident>>10, u.files, u.goroutines)
}

func measureUse(t *testing.T) use {
	t.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	statm, err := os.ReadFile("/proc/self/statm") // proc_pid_statm(5)
	if err != nil {
		t.Fatal(err)
	}
	var size, resident uint64
	if _, err := fmt.Sscan(string(statm), &size, &resident); err != nil {
		t.Fatal(err)
	}
	return use{m.HeapAlloc, resident * uint64(os.Getpagesize()), len(files), runtime.NumGoroutine()}
}
