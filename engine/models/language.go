package models

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/internal/language"
)

// What a model can be asked to do: the names of Whisper's tasks.
const (
	Transcribe = "transcribe" // write what was said
	Translate  = "translate"  // write it in English
)

// multilingual returns the codes of the 99 languages that all multilingual
// models of Whisper know.
func multilingual() []string { return language.Whisper()[:99] }

// Language returns the code by which the model knows a language, and whether it
// does. The language is whatever language.Parse reads. A model that lists no
// languages takes codes as they are.
func (m Model) Language(name string) (code string, known bool) {
	code, err := language.Parse(name)
	if err != nil {
		code, _, _ = strings.Cut(strings.ToLower(strings.ReplaceAll(strings.TrimSpace(name), "_", "-")), "-")
	}
	return code, len(m.Languages) == 0 || slices.Contains(m.Languages, code)
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
