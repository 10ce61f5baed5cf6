package whisper

import (
	"errors"
	"math"
	"testing"

	"github.com/arealicehole/vocoder/capture/vad"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/text"
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

// noises are sounds without a word.
func noises() map[string]pcm.Clip {
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
	all := map[string]pcm.Clip{
		"a rumble": rumble,
		"silence":  {Rate: pcm.Rate, Samples: make([]int16, 2*pcm.Rate)}, "a room": hiss(1500), "a room for long": hiss(10_000), "a fan": scaled(hiss(3000), 5),
		"loud noise": scaled(hiss(4000), 60), "the mains": hum, "a click": click, "two keys": keys, "the rest of a clip": hiss(40),
	}
	for name, c := range all {
		c.Voice = vad.Detect(c)
		all[name] = c
	}
	return all
}

// scaled makes a clip louder.
func scaled(c pcm.Clip, factor float64) pcm.Clip {
	for i, s := range c.Samples {
		c.Samples[i] = int16(factor * float64(s))
	}
	return c
}

// The scores that a recognizer may give to what it made up, none among them, and
// those of words that were said.
var (
	madeUp  = [][]score{nil, {{0.3, -0.7, 0}}, {{0.9, -0.3, 0}, {0.1, -1.5, 0}}}
	wasSaid = [][]score{nil, {{0.01, -0.2, 0}}, {{0.2, -0.5, 0}}, {{0.4, -0.3, 0}, {0.02, -0.2, 0}}}
)

// TestHallucinations checks that a noise has no voice, so that the daemon does not send
// it, and that the client refuses known inventions if it is sent.
func TestHallucinations(t *testing.T) {
	for name, clip := range noises() {
		if clip.Voice.Speaks() {
			t.Errorf("%s is taken for a voice, for %v", name, clip.Voice.Total())
		}
		for _, words := range hallucinations {
			for _, scores := range madeUp {
				got, err := filter(text.Line(words), reply{scores: scores}, question{clip: clip}, Config{})
				known := isStock(words, nil) || isCredit(text.Plain(words)) || isBracketed(words) || !hasWord(words)
				if err != nil && !errors.Is(err, ErrNotSpeech) || known && got != "" {
					t.Errorf("%s of %s with scores %v: %q, %v", words, name, scores, got, err)
				}
			}
		}
	}
}

// The same words are typed when a person says them.
func TestHallucinationsThatWereSaid(t *testing.T) {
	for _, text := range hallucinations {
		if hasWord(withoutSounds(text)) {
			said(t, text)
		}
	}
}

// said checks that a text that a fast speaker said is typed.
func said(t *testing.T, words string) {
	t.Helper()
	ms := max(300, letters(text.Plain(words))*1000/15)
	clip := within(ms+600, ms)
	for _, scores := range wasSaid {
		if got, err := filter(words, reply{scores: scores}, question{clip: clip}, Config{}); got != words {
			t.Errorf("%s with scores %v: %q, %v; voice %v", words, scores, got, err, clip.Voice.Total())
		}
	}
}

// Sentences of everyday that hold what models make up, or repeat themselves, are
// typed as they are.
func TestOrdinarySentences(t *testing.T) {
	sentences := []string{
		// Whisper writes these for "dollar", "percent", "plus" and "at" alone.
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
		said(t, text)
	}
}
