package daemon

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/app/helper"
	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
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
