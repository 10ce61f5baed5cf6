package daemon

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/test/pulse"

	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
)

// pulseDaemon runs a daemon with its own PulseAudio, whose microphone play feeds.
func pulseDaemon(t *testing.T, written string, play func(*testing.T, pulse.Server), devices ...typing.Devices) *daemon {
	t.Helper()
	server := pulse.Start(t)
	play(t, server)
	cfg, _, err := settings.Of(config.Source{Text: []byte(written)})
	if err != nil {
		t.Fatal(err)
	}
	vars := map[string]string{"XDG_RUNTIME_DIR": server.Dir, "HOME": server.Dir, "PULSE_SERVER": server.Socket}
	env := environ.Env{Stdin: strings.NewReader(""), Stdout: os.Stdout, Stderr: os.Stderr, Lookup: func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}}
	o := Options{Env: env, Store: settings.Store{Env: env}, Config: cfg, Load: func(environ.Env) (settings.Loaded, error) { return cfg, nil }}
	if len(devices) > 0 {
		o.edges.devices = devices[0]
	}
	d := newDaemon(o, slog.New(slog.NewTextHandler(t.Output(), nil)), nil)
	up := make(chan struct{}, 1)
	d.status.show = func(string, control.Status) {
		select {
		case up <- struct{}{}:
		default:
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.run(ctx) }()
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

// press and release are a hold of the first bound key.
func press(t *testing.T, d *daemon)   { hold(t, d, dictate.Press{At: time.Now()}) }
func release(t *testing.T, d *daemon) { hold(t, d, dictate.Release{At: time.Now()}) }

func hold(t *testing.T, d *daemon, ev dictate.Event) {
	t.Helper()
	if err := d.dictation.Send(t.Context(), ev); err != nil {
		t.Error(err)
	}
}

// serveText returns the URL of a recognizer. understand returns its text for a number of
// bytes of sound.
func serveText(t *testing.T, understand func(sound int64) string) string {
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
