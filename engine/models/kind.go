package models

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// The roles that the files of models have.
const (
	Tokens       = "tokens"
	Encoder      = "encoder"
	Decoder      = "decoder"
	Joiner       = "joiner"
	Preprocessor = "preprocessor"
	Frontend     = "frontend"
	Merged       = "merged decoder"
	Uncached     = "uncached decoder"
	Cached       = "cached decoder"
	Network      = "network"    // the only one
	Vocabulary   = "vocabulary" // of Qwen3-ASR, as are the next two
	Merges       = "merges"
	Tokenizer    = "tokenizer"
)

// tokenizerFiles are the files of a tokenizer as Qwen publishes it.
var tokenizerFiles = map[string]string{"vocab.json": Vocabulary, "merges.txt": Merges, "tokenizer_config.json": Tokenizer}

// role returns the role of a file of a model, by its name, such as
// "tiny.en-encoder.int8.onnx". It is empty for a file that no model needs.
func role(name string) string {
	base, isONNX := strings.CutSuffix(strings.ToLower(name), ".onnx")
	if r, is := tokenizerFiles[base]; is {
		return r
	}
	if !isONNX {
		if strings.HasSuffix(base, "tokens.txt") {
			return Tokens
		}
		return ""
	}
	base = strings.TrimSuffix(strings.TrimSuffix(base, ".int8"), ".fp16")
	for _, r := range []struct{ part, role string }{
		{"uncached_decode", Uncached}, {"cached_decode", Cached}, {"preprocess", Preprocessor},
		{"conv_frontend", Frontend}, {"decoder_model_merged", Merged}, {"encode", Encoder}, {"decode", Decoder}, {"joiner", Joiner},
	} {
		if strings.Contains(base, r.part) {
			return r.role
		}
	}
	if base == "model" || strings.HasSuffix(base, "-model") {
		return Network
	}
	return ""
}

// belongs reports whether a file holds weights of a network that names it. Large
// networks have separate files of weights.
func belongs(name string) bool {
	for _, suffix := range []string{".weights", ".onnx.data", ".onnx_data"} {
		if strings.HasSuffix(strings.ToLower(name), suffix) {
			return true
		}
	}
	return false
}

// ErrForeign is wrapped if files are no model of a known kind.
var ErrForeign = errors.New("no model of a kind that is known")

// recognize returns the kind of a model with files of these names, and which file has
// which role. Of kinds with the same files it returns the first; kindIn tells them apart.
// If several files have a role, it prefers int8, which is smaller and faster and has
// hardly more errors.
func recognize(names []string) (kind string, roles map[string]string, err error) {
	all := map[string]string{}
	for _, name := range slices.Sorted(slices.Values(names)) {
		r := role(name)
		if r == "" {
			continue
		}
		if old, twice := all[r]; twice && !better(name, old) {
			continue
		}
		all[r] = name
	}
	for _, k := range kinds {
		if found, is := k.choose(all); is {
			return k.Name, found, nil
		}
	}
	return "", nil, fmt.Errorf("recognize model by its %d files: %w", len(names), ErrForeign)
}

// choose returns the files that the kind needs, and whether all of them exist.
func (k Kind) choose(all map[string]string) (found map[string]string, is bool) {
	found = map[string]string{}
	for _, r := range k.roles {
		name, is := all[r]
		if !is {
			return nil, false
		}
		found[r] = name
	}
	return found, true
}

// kindIn returns the kind of a model whose files are in a folder. recognize has found kind
// and roles by the names of the files.
func kindIn(folder, kind string, roles map[string]string) string {
	described := cmp.Or(roles[Encoder], roles[Network])
	about, err := Metadata(filepath.Join(folder, described))
	if err != nil {
		return kind // the library says what is wrong with the file
	}
	same := kinds[slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == kind })].roles
	for _, k := range kinds {
		if slices.Equal(k.roles, same) && k.is != nil && k.is(about) {
			return k.Name
		}
	}
	return kind
}

// better reports whether the file name is preferred to old for the same role.
func better(name, old string) bool {
	const quick = ".int8."
	return strings.Contains(name, quick) && !strings.Contains(old, quick)
}

// Roles returns the kind of a model and which of its files has which role. Its error
// wraps ErrForeign.
func (m Model) Roles() (kind string, roles map[string]string, err error) {
	var names []string
	for _, f := range m.Files {
		names = append(names, f.Name)
	}
	if kind, roles, err = recognize(names); err != nil {
		return "", nil, fmt.Errorf("model %s: %w", m.Name, err)
	}
	if k := m.Can(); k.Name != kind {
		if _, is := k.choose(roles); is && k.Name != "" {
			kind = k.Name // of kinds with the same files, the one that was recorded
		}
	}
	if merged, is := roles[Merged]; is {
		roles[Decoder] = merged
	}
	return kind, roles, nil
}
