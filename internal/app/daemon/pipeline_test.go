package daemon

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/app/helper"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
)

// TestTooManyKeys: new settings with keys for which vocoder-inputd does not listen make no
// pipeline, whichever program they name. A pipeline without keys would end the daemon.
func TestTooManyKeys(t *testing.T) {
	for _, devices := range []string{"helper", "direct"} {
		cfg, _, err := settings.Of(config.Source{Text: []byte("devices: " + devices + "\nkey: KEY_F13+KEY_F14+KEY_F15+KEY_F16+KEY_F17\n")})
		if err != nil {
			t.Fatal(err)
		}
		log := slog.New(slog.DiscardHandler)
		d := &daemon{helper: helper.New(log, func() {}), log: log}
		if _, err := d.newPipeline(cfg); err == nil || !strings.Contains(err.Error(), "key: vocoder-inputd listens for at most 4 keys") {
			t.Errorf("devices %s: %v", devices, err)
		}
	}
}

// TestLateReports: an utterance that fails after its settings were replaced does not show a
// problem of the recognizer or the program that are in use now.
func TestLateReports(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false, false)
	failed := errors.New("no connection")
	w.d.reporter(w.d.current())(control.UserText, failed)
	old := w.d.current()
	w.do(control.Reload)
	w.until("the new settings are in use", func() bool { return w.d.current() != old && w.passed["keys"] > 1 })
	for _, tt := range []struct {
		part    control.Part
		of      *pipeline
		problem bool
	}{
		{control.UserText, nil, false}, // of before the reload
		{control.Recognizer, old, false},
		{control.UserText, old, false},
		{control.Words, old, true}, // the last text is still the last
		{control.Recognizer, w.d.current(), true},
		{control.UserText, w.d.current(), true},
	} {
		if tt.of != nil {
			w.d.reporter(tt.of)(tt.part, failed)
		}
		if _, problem := w.d.status.now().Lacks[tt.part]; problem != tt.problem {
			t.Errorf("%s of the old settings: %v, shown as a problem: %v", tt.part, tt.of == old, problem)
		}
	}
}
