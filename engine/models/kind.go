package models

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The kinds of model, by the family of their files.
const (
	KindMoonshine  = "moonshine"   // Moonshine with one merged decoder
	KindMoonshine4 = "moonshine-4" // Moonshine in four parts, as it was published first
	KindWhisper    = "whisper"     // OpenAI Whisper and models distilled from it
	KindTransducer = "transducer"  // Parakeet TDT and RNNT of NeMo
	KindCTC        = "nemo-ctc"    // Parakeet CTC and other CTC models of NeMo
)

// The roles that the files of models have.
const (
	Tokens       = "tokens"
	Encoder      = "encoder"
	Decoder      = "decoder"
	Joiner       = "joiner"
	Preprocessor = "preprocessor"
	Merged       = "merged decoder"
	Uncached     = "uncached decoder"
	Cached       = "cached decoder"
	Network      = "network" // the only one
)

// kinds are the files of each kind. Kinds with more files come first: the first kind
// whose roles all exist is the kind of a model. Source: the examples of sherpa-onnx for
// each family (k2-fsa.github.io/sherpa/onnx/pretrained_models).
var kinds = []struct {
	kind  string
	roles []string
}{
	{KindMoonshine4, []string{Preprocessor, Encoder, Uncached, Cached, Tokens}},
	{KindTransducer, []string{Encoder, Decoder, Joiner, Tokens}},
	{KindMoonshine, []string{Encoder, Merged, Tokens}},
	{KindWhisper, []string{Encoder, Decoder, Tokens}},
	{KindCTC, []string{Network, Tokens}},
}

// role returns the role of a file of a model, by its name, such as
// "tiny.en-encoder.int8.onnx". It is empty for a file that no model needs.
func role(name string) string {
	base, isONNX := strings.CutSuffix(strings.ToLower(name), ".onnx")
	if !isONNX {
		if strings.HasSuffix(base, "tokens.txt") {
			return Tokens
		}
		return ""
	}
	base = strings.TrimSuffix(strings.TrimSuffix(base, ".int8"), ".fp16")
	for _, r := range []struct{ part, role string }{
		{"uncached_decode", Uncached}, {"cached_decode", Cached}, {"preprocess", Preprocessor},
		{"decoder_model_merged", Merged}, {"encode", Encoder}, {"decode", Decoder}, {"joiner", Joiner},
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
// which role. If several files have a role, it prefers int8, which is smaller and faster
// and has hardly more errors.
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
		found := map[string]string{}
		for _, r := range k.roles {
			if name, is := all[r]; is {
				found[r] = name
			}
		}
		if len(found) == len(k.roles) {
			return k.kind, found, nil
		}
	}
	return "", nil, fmt.Errorf("recognize model by its %d files: %w", len(names), ErrForeign)
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
	if merged, is := roles[Merged]; is {
		roles[Decoder] = merged
	}
	return kind, roles, nil
}
