package models

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What a model can be asked to do: the names of Whisper's tasks.
const (
	Transcribe = "transcribe" // write what was said
	Translate  = "translate"  // write it in English
)

// A language is one that Whisper knows: its code and what else it is called.
type language struct {
	code  string
	names string // English names, separated by commas
}

// whisperLanguages are those of Whisper, in the order of its tokens. Source:
// github.com/openai/whisper, tokenizer.py, LANGUAGES and TO_LANGUAGE_CODE. The
// codes are ISO 639-1 or, where that has none, 639-2; jw is jv there.
var whisperLanguages = []language{
	{"en", "english"}, {"zh", "chinese,mandarin"}, {"de", "german"}, {"es", "spanish,castilian"}, {"ru", "russian"}, {"ko", "korean"},
	{"fr", "french"}, {"ja", "japanese"}, {"pt", "portuguese"}, {"tr", "turkish"}, {"pl", "polish"}, {"ca", "catalan,valencian"},
	{"nl", "dutch,flemish"}, {"ar", "arabic"}, {"sv", "swedish"}, {"it", "italian"}, {"id", "indonesian"}, {"hi", "hindi"},
	{"fi", "finnish"}, {"vi", "vietnamese"}, {"he", "hebrew,iw"}, {"uk", "ukrainian"}, {"el", "greek"}, {"ms", "malay"}, {"cs", "czech"},
	{"ro", "romanian,moldavian,moldovan"}, {"da", "danish"}, {"hu", "hungarian"}, {"ta", "tamil"}, {"no", "norwegian,nb"}, {"th", "thai"},
	{"ur", "urdu"}, {"hr", "croatian"}, {"bg", "bulgarian"}, {"lt", "lithuanian"}, {"la", "latin"}, {"mi", "maori"}, {"ml", "malayalam"},
	{"cy", "welsh"}, {"sk", "slovak"}, {"te", "telugu"}, {"fa", "persian"}, {"lv", "latvian"}, {"bn", "bengali"}, {"sr", "serbian"},
	{"az", "azerbaijani"}, {"sl", "slovenian"}, {"kn", "kannada"}, {"et", "estonian"}, {"mk", "macedonian"}, {"br", "breton"},
	{"eu", "basque"}, {"is", "icelandic"}, {"hy", "armenian"}, {"ne", "nepali"}, {"mn", "mongolian"}, {"bs", "bosnian"}, {"kk", "kazakh"},
	{"sq", "albanian"}, {"sw", "swahili"}, {"gl", "galician"}, {"mr", "marathi"}, {"pa", "punjabi,panjabi"}, {"si", "sinhala,sinhalese"},
	{"km", "khmer"}, {"sn", "shona"}, {"yo", "yoruba"}, {"so", "somali"}, {"af", "afrikaans"}, {"oc", "occitan"}, {"ka", "georgian"},
	{"be", "belarusian"}, {"tg", "tajik"}, {"sd", "sindhi"}, {"gu", "gujarati"}, {"am", "amharic"}, {"yi", "yiddish"}, {"lo", "lao"},
	{"uz", "uzbek"}, {"fo", "faroese"}, {"ht", "haitian creole,haitian"}, {"ps", "pashto,pushto"}, {"tk", "turkmen"}, {"nn", "nynorsk"},
	{"mt", "maltese"}, {"sa", "sanskrit"}, {"lb", "luxembourgish,letzeburgesch"}, {"my", "myanmar,burmese"}, {"bo", "tibetan"},
	{"tl", "tagalog,fil,filipino"}, {"mg", "malagasy"}, {"as", "assamese"}, {"tt", "tatar"}, {"haw", "hawaiian"}, {"ln", "lingala"},
	{"ha", "hausa"}, {"ba", "bashkir"}, {"jw", "javanese,jv"}, {"su", "sundanese"},
	{"yue", "cantonese"}, // from large-v3 on
}

// multilingual returns the codes of the 99 languages that all multilingual
// models of Whisper know.
func multilingual() []string {
	var codes []string
	for _, l := range whisperLanguages[:99] {
		codes = append(codes, l.code)
	}
	return codes
}

// Language returns the code by which the model knows a language, and whether it
// does. The language is a code, with or without script and region, or an
// English name, in any case: "EN", "en-US", "zh_Hans", "Spanish". A model that
// lists no languages takes codes as they are.
func (m Model) Language(name string) (code string, known bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	head, _, _ := strings.Cut(strings.ReplaceAll(name, "_", "-"), "-")
	for _, l := range whisperLanguages {
		names := strings.Split(l.names, ",")
		if slices.Contains(names, name) || slices.Contains(names, head) {
			head = l.code
		}
	}
	return head, len(m.Languages) == 0 || slices.Contains(m.Languages, head)
}

// Tasks returns what the model can be asked to do, Transcribe first.
func (m Model) Tasks() []string {
	if m.Kind == KindWhisper && len(m.Languages) > 1 {
		return []string{Transcribe, Translate}
	}
	return []string{Transcribe}
}

// multilingualTokens is how many tokens the vocabulary of a multilingual Whisper
// has; that of an English one has 50,256.
const multilingualTokens = 50257

// languagesOf returns the languages of a model in a folder, of which only its
// files are known. It returns nil if these do not tell.
func (m Model) languagesOf(folder string) []string {
	kind, roles, err := m.Roles()
	if err != nil || kind != KindWhisper {
		return nil
	}
	b, err := os.ReadFile(filepath.Join(folder, roles[Tokens]))
	if err != nil {
		return nil
	}
	if bytes.Count(b, []byte{'\n'}) >= multilingualTokens {
		return multilingual()
	}
	return []string{"en"}
}
