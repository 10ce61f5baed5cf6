package main

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/environ"
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
	if status != 0 || !strings.Contains(stdout, "hold F14 and speak") {
		t.Errorf("exit status %d, %s, %s", status, stdout, stderr)
	}
}

// TestSetupEnded: a setup that the user ends has the exit status of Ctrl+C, and says that
// nothing was changed.
func TestSetupEnded(t *testing.T) {
	home := t.TempDir()
	var out, errs bytes.Buffer
	a := &cli{Env: environ.Env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Lookup: func(name string) (string, bool) { return home, name == "HOME" }}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if status := a.main(ctx, []string{"setup", "--recogniser", "keep"}); status != exitEnded || !strings.Contains(errs.String(), "nothing was changed") {
		t.Errorf("exit status %d, %s, %s", status, &out, &errs)
	}
	if files, err := os.ReadDir(home); err != nil || len(files) > 0 {
		t.Errorf("written: %v, %v", files, err)
	}
}

// TestDocsSetup: every command of setup in the documentation is one that setup takes, with
// its effect on the settings.
func TestDocsSetup(t *testing.T) {
	n := 0
	for _, p := range docs(t) {
		args := strings.Fields(p.text)
		if p.kind != "command" || len(args) < 3 || args[1] != "setup" || slices.Contains(args, "--undo") || slices.Contains(args, "--probe") {
			continue
		}
		n++
		given := strings.Join(args, " ")
		switch {
		case strings.Contains(given, "engine"), strings.Contains(given, "--microphone"):
			given = strings.NewReplacer("--recogniser engine", "--recogniser keep", "--microphone speak", "--microphone default").Replace(given) // this machine has none
		}
		if !strings.Contains(given, "--recogniser") {
			given += " --recogniser keep"
		}
		if !strings.Contains(given, "--start") {
			given += " --start no"
		}
		status, stdout, stderr := call(t, "key: KEY_F14\n", "", strings.Fields(given)[1:]...)
		if status != 0 && !strings.Contains(stderr, "service manager") || !strings.Contains(stdout, "Settings: ") {
			t.Errorf("%s: %s: exit status %d, %s, %s", p.page, p.text, status, stdout, stderr)
		}
		if strings.Contains(given, "--key keep") && !strings.Contains(stdout, "hold F14 and speak") {
			t.Errorf("%s: %s: %s", p.page, p.text, stdout)
		}
	}
	if n < 2 {
		t.Errorf("only %d were found", n)
	}
}
