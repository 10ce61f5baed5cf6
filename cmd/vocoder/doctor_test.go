package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// On a machine that has nothing, doctor says so in both forms and by its exit
// status.
func TestDoctorCommand(t *testing.T) {
	status, stdout, stderr := call(t, "audio:\n  tial: 1s\n", "", "doctor", "--json")
	var got struct {
		State string
		Links []struct{ Link, State, Says, Mend string }
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err, stdout, stderr)
	}
	if status != exitFailed || got.State != "broken" || len(got.Links) != 12 || !strings.Contains(got.Links[0].Says, "vocoder.yaml:2:3") {
		t.Errorf("exit status %d, %+v", status, got)
	}
	// Nothing is started to ask it.
	if says := got.Links[12-1].Says; !strings.Contains(says, "its bus is not there") {
		t.Errorf("of the daemon it says %q", says)
	}
	status, stdout, _ = call(t, "", "", "doctor")
	if status != exitFailed || strings.Count(stdout, "\n") < 12 || !strings.Contains(stdout, " -> ") {
		t.Errorf("exit status %d, %s", status, stdout)
	}
}
