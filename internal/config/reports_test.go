package config

import (
	"slices"
	"testing"

	"github.com/arealicehole/vocoder/internal/language"
)

// TestReportedLanguages: codes of languages that are words of YAML for yes and no. Users of
// other programs have reported them as read wrong (e2e/reports.md).
func TestReportedLanguages(t *testing.T) {
	for text, want := range map[string]string{
		"whisper: {language: no}\n":                               "no",
		"whisper:\n  language: NO\n":                              "no",
		"whisper:\n  language: 'no'":                              "no",
		"whisper:\n  language: nb\n":                              "no",
		"whisper:\n  language: nn\n":                              "nn",
		"whisper: {language: No }\n":                              "no",
		"whisper:\n  language: is\n":                              "is",
		"whisper:\n- {url: 'http://127.0.0.1:1', language: no}\n": "no",
		"whisper:\n  language: no #\n":                            "no",
	} {
		c, _, err := load(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got, err := language.ParseChoice(c.Whisper[0].Language); err != nil || !slices.Equal(got.Codes, []string{want}) {
			t.Errorf("%q: %v, %v, want %s", text, got, err, want)
		}
	}
}
