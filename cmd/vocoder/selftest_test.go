package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestSelftestConsent: without the user's yes the test does not begin.
func TestSelftestConsent(t *testing.T) {
	status, stdout, stderr := call(t, "", "y\n", "selftest")
	if status != exitUsage || stdout != "" || !strings.Contains(stderr, "--yes") {
		t.Errorf("no terminal: status %d, %q, %q", status, stdout, stderr)
	}
}

// TestSelftestSilent: without a sound server the report says so, and the test ends
// there.
func TestSelftestSilent(t *testing.T) {
	status, stdout, _ := call(t, "", "", "selftest", "--yes", "--json", "--devices", "direct")
	var r reading
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatalf("%v: %s", err, stdout)
	}
	if status != exitFailed || r.State != "broken" || len(r.Links) != 1 || r.Links[0].Link != "sound" || r.Links[0].Mend == "" {
		t.Errorf("status %d, %+v", status, r)
	}
}

// A reading is a report as other programs read it.
type reading struct {
	State, Sound string
	Links        []struct{ Link, State, Says, Mend string }
	Words        *struct{ Spoken, Wrong int }
	Left         []string
}
