package whisper

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// hallucinations are what real models answered to noise: faster-whisper and
// whisper.cpp with Whisper base.
var hallucinations = []string{
	"You", "you", ". . . .", "... ... ...", "1.5kg 1kg 1kg 1kg", "www.mesmerism.info",
	"ご視聴ありがとうございました", "Means is about permission. Thank you for your support.", "ral",
	"Thank you.", "Thank you very much.", "Thanks for watching!", "Thank you for watching. Please subscribe.",
	"Bye.", "Bye. Bye. Bye.", "Untertitel im Auftrag des ZDF, 2021", "Sous-titres réalisés para la communauté d'Amara.org",
	"Субтитры создавал DimaTorzok", "Продолжение следует...", "谢谢观看", "字幕由Amara.org社区提供", "시청해주셔서 감사합니다.",
	"Sottotitoli creati dalla comunità Amara.org", "¡Suscríbete al canal!", "♪♪", "[Music]", "(upbeat music)", "*sighs*", "[BLANK_AUDIO]",
}

// noises are sounds in which nobody says a word.
func noises() map[string]pcm.Clip {
	long := hiss(30_000)
	hum := hiss(3000)
	for i := range hum.Samples { // of the mains, below what is heard of a voice
		hum.Samples[i] += int16(12 * math.Sin(2*math.Pi*50*float64(i)/pcm.Rate))
	}
	click := hiss(2000)
	for i := range 200 {
		click.Samples[9000+i] += int16(12_000 * math.Exp(-float64(i)/40) * math.Cos(float64(i)))
	}
	keys := hiss(2000) // two keys of a keyboard
	for _, at := range []int{8000, 20_000} {
		for i := range 320 {
			keys.Samples[at+i] += int16(4000 * math.Exp(-float64(i)/80) * math.Cos(float64(i)*1.7))
		}
	}
	rumble, low := hiss(3000), 0.0
	for i, s := range rumble.Samples {
		low = 0.98*low + float64(s)
		rumble.Samples[i] = int16(3 * low)
	}
	return map[string]pcm.Clip{
		"a rumble": rumble,
		"silence":  {Rate: pcm.Rate, Samples: make([]int16, 2*pcm.Rate)}, "a room": hiss(1500), "a room for long": long, "a fan": fan(3000),
		"loud noise": scaled(hiss(4000), 60), "the mains": hum, "a click": click, "two keys": keys, "the rest of a clip": hiss(40),
	}
}

// talk is a clip in which somebody speaks for so long, five syllables a second
// in a voice that glides, with a pause before and after.
func talk(d time.Duration, room pcm.Clip) pcm.Clip {
	const pause = pcm.Rate * 3 / 10
	n := int(d.Seconds() * pcm.Rate)
	c := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, n+2*pause)}
	for i := range c.Samples {
		c.Samples[i] = room.Samples[i%len(room.Samples)]
	}
	phase := 0.0
	for i := range n {
		t := float64(i) / pcm.Rate
		phase += 2 * math.Pi * (130 + 25*math.Sin(2*math.Pi*0.7*t)) / pcm.Rate
		wave := math.Sin(phase) + 0.6*math.Sin(2*phase) + 0.5*math.Sin(4*phase) + 0.2*math.Sin(9*phase)
		c.Samples[pause+i] += int16(2000 * math.Pow(math.Abs(math.Sin(2*math.Pi*2.5*t)), 0.7) * wave)
	}
	return c
}

// The scores that a recogniser may give to what it made up, none among them, and
// those of words that were said.
var (
	madeUp  = [][]score{nil, {{0.3, -0.7}}, {{0.9, -0.3}, {0.1, -1.5}}}
	wasSaid = [][]score{nil, {{0.01, -0.2}}, {{0.2, -0.5}}, {{0.4, -0.3}, {0.02, -0.2}}}
)

// What models make up of noise is refused, or nothing, with every kind of noise.
func TestHallucinations(t *testing.T) {
	for name, clip := range noises() {
		for _, text := range hallucinations {
			for _, scores := range madeUp {
				got, err := believe(words(text), reply{scores: scores}, question{clip: clip}, Config{})
				if got != "" || err != nil && !errors.Is(err, ErrNotSpeech) {
					t.Errorf("%s of %s with scores %v: %q, %v; voice %v", text, name, scores, got, err, voice(clip))
				}
			}
		}
	}
}

// The same words are typed when somebody says them, in a quiet room and beside a
// fan, with a loud voice and a quiet one.
func TestHallucinationsThatWereSaid(t *testing.T) {
	for _, text := range hallucinations {
		if !hasWord(withoutSounds(text)) {
			continue
		}
		for name, clip := range spokenAloud(text) {
			for _, scores := range wasSaid {
				if got, err := believe(text, reply{scores: scores}, question{clip: clip}, Config{}); got != text {
					t.Errorf("%s, %s, with scores %v: %q, %v; voice %v", text, name, scores, got, err, voice(clip))
				}
			}
		}
	}
}

