package models

import "strings"

// A figure is what was published of a model. Source: the catalog of transcribe.cpp
// (github.com/handy-computer/transcribe.cpp, catalog/*.json), which measured all of these
// models in one way, with 8-bit weights.
type figure struct {
	// pace is the time for a second of speech, in seconds, on an AMD Ryzen 7 PRO 4750U, a
	// laptop's processor of 2020 with eight cores. The clip is 11 s long.
	pace float64
	// errors are the words that are wrong, missing or additional in the test set of FLEURS,
	// read sentences of Wikipedia, in percent, by language; of languages that are written
	// without spaces, the characters.
	errors map[string]float64
}

// characters are the languages of which FLEURS counts characters.
const characters = "ja ko th yue zh"

func countsCharacters(code string) bool { return strings.Contains(" "+characters+" ", " "+code+" ") }

// figures are the published figures, by the name of the model. A model without one is never
// proposed.
var figures = map[string]figure{
	Default:                {0.015, map[string]float64{"en": 14.13}},
	"moonshine-base-en":    {0.030, map[string]float64{"en": 12.25}},
	"parakeet-tdt-0.6b-v2": {0.111, map[string]float64{"en": 4.11}},
	"parakeet-tdt-0.6b-v3": {0.128, map[string]float64{
		"bg": 12.81, "cs": 12.31, "da": 18.64, "de": 5.24, "el": 35.33, "en": 4.83, "es": 3.65, "et": 17.96, "fi": 13.30,
		"fr": 5.30, "hr": 12.59, "hu": 16.06, "it": 3.02, "lt": 22.20, "lv": 23.77, "mt": 20.63, "nl": 7.66, "pl": 7.37,
		"pt": 4.96, "ro": 12.62, "ru": 6.54, "sk": 10.19, "sl": 24.30, "sv": 15.25, "uk": 6.84,
	}},
	Base: {0.101, map[string]float64{
		"ar": 52.74, "bg": 70.53, "ca": 29.48, "cs": 70.14, "da": 63.85, "de": 19.69, "el": 59.14, "en": 9.88, "es": 11.15,
		"et": 81.71, "fa": 87.72, "fi": 49.46, "fr": 27.91, "gl": 50.06, "he": 65.56, "hr": 64.23, "hu": 72.26, "id": 38.02,
		"it": 17.26, "ja": 25.28, "ko": 12.98, "lt": 91.78, "lv": 84.60, "ms": 40.87, "nl": 36.75, "no": 49.26, "pl": 35.68,
		"pt": 13.91, "ro": 62.16, "ru": 22.92, "sk": 65.77, "sl": 77.90, "sr": 69.25, "sv": 42.40, "th": 38.10, "tr": 31.09,
		"uk": 42.03, "ur": 55.42, "vi": 42.60, "zh": 36.21,
	}},
	"whisper-small": {0.358, map[string]float64{
		"ar": 32.15, "bg": 40.39, "ca": 14.19, "cs": 40.57, "da": 35.52, "de": 9.86, "el": 33.98, "en": 6.51, "es": 5.92,
		"et": 54.79, "fa": 58.44, "fi": 26.48, "fr": 13.30, "gl": 32.72, "he": 46.06, "hi": 42.05, "hr": 36.05, "hu": 42.39,
		"id": 18.02, "it": 7.97, "ja": 12.81, "ko": 7.70, "lt": 70.21, "lv": 57.42, "ms": 21.48, "nl": 18.48, "no": 25.53,
		"pl": 16.82, "pt": 7.65, "ro": 33.88, "ru": 11.90, "sk": 36.05, "sl": 52.70, "sr": 44.91, "sv": 23.10, "th": 22.55,
		"tr": 15.95, "uk": 20.42, "ur": 39.75, "vi": 22.47, "zh": 23.06,
	}},
	"canary-180m-flash": {0.041, map[string]float64{"de": 7.33, "en": 5.98, "es": 6.54, "fr": 8.53}},
	"sense-voice":       {0.0625, map[string]float64{"en": 7.14, "ja": 7.63, "ko": 8.27, "yue": 37.44, "zh": 10.12}},
	"cohere-transcribe": {0.333, map[string]float64{
		"ar": 13.60, "de": 5.06, "el": 8.96, "en": 5.08, "es": 3.97, "fr": 5.23, "it": 3.24, "ja": 5.13, "ko": 6.57, "nl": 7.16,
		"pl": 6.15, "pt": 5.18, "vi": 7.39, "zh": 11.18,
	}},
	"whisper-turbo": {1.805, map[string]float64{
		"ar": 15.48, "bg": 13.58, "ca": 5.42, "cs": 11.81, "da": 13.60, "de": 4.54, "el": 13.26, "en": 4.38, "es": 3.12,
		"et": 18.44, "fa": 30.56, "fi": 8.29, "fr": 5.51, "gl": 12.76, "he": 29.71, "hi": 18.85, "hr": 12.54, "hu": 15.07,
		"id": 7.20, "it": 2.77, "ja": 4.82, "ko": 5.24, "lt": 25.11, "lv": 19.53, "ms": 8.64, "nl": 5.98, "no": 9.10,
		"pl": 5.81, "pt": 4.17, "ro": 10.90, "ru": 5.93, "sk": 10.21, "sl": 20.56, "sr": 32.36, "sv": 8.72, "th": 13.15,
		"tr": 6.97, "uk": 7.31, "ur": 23.19, "vi": 9.48, "yue": 34.62, "zh": 8.50,
	}},
}

// Errors returns the published errors of the model in these languages, in percent, on
// average, and whether they are published for all of them. Without a language it is the
// average of all.
func (m Model) Errors(languages []string) (percent float64, published bool) {
	all := figures[m.Name].errors
	if len(languages) == 0 {
		for code := range all {
			languages = append(languages, code)
		}
	}
	for _, code := range languages {
		e, is := all[code]
		if !is {
			return 0, false
		}
		percent += e
	}
	return percent / float64(max(len(languages), 1)), len(languages) > 0
}

// Pace returns the estimated time for a second of speech on a machine with so many cores,
// in seconds, and whether there is a figure. The engine uses four cores at most. Whisper
// base takes 0.27 s on two cores, where the published figure, times three, is 0.30 s.
func (m Model) Pace(cores int) (seconds float64, published bool) {
	f, is := figures[m.Name]
	return f.pace * 6 / float64(min(max(cores, 1), 4)), is
}
