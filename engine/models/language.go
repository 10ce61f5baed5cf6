package models

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/internal/language"
)

// The tasks of models, by their names in Whisper.
const (
	Transcribe = "transcribe" // write what was said
	Translate  = "translate"  // write it in English
)

// multilingual returns the codes of the 99 languages that all multilingual
// models of Whisper know.
func multilingual() []string { return language.Whisper()[:99] }

// Language returns the model's code of a language, and whether the model knows the
// language. language.Parse reads the name. A model that lists no languages accepts every
// code.
func (m Model) Language(name string) (code string, known bool) {
	code, err := language.Parse(name)
	if err != nil {
		code, _, _ = strings.Cut(strings.ToLower(strings.ReplaceAll(strings.TrimSpace(name), "_", "-")), "-")
	}
	return code, len(m.Languages) == 0 || slices.Contains(m.Languages, code)
}

// Tasks returns the tasks of the model, Transcribe first.
func (m Model) Tasks() []string {
	if m.Can().Translates && len(m.Languages) > 1 {
		return []string{Transcribe, Translate}
	}
	return []string{Transcribe}
}

// The sizes of vocabularies that show the languages of a model.
const (
	multilingualTokens = 50257 // of a multilingual Whisper; that of an English one is 50,256
	canaryTokens       = 16384 // of Canary 1B v2, for 25 languages; that of Canary 180M flash is 5,248
)

// european returns the 25 languages of Parakeet v3 and Canary 1B v2.
func european() []string {
	return strings.Fields("bg hr cs da nl en et fi fr de el hu it lv lt mt pl pt ro sk sl es sv ru uk")
}

// prompts returns the languages for which a Nemotron has a prompt, sorted, or nil if it
// takes none. Its metadata names them like {"auto": 0, "en-US": 1}.
func prompts(encoder string) []string {
	about, err := Metadata(encoder)
	if err != nil {
		return nil
	}
	var numbers map[string]int
	if json.Unmarshal([]byte(about["prompt_dictionary"]), &numbers) != nil {
		return nil
	}
	var all []string
	for name := range numbers {
		if code, err := language.Parse(name); err == nil && name != language.Auto {
			all = append(all, code)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// languagesOf returns the languages of a model in a folder, according to its kind and
// files. It returns nil if they do not show them.
func (m Model) languagesOf(folder string) []string {
	kind, roles, err := m.Roles()
	if err != nil {
		return nil
	}
	switch kind {
	case KindWhisper, KindCanary:
	case KindNemotron:
		return prompts(filepath.Join(folder, roles[Encoder]))
	default:
		return m.Can().Languages
	}
	b, err := os.ReadFile(filepath.Join(folder, roles[Tokens]))
	if err != nil {
		return nil
	}
	tokens := bytes.Count(b, []byte{'\n'})
	switch {
	case kind == KindCanary && tokens >= canaryTokens:
		return european()
	case kind == KindCanary:
		return []string{"en", "de", "es", "fr"}
	case tokens >= multilingualTokens:
		return multilingual()
	}
	return []string{"en"}
}
