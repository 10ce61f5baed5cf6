package whisper

import (
	"bytes"
	"cmp"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/arealicehole/vocoder/internal/language"
)

// An answer is a response of HTTP.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// A reply is the transcription in an answer.
type reply struct {
	text     string // as it came
	language string // the code of the language that the server detected; "" if it names none
	scores   []score
	partial  bool // the stream of the words has no end
}

// A score is how sure the recognizer is of a segment.
type score struct {
	noSpeech    float64 // probability that nothing was said
	logProb     float64 // mean over the tokens
	compression float64 // how much shorter the text becomes if it is compressed; 0 if unknown
}

// reply parses an answer of any dialect. An error is an *Error.
func (a answer) reply(where string) (reply, error) {
	if a.status < 200 || a.status > 299 {
		return reply{}, a.problem(where)
	}
	r, err := decode(a.header.Get("Content-Type"), a.body)
	if err != nil {
		err.URL, err.Status = where, a.status
		return reply{}, err
	}
	return r, nil
}

// decode parses the body of a successful answer. It cannot trust the media type:
// whisper.cpp sends plain text as HTML, whisper-asr-webservice sends JSON as plain text.
func decode(kind string, body []byte) (reply, *Error) {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if !utf8.Valid(body) {
		return reply{}, garbled("it is not UTF-8")
	}
	media, _, _ := mime.ParseMediaType(kind)
	isJSON := media == "application/json" || strings.HasSuffix(media, "+json")
	trimmed := bytes.TrimSpace(body)
	switch {
	case len(trimmed) == 0 && isJSON:
		return reply{}, garbled("it is empty")
	case isStream(media, trimmed):
		return decodeStream(trimmed)
	case isJSON || bytes.HasPrefix(trimmed, []byte("{")) || isList(trimmed):
		return decodeJSON(trimmed)
	case isPage(trimmed):
		return reply{}, garbled("it is a web page")
	case strings.HasSuffix(media, "xml") || isElement(trimmed):
		return reply{}, garbled("it is XML")
	}
	return reply{text: string(body)}, nil
}

// isList reports whether a text is a JSON string, or a list of objects or strings. Words
// in quotation marks or brackets are seldom valid JSON.
func isList(text []byte) bool {
	for _, start := range []string{`"`, `[{`, `["`} {
		if bytes.HasPrefix(text, []byte(start)) {
			return json.Valid(text)
		}
	}
	return false
}

// isElement reports whether a text is one element of XML with a name of several letters.
func isElement(text []byte) bool {
	end := bytes.IndexAny(text, " >")
	return bytes.HasPrefix(text, []byte("<")) && end > 2 && bytes.HasSuffix(text, []byte("</"+string(text[1:end])+">"))
}

// maxDepth bounds how deep JSON is nested; recognizers need four.
const maxDepth = 32

func decodeJSON(body []byte) (reply, *Error) {
	if depth(body) > maxDepth {
		return reply{}, garbled("it is nested too deep")
	}
	if body[0] == '"' {
		var text string
		if json.Unmarshal(body, &text) != nil {
			return reply{}, garbled("it is not the JSON of a recognizer")
		}
		return reply{text: text}, nil
	}
	if body[0] == '[' {
		return decodeList(body)
	}
	// A map, not a struct: names are compared as they are written.
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil || object == nil {
		return reply{}, garbled("it is not the JSON of a recognizer")
	}
	r := reply{}
	var spoken string
	if json.Unmarshal(object["language"], &spoken) == nil {
		r.language = codeOf(spoken)
	}
	joined, hasSegments := r.segments(object["segments"])
	var whole *string // null is none
	switch {
	case json.Unmarshal(object["text"], &whole) == nil && whole != nil:
		if said := errorIn(body); said != "" && strings.TrimSpace(*whole) == "" {
			return reply{}, &Error{Kind: Failing, Said: said}
		}
		r.text = *whole
		return r, nil
	case hasSegments:
		r.text = joined
		return r, nil
	}
	if words, ok := otherShape(object); ok {
		if said := errorIn(body); said != "" && strings.TrimSpace(words) == "" {
			return reply{}, &Error{Kind: Failing, Said: said}
		}
		r.text = words
		return r, nil
	}
	if said := parseServerError(body); said.text != "" {
		return reply{}, &Error{Kind: Rejected, Said: said.text}
	}
	return reply{}, garbled("it holds no text")
}

