package main

import (
	"strings"
	"testing"
)

// TestSetupWrongLanguage: setup refuses a wrong language before it changes anything.
func TestSetupWrongLanguage(t *testing.T) {
	status, stdout, stderr := call(t, "", "", "setup", "--start", "no", "--language", "klingon")
	if status != exitUsage || stdout != "" || !strings.Contains(stderr, `--language klingon: "klingon", want a code such as en or de`) {
		t.Errorf("exit status %d, %q, %q", status, stdout, stderr)
	}
}

// TestSetupWithoutManager: without a service manager, setup writes the settings, and the
// hint says what to do.
func TestSetupWithoutManager(t *testing.T) {
	status, stdout, stderr := call(t, "", "", "setup", "--recogniser", "keep", "--start", "login")
	if status != exitFailed || !strings.Contains(stdout, "Settings: ") || !strings.Contains(stderr, "hint: `vocoder run` in a terminal") {
		t.Errorf("exit status %d, %s, %s", status, stdout, stderr)
	}
}

// TestSetupKeepsKey: --key keep leaves the key as it is set.
func TestSetupKeepsKey(t *testing.T) {
	status, stdout, stderr := call(t, "key: KEY_F14\n", "", "setup", "--key", "keep", "--recogniser", "keep", "--start", "no")
	if status != 0 || !strings.Contains(stdout, "hold KEY_F14 and speak") {
		t.Errorf("exit status %d, %s, %s", status, stdout, stderr)
	}
}
