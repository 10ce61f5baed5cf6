package main

import (
	"strings"
	"testing"
)

const american = "../../inject/keymap/us.xkb"

// TestPlan: a plan has one line for each character, or the list of the characters that
// cannot be typed.
func TestPlan(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		want string
		exit int
	}{
		{"a capital", []string{"Hi"}, `{"rune":"H","strokes":[{"mods":[42],"code":35}]}
{"rune":"i","strokes":[{"mods":[],"code":23}]}
`, 0},
		{"Caps Lock", []string{"--locks", "caps", "Hi"}, `{"rune":"H","strokes":[{"mods":[],"code":35}]}
{"rune":"i","strokes":[{"mods":[42],"code":23}]}
`, 0},
		{"not on it", []string{"<é日é>"}, `{"untypable":["é","日"]}
`, exitLacks},
		{"no such group", []string{"--group", "2", "a"}, "", exitUsage},
		{"no such lock", []string{"--locks", "scroll", "a"}, "", exitUsage},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, stderr := call(t, "", "", append([]string{"type", "--plan", "--keymap", american}, tt.args...)...)
			if status != tt.exit || stdout != tt.want {
				t.Errorf("exit status %d, want %d\n%swant\n%s%s", status, tt.exit, stdout, tt.want, stderr)
			}
		})
	}
}

// TestPlanBroken: a file that is no keymap is an error.
func TestPlanBroken(t *testing.T) {
	status, stdout, stderr := call(t, "", "", "type", "--plan", "--keymap", "plan_test.go", "a")
	if status != exitFailed || stdout != "" || !strings.Contains(stderr, "plan_test.go") {
		t.Errorf("exit status %d, %q, %q", status, stdout, stderr)
	}
}

// TestTypeTooLong: of a text that is too long nothing is typed, and the error says so.
func TestTypeTooLong(t *testing.T) {
	for _, n := range []int{maxText, maxText + 1} {
		status, stdout, stderr := call(t, "", strings.Repeat("a", n), "type", "--plan", "--keymap", american)
		if lines := strings.Count(stdout, "\n"); n <= maxText && (status != 0 || lines != n) || n > maxText && (status != exitFailed || lines != 0 || !strings.Contains(stderr, "longer than")) {
			t.Errorf("%d bytes: exit status %d, %d lines, %.200q", n, status, lines, stderr)
		}
	}
}
