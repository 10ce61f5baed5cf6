package daemon

import (
	"context"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/test/recognizer"

	sd "github.com/coreos/go-systemd/v22/daemon"

	"github.com/arealicehole/vocoder/capture"
	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/evdev"
)

// TestWatchdog blocks each loop of a daemon in turn: the log names it, and
// systemd gets no report until it goes on.
func TestWatchdog(t *testing.T) {
	const tick = 200 * time.Millisecond
	for _, tt := range []struct {
		name  string
		block func(t *testing.T, d *watchedDaemon) (free func())
	}{
		{"dictation", func(t *testing.T, d *watchedDaemon) func() {
			d.sounds.mu.Lock()
			ctx, cancel := context.WithTimeout(t.Context(), tick)
			defer cancel()
			if err := d.dictation.Send(ctx, dictate.Cancel{}); err == nil { // it waits for the sounds to take the status
				t.Error("not blocked")
			}
			return d.sounds.mu.Unlock
		}},
		{"settings", func(t *testing.T, d *watchedDaemon) func() {
			stuck, free := make(chan struct{}), make(chan struct{})
			d.Load = func(environ.Env) (settings.Loaded, error) {
				close(stuck)
				<-free
				return settings.Loaded{}, io.EOF
			}
			d.reloads <- nil
			<-stuck
			return func() { close(free) }
		}},
		{"keys", func(t *testing.T, d *watchedDaemon) func() {
			p := d.current()
			d.put(&pipeline{cfg: p.cfg, keys: evdev.New(evdev.Config{}), mic: p.mic, recognizer: p.recognizer}) // this one does not run
			return func() { d.put(p) }
		}},
		{"microphone", func(t *testing.T, d *watchedDaemon) func() {
			p := d.current()
			d.put(&pipeline{cfg: p.cfg, keys: p.keys, mic: capture.New(capture.Config{}), recognizer: p.recognizer})
			return func() { d.put(p) }
		}},
		{"keyboard", func(t *testing.T, d *watchedDaemon) func() {
			d.opening.Lock()
			return d.opening.Unlock
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := watch(t)
			go w.watchdog(t.Context(), tick)
			<-w.fed
			free := tt.block(t, w)
			for range 3 {
				if got := unresponsive(t.Context(), w.probes(), tick); !slices.Equal(got, []string{tt.name}) {
					t.Errorf("silent: %v", got)
				}
			}
			if n := len(w.fed); n > 1 {
				t.Errorf("systemd got a report %d times", n)
			}
			free()
			for len(w.fed) > 0 {
				<-w.fed
			}
			<-w.fed
			if got := unresponsive(t.Context(), w.probes(), 10*time.Second); got != nil {
				t.Errorf("silent afterwards: %v", got)
			}
			if !strings.Contains(w.said(), `msg="stands still" loops=`+tt.name) {
				t.Error("the journal does not say which")
			}
		})
	}
}

// A watchedDaemon is a running daemon without a sound server, with its reports to systemd.
type watchedDaemon struct {
	opening sync.Mutex // held while the keyboard does not open
	*daemon
	fed     chan struct{} // has one for each WATCHDOG=1
	started chan struct{}

	mu  sync.Mutex
	log strings.Builder
}

func watch(t *testing.T) *watchedDaemon {
	t.Helper()
	dir := t.TempDir()
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(dir, "notify"))
	cfg := settings.Default()
	cfg.Whisper[0].URL, cfg.Bindings[0].Device = recognizer.Absent(t)+"/v1/transcribe", "no device of this host"
	vars := map[string]string{"XDG_RUNTIME_DIR": dir, "HOME": dir, "PULSE_SERVER": filepath.Join(dir, "none")}
	w := &watchedDaemon{fed: make(chan struct{}, 100), started: make(chan struct{})}
	env := environ.Env{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Lookup: func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}}
	devices := typing.Devices{
		Open:  func() (typing.Device, typing.PhysicalKeys, error) { return &paper{}, noKeysDown{}, nil },
		Check: func() error { w.opening.Lock(); defer w.opening.Unlock(); return nil },
	}
	w.daemon = newDaemon(Options{Env: env, Store: settings.Store{Env: env}, Config: cfg, edges: edges{devices: devices}}, slog.New(slog.NewTextHandler(w, nil)), nil)
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() {
		if err := w.run(ctx); err != nil {
			t.Error(err)
		}
	})
	all.Go(func() {
		for b := make([]byte, 4096); ; {
			n, err := socket.Read(b)
			if err != nil {
				return
			}
			if string(b[:n]) == sd.SdNotifyWatchdog {
				w.fed <- struct{}{}
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		_ = socket.Close() // nothing is written to it
		all.Wait()
	})
	<-w.started
	return w
}

// Write takes a line of the log.
func (w *watchedDaemon) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if strings.Contains(string(b), "msg=started") {
		close(w.started)
	}
	return w.log.Write(b)
}

func (w *watchedDaemon) said() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

// put makes p the pipeline in use, which does not run.
func (d *daemon) put(p *pipeline) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pipeline = p
}

// TestWatchdogEnds: without a limit from systemd there is no watchdog, and a watchdog ends
// with its daemon.
func TestWatchdogEnds(t *testing.T) {
	w := watch(t)
	w.watchdog(t.Context(), 0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w.watchdog(ctx, time.Hour)
	if len(w.fed) > 0 {
		t.Error("systemd got a report")
	}
}
