package validate

import (
	"testing"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/test/isolated"
)

// TestMain keeps the tests apart from the user who runs them.
func TestMain(m *testing.M) { isolated.Main(m) }

// TestKeys: a chord that vocoder-inputd does not listen for is wrong if it opens the devices.
func TestKeys(t *testing.T) {
	for devices, wrong := range map[string]bool{"helper": true, "direct": false} {
		cfg, _, err := settings.Of(config.Source{Text: []byte("devices: " + devices + "\nkey: KEY_F13+KEY_F14+KEY_F15+KEY_F16+KEY_F17\n")})
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		env := environ.Env{Lookup: func(name string) (string, bool) { return dir, name == "XDG_RUNTIME_DIR" || name == "HOME" }}
		if err := Settings(settings.Store{Env: env}, cfg); (err != nil) != wrong {
			t.Errorf("devices %s: %v", devices, err)
		}
	}
}