// decodeList parses a list of answers, such as segments.
func decodeList(body []byte) (reply, *Error) {
	var all []json.RawMessage
	if json.Unmarshal(body, &all) != nil || len(all) == 0 {
		return reply{}, garbled("it is not the JSON of a recognizer")
	}
	var whole reply
	var texts []string
	for _, one := range all {
		if one[0] != '{' {
			return reply{}, garbled("it is not the JSON of a recognizer")
		}
		r, err := decodeJSON(one)
		if err != nil {
			return reply{}, err
		}
		texts, whole.scores = append(texts, r.text), append(whole.scores, r.scores...)
		whole.language = cmp.Or(whole.language, r.language)
	}
	whole.text = strings.Join(texts, "\n")
	return whole, nil
}

func garbled(why string) *Error { return &Error{Kind: Garbled, Why: why} }

// segments reads the segments of a verbose answer: it adds their scores to r, and
// returns their texts and whether there are segments.
func (r *reply) segments(raw json.RawMessage) (string, bool) {
	var segments []struct {
		Text     string   `json:"text"`
		NoSpeech *float64 `json:"no_speech_prob"`
		LogProb  float64  `json:"avg_logprob"`
		Ratio    float64  `json:"compression_ratio"`
	}
	if json.Unmarshal(raw, &segments) != nil || segments == nil {
		return "", false
	}
	var texts []string
	for _, s := range segments {
		texts = append(texts, s.Text)
		if s.NoSpeech != nil && strings.TrimSpace(s.Text) != "" {
			r.scores = append(r.scores, score{*s.NoSpeech, s.LogProb, s.Ratio})
		}
	}
	return strings.Join(texts, "\n"), true
}

