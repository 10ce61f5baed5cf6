package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/bubble"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/pcm"
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
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, head, err := r.FormFile("file")
		if err != nil { // it is only asked whether it is there
			http.Error(w, `{"detail":"file: field required"}`, http.StatusUnprocessableEntity)
			return
		}
		_ = f.Close() // it was not read
		text := ""
		if asked.Add(1)%2 == 0 {
			text = words
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"text": text}) // the client's concern
		bytes.Add(head.Size)
		select {
		case heard <- struct{}{}:
		default: // of a long recording there are many
		}
	}))
	defer server.Close()
	d := soakDaemon(t, server.URL)

	tap := func() {
		d.send(key.Event{Down: true, At: time.Now()})
		d.send(key.Event{At: time.Now(), Cause: key.Physical})
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
		case <-time.After(10 * time.Second):
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
func soakDaemon(t *testing.T, recogniser string) *daemon {
	t.Helper()
	return pulseDaemon(t, "whisper_url: "+recogniser+"/v1/transcribe\nwhisper: {dialect: vocoder}\n"+
		"audio: {source: mic, tail: 0s, gate: false}\nmode: auto\nmin_hold: 0s\n", hum)
}

// needPulse skips a test of real sound where there is no PulseAudio, unless
// VOCODER_SOUND says that there has to be.
func needPulse(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes seconds")
	}
	if _, err := exec.LookPath("pulseaudio"); err != nil {
		if os.Getenv("VOCODER_SOUND") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// openNull makes an output on the server of a daemon, which may be starting.
func openNull(t *testing.T, d *daemon, name string) *capture.Null {
	t.Helper()
	null, err := capture.OpenNull(t.Context(), d.pulseServer(), name)
	for n := 0; err != nil && n < 100; n++ {
		<-time.After(50 * time.Millisecond)
		null, err = capture.OpenNull(t.Context(), d.pulseServer(), name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return null
}

// pulseDaemon runs a daemon with a PulseAudio of its own. Play is given the fifo
// that its microphone reads from.
func pulseDaemon(t *testing.T, settings string, play func(t *testing.T, fifo string)) *daemon {
	t.Helper()
	dir := t.TempDir()
	socket, fifo := filepath.Join(dir, "native"), filepath.Join(dir, "fifo")
	pulse := exec.Command("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
		"-L", "module-pipe-source source_name=mic file="+fifo+" format=s16le rate=16000 channels=1", "-L", "module-native-protocol-unix socket="+socket+" auth-anonymous=1")
	pulse.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+dir, "HOME="+dir, "PULSE_RUNTIME_PATH="+dir, "PULSE_STATE_PATH="+dir)
	pulse.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := pulse.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = pulse.Process.Kill() // it has nothing to lose
		_ = pulse.Wait()
	})
	play(t, fifo)
	cfg, _, err := config.Load(config.Source{Text: []byte(settings)})
	if err != nil {
		t.Fatal(err)
	}
	vars := map[string]string{"XDG_RUNTIME_DIR": dir, "HOME": dir, "PULSE_SERVER": socket}
	a := &app{stdin: strings.NewReader(""), stdout: os.Stdout, stderr: os.Stderr, env: func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}}
	d := &daemon{app: a, log: slog.New(slog.NewTextHandler(t.Output(), nil)), load: func() (config.Config, error) { return cfg, nil }, bubble: bubble.New("")}
	up := make(chan struct{}, 1)
	d.board.show = func(string, control.Status) {
		select {
		case up <- struct{}{}:
		default:
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.run(ctx, cfg) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	select {
	case <-up:
	case err := <-done:
		t.Fatal(err)
	}
	return d
}

// openFifo opens a fifo to write to, once it is there.
func openFifo(t *testing.T, fifo string) *os.File {
	t.Helper()
	f, err := os.OpenFile(fifo, os.O_RDWR|syscall.O_NONBLOCK, 0)
	for n := 0; errors.Is(err, fs.ErrNotExist) && n < 200; n++ {
		<-time.After(50 * time.Millisecond)
		f, err = os.OpenFile(fifo, os.O_RDWR|syscall.O_NONBLOCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// hum plays a tone into a fifo until the test ends.
func hum(t *testing.T, fifo string) {
	t.Helper()
	f := openFifo(t, fifo)
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		played := int64(0)
		for began := time.Now(); ; {
			select {
			case <-tick.C:
			case <-done:
				return
			}
			var b []byte // a late tick is made up for
			for due := int64(time.Since(began).Seconds() * pcm.Rate); played < due; played++ {
				b = binary.LittleEndian.AppendUint16(b, uint16(int16(8000*math.Sin(2*math.Pi*200*float64(played)/pcm.Rate))))
			}
			_, _ = f.Write(b) // nobody may be reading yet
		}
	})
	t.Cleanup(func() {
		close(done)
		_ = f.Close()
		wg.Wait()
	})
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
