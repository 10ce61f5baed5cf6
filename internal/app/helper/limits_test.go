package helper

import (
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
)

// TestCheckKeys: settings with keys that the helper does not listen for are refused at their
// place, so that they do not end a daemon.
func TestCheckKeys(t *testing.T) {
	eight := "bindings:\n"
	for _, n := range strings.Split("13 14 15 16 17 18 19 20", " ") {
		eight += "  - key: KEY_F" + n + "\n"
	}
	for _, tt := range []struct{ name, text, want string }{
		{"one key", "key: KEY_F13\n", ""},
		{"eight", eight, ""},
		{"seven and the cancel key", strings.TrimSuffix(eight, "  - key: KEY_F20\n") + "cancel_key: KEY_F24\n", ""},
		{"four together", "key: KEY_F13+KEY_F14+KEY_F15+KEY_F16\n", ""},

		{"nine", eight + "  - key: KEY_F21\n", "f:10:10: key: "},
		{"eight and the cancel key", eight + "cancel_key: KEY_F24\n", "f:10:13: cancel_key: "},
		{"five together", "key: KEY_F13+KEY_F14+KEY_F15+KEY_F16+KEY_F17\n", "f:1:6: key: "},
		{"five together to cancel", "cancel_key: KEY_F13+KEY_F14+KEY_F15+KEY_F16+KEY_F17\n", "f:1:13: cancel_key: "},
		{"a long name", "bindings:\n  - key: KEY_F13\n  - key: KEY_F14\n    device: " + strings.Repeat("x", 256) + "\n", "f:3:10: key: "},
	} {
		cfg, _, err := settings.Of(config.Source{File: "f", Text: []byte(tt.text)})
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		err = CheckKeys(cfg)
		if got := ""; tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want)) {
			if err != nil {
				got = err.Error()
			}
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
