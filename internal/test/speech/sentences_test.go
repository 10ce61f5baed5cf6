package speech

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/arealicehole/vocoder/internal/pcm"
)

func TestReadSentences(t *testing.T) {
	share := fstest.MapFS{}
	for _, s := range sentences {
		share[s.file] = &fstest.MapFile{Data: pcm.Clip{Rate: 8000, Samples: []int16{1, -1}}.WAV()}
	}
	all, err := readSentences(share)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(sentences) || all[0].Language != "en" {
		t.Fatalf("got %d sentences, the first in %q", len(all), all[0].Language)
	}
	for i, s := range all {
		if s.Rate != 8000 || !slices.Equal(s.Samples, []int16{1, -1}) || strings.ContainsAny(s.Name, "/.") {
			t.Errorf("sentence %d: %q, %v at %d", i, s.Name, s.Samples, s.Rate)
		}
		if got := strings.Join(Words(s.Words), " "); got != s.Words {
			t.Errorf("sentence %d: its words compare as %q, want %q", i, got, s.Words)
		}
	}
	delete(share, sentences[1].file)
	if _, err := readSentences(share); err == nil || !strings.Contains(err.Error(), sentences[1].debian) {
		t.Errorf("a clip is missing: got %v, want the package named", err)
	}
}

func TestSentences(t *testing.T) {
	for _, s := range sentences {
		if _, err := os.Stat("/usr/share/" + s.file); err != nil {
			t.Skip(err)
		}
	}
	all, err := Sentences()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if d := s.Duration().Seconds(); d < 3 || d > 10 {
			t.Errorf("%s lasts %.1f s", s.Name, d)
		}
	}
}
