package config

import (
	"errors"
	"testing"
)

func TestSet(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"no file", "", "key: KEY_F13\n"},
		{"changed in its place", "# mine\nmode: auto\nkey: KEY_F1 # old\naudio:\n  tail: 1s\n", "# mine\nmode: auto\nkey: KEY_F13\naudio:\n  tail: 1s\n"},
		{"added at the end", "mode: auto", "mode: auto\nkey: KEY_F13\n"},
		{"added after a line break", "mode: auto\n", "mode: auto\nkey: KEY_F13\n"},
		{"only a comment", "# nothing yet\n", "# nothing yet\nkey: KEY_F13\n"},
		{"empty", "key:\n", "key: KEY_F13\n"},
	} {
		got, err := Set([]byte(tt.in), "key", "KEY_F13")
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.name, got, err, tt.want)
		}
		c, _, err := load(string(got))
		if err != nil || len(c.Bindings[0].Keys) != 1 || c.Bindings[0].Keys[0] != 183 {
			t.Errorf("%s: it does not load: %v", tt.name, err)
		}
	}
	if _, err := Set([]byte("bindings:\n- key: KEY_F1\n"), "key", "KEY_F13"); !errors.Is(err, ErrBindings) {
		t.Errorf("bindings: %v", err)
	}
}
