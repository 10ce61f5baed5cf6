package key

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for name, want := range map[string]Code{
		"KEY_RIGHTCTRL": 97, "KEY_F13": 183, "BTN_LEFT": 0x110, "BTN_SIDE": 0x113, "KEY_ESC": 1,
		"KEY_MUTE": 113, "KEY_MIN_INTERESTING": 0,
	} {
		got, err := Parse(name)
		if want == 0 {
			if err == nil {
				t.Errorf("Parse(%q) = %d, want an error", name, got)
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %d, %v, want %d", name, got, err, want)
		}
		if got.String() != name {
			t.Errorf("Code(%d).String() = %q, want %q", got, got, name)
		}
	}
}

func TestParseSuggests(t *testing.T) {
	for name, want := range map[string]string{
		"f13":          `unknown key "f13": did you mean KEY_F13?`,
		"KEY_RIGTCTRL": `unknown key "KEY_RIGTCTRL": did you mean KEY_RIGHTCTRL?`,
		"rightctrl":    `did you mean KEY_RIGHTCTRL?`,
		"the big one":  "want a kernel name such as",
		"":             "want a kernel name such as",
	} {
		_, err := Parse(name)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q): %v, want %q", name, err, want)
		}
	}
}

func TestNamesRoundTrip(t *testing.T) {
	for name, code := range codes {
		if again, err := Parse(code.String()); err != nil || again != code {
			t.Errorf("%s prints as %s, which is %d, not %d", name, code, again, code)
		}
	}
}
