package text

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestAddWord: the file keeps its comments, its order and its kind of line breaks.
func TestAddWord(t *testing.T) {
	for _, tt := range []struct{ name, file, entry, want, err string }{
		{"no file yet", "", "Kubernetes", "Kubernetes\n", ""},
		{"after comments", "# names\n\nHyprland\n# end\n", "Kubernetes", "# names\n\nHyprland\n# end\nKubernetes\n", ""},
		{"no line break at the end", "Hyprland", "Kubernetes", "Hyprland\nKubernetes\n", ""},
		{"of Windows", "\ufeffHyprland\r\n", "New York", "\ufeffHyprland\r\nNew York\r\n", ""},
		{"a replacement", "", " pull request => PR ", "pull request => PR\n", ""},
		{"a line break to write", "", `new item => \n- `, "new item => \\n-\n", ""},
		{"a mistake in another line stays", "=> x\n", "Kubernetes", "=> x\nKubernetes\n", ""},
		{"twice", "Hyprland\nKubernetes\n", "Kubernetes", "", `"Kubernetes" is in the list already, in line 2`},
		{"twice in other letters", "Kubernetes\n", "kubernetes", "", `"Kubernetes" is in the list already, in line 1`},
		{"twice with other spaces", "New  York\n", "new york", "", `is in the list already`},
		{"said already, written otherwise", "pull request => PR\n", "pull request => MR", "", `"pull request => PR" is in the list already`},
		{"twice with accents in two codings", "café\n", "cafe\u0301", "", "is in the list already"},
		{"nothing", "x\n", " ", "", "the word is empty"},
		{"a comment", "x\n", "#1", "", "a line that begins with # is a comment"},
		{"a line break", "x\n", "a\nb", "", "control characters"},
		{"a tab", "x\n", "a\tb", "", "control characters"},
		{"an escape", "x\n", "a\x1b[31m", "", "control characters"},
		{"another direction", "x\n", "a\u202eb", "", "control characters"},
		{"no UTF-8", "x\n", "a\xff", "", "control characters"},
		{"nothing said", "x\n", "=> x", "", "nothing before =>"},
		{"long", "x\n", strings.Repeat("a", 501), "", "longer than 500 bytes"},
	} {
		got, err := AddWord([]byte(tt.file), tt.entry)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) || errors.Is(err, ErrPresent) != strings.Contains(tt.err, "already") {
				t.Errorf("%s: error %v, want %s", tt.name, err, tt.err)
			}
			continue
		}
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.name, got, err, tt.want)
			continue
		}
		if strings.HasPrefix(tt.file, "=>") {
			continue
		}
		if _, err := ReadVocabulary(strings.NewReader(string(got))); err != nil {
			t.Errorf("%s: the file cannot be read: %v", tt.name, err)
		}
	}
}

func TestRemoveWord(t *testing.T) {
	const file = "# mine\nKubernetes\npull request => PR\n\n=> wrong\nKUBERNETES\nlast"
	for _, tt := range []struct{ name, entry, want, err string }{
		{"a name, twice in the file", "kubernetes", "# mine\npull request => PR\n\n=> wrong\nlast", ""},
		{"what is said", "pull  request", "# mine\nKubernetes\n\n=> wrong\nKUBERNETES\nlast", ""},
		{"the whole entry", "Pull request => PR", "# mine\nKubernetes\n\n=> wrong\nKUBERNETES\nlast", ""},
		{"the last line", "last", "# mine\nKubernetes\npull request => PR\n\n=> wrong\nKUBERNETES\n", ""},
		{"what is written", "PR", "", `"PR" is not in the list`},
		{"a comment", "# mine", "", "is not in the list"},
		{"nothing", "", "", "is not in the list"},
	} {
		got, err := RemoveWord([]byte(file), tt.entry)
		if tt.err != "" {
			if !errors.Is(err, ErrAbsent) || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: error %v, want %s", tt.name, err, tt.err)
			}
			continue
		}
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestWords(t *testing.T) {
	var got []string
	for _, w := range Words([]byte("\ufeff# x\nKubernetes\r\npull  request=>PR\n=> wrong\nend => \\n\\t\\\\\num =>\n")) {
		got = append(got, w.String())
	}
	if want := []string{"Kubernetes", "pull  request => PR", `end => \n\t\\`, "um =>"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// What is added can be removed, and then the file is as before.
func FuzzAddWord(f *testing.F) {
	f.Add("# a\nb\r\n", "c => d")
	f.Add("", "\u0130 => i")
	f.Fuzz(func(t *testing.T, file, entry string) {
		added, err := AddWord([]byte(file), entry)
		if err != nil {
			return
		}
		if _, err := AddWord(added, entry); !errors.Is(err, ErrPresent) {
			t.Fatalf("%q is added twice: %v", entry, err)
		}
		removed, err := RemoveWord(added, entry)
		if err != nil || !strings.HasPrefix(string(removed), file) || strings.TrimSpace(string(removed)[len(file):]) != "" {
			t.Fatalf("%q without %q is %q, %v", added, entry, removed, err)
		}
	})
}
