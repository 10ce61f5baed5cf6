package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/recognizer"
)

// TestDoctorCommand: on a machine that has nothing, doctor reports that in both forms
// and by its exit status.
func TestDoctorCommand(t *testing.T) {
	mine := "whisper_url: " + (&recognizer.Server{}).Start(t) + "\n"
	status, stdout, stderr := call(t, mine, "", "doctor", "--json")
	var got struct {
		State string
		Links []struct{ Link, State, Says, Mend string }
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err, stdout, stderr)
	}
	if status != exitFailed || got.State != "broken" || len(got.Links) != 12 || !strings.Contains(got.Links[0].Says, "vocoder.yaml") {
		t.Errorf("exit status %d, %+v", status, got)
	}
	// doctor starts no bus to ask the service manager.
	if says := got.Links[12-1].Says; !strings.Contains(says, "its bus is not there") {
		t.Errorf("the finding about the daemon is %q", says)
	}
	status, stdout, _ = call(t, mine, "", "doctor")
	if status != exitFailed || strings.Count(stdout, "\n") < 12 || !strings.Contains(stdout, " -> ") {
		t.Errorf("exit status %d, %s", status, stdout)
	}
}
