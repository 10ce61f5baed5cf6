package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/test/measure"
)

// TestPictures checks that a picture is XML with each visible word and number, and that
// the same figures give the same bytes.
func TestPictures(t *testing.T) {
	f := figures{byWhat: map[string]dated{}}
	for i, s := range sections {
		for j, what := range s.rows {
			fig := measure.Figure{What: what, Unit: "ms", Values: []float64{float64(100*i + j)}}
			if what == "wrong, sway: vocoder" {
				fig.Values[0] = 0
			}
			f.put(fig, f.first)
		}
	}
	one, other := t.TempDir(), t.TempDir()
	for _, dir := range []string{one, other} {
		if err := draws(f, dir); err != nil {
			t.Fatal(err)
		}
	}
	page := text(f, past{}, "A host.")
	for file, want := range map[string][]string{
		"lengths.svg": {"3", "5", "10", "30", "60", "120", "seconds of speech", "ms from release to text", "measured, with its quartiles", "in proportion to that after 5 s: 4820 ms after 120 s"},
		"typing.svg":  {"vocoder", "wtype -d 6", "xdotool --delay 0", "ydotool --key-delay 0", "400, none wrong", "402, 403 in 1000 wrong", "under Xorg"},
	} {
		b, err := os.ReadFile(filepath.Join(one, file))
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := os.ReadFile(filepath.Join(other, file)); !bytes.Equal(b, again) {
			t.Errorf("%s differs each time", file)
		}
		seen := words(t, b)
		for _, w := range want {
			if !strings.Contains(seen, "\n"+w+"\n") {
				t.Errorf("%s lacks %q; it has %q", file, w, seen)
			}
		}
		if !strings.Contains(page, "](pictures/"+file+")\n\n| what |") {
			t.Errorf("%s is not on the page", file)
		}
	}
	if !strings.Contains(page, "201 ms after 5 s") || !strings.Contains(page, "sway: wtype 402, 403 in 1000 wrong") {
		t.Error("the page does not describe the pictures in words")
	}
}

// TestPicturesMissing checks that there is no picture of figures that were not measured.
func TestPicturesMissing(t *testing.T) {
	f := figures{byWhat: map[string]dated{}}
	f.put(measure.Figure{What: "release to text, 5 s of speech", Unit: "ms", Values: []float64{1}}, f.first)
	dir := t.TempDir()
	if err := draws(f, dir); err != nil {
		t.Fatal(err)
	}
	if made, _ := filepath.Glob(filepath.Join(dir, "*")); len(made) > 0 || strings.Contains(text(f, past{}, ""), "![") {
		t.Errorf("%q", made)
	}
}

// words returns the texts of a picture, one on a line.
func words(t *testing.T, svg []byte) string {
	t.Helper()
	var b strings.Builder
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b.String() + "\n"
		}
		if err != nil {
			t.Fatal(err)
		}
		if said, is := token.(xml.CharData); is {
			b.WriteString("\n" + strings.TrimSpace(string(said)))
		}
	}
}