// spokenAloud returns the text as fast speakers say it.
func spokenAloud(text string) map[string]pcm.Clip {
	d := max(300*time.Millisecond, time.Duration(letters(plain(text)))*time.Second/15)
	return map[string]pcm.Clip{
		"in a room":    talk(d, hiss(1000)),
		"beside a fan": talk(d, fan(1000)),
		"in a din":     talk(d, scaled(fan(1000), 2.5)),
		"at -50 dB":    scaled(talk(d, hiss(1000)), 1.0/16),
	}
}

// Sentences of everyday that hold what models make up, or repeat themselves, are
// typed as they are.
func TestOrdinarySentences(t *testing.T) {
	sentences := []string{
		// What Whisper writes for "dollar", "percent", "plus" and "at" alone.
		"$", "%", "+", "@", "50 %", "€.",
		"Thank you very much.", "Thank you very much for your message, I will answer tomorrow.", "Thanks for watching the children.",
		"Please subscribe me to the newsletter.", "See you next time we meet in Vienna.", "You", "You and I should talk.", "Bye.", "Okay.", "So.",
		"Please finish the subtitles by the end of the week.", "We need live captioning by Friday.", "We do live captioning by hand.",
		"The page is www.example.com.", "www.example.com", "Send it to info at mesmerism dot info.", "The parcel weighs 1.5kg, not 1kg.", "1kg, 1kg, 2kg, 1kg.",
		"no no no no", "No, no, no, no!", "one one one one", "5 5 5 1 2 1 2", "555 1212, extension 555.", "zero zero zero seven", "Bye bye.", "Ha ha ha.", "very very very good",
		"It is a long, long, long way.", "Ring ring ring ring.", "[1]", "(see below)", "[Please call back tomorrow.]", "(optional)", "Call f(x) [twice].", "Press *important* now.",
		"The music in the hall was loud (too loud).", "Silence is golden.", "I heard applause.",
		"Le sous-titrage standard est activé.", "Merci beaucoup pour votre aide.", "Merci.", "Abonnez-vous à notre lettre d'information.",
		"Vielen Dank.", "Vielen Dank für Ihre Nachricht.", "Die Untertitelung des ZDF ist gut.", "Ja, ja, ja, ja.", "Das war's für heute im Protokoll.",
		"Gracias.", "Los subtítulos realizados por nuestro equipo son buenos.", "Suscríbete hoy mismo.", "Muchas gracias por todo.",
		"Grazie a tutti per la pazienza.", "Sottotitoli e revisione a cura di Anna.", "Obrigado pela visita.",
		"Я редактор субтитров.", "Спасибо за просмотр документа.", "Продолжение следует завтра.", "Да, да, да, да.",
		"这个字幕由我来做。", "谢谢大家。", "ありがとうございました。", "はいはいはい", "감사합니다.",
	}
	for _, text := range sentences {
		for name, clip := range spokenAloud(text) {
			for _, scores := range wasSaid {
				if got, err := believe(text, reply{scores: scores}, question{clip: clip}, Config{}); got != text {
					t.Errorf("%s, %s, with scores %v: %q, %v; voice %v", text, name, scores, got, err, voice(clip))
				}
			}
		}
	}
}

// Noise at any level is no voice, and a voice is one down to the level at which
// the gate of capture hears it.
func TestVoiceAtAnyLevel(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, db := range []float64{-70, -60, -50, -40, -30, -20, -10} {
		amplitude := math.Pow(10, db/20) * 32_768
		noise := pcm.Clip{Rate: pcm.Rate, Samples: make([]int16, 3*pcm.Rate)}
		for i := range noise.Samples {
			noise.Samples[i] = int16(min(max(random.NormFloat64()*amplitude, -32_768), 32_767))
		}
		if got := voice(noise); got > 0 {
			t.Errorf("noise at %v dB: %v of voice", db, got)
		}
	}
	said := talk(time.Second, pcm.Clip{Rate: pcm.Rate, Samples: []int16{0}})
	peak := float64(slices.Max(said.Samples))
	for _, level := range []float64{peak, 1000, 300, 100, 60} {
		if got := voice(scaled(talk(time.Second, pcm.Clip{Rate: pcm.Rate, Samples: []int16{0}}), level/peak)); got < 600*time.Millisecond {
			t.Errorf("a voice of amplitude %v: %v", level, got)
		}
	}
}

// In noise the quieter half of each syllable counts with the louder.
func TestVoiceInNoise(t *testing.T) {
	for _, factor := range []float64{1, 2.5, 4} {
		if got := voice(talk(2*time.Second, scaled(fan(1000), factor))); got < 1500*time.Millisecond || got > 2200*time.Millisecond {
			t.Errorf("noise times %v: %v of 2s", factor, got)
		}
	}
}
