package models

import (
	"bytes"
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
	if m.Kind == KindWhisper && len(m.Languages) > 1 {
		return []string{Transcribe, Translate}
	}
	return []string{Transcribe}
}

// multilingualTokens is the size of the vocabulary of a multilingual Whisper. That of an
// English one is 50,256.
const multilingualTokens = 50257

// languagesOf returns the languages of a model in a folder, according to its files. It
// returns nil if the files do not show them.
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
