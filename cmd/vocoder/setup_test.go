package main

import (
	"strings"
	"testing"
)

// A language that is none is refused before anything is changed.
func TestSetupWrongLanguage(t *testing.T) {
	status, stdout, stderr := call(t, "", "", "setup", "--start", "no", "--language", "klingon")
	if status != exitUsage || stdout != "" || !strings.Contains(stderr, `--language klingon: "klingon", want a code such as en or de`) {
		t.Errorf("exit status %d, %q, %q", status, stdout, stderr)
	}
}

// Where no service manager is, setup writes the settings, and says how to do
// without.
func TestSetupWithoutManager(t *testing.T) {
	status, stdout, stderr := call(t, "", "", "setup", "--start", "login")
	if status != exitFailed || !strings.Contains(stdout, "Settings: ") || !strings.Contains(stderr, "hint: `vocoder run` in a terminal") {
		t.Errorf("exit status %d, %s, %s", status, stdout, stderr)
	}
}

// The key that is set can be kept by flag.
func TestSetupKeepsKey(t *testing.T) {
	status, stdout, stderr := call(t, "key: KEY_F14\n", "", "setup", "--key", "keep", "--recogniser", "keep", "--start", "no")
	if status != 0 || !strings.Contains(stdout, "hold KEY_F14 and speak") {
		t.Errorf("exit status %d, %s, %s", status, stdout, stderr)
	}
}
