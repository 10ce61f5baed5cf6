package whisper

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/text"
)

// languageRetryInterval is how long a refused language is not asked for again: by then the
// server may have another model.
const languageRetryInterval = 10 * time.Minute

// understand asks in the languages that the question may be in. Of several, the
// recognizer finds out which one it is. What it takes for another one than these
// is asked for again, in the likeliest of them.
func (r *recognizer) understand(ctx context.Context, q question) (reply, error) {
	choice := q.spoken
	if len(choice.Codes) == 0 {
		choice = r.Language
	}
	if code := choice.One(); code != "" {
		return r.askIn(ctx, q, code, choice.Assumed)
	}
	several := choice.Known()
	q.tells = len(several) > 0 && !r.terse.Load()
	said, err := r.ask(ctx, q)
	if q.tells && isKind(err, Rejected) {
		q.tells = false
		if said, err = r.ask(ctx, q); err == nil {
			r.terse.Store(true)
		}
	}
	if err != nil || len(several) == 0 || strings.TrimSpace(said.text) == "" {
		return said, err
	}
	if code, is := said.elsewhere(several); is {
		return r.askIn(ctx, q, code, choice.Assumed)
	}
	return said, nil
}

// askIn asks in one language. If the language is assumed and the recognizer does not
// know it, askIn asks without a language.
func (r *recognizer) askIn(ctx context.Context, q question, code string, assumed bool) (reply, error) {
	if assumed && r.lacks(code) {
		return r.ask(ctx, q)
	}
	without := q
	q.code = code
	said, err := r.ask(ctx, q)
	if !assumed || !isKind(err, NoLanguage) {
		return said, err
	}
	r.ignore(code)
	return r.ask(ctx, without)
}

// lacks reports whether the recognizer is known not to know a language.
func (r *recognizer) lacks(code string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.knows) > 0 && !slices.Contains(r.knows, code) {
		r.remind(code)
		return true
	}
	at, is := r.ignored[code]
	if is && time.Since(at) > languageRetryInterval {
		delete(r.ignored, code)
		return false
	}
	return is
}

// ignore notes that the recognizer does not know a language.
func (r *recognizer) ignore(code string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remind(code)
}

// remind notes it under the lock.
func (r *recognizer) remind(code string) {
	if _, is := r.ignored[code]; !is {
		r.Log.Warn("the recognizer does not know the language, and is asked without it", "url", r.where(), "language", code)
		r.ignored[code] = time.Now()
	}
}

// learn takes from the answer to a question about its health which languages the
// recognizer knows, if it says so as vocoder-engine does.
func (r *recognizer) learn(body []byte) {
	var health struct {
		Languages []string `json:"languages"`
	}
	if depth(body) > maxDepth || json.Unmarshal(body, &health) != nil {
		health.Languages = nil
	}
	r.setLanguages(health.Languages)
}

func (r *recognizer) setLanguages(names []string) {
	var codes []string
	for _, name := range names[:min(len(names), maxLanguages)] {
		if code := codeOf(name); code != "" && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(codes, r.knows) {
		r.knows = codes
		clear(r.ignored)
	}
}

// learnInfo is learn for what a server of Wyoming says of itself
// (github.com/OHF-Voice/wyoming, info.py).
func (r *recognizer) learnInfo(body []byte) {
	var info struct {
		ASR []struct {
			Models []struct {
				Languages []string `json:"languages"`
			} `json:"models"`
		} `json:"asr"`
	}
	if json.Unmarshal(body, &info) != nil {
		return
	}
	var names []string
	for _, program := range info.ASR {
		for _, model := range program.Models {
			names = append(names, model.Languages...)
		}
	}
	r.setLanguages(names)
}

// maxLanguages bounds a list of languages; Whisper has 100.
const maxLanguages = 1000

// elsewhere reports whether an answer is in none of several languages, and returns
// the one of them in which to ask again. The server's own statement about the
// language decides. If it made none, the words decide.
func (r reply) elsewhere(several []string) (code string, is bool) {
	if r.language != "" && slices.ContainsFunc(several, func(code string) bool {
		return code == r.language || kin[code] == r.language || kin[r.language] == code
	}) {
		return "", false
	}
	d := text.Detect(r.text)
	if r.language == "" && d.MayBe(several) {
		return "", false
	}
	return d.Likeliest(several), true
}

// kin are languages that recognizers confuse because they are written alike.
var kin = map[string]string{"nn": "no", "yue": "zh"}
