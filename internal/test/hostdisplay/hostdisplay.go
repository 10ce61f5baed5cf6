// Package hostdisplay is for tests with real display servers on the host.
package hostdisplay

import (
	"os"
	"os/exec"
	"testing"
)

// Need skips the test unless VOCODER_DEVICES is 1: real display servers on the
// host take their time, more than a busy machine has. Then a program that is
// missing is a failure.
func Need(t *testing.T, programs ...string) {
	t.Helper()
	if os.Getenv("VOCODER_DEVICES") != "1" {
		t.Skip("VOCODER_DEVICES is not 1")
	}
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Fatal(err)
		}
	}
}