// depth returns how deep the brackets of JSON are nested at most.
func depth(body []byte) int {
	now, most, quoted := 0, 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			now++
			most = max(most, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return most
}

// isPage reports whether text is a web page.
func isPage(text []byte) bool {
	start := strings.ToLower(string(text[:min(len(text), 16)]))
	for _, tag := range []string{"<!doctype", "<!--", "<?xml", "<html", "<head", "<body", "<title", "<meta", "<script", "<center", "<h1"} {
		if strings.HasPrefix(start, tag) {
			return true
		}
	}
	return false
}

// problem returns the Error for an answer without words.
func (a answer) problem(where string) *Error {
	c := parseServerError(a.body)
	e := &Error{URL: where, Status: a.status, Said: c.text, After: a.retryAfter()}
	if isPage(bytes.TrimSpace(a.body)) {
		e.Why = "it answers with a web page"
	}
	switch s := a.status; {
	case s >= 300 && s < 400:
		e.Kind, e.Said = Redirected, oneLine(a.header.Get("Location"))
	case s == http.StatusUnauthorized || s == http.StatusForbidden || s == http.StatusProxyAuthRequired:
		e.Kind = KeyRefused
	case c.aboutLanguage() && (s == http.StatusBadRequest || s == http.StatusUnprocessableEntity):
		e.Kind = NoLanguage
	case c.aboutModel() && (s == http.StatusNotFound || s == http.StatusBadRequest || s == http.StatusUnprocessableEntity),
		c.code == modelNotFound:
		e.Kind = NoModel
	case s == http.StatusNotFound || s == http.StatusMethodNotAllowed || s == http.StatusGone:
		e.Kind = WrongPath
	case s == http.StatusTooManyRequests && c.code == "insufficient_quota":
		e.Kind, e.Why = Rejected, "there is no quota left"
	case s == http.StatusTooManyRequests || s == http.StatusServiceUnavailable || s == http.StatusTooEarly:
		e.Kind = Busy
	case s == http.StatusRequestTimeout:
		e.Kind = Late
	case s == http.StatusNotImplemented || s == http.StatusHTTPVersionNotSupported:
		e.Kind = Rejected
	case s >= 500:
		e.Kind = Failing
	default:
		e.Kind = Rejected
	}
	e.aboutPrompt = a.status == http.StatusRequestURITooLong || (e.Kind == Rejected || e.Kind == NoModel) && c.aboutPrompt()
	return e
}

// maxAfter bounds how long a server can have the client wait.
const maxAfter = 24 * time.Hour

// retryAfter reads the header of RFC 9110, 10.2.3. A date counts from the server's own
// Date, if it sends that, because its clock may differ. It returns 0 for a date in the
// past, and for what is neither seconds nor a date.
func (a answer) retryAfter() time.Duration {
	v := a.header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(v, 64); err == nil && seconds > 0 {
		return time.Duration(min(seconds, maxAfter.Seconds()) * float64(time.Second))
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(0, at.Sub(now)), maxAfter)
}

// modelNotFound is the code of OpenAI and vocoder-engine for a model that is not there.
const modelNotFound = "model_not_found"

// A serverError is the error in a server's answer.
type serverError struct {
	text  string // the first line, for people
	code  string
	param string
}

// aboutModel reports whether the error is about the model. Servers without a code for
// it name the model in the text.
func (e serverError) aboutModel() bool {
	return e.code == modelNotFound || e.param == "model" ||
		e.param == "" && strings.Contains(strings.ToLower(e.text), "model")
}

// aboutLanguage reports whether the error is about the language.
func (e serverError) aboutLanguage() bool {
	return e.code == "unsupported_language" || e.param == "language"
}

// aboutPrompt reports whether the error is about the prompt.
func (e serverError) aboutPrompt() bool {
	return strings.HasSuffix(e.param, "prompt") || e.param == "" && strings.Contains(strings.ToLower(e.text), "prompt")
}

// parseServerError reads the errors of OpenAI and LocalAI ({"error":{"message"}}),
// whisper.cpp ({"error":"…"} or plain text), vocoder-engine's health ({"error":"…","code":"…"}), FastAPI ({"detail":"…"} or
// {"detail":[{"loc","msg"}]}) and FunASR ({"code":…,"msg":"…"}).
func parseServerError(body []byte) serverError {
	var object map[string]json.RawMessage
	if depth(body) > maxDepth || json.Unmarshal(body, &object) != nil {
		if isPage(bytes.TrimSpace(body)) {
			return serverError{}
		}
		return serverError{text: oneLine(string(body))}
	}
	var structured struct {
		Message string `json:"message"`
		Param   string `json:"param"`
	}
	var code struct {
		Code string `json:"code"`
	}
	if json.Unmarshal(object["error"], &structured) == nil && structured.Message != "" {
		_ = json.Unmarshal(object["error"], &code) // LocalAI's is a number
		return serverError{oneLine(structured.Message), code.Code, structured.Param}
	}
	for _, name := range []string{"error", "detail", "message", "msg"} {
		var text string
		if json.Unmarshal(object[name], &text) == nil && text != "" {
			_ = json.Unmarshal(body, &code)
			return serverError{text: oneLine(text), code: code.Code}
		}
	}
	var invalid []struct {
		Loc []any  `json:"loc"`
		Msg string `json:"msg"`
	}
	if json.Unmarshal(object["detail"], &invalid) == nil && len(invalid) > 0 {
		e := serverError{text: oneLine(invalid[0].Msg)}
		if n := len(invalid[0].Loc); n > 0 {
			e.param, _ = invalid[0].Loc[n-1].(string)
			e.text = oneLine(e.param + ": " + e.text)
		}
		return e
	}
	return serverError{}
}

// codeOf returns the code of a language that a server names, or "" if the name is not
// that of a language.
func codeOf(name string) string {
	code, err := language.Parse(name)
	if err != nil {
		return ""
	}
	return code
}
