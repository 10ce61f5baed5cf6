package systemd

import (
	"os"
	"strings"
	"testing"
)

// TestSandboxIsProbed: the probe asks for every namespace that the drop-in does,
// so that one which cannot be had is seen before the daemon fails by it.
func TestSandboxIsProbed(t *testing.T) {
	text, err := os.ReadFile("../../../packaging/50-sandbox.conf")
	if err != nil {
		t.Fatal(err)
	}
	probed := map[string]string{}
	for _, p := range probeProperties("/usr/bin/vocoder") {
		probed[p.Name] = strings.Trim(p.Value.String(), `"`)
	}
	elsewhere := []string{"CapabilityBoundingSet", "BindReadOnlyPaths", "ReadWritePaths", "RestrictAddressFamilies"}
	for line := range strings.Lines(string(text)) {
		name, value, found := strings.Cut(strings.TrimSpace(line), "=")
		if !found || strings.HasPrefix(line, "#") || strings.Contains(strings.Join(elsewhere, " "), name) {
			continue
		}
		if want := strings.Replace(value, "yes", "true", 1); probed[name] != want {
			t.Errorf("%s is %q in the probe, want %q", name, probed[name], want)
		}
	}
}
