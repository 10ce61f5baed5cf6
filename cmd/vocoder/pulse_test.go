package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/environ"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/notification"
	"github.com/arealicehole/vocoder/internal/pcm"
)

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
	null, err := capture.OpenNull(t.Context(), d.PulseServer(), name)
	for n := 0; err != nil && n < 100; n++ {
		<-time.After(50 * time.Millisecond)
		null, err = capture.OpenNull(t.Context(), d.PulseServer(), name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return null
}

// pulseDaemon runs a daemon with a PulseAudio of its own. Play is given the fifo
// that its microphone reads from.
func pulseDaemon(t *testing.T, written string, play func(t *testing.T, fifo string), devices ...typing.Devices) *daemon {
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
	cfg, _, err := settings.Of(config.Source{Text: []byte(written)})
	if err != nil {
		t.Fatal(err)
	}
	vars := map[string]string{"XDG_RUNTIME_DIR": dir, "HOME": dir, "PULSE_SERVER": socket}
	a := &app{Env: environ.Env{Stdin: strings.NewReader(""), Stdout: os.Stdout, Stderr: os.Stderr, Lookup: func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}}}
	d := &daemon{app: a, log: slog.New(slog.NewTextHandler(t.Output(), nil)), load: func() (settings.Loaded, error) { return cfg, nil }, notifier: notification.New("")}
	if len(devices) > 0 {
		d.devices = devices[0]
	}
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

// pour plays samples into a fifo until the test ends.
func pour(t *testing.T, fifo string, next func() int16) {
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
				b = binary.LittleEndian.AppendUint16(b, uint16(next()))
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

// hum plays a tone.
func hum(t *testing.T, fifo string) {
	t.Helper()
	n := 0
	pour(t, fifo, func() int16 {
		n++
		return int16(8000 * math.Sin(2*math.Pi*200*float64(n)/pcm.Rate))
	})
}

// recogniser returns the URL of one that understands what is said of sound of so
// many bytes.
func recogniser(t *testing.T, understand func(sound int64) string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, head, err := r.FormFile("file")
		if err != nil { // it is only asked whether it is there
			http.Error(w, `{"detail":"file: field required"}`, http.StatusUnprocessableEntity)
			return
		}
		_ = f.Close()                                                                   // it was not read
		_ = json.NewEncoder(w).Encode(map[string]string{"text": understand(head.Size)}) // the client's concern
	}))
	t.Cleanup(server.Close)
	return server.URL
}
