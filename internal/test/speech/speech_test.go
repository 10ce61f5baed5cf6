package speech

import (
	"os"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/arealicehole/vocoder/internal/pcm"
)

func TestWords(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"case and punctuation", "Go forward, ten meters.", []string{"go", "forward", "ten", "meters"}},
		{"apostrophes stay in words", "It's 'quoted', isn’t it?", []string{"it's", "quoted", "isn't", "it"}},
		{"spellings of one sound", "Mr. Dashwood: 10 of clubs", []string{"mister", "dashwood", "ten", "of", "clubs"}},
		{"a hyphen parts words", "cold-hearted", []string{"cold", "hearted"}},
		{"no words", " ... ' \n", nil},
		{"letters of other scripts", "Grüße, мир!", []string{"grüße", "мир"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Words(tt.text); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	for _, tt := range []struct {
		name, spoken, recognized string
		want                     Score
	}{
		{"the same", "ten of clubs", "Ten of clubs.", Score{3, 0}},
		{"another word", "ten of clubs", "tin of clubs", Score{3, 1}},
		{"a word left out", "ten of clubs", "ten clubs", Score{3, 1}},
		{"a word put in", "ten of clubs", "ten of the clubs", Score{3, 1}},
		{"nothing understood", "ten of clubs", "", Score{3, 3}},
		{"nothing spoken", "", "thank you", Score{0, 2}},
		{"moved by one", "a b c d", "b c d e", Score{4, 2}},
		{"more wrong than there is", "no", "yes it is", Score{1, 3}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Compare(tt.spoken, tt.recognized); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestRate(t *testing.T) {
	s := Score{9, 1}.Plus(Score{1, 1})
	if got := s.Rate(); got != 0.2 {
		t.Errorf("got %v, want 0.2", got)
	}
	if got := (Score{}).Rate(); got != 0 {
		t.Errorf("no words: got %v, want 0", got)
	}
}

func TestRead(t *testing.T) {
	wav := &fstest.MapFile{Data: pcm.Clip{Rate: 16000, Samples: []int16{1, -1}}.WAV()}
	data := fstest.MapFS{
		"cards/cards.transcription": {Data: []byte("<s> ten of clubs  </s> (001)\n\n")},
		"cards/001.wav":             wav,
		"librivox/transcription":    {Data: []byte("<s> he was not </s> (a-1)\n")},
		"librivox/a-1.wav":          wav,
		"goforward.raw":             {Data: []byte{1, 0, 0xff, 0xff}},
	}
	clips, err := read(data)
	if err != nil {
		t.Fatal(err)
	}
	want := []Clip{{Name: "001", Words: "ten of clubs"}, {Name: "a-1", Words: "he was not"}, {Name: "goforward", Words: "go forward ten meters"}}
	if len(clips) != len(want) {
		t.Fatalf("got %d clips, want %d", len(clips), len(want))
	}
	for i, c := range clips {
		if c.Name != want[i].Name || c.Words != want[i].Words {
			t.Errorf("clip %d: got %s %q, want %s %q", i, c.Name, c.Words, want[i].Name, want[i].Words)
		}
		if c.Rate != 16000 || !slices.Equal(c.Samples, []int16{1, -1}) {
			t.Errorf("clip %d: got %v at %d", i, c.Samples, c.Rate)
		}
	}
	delete(data, "cards/001.wav")
	if _, err := read(data); err == nil {
		t.Error("a clip is missing: got no error")
	}
}

func TestClips(t *testing.T) {
	if _, err := os.Stat(Folder); err != nil {
		t.Skip(err)
	}
	clips, err := Clips()
	if err != nil {
		t.Fatal(err)
	}
	if len(clips) < 11 {
		t.Errorf("got %d clips, want 11 or more", len(clips))
	}
}
