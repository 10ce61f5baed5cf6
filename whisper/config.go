package whisper

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
)

// DefaultURL is where a recognizer is looked for if none is named.
const DefaultURL = "http://127.0.0.1:8771/v1/transcribe"

// A Config is the address of a recognizer and how to ask it. The zero Config is the
// recognizer at DefaultURL; the client finds out its dialect.
type Config struct {
	// URL is its address: http://, https://, unix:SOCKET, unix:SOCKET:/PATH or
	// tcp://HOST:PORT. Only https may leave this machine.
	URL string

	Dialect  string // one of Dialects; empty or "auto" to find out
	Language language.Choice
	Model    string   // empty for the usual one of the dialect
	Prompt   string   // words that help it, such as names
	Phrases  []string // what it makes up when it hears nothing, besides the known phrases

	// KeyFile holds an API key. It must be a file of this user or of root that
	// no one else can read. Credential is the same for a file in
	// $CREDENTIALS_DIRECTORY, which systemd guards (systemd.exec(5)).
	KeyFile, Credential string

	CAFile string // PEM certificates to trust instead of the system's
	Owners []int  // users besides root and this one that may run a server on this machine

	// Proxy chooses a proxy for https, as in http.Transport. Nil is none.
	Proxy func(*http.Request) (*url.URL, error)

	Log *slog.Logger // lengths, durations and states only; nil for no log

	// Failing is called with the error when all recognizers have failed, before
	// they are asked again, from any goroutine. Only that of the first Config is
	// used. It may be nil.
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
	Err     error     // why it did not answer the last time; nil if it did
	At      time.Time // of the last time; zero if it was never asked

	// Languages are those that the recognizer lists; none if it lists none.
	Languages []string
	// Models are the models that it may use: the one of the settings, otherwise those
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

	code  string // the language to ask for; empty: the recognizer finds out
	tells bool   // request an answer that names the language
}
