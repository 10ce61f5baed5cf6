package whisper

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/text"
	"github.com/arealicehole/vocoder/whisper/internal/markup"
)

// voiced returns the voice of a clip of ms milliseconds that has speech between from
// and to.
func voiced(ms, from, to int) pcm.Voice {
	const frame = int(pcm.VoiceFrame / time.Millisecond)
	v := make(pcm.Voice, (ms+frame-1)/frame)
	for i := range v {
		if at := i*frame + frame/2; at >= from && at < to {
			v[i] = 1
		}
	}
	return v
}

// hiss is a clip of quiet noise, as of a room, without a voice.
func hiss(ms int) pcm.Clip {
	random := rand.New(rand.NewPCG(1, 2))
	c := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, pcm.Rate*ms/1000), Voice: voiced(ms, 0, 0)}
	for i := range c.Samples {
		c.Samples[i] = int16(random.IntN(120) - 60)
	}
	return c
}

// within is a clip of so many milliseconds with a voice for some of
// them.
func within(total, ms int) pcm.Clip {
	c := hiss(total)
	c.Voice = voiced(total, (total-ms)/2, (total+ms)/2)
	return c
}

func TestFilter(t *testing.T) {
	sure, unsure := []score{{0.01, -0.2, 0}}, []score{{0.3, -0.7, 0}}
	for _, tt := range []struct {
		name   string
		text   string
		scores []score
		clip   pcm.Clip
		config Config
		before string
		want   string
		refuse bool
	}{
		{name: "words", text: "Hello there.", clip: within(2000, 900), want: "Hello there."},
		{name: "a real thank you", text: "Thank you.", clip: within(1500, 600), want: "Thank you."},
		{name: "a real thank you with scores", text: "Thank you.", scores: sure, clip: hiss(1500), want: "Thank you."},
		{name: "thank you out of nothing", text: "Thank you.", clip: hiss(1500), refuse: true},
		{name: "thank you out of a click", text: "Thank you.", clip: within(1500, 40), refuse: true},
		{name: "an unknown voice", text: "Thank you.", clip: pcm.Clip{Rate: pcm.Rate, Samples: hiss(1500).Samples}, want: "Thank you."},
		{name: "thank you that scores doubt", text: "Thank you!", scores: unsure, clip: within(1500, 300), refuse: true},
		{name: "thank you that scores doubt and a voice says", text: "Thank you!", scores: unsure, clip: within(1500, 600), want: "Thank you!"},
		{name: "one sure segment is enough", text: "Thank you.", scores: append(sure, unsure...), clip: hiss(1500), want: "Thank you."},
		{name: "other words out of nothing, where such clips are sent", text: "Buy milk.", clip: hiss(1500), want: "Buy milk."},
		{name: "other words out of little", text: "Buy milk.", clip: within(1500, 120), want: "Buy milk."},
		{name: "phrase within words", text: "Tell them thank you.", clip: within(1500, 200), want: "Tell them thank you."},
		{name: "two phrases", text: "Thanks for watching! Please subscribe.", clip: within(1500, 200), refuse: true},
		{name: "credits", text: "Untertitel im Auftrag des ZDF, 2021", clip: within(3000, 700), refuse: true},
		{name: "credits that were said", text: "Untertitel im Auftrag des ZDF, 2021", clip: within(3000, 2000), want: "Untertitel im Auftrag des ZDF, 2021"},
		{name: "credits in French", text: "Sous-titres réalisés para la communauté d'Amara.org", clip: within(3000, 1000), refuse: true},
		{name: "Chinese", text: "谢谢观看！", clip: hiss(900), refuse: true},
		{name: "the user's phrase", text: "Peep.", clip: hiss(900), config: Config{Phrases: []string{"peep"}}, refuse: true},
		{name: "blank", text: "[BLANK_AUDIO]", clip: hiss(900)},
		{name: "blank within words", text: "Hello. [BLANK_AUDIO] There.", clip: within(2000, 1500), want: "Hello. There."},
		{name: "music", text: "♪ (upbeat music) ♪", clip: within(2000, 1500)},
		{name: "sounds among words", text: "Hello there. [Music] How are you? (coughs)", clip: within(2500, 2000), want: "Hello there. How are you?"},
		{name: "silence among words", text: "Hello there. [ Silence ]", clip: within(2500, 2000), want: "Hello there."},
		{name: "a language that the model does not know", text: "(speaking in foreign language)", clip: within(2500, 2000)},
		{name: "brackets that were said", text: "[Please call back tomorrow.]", clip: within(2500, 2000), want: "[Please call back tomorrow.]"},
		{name: "a number in brackets", text: "[1]", clip: within(2000, 500), want: "[1]"},
		{name: "brackets out of little", text: "(see below)", clip: within(1500, 200), refuse: true},
		{name: "notes", text: "♪♪♪", clip: within(2000, 1500), refuse: true},
		{name: "coughs", text: "*coughs*", clip: within(2000, 1500)},
		{name: "brackets and words", text: "Call f(x) [twice].", clip: within(2000, 1500), want: "Call f(x) [twice]."},
		{name: "dropped by Whisper's own rule", text: "Some words of no sense", scores: []score{{0.8, -1.4, 0}}, clip: within(2000, 1500), refuse: true},
		{name: "kept by Whisper's own rule", text: "Some words of sense", scores: []score{{0.8, -0.4, 0}}, clip: within(2000, 1500), want: "Some words of sense"},
		{name: "echo of the list of names", text: "Kubernetes, Grafana.", clip: hiss(1500), config: Config{Names: names("Grafana", "Kubernetes", "vocoder")}, refuse: true},
		{name: "echo of prompt and names", text: "Dictation. Kubernetes, Grafana.", clip: hiss(1500),
			config: Config{Prompt: "A dictation.", Names: names("Grafana", "Kubernetes")}, refuse: true},
		{name: "names in another order", text: "Grafana, Kubernetes.", want: "Grafana, Kubernetes.", clip: hiss(1500), config: Config{Names: names("Grafana", "Kubernetes", "vocoder")}},
		{name: "echo of the prompt", text: "Kubernetes, Grafana.", clip: hiss(1500), config: Config{Prompt: "Kubernetes, Grafana, vocoder"}, refuse: true},
		{name: "word of the prompt that was said", text: "Kubernetes, Grafana.", clip: within(2000, 1200), config: Config{Prompt: "Kubernetes, Grafana, vocoder"}, want: "Kubernetes, Grafana."},
		{name: "echo of what was said before", text: "went to the store.", clip: hiss(1500), before: "I went to the store.", refuse: true},
		{name: "marks", text: ". . . .", clip: within(2000, 1500), refuse: true},
		{name: "a question mark that was said", text: "?", clip: within(1500, 400), want: "?"},
		{name: "an emoji that was said", text: "👍", clip: within(1500, 600), want: "👍"},
		{name: "a comma and a bracket that were said", text: "),", clip: within(1500, 800), want: "),"},
		{name: "a question mark out of nothing", text: "?", clip: hiss(1500), refuse: true},
		{name: "dashes", text: "— —", clip: within(2000, 1500), refuse: true},
		{name: "many marks", text: "?!?!?!?!?!?!", clip: within(2000, 1500), refuse: true},
		{name: "a whisper of which no frame is a voice for certain", text: "Thank you.", clip: softly(hiss(1500)), want: "Thank you."},
		{name: "a whisper with scores", text: "Thank you.", scores: unsure, clip: softly(hiss(1500)), want: "Thank you."},
		{name: "sure of what it repeats", text: strings.Repeat("Thank you. ", 3), scores: []score{{0.01, -0.2, 3.1}}, clip: within(2000, 100), refuse: true},
		{name: "sure of what was said", text: strings.Repeat("Thank you. ", 3), scores: []score{{0.01, -0.2, 1.4}}, clip: within(2000, 100), want: "Thank you. Thank you. Thank you."},
		{name: "a loop that is a little faster than speech", scores: sure, text: strings.Repeat("the ", 14), clip: within(2000, 1900), refuse: true},
		{name: "a repetition that a voice may say", text: strings.TrimSpace(strings.Repeat("the ", 12)), clip: within(4000, 3500), want: strings.TrimSpace(strings.Repeat("the ", 12))},
		{name: "a repetition for which there is too little voice", text: "1.5kg 1kg 1kg 1kg", clip: within(2000, 300), refuse: true},
		{name: "a repetition that was said", text: "one one one one", clip: within(2000, 900), want: "one one one one"},
		{name: "Japanese for which there is too little voice", text: "ありがとうございました", clip: within(2000, 600), refuse: true},
		{name: "loop out of nothing", text: strings.Repeat("I'm sorry. ", 5), clip: hiss(9000), refuse: true},
		{name: "said five times", text: "No no no no no!", clip: within(2500, 2000), want: "No no no no no!"},
		{name: "endless loop", text: strings.Repeat("the ", 200), clip: within(10_000, 8000), refuse: true},
		{name: "words before an endless loop", text: "Buy some milk and " + strings.Repeat("then we go ", 60), clip: within(10_000, 8000), want: "Buy some milk and then we go"},
		{name: "loop without spaces", text: "はい" + strings.Repeat("ごご", 200), clip: within(4000, 3000), want: "はいご"},
		{name: "faster than speech", text: strings.Repeat("all these words were never said in a second ", 3) + "x", clip: within(1000, 800), refuse: true},
		{name: "as fast as speech", text: strings.Repeat("one two three four five ", 2), clip: within(2500, 2200), want: strings.TrimSpace(strings.Repeat("one two three four five ", 2))},
		{name: "one short word in a short clip", text: "Yes.", clip: within(250, 200), want: "Yes."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := filter(text.Line(tt.text), reply{scores: tt.scores}, question{clip: tt.clip, before: tt.before}, tt.config)
			if errors.Is(err, ErrNotSpeech) != tt.refuse || got != tt.want {
				t.Errorf("%q, %v, want %q, refused %v", got, err, tt.want, tt.refuse)
			}
			if err != nil && hasWord(tt.text) && strings.Contains(err.Error(), strings.TrimRight(tt.text, ".! ")) {
				t.Errorf("%v tells what was said", err)
			}
		})
	}
}

