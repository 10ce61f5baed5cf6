package whisper

import (
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/text"
	"github.com/arealicehole/vocoder/whisper/internal/markup"
)

// TestReportedTexts: repetitions, credits and tokens that users of other programs have
// reported (e2e/reports.md), and sentences that only look like them.
func TestReportedTexts(t *testing.T) {
	phonetic := "Thank you very much for your response to the phonetic alphabet"
	for _, tt := range []struct {
		name, text string
		clip       pcm.Clip
		want       string // empty: nothing is typed
	}{
		{"words, then half of them for ever", phonetic + strings.Repeat(" of the phonetic alphabet", 60), within(6000, 4500), phonetic + " of the phonetic alphabet"},
		{"the same repetition from a click", phonetic + strings.Repeat(" of the phonetic alphabet", 60), within(1500, 40), ""},
		{"you you you from silence", "you you you you you", hiss(3000), ""},
		{"you you you from a cough", "you you you", within(2000, 100), ""},
		{"you, again and again, for a second of voice", strings.Repeat("you ", 40), within(2000, 1000), ""},
		{"lines of Okay", strings.Repeat("Okay. Okay. Okay. Okay. Okay.\n", 8), within(3000, 1000), ""},
		{"two Okays that were said", "Okay. Okay.", within(2000, 900), "Okay. Okay."},
		{"a word five hundred times at the end", "The meeting is on Monday at nine " + strings.Repeat("again ", 500), within(5000, 4000), "The meeting is on Monday at nine again"},
		{"a bit of a bit of a bit", "I'm sorry, " + strings.Repeat("a little bit of ", 40), within(4000, 3000), "I'm sorry, a little bit of"},
		{"a bit of a bit that was said", "a little bit of a little bit", within(2500, 2000), "a little bit of a little bit"},
		{"a name in the credits", "© transcript Emily Beynon", hiss(2000), ""},
		{"the name of the person who transcribes", "The transcript is from Emily Beynon.", within(3000, 2500), "The transcript is from Emily Beynon."},
		{"Yeah from the sound of the start", "Yeah.", hiss(900), ""},
		{"Yeah that was said", "Yeah.", within(900, 350), "Yeah."},
		{"the end of an utterance", "how are you<EOU>", within(2000, 1500), "how are you"},
		{"ends of utterances among words", "how are you <EOU> fine <EOB> thanks <EOU>", within(3000, 2500), "how are you fine thanks"},
		{"the end of an utterance alone", "<EOU>", within(2000, 1500), ""},
		{"padding", "<pad>how are you<pad><pad>", within(2000, 1500), "how are you"},
		{"an unknown word", "how are \u2047 you", within(2000, 1500), "how are you"},
		{"a comparison that was said", "a <EOUR and b > c", within(3000, 2500), "a <EOUR and b > c"},
		{"Okay from the sound of the start", "Okay.", hiss(900), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := filter(text.Line(markup.Remove(tt.text)), reply{}, question{clip: tt.clip}, Config{})
			if got != tt.want || err != nil && tt.want != "" {
				t.Errorf("%q, %v, want %q", got, err, tt.want)
			}
		})
	}
}
