package whisper

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// The dialects that a Client speaks.
const (
	// Vocoder is the dialect of vocoder-engine, and of the program that vocoder
	// replaces.
	Vocoder = "vocoder"
	// OpenAI is the dialect of OpenAI, speaches, LocalAI and vLLM
	// (platform.openai.com/docs/api-reference/audio/createTranscription).
	OpenAI = "openai"
	// WhisperCPP is the dialect of whisper-server of whisper.cpp
	// (github.com/ggml-org/whisper.cpp, examples/server).
	WhisperCPP = "whispercpp"
	// ASR is the dialect of whisper-asr-webservice
	// (ahmetoner.com/whisper-asr-webservice).
	ASR = "asr"
	// Wyoming is the protocol of Home Assistant's satellites (github.com/OHF-Voice/wyoming).
	Wyoming = "wyoming"
)

// Dialects returns the names of all dialects.
func Dialects() []string { return []string{Vocoder, OpenAI, WhisperCPP, ASR, Wyoming} }

// paths are the usual paths of the HTTP dialects.
var paths = map[string]string{
	Vocoder:    "/v1/transcribe",
	OpenAI:     "/v1/audio/transcriptions",
	WhisperCPP: "/inference",
	ASR:        "/asr",
}

// A form is a request in one of the HTTP dialects.
type form struct {
	file   string // the name of the field with the sound
	fields [][2]string
	query  url.Values // in addition to that of the URL
}

func (f *form) add(name, value string) {
	if value != "" {
		f.fields = append(f.fields, [2]string{name, value})
	}
}

// maxBefore is how much of the words before is sent, in characters: about a sentence.
// Whisper accepts 224 tokens. But whisper.cpp takes 0.3 s on two cores to read 200
// characters, and no measurable time for 100.
const maxBefore = 120

// maxPrompt is how long a prompt may be, in characters. Groq refuses longer ones
// (console.groq.com/docs/speech-to-text), and Whisper reads no more: 224 tokens. A server
// may take less; see recognizer.ask.
const maxPrompt = 896

// context returns the words that help the recognizer: the prompt of the settings, the names,
// then the words spoken before. If they are longer than the limit, the beginning is left out,
// as Whisper does.
func (c Config) context(q question, limit int) string {
	before := lastWords(q.before, maxBefore)
	names := c.names()
	slices.Reverse(names) // the end counts most
	parts := slices.DeleteFunc([]string{c.Prompt, strings.Join(names, ", "), before}, func(s string) bool { return s == "" })
	return lastWords(strings.Join(parts, " "), limit)
}

func (c Config) names() []string {
	if c.Names == nil {
		return nil
	}
	return c.Names()
}

// lastWords returns the whole words at the end of a text, of at most n characters.
func lastWords(s string, n int) string {
	all := []rune(s)
	if len(all) <= n {
		return s
	}
	all = all[len(all)-n:]
	if i := slices.Index(all, ' '); i >= 0 {
		return string(all[i+1:])
	}
	return string(all)
}

// form returns the form for a question in a dialect.
func (c Config) form(dialect string, q question) form {
	f := form{file: "file"}
	prompt, format := c.context(q, q.prompt), "json"
	if q.verbose {
		format = "verbose_json"
	}
	switch dialect {
	case Vocoder:
		f.add("format", format)
		f.add("language", q.code)
		f.add("task", q.task())
		f.add("hotwords", strings.Join(c.names(), "\n"))
		f.add("diarize", "false")
		f.add("model", cmp.Or(c.Model, "small"))
	case OpenAI:
		f.add("model", cmp.Or(c.Model, "whisper-1"))
		f.add("response_format", format)
		if !q.translate { // the request for a translation has no such field
			f.add("language", q.code)
		}
		f.add("prompt", prompt)
	case WhisperCPP: // its defaults are English, and line breaks within words
		f.add("response_format", format)
		if q.verbose { // the probabilities of all languages would double its time
			f.add("no_language_probabilities", "true")
		}
		f.add("split_on_word", "true")
		f.add("language", cmp.Or(q.code, "auto"))
		if q.translate {
			f.add("translate", "true")
		}
		f.add("prompt", prompt)
	case ASR: // its options are in the query
		f.file = "audio_file"
		f.query = url.Values{"output": {"json"}, "task": {cmp.Or(q.task(), "transcribe")}, "encode": {"true"}}
		if q.code != "" {
			f.query.Set("language", q.code)
		}
		if prompt != "" {
			f.query.Set("initial_prompt", prompt)
		}
	}
	return f
}

// task returns the task of a question that is not the usual one.
func (q question) task() string {
	if q.translate {
		return "translate"
	}
	return ""
}

// urlFor returns where a question is sent: an endpoint of OpenAI's has a path of its own
// for translations (platform.openai.com/docs/api-reference/audio/createTranslation). It is
// an error if there is none.
func (e endpoint) urlFor(q question) (*url.URL, error) {
	if !q.translate || e.dialect != OpenAI {
		return e.url, nil
	}
	before, ok := strings.CutSuffix(strings.TrimSuffix(e.url.Path, "/"), "/transcriptions")
	if !ok {
		return nil, &Error{Kind: NoTask, Why: "its path does not end in /audio/transcriptions"}
	}
	u := *e.url
	u.Path = before + "/translations" + strings.Repeat("/", len(e.url.Path)-len(strings.TrimSuffix(e.url.Path, "/")))
	return &u, nil
}

// encode returns what comes before and after the sound in the form as multipart/form-data.
// The sound is at its end: servers that read the form as a stream ignore fields after a
// file. A form without sound is head alone. The boundary must not occur in the sound.
func (f form) encode(boundary string, sound bool) (head, tail []byte) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	must(w.SetBoundary(boundary))
	for _, field := range f.fields {
		must(w.WriteField(field[0], field[1]))
	}
	if sound {
		_, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf("form-data; name=%q; filename=\"speech.wav\"", f.file)},
			"Content-Type":        {"audio/wav"},
		})
		must(err)
		head = bytes.Clone(b.Bytes())
		b.Reset()
	}
	must(w.Close())
	if !sound {
		return b.Bytes(), nil
	}
	return head, b.Bytes()
}

// must panics if a write to memory failed, which is impossible.
func must(err error) {
	if err != nil {
		panic("whisper: " + err.Error())
	}
}

// A sound is the body of a request. It reads the clip without a copy of it, because half
// an hour of speech takes 55 MiB. net/http may call Close during a Read. Close waits for
// that, and afterwards the clip may change.
type sound struct {
	mu     sync.Mutex
	unread io.Reader // nil if closed
}

func newSound(parts ...io.Reader) *sound { return &sound{unread: io.MultiReader(parts...)} }

func (s *sound) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unread == nil {
		return 0, io.ErrClosedPipe
	}
	return s.unread.Read(p)
}

func (s *sound) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unread = nil
	return nil
}

// An opened has the bodies of a request. net/http may still read one when the request has
// ended.
type opened struct {
	mu    sync.Mutex
	all   []*sound
	ended bool
}

// add adds a body. It fails if the request has ended.
func (o *opened) add(s *sound) (io.ReadCloser, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ended {
		return nil, io.ErrClosedPipe
	}
	o.all = append(o.all, s)
	return s, nil
}

// close closes the bodies.
func (o *opened) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
	for _, s := range o.all {
		_ = s.Close() // it returns nil
	}
}
