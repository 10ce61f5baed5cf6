package whisper

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// DefaultURL is the address of the recognizer if the settings name none.
const DefaultURL = "http://127.0.0.1:8771/v1/transcribe"

// A Config is the address of a recognizer and how to ask it. The zero Config is the
// recognizer at DefaultURL; the client finds out its dialect.
type Config struct {
	// URL is its address: http://, https://, unix:SOCKET, unix:SOCKET:/PATH or
	// tcp://HOST:PORT. Only https may leave this machine.
	URL string

	Dialect  string // one of Dialects; empty or "auto" to find out
	Language language.Choice
	Model    string          // "" for the default model of the dialect
	Prompt   string          // words that help the recognizer, such as names
	Names    func() []string // further names, those first that matter most; nil for none
	Phrases  []string        // what it makes up when it hears nothing, in addition to the known phrases

	// KeyFile holds an API key. It must belong to this user or to root, and other users
	// must not be able to read it. Credential is the same for a file in
	// $CREDENTIALS_DIRECTORY, which systemd protects (systemd.exec(5)).
	KeyFile, Credential string

	CAFile string // PEM certificates to trust instead of the system's
	Owners []int  // users that may run a server on this machine, in addition to root and this one

	// Proxy chooses a proxy for https, as in http.Transport. Nil is none.
	Proxy func(*http.Request) (*url.URL, error)

	Log *slog.Logger // lengths, durations and states only; nil for no log

	// Failing is called with the error when all recognizers have failed and the client
	// is about to ask them again. It may be called from any goroutine. Only that of the
	// first Config is used. It may be nil.
	Failing func(error)
}

// A FieldError is the error of New for a field of a Config that cannot be used.
type FieldError struct {
	Field string // URL, Dialect, KeyFile (which may be Credential) or CAFile
	Err   error
}

func (e *FieldError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *FieldError) Unwrap() error { return e.Err }

// A Health is the state of a recognizer, as far as the client knows it.
type Health struct {
	URL     string
	Dialect string    // empty if not known yet
	Err     error     // of the last request; nil if it was answered
	At      time.Time // of the last request; zero if there was none
	Doubt   error     // why the server may be no recognizer, as the last Check found; nil if it is one

	// Languages are the languages that the recognizer lists; none if it lists none.
	Languages []string
	// Models are the models that it may use: the model of the settings, otherwise those
	// that it listed at the last Check. Check asks for them only if the recognizer
	// does not list its languages.
	Models []string
	// Ignored are the assumed languages that the recognizer does not know, in
	// order. It is asked without a language instead.
	Ignored []string
}

// A question is one request to a recognizer.
type question struct {
	clip   pcm.Clip
	spoken language.Choice // instead of that of the settings; the zero Choice is that of the settings
	before string          // the words spoken before, as context
	length time.Duration   // of the whole utterance

	prompt    int    // the limit of the prompt, in characters
	code      string // the language to ask for; "": the recognizer detects it
	translate bool   // ask for the words in English
	verbose   bool   // request an answer that names the language
}
