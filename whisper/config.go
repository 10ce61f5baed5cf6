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

// A Config says where a recognizer is and what to ask of it. The zero Config
// is the one at DefaultURL, of a dialect to be found out.
type Config struct {
	// URL is its address: http://, https://, unix:SOCKET, unix:SOCKET:/PATH or
	// tcp://HOST:PORT. Only https may leave this machine.
	URL string

	Dialect  string // one of Dialects; empty or "auto" to find out
	Language language.Choice
	Model    string   // empty for the usual one of the dialect
	Prompt   string   // words that help it, such as names
	Phrases  []string // what it says when it hears nothing, beside the known ones

	// KeyFile holds an API key. It must be a file of this user or of root that
	// no one else can read. Credential is the same for a file in
	// $CREDENTIALS_DIRECTORY, which systemd guards (systemd.exec(5)).
	KeyFile, Credential string

	CAFile string // PEM certificates to trust instead of the system's
	Owners []int  // users beside root and this one who may listen on loopback

	// Proxy chooses a proxy for https, as in http.Transport. Nil is none.
	Proxy func(*http.Request) (*url.URL, error)

	Log *slog.Logger // lengths, durations and states only; nil for no log

	// Failing is given the error when all recognizers have failed and are going to
	// be asked again, from any goroutine. That of the first Config counts. It may
	// be nil.
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

// A Health is what is known of a recognizer.
type Health struct {
	URL     string
	Dialect string    // empty if not known yet
	Err     error     // why it did not answer the last time; nil if it did
	At      time.Time // of the last time; zero if it was never asked

	// Languages are those that it says it knows; none if it does not say.
	Languages []string
	// Models are the names of those that it may use: the one of the settings, else
	// those that it listed at the last Check, which it is asked for only if it
	// does not say its languages.
	Models []string
	// Ignored are the languages that were assumed and that it turned out not to
	// know, in order: it is asked without a language instead.
	Ignored []string
}

// A question is what a recognizer is asked.
type question struct {
	clip   pcm.Clip
	spoken language.Choice // instead of that of the settings, if it says anything
	before string          // the words spoken before, as context

	code  string // the language to ask for; empty: the recognizer finds out
	tells bool   // the answer shall name the language
}
