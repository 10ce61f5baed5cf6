package main

import (
	"strings"
	"testing"
)

// TestArguments: a wrong command line is no fault of the socket, and says what the program is.
func TestArguments(t *testing.T) {
	for args, want := range map[string]struct {
		status int
		text   string
	}{
		"--version":        {0, "vocoder-inputd "},
		"--help":           {0, "vocoder-inputd(8)"},
		"foo":              {exitUsage, `"foo" is no argument`},
		"--vresion":        {exitUsage, `"--vresion" is no argument`},
		"foo --version":    {exitUsage, "vocoder-inputd(8)"},
		"\x1b]0;title\x07": {exitUsage, `\x1b]0;title\a`},
	} {
		text, status := explain(strings.Fields(args))
		if status != want.status || !strings.Contains(text, want.text) || strings.Contains(text, "\x1b") {
			t.Errorf("%q: %d, %q", args, status, text)
		}
	}
}
