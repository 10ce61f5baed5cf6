package models

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"
)

// bundle returns a vocabulary in JavaScript, like moonshine.min.js.
func bundle(words ...string) []byte {
	list := base64.StdEncoding.EncodeToString([]byte(strings.Join(words, "\n")))
	return []byte(`const Q="aGVsbG8=",Fp="` + list + `",yp="r3SxdLB0";`)
}

func TestTokensGolden(t *testing.T) {
	got, err := tokens(bundle("<unk>", "<s>", "</s>", "<0x0A>", "<0xZZ>", "▁the", "er", "▁▁", "é"), 11)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/tokens.golden")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTokensBroken(t *testing.T) {
	for name, in := range map[string][]byte{
		"empty":             nil,
		"no vocabulary":     []byte(`const a="aGVsbG8=";`),
		"breaks off":        bundle("<unk>", "<s>")[:30],
		"not base64":        []byte(`"PHVuaz4K!!!!"`),
		"too many":          bundle("<unk>", "a", "b", "c", "d"),
		"unquoted after it": []byte(`"PHVuaz4KPHM+`),
	} {
		if got, err := tokens(in, 4); err == nil {
			t.Errorf("%s: got %q, want an error", name, got)
		}
	}
}

// FuzzTokens checks that a table has a line for each token, numbered from 0, and that it has
// the plain tokens.
func FuzzTokens(f *testing.F) {
	f.Add("<unk>\n<s>\n▁the\n<0x41>")
	f.Fuzz(func(t *testing.T, list string) {
		words := strings.Split("<unk>\n"+list, "\n")
		const size = 64
		table, err := tokens(bundle(words...), size)
		if len(words) > size {
			if err == nil {
				t.Fatal("too many tokens are taken")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(string(table), "\n")
		if len(lines) != size+1 || lines[size] != "" {
			t.Fatalf("%d lines, want %d", len(lines)-1, size)
		}
		for i, line := range lines[:size] {
			word, rest, _ := strings.Cut(line, " ")
			b, err := base64.StdEncoding.DecodeString(word)
			if err != nil || rest != fmt.Sprintf("%d\n", i) {
				t.Fatalf("line %d is %q: %v", i, line, err)
			}
			if i < len(words) && !strings.ContainsAny(words[i], "<▁") && string(b) != words[i] {
				t.Fatalf("token %d is %q, want %q", i, b, words[i])
			}
		}
	})
}