// TestMarkup removes the markup of recognizers, and keeps text that is only similar.
func TestMarkup(t *testing.T) {
	for in, want := range map[string]string{
		"language English<asr_text>Hello there.":                                                        "Hello there.",
		"<|startoftranscript|><|en|><|transcribe|><|notimestamps|> Hello there.<|endoftext|>":           "Hello there.",
		"[00:00:00.000 --> 00:00:02.000]   Hello there.\n[00:00:02.000 --> 00:00:03.500]  How are you?": "Hello there. How are you?",
		"<|0.00|> Hello there.<|2.00|>":                                                                 "Hello there.",
		"The language English <is> hard, a|b, x < y |> z.":                                              "The language English <is> hard, a|b, x < y |> z.",
		"At [00:10] we meet.": "At [00:10] we meet.",
	} {
		if got := text.Line(markup.Remove(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestEmptySegments: the scores of segments without words say nothing about the words.
func TestEmptySegments(t *testing.T) {
	const empty = `{"text":" ","no_speech_prob":0.01,"avg_logprob":-0.1}`
	for body, refuse := range map[string]bool{
		`{"segments":[{"text":"Thank you.","no_speech_prob":0.5,"avg_logprob":-0.7},` + empty + `]}`:           true,
		`{"segments":[{"text":"Words of no sense","no_speech_prob":0.8,"avg_logprob":-1.4},` + empty + `]}`:    true,
		`{"segments":[{"text":"Thank you.","no_speech_prob":0.01,"avg_logprob":-0.2},` + empty + `]}`:          false,
		`{"segments":[` + empty + `,{"text":"Buy milk, please.","no_speech_prob":0.5,"avg_logprob":-0.7}]}`:    false,
		`{"segments":[{"text":"Thank you.","no_speech_prob":0.01,"compression_ratio":0.8},` + empty + `]}`:     false,
		`{"segments":[{"text":"Bye. Bye. Bye.","no_speech_prob":0.01,"compression_ratio":2.9},` + empty + `]}`: true,
	} {
		r, err := decode("application/json", []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := filter(text.Line(r.text), r, question{clip: within(1500, 40)}, Config{}); (err != nil) != refuse {
			t.Errorf("%s: %q, %v", body, got, err)
		}
	}
}

// FuzzFilter checks that filter returns the whole text or its beginning.
func FuzzFilter(f *testing.F) {
	f.Add("Thank you. Thank you. Thank you. Thank you.", 3000)
	f.Add("a b a b a b a b a b a b a b a b a b a b a b a b a b a b", 100)
	f.Add("はいはいはいはいはいはいはいはいはいはい", 200)
	f.Fuzz(func(t *testing.T, words string, ms int) {
		words = text.Line(words)
		got, err := filter(words, reply{}, question{clip: hiss(min(max(ms, 0), 3000))}, Config{})
		if err != nil && got != "" {
			t.Fatalf("%q and %v", got, err)
		}
		whole := withoutSounds(words)
		if !strings.HasPrefix(strings.ReplaceAll(whole, " ", ""), strings.ReplaceAll(got, " ", "")) {
			t.Fatalf("%q out of %q", got, whole)
		}
	})
}

func names(all ...string) func() []string { return func() []string { return slices.Clone(all) } }
