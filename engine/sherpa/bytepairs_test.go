package sherpa

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/engine/models"
)

// TestBytePairs: of all pairs in a word, the token with the lowest number is joined first,
// and none across words. What has no token is left out.
func TestBytePairs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens.txt")
	var lines strings.Builder
	for i, token := range []string{"a", "b", "c", " ", ",", ".", "bc", "ab", " a", " ab", "3", " b", "abc"} {
		fmt.Fprintf(&lines, "%s %d\n", base64.StdEncoding.EncodeToString([]byte(token)), i)
	}
	if err := os.WriteFile(file, []byte(lines.String()+"broken\n= 99\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	v, err := readBytePairs(file)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]int{
		"":         nil,
		"abc":      {12}, // bc, then abc
		" abc":     {8, 6},
		" ab":      {9},
		"ab,ab":    {7, 4, 7},
		"a3":       {0, 10},
		"axb":      {0, 1},
		" a, b. c": {8, 4, 11, 5, 3, 2},
	} {
		if got := v.encode(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	if tokens, fit := v.prompt([]string{"b", "a"}); !slices.Equal(tokens, []int{8, 4, 11, 5}) || !slices.Equal(fit, []string{"b", "a"}) {
		t.Errorf("prompt %v of %q, want that of ' a, b.'", tokens, fit)
	}
	many := slices.Repeat([]string{"ab"}, 2*maxPromptTokens)
	if tokens, fit := v.prompt(many); len(tokens) != maxPromptTokens || len(fit) != maxPromptTokens/2 {
		t.Errorf("a prompt of %d tokens, %d words", len(tokens), len(fit))
	}
}

// TestBytePairsOfWhisper compares with OpenAI's tokenizer.
func TestBytePairsOfWhisper(t *testing.T) {
	if os.Getenv("VOCODER_REAL") != "1" {
		t.Skip("VOCODER_REAL=1 runs this, with Whisper base in the store")
	}
	store, err := models.DefaultStore()
	if err != nil {
		t.Fatal(err)
	}
	v, err := readBytePairs(filepath.Join(store.Folder(models.Base), "base-tokens.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]int{
		" Kubernetes, PostgreSQL, Szczepański.": {23145, 11, 10223, 33248, 39934, 11, 24699, 3689, 595, 64, 5248, 18020, 13},
		" Екатеринбург, Достоевский.":           {6538, 755, 2134, 1135, 2599, 1552, 7489, 1906, 11, 3401, 6378, 3515, 17146, 13},
		" L'Oréal, AT&T, 3M, C++.":              {441, 6, 46, 50014, 11, 8872, 5, 51, 11, 805, 44, 11, 383, 25472, 13},
		" vm2.small, 東京, 서울.":                   {371, 76, 17, 13, 10817, 336, 11, 220, 18413, 31375, 11, 31039, 13},
	} {
		if got := v.encode(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// TestPromptServes: a prompt is kept when the order of the list changes, until a word is not
// in the list any more, or one of those that matter most is not in the prompt.
func TestPromptServes(t *testing.T) {
	list := strings.Split("a b c d e f g h i j", " ")
	other := append(slices.Clone(list), "k")
	slices.Reverse(other)
	p := &prompt{language: "de", task: "transcribe", words: list}
	for _, tt := range []struct {
		name  string
		p     *prompt
		other prompt
		want  bool
	}{
		{"the same", p, prompt{"de", "transcribe", false, list}, true},
		{"in another order", p, prompt{"de", "transcribe", false, slices.Concat(list[5:], list[:5])}, true},
		{"a new word that matters", p, prompt{"de", "transcribe", false, other}, false},
		{"a new word far behind", p, prompt{"de", "transcribe", false, append(slices.Clone(list), "k")}, true},
		{"a word removed", p, prompt{"de", "transcribe", false, list[1:]}, false},
		{"another language", p, prompt{"en", "transcribe", false, list}, false},
		{"another task", p, prompt{"de", "translate", false, list}, false},
		{"the language is detected", p, prompt{"de", "transcribe", true, list}, false},
		{"none", nil, prompt{"de", "transcribe", false, list}, false},
	} {
		if got := tt.p.serves(tt.other); got != tt.want {
			t.Errorf("%s: %t, want %t", tt.name, got, tt.want)
		}
	}
}
