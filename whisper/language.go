package whisper

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/text"
)

// languageRetryInterval is how long a language that the server refused is not asked for
// again. By then the server may have a different model.
const languageRetryInterval = 10 * time.Minute

// askInLanguages asks for words in the languages of the question. If there are several,
// the recognizer detects the language. If it detects a language that is not among
// them, askInLanguages asks again, in the likeliest of them.
func (r *recognizer) askInLanguages(ctx context.Context, q question) (reply, error) {
	choice := q.spoken.Over(r.Language)
	if choice.Task == language.Translate {
		return r.askInEnglish(ctx, q, choice)
	}
	if code := choice.One(); code != "" {
		return r.askIn(ctx, q, code, choice.Assumed)
	}
	several := choice.Known()
	q.verbose = len(several) > 0 && !r.terse.Load()
	said, err := r.ask(ctx, q)
	if q.verbose && isKind(err, Rejected) {
		q.verbose = false
		if said, err = r.ask(ctx, q); err == nil {
			r.terse.Store(true)
		}
	}
	if choice.Assumed && len(several) > 0 && isKind(err, NoLanguage) { // it detects none
		return r.askIn(ctx, q, several[0], choice.Assumed)
	}
	if err != nil || len(several) == 0 || strings.TrimSpace(said.text) == "" {
		return said, err
	}
	if code, is := said.elsewhere(several); is {
		return r.askIn(ctx, q, code, choice.Assumed)
	}
	return said, nil
}

// askInEnglish asks for the words in English. Servers that do not know this task may ignore
// it: a text that is surely in a different language is an error.
func (r *recognizer) askInEnglish(ctx context.Context, q question, choice language.Choice) (reply, error) {
	q.translate = true
	said, err := r.askIn(ctx, q, choice.One(), true)
	switch {
	case isKind(err, WrongPath), isKind(err, Rejected):
		e, _ := errors.AsType[*Error](err)
		refused := *e
		refused.Kind = NoTask
		return said, &refused
	case err != nil:
		return said, err
	}
	if code := text.Detect(said.text).Language(); code != "" && code != "en" {
		return reply{}, &Error{Kind: NoTask, URL: r.where(), Why: "its words are in " + language.Name(code)}
	}
	return said, nil
}

// askIn asks in one language. If the language is assumed and the recognizer does not
// know it, askIn asks without a language.
func (r *recognizer) askIn(ctx context.Context, q question, code string, assumed bool) (reply, error) {
	if code == "" || assumed && r.lacks(code) {
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

// lacks reports whether it is known that the recognizer does not know a language.
func (r *recognizer) lacks(code string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.knows) > 0 && !slices.Contains(r.knows, code) {
		r.setIgnored(code)
		return true
	}
	at, is := r.ignored[code]
	if is && time.Since(at) > languageRetryInterval {
		delete(r.ignored, code)
		return false
	}
	return is
}

// ignore records that the recognizer does not know a language.
func (r *recognizer) ignore(code string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.setIgnored(code)
}

// setIgnored is ignore for a caller that holds mu.
func (r *recognizer) setIgnored(code string) {
	if _, is := r.ignored[code]; !is {
		r.Log.Warn("the recognizer does not know the language, and is asked without it", "url", r.where(), "language", code)
		r.ignored[code] = time.Now()
	}
}

// readHealth reads from an answer of /health which languages the recognizer knows.
// vocoder-engine lists them there.
func (r *recognizer) readHealth(body []byte) {
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

// readInfo reads them from the description that a server of Wyoming sends
// (github.com/OHF-Voice/wyoming, info.py).
func (r *recognizer) readInfo(body []byte) {
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
		return code == r.language || similar[code] == r.language || similar[r.language] == code
	}) {
		return "", false
	}
	d := text.Detect(r.text)
	if r.language == "" && d.MayBe(several) {
		return "", false
	}
	return d.Likeliest(several), true
}

// similar are languages that recognizers confuse because their writing is similar.
var similar = map[string]string{"nn": "no", "yue": "zh"}
