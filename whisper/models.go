package whisper

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/internal/language"
)

// The limits of a server's list of models. The list of OpenAI has about 100.
const (
	maxModels    = 1000
	maxModelName = 200 // bytes
)

// askModels asks the recognizer for its models, if its dialect has that request and the
// recognizer did not list its languages. Without an answer it forgets the models.
// Source: platform.openai.com/docs/api-reference/models/list
func (r *recognizer) askModels(ctx context.Context, e endpoint) {
	var names []string
	if (e.dialect == OpenAI || e.dialect == Vocoder) && len(r.health().Languages) == 0 {
		if a, err := r.get(ctx, e.below("/v1/models")); err == nil && a.status == http.StatusOK {
			names = parseModels(a.body)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.models = names
}

// parseModels returns the names in a list of models. It returns none if body is no such
// list, or exceeds a limit.
func parseModels(body []byte) []string {
	var list struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if depth(body) > maxDepth || json.Unmarshal(body, &list) != nil || len(list.Data) > maxModels {
		return nil
	}
	var names []string
	for _, m := range list.Data {
		if m.ID == "" || len(m.ID) > maxModelName {
			return nil
		}
		names = append(names, m.ID)
	}
	return names
}

// Lacks returns which of some languages the recognizer does not know, as far as the
// client can tell: from the languages that it lists or refused, otherwise from the
// names of its models.
func (h Health) Lacks(codes []string) []string {
	knows := h.Languages
	if len(knows) == 0 && len(h.Models) > 0 && !slices.ContainsFunc(h.Models, func(m string) bool { return !englishOnly(m) }) {
		knows = []string{"en"}
	}
	var lacks []string
	for _, code := range codes {
		if slices.Contains(h.Ignored, code) || len(knows) > 0 && !slices.Contains(knows, code) {
			lacks = append(lacks, code)
		}
	}
	return lacks
}

// englishOnly reports whether the name of a model says that the model knows
// English alone, as base.en, Systran/faster-whisper-small.en, ggml-tiny.en-q5_1.bin,
// moonshine-tiny-en and UsefulSensors/moonshine-base do. A Moonshine of a different
// language ends in its code.
func englishOnly(model string) bool {
	name := strings.ToLower(model)
	if _, after, is := strings.Cut(name, ".en"); is && (after == "" || strings.ContainsAny(after[:1], ".-_:")) {
		return true
	}
	if strings.HasSuffix(name, "-en") {
		return true
	}
	if !strings.Contains(name, "moonshine") {
		return false
	}
	last := name[strings.LastIndexAny(name, "-/")+1:]
	code, err := language.Parse(last)
	return err != nil || code != last || !language.InWhisper(code)
}
