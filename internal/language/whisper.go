package language

import "strings"

// inWhisper are the languages of Whisper in the order of its tokens, with Whisper's
// English names, separated by commas, the usual one first. Models before large-v3 do
// not know the last language. Source: github.com/openai/whisper, tokenizer.py,
// LANGUAGES and TO_LANGUAGE_CODE.
var inWhisper = []struct{ code, names string }{
	{"en", "english"}, {"zh", "chinese,mandarin"}, {"de", "german"}, {"es", "spanish,castilian"}, {"ru", "russian"},
	{"ko", "korean"}, {"fr", "french"}, {"ja", "japanese"}, {"pt", "portuguese"}, {"tr", "turkish"}, {"pl", "polish"},
	{"ca", "catalan,valencian"}, {"nl", "dutch,flemish"}, {"ar", "arabic"}, {"sv", "swedish"}, {"it", "italian"},
	{"id", "indonesian"}, {"hi", "hindi"}, {"fi", "finnish"}, {"vi", "vietnamese"}, {"he", "hebrew"}, {"uk", "ukrainian"},
	{"el", "greek"}, {"ms", "malay"}, {"cs", "czech"}, {"ro", "romanian,moldavian,moldovan"}, {"da", "danish"}, {"hu", "hungarian"},
	{"ta", "tamil"}, {"no", "norwegian"}, {"th", "thai"}, {"ur", "urdu"}, {"hr", "croatian"}, {"bg", "bulgarian"},
	{"lt", "lithuanian"}, {"la", "latin"}, {"mi", "maori"}, {"ml", "malayalam"}, {"cy", "welsh"}, {"sk", "slovak"},
	{"te", "telugu"}, {"fa", "persian"}, {"lv", "latvian"}, {"bn", "bengali"}, {"sr", "serbian"}, {"az", "azerbaijani"},
	{"sl", "slovenian"}, {"kn", "kannada"}, {"et", "estonian"}, {"mk", "macedonian"}, {"br", "breton"}, {"eu", "basque"},
	{"is", "icelandic"}, {"hy", "armenian"}, {"ne", "nepali"}, {"mn", "mongolian"}, {"bs", "bosnian"}, {"kk", "kazakh"},
	{"sq", "albanian"}, {"sw", "swahili"}, {"gl", "galician"}, {"mr", "marathi"}, {"pa", "punjabi,panjabi"},
	{"si", "sinhala,sinhalese"}, {"km", "khmer"}, {"sn", "shona"}, {"yo", "yoruba"}, {"so", "somali"}, {"af", "afrikaans"},
	{"oc", "occitan"}, {"ka", "georgian"}, {"be", "belarusian"}, {"tg", "tajik"}, {"sd", "sindhi"}, {"gu", "gujarati"},
	{"am", "amharic"}, {"yi", "yiddish"}, {"lo", "lao"}, {"uz", "uzbek"}, {"fo", "faroese"}, {"ht", "haitian creole,haitian"},
	{"ps", "pashto,pushto"}, {"tk", "turkmen"}, {"nn", "nynorsk"}, {"mt", "maltese"}, {"sa", "sanskrit"},
	{"lb", "luxembourgish,letzeburgesch"}, {"my", "myanmar,burmese"}, {"bo", "tibetan"}, {"tl", "tagalog,filipino"},
	{"mg", "malagasy"}, {"as", "assamese"}, {"tt", "tatar"}, {"haw", "hawaiian"}, {"ln", "lingala"}, {"ha", "hausa"},
	{"ba", "bashkir"}, {"jw", "javanese"}, {"su", "sundanese"}, {"yue", "cantonese"},
}

// whisperHas are codes for which Whisper has a different code of the same language.
var whisperHas = map[string]string{"nb": "no", "jv": "jw", "fil": "tl", "cmn": "zh"}

// names and byName are inWhisper both ways: the usual name of a code, and the code
// of each name.
var names, byName = func() (names, codes map[string]string) {
	names, codes = map[string]string{}, map[string]string{}
	for _, l := range inWhisper {
		all := strings.Split(l.names, ",")
		names[l.code] = all[0]
		for _, name := range all {
			codes[name] = l.code
		}
	}
	return names, codes
}()

// InWhisper reports whether Whisper knows a language.
func InWhisper(code string) bool {
	_, is := names[code]
	return is
}

// Whisper returns the codes of the languages that Whisper knows, in its order. Models
// before large-v3 do not know the last one.
func Whisper() []string {
	var codes []string
	for _, l := range inWhisper {
		codes = append(codes, l.code)
	}
	return codes
}
