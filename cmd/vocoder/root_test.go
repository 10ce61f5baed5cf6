package main

import (
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/environ"
)

// TestRootWarning checks that root learns that a command is for the desktop user, above all by
// sudo, which people take for whatever installs something.
func TestRootWarning(t *testing.T) {
	for _, tt := range []struct {
		command string
		uid     int
		env     string // NAME=value
		want    string // a part of the warning; empty for none
	}{
		{"vocoder setup", 1000, "", ""},
		{"vocoder setup", 1000, "SUDO_USER=root", ""},
		{"vocoder setup", 0, "SUDO_USER=ann", "as ann, without sudo"},
		{"vocoder setup", 0, "DOAS_USER=ann", "as ann, without sudo"},
		{"vocoder setup", 0, "PKEXEC_UID=1000", "desktop's user"},
		{"vocoder setup", 0, "", "never starts"},
		{"vocoder setup", 0, "SUDO_USER=root", "never starts"},
		{"vocoder run", 0, "SUDO_USER=ann", "as ann, without sudo"},
		{"vocoder run", 0, "", ""},
		{"vocoder doctor", 0, "SUDO_USER=ann", "as ann, without sudo"},
		{"vocoder config set", 0, "SUDO_USER=ann", "as ann, without sudo"},
		{"vocoder keys", 0, "SUDO_USER=ann", ""}, // docs/keys.md has it with sudo
		{"vocoder config check", 0, "SUDO_USER=ann", ""},
	} {
		name, value, _ := strings.Cut(tt.env, "=")
		got := rootWarning(tt.command, tt.uid, environ.Env{Lookup: func(asked string) (string, bool) { return value, asked == name }})
		if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s, user %d, %s: %q, want %q", tt.command, tt.uid, tt.env, got, tt.want)
		}
	}
}
