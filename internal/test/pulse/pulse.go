// Package pulse gives a test a private PulseAudio, whose microphone plays the sound that
// the test writes.
package pulse

import (
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/internal/test/isolated"
)

// Wanted skips a test of real sound if there is no PulseAudio. If VOCODER_SOUND requires
// one, it fails the test.
func Wanted(t *testing.T) {
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

// A Server is a PulseAudio with one microphone, "mic".
type Server struct {
	Dir    string // its runtime and home folder
	Socket string // its address
	Fifo   string // the microphone plays the samples in it: 16 bits, pcm.Rate
}

// Start starts a server until the end of the test. It may not be ready yet.
func Start(t *testing.T) Server {
	t.Helper()
	dir := t.TempDir()
	s := Server{dir, filepath.Join(dir, "native"), filepath.Join(dir, "fifo")}
	pulse := exec.Command("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
		"-L", "module-pipe-source source_name=mic file="+s.Fifo+" format=s16le rate=16000 channels=1", "-L", "module-native-protocol-unix socket="+s.Socket+" auth-anonymous=1")
	pulse.Env = isolated.Environ(dir, "PULSE_RUNTIME_PATH="+dir, "PULSE_STATE_PATH="+dir)
	pulse.Stdout, pulse.Stderr = t.Output(), t.Output()
	pulse.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := pulse.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = pulse.Process.Kill() // it has no data to lose
		_ = pulse.Wait()
	})
	return s
}

const (
	retryInterval = 50 * time.Millisecond
	// readyLimit is how long the server may take to start. It takes a second on an idle
	// machine.
	readyLimit = 2 * time.Minute
)

// retry calls try until it succeeds, which it does when the server is ready.
func retry[T any](t *testing.T, try func() (T, error)) T {
	t.Helper()
	tick := time.NewTicker(retryInterval)
	defer tick.Stop()
	limit := time.After(readyLimit)
	for {
		got, err := try()
		if err == nil {
			return got
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("the server is not ready after %v: %v", readyLimit, err)
		}
	}
}

// OpenNull creates an output on the server as soon as the server is ready.
func (s Server) OpenNull(t *testing.T, name string) *capture.Null {
	t.Helper()
	return retry(t, func() (*capture.Null, error) {
		return capture.OpenNull(t.Context(), capture.Config{Server: s.Socket}, name)
	})
}

// OpenFifo opens the FIFO for writing as soon as it exists.
func (s Server) OpenFifo(t *testing.T) *os.File {
	t.Helper()
	return retry(t, func() (*os.File, error) { return os.OpenFile(s.Fifo, os.O_RDWR|syscall.O_NONBLOCK, 0) })
}

// Play plays samples into the microphone until the test ends.
func (s Server) Play(t *testing.T, next func() int16) {
	t.Helper()
	f := s.OpenFifo(t)
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
			var b []byte // a late tick writes the samples of the ticks before
			for due := int64(time.Since(began).Seconds() * pcm.Rate); played < due; played++ {
				b = binary.LittleEndian.AppendUint16(b, uint16(next()))
			}
			_, _ = f.Write(b) // the server may not read yet
		}
	})
	t.Cleanup(func() {
		close(done)
		_ = f.Close()
		wg.Wait()
	})
}

// Hum plays a tone of 200 Hz.
func (s Server) Hum(t *testing.T) {
	t.Helper()
	n := 0
	s.Play(t, func() int16 {
		n++
		return int16(8000 * math.Sin(2*math.Pi*200*float64(n)/pcm.Rate))
	})
}
