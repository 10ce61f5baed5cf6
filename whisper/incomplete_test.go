package whisper

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// TestIncomplete: an answer that is far too short for the voice is asked for a second
// time. The better answer counts. If it is too short too, it comes with an error.
func TestIncomplete(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("and so we went on and on ", 20))
	const none, events = "", "data: "
	half := `{"type":"transcript.text.delta","delta":"Hello there"}`
	for _, tt := range []struct {
		name       string
		total      int // seconds of voice
		answers    []string
		want       string
		asked      int
		incomplete bool
	}{
		{"three words and a stock phrase for 40 s", 40, []string{"AtoLayout. Vielen Dank fürs Zuschauen!", "AtoLayout. Vielen Dank!"}, "AtoLayout. Vielen Dank fürs Zuschauen!", 2, true},
		{"then all words", 40, []string{"AtoLayout. Vielen Dank fürs Zuschauen!", long}, long, 2, false},
		{"then fewer words", 40, []string{"One two three.", "One."}, "One two three.", 2, true},
		{"no words for 40 s", 40, []string{none, none}, "", 2, true},
		{"no words for 6 s", 6, []string{none, "Hello there."}, "Hello there.", 2, false},
		{"a cough", 1, []string{none}, "", 1, false},
		{"the name of a sound for 30 s", 30, []string{"[Music]", "[Music]"}, "", 2, true},
		{"few words for 15 s", 15, []string{"Well. Yes."}, "Well. Yes.", 1, false},
		{"slow speech", 40, []string{strings.Repeat("one two ", 12)}, strings.TrimSpace(strings.Repeat("one two ", 12)), 1, false},
		{"Chinese", 40, []string{strings.Repeat("今天天气很好", 8)}, strings.Repeat("今天天气很好", 8), 1, false},
		{"a stream without an end", 3, []string{events + half, events + half}, "Hello there", 2, true},
		{"a stream with an end the second time", 3, []string{events + half, "Hello there."}, "Hello there.", 2, false},
		{"a stock phrase alone for 8 s", 8, []string{"Thank you."}, "Thank you.", 1, false},
		{"a stock phrase alone for 2 s", 2, []string{"Thank you."}, "Thank you.", 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := 0
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				says(200, "text/plain", tt.answers[min(asked, len(tt.answers)-1)])(w, r)
				asked++
			})
			clip := pcm.Clip{Rate: 4000, Samples: make([]int16, 4000*tt.total), Voice: slices.Repeat(pcm.Voice{1}, int(time.Duration(tt.total)*time.Second/pcm.VoiceFrame))}
			got, err := client(t, Config{URL: s.URL, Dialect: OpenAI}).Transcribe(t.Context(), clip)
			if got != tt.want || errors.Is(err, ErrIncomplete) != tt.incomplete || (err != nil) != tt.incomplete || asked != tt.asked {
				t.Errorf("%q, %v after %d requests", got, err, asked)
			}
			if err != nil && strings.Contains(err.Error(), "AtoLayout") {
				t.Errorf("%v tells what was said", err)
			}
		})
	}
}

// The second request goes to another recognizer, if there is one. If it fails, the first
// answer counts.
func TestIncompleteElsewhere(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("and so we went on and on ", 20))
	for _, tt := range []struct {
		second string
		want   string
	}{{long, long}, {"", "Well."}} {
		first := serve(t, says(200, "text/plain", "Well."))
		second := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if tt.second == "" {
				says(500, "text/plain", "Oops")(w, r)
				return
			}
			says(200, "text/plain", tt.second)(w, r)
		})
		c := client(t, Config{URL: first.URL, Dialect: OpenAI}, Config{URL: second.URL, Dialect: OpenAI})
		if got, err := c.Transcribe(t.Context(), speech(40_000)); got != tt.want || (err != nil) != (tt.second == "") {
			t.Errorf("%q, %v, want %q", got, err, tt.want)
		}
	}
}

// While the user speaks, too, the words that there are come with the error.
func TestFollowIncomplete(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("and so we went on and on ", 20))
	n, asked := 0, make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer := long
		if n++; n <= 2 {
			answer = "Well,"
		}
		if n == 2 {
			close(asked)
		}
		says(200, "text/plain", answer)(w, r)
	})
	segments := make(chan pcm.Clip)
	go func() {
		defer close(segments)
		segments <- aloud(spoken(1, 40*time.Second))
		<-asked
		segments <- aloud(spoken(2, 40*time.Second))
	}()
	got, err := client(t, Config{URL: s.URL, Dialect: OpenAI}).Follow(t.Context(), segments, nil)
	if !errors.Is(err, ErrIncomplete) || got != "Well, "+long {
		t.Errorf("%.40q, %v", got, err)
	}
}
