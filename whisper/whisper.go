// Package whisper asks a speech recogniser for the words of a clip. It speaks
// the dialects of the servers that people run at home, tries again what is
// worth trying again, falls back from one server to the next, and returns the
// words alone: one line, trimmed, of bounded length.
//
// Sound goes to the servers that were named and nowhere else. What is spoken,
// what a server says and every key stay out of errors and logs.
package whisper

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/text"
)

// DefaultURL is where a recogniser is looked for if none is named.
const DefaultURL = "http://127.0.0.1:8771/v1/transcribe"

// A Config says where a recogniser is and what to ask of it. The zero Config
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

	// Failing is given the error when all recognisers have failed and are going to
	// be asked again, from any goroutine. That of the first Config counts. It may
	// be nil.
	Failing func(error)
}

// A Client asks recognisers. It is safe for concurrent use.
type Client struct {
	pool   *pool
	spoken language.Choice // instead of Config.Language, if it says anything
	once   bool
	anyway bool
}

// New returns a Client of the recognisers, the best first. With none it is that
// of the zero Config. It reads the files that they name and connects to
// nothing. An error lies in the settings.
func New(recognisers ...Config) (*Client, error) {
	if len(recognisers) == 0 {
		recognisers = make([]Config, 1)
	}
	p := &pool{failing: recognisers[0].Failing}
	for _, c := range recognisers {
		r, err := newRecogniser(c)
		if err != nil {
			return nil, err
		}
		p.all = append(p.all, r)
	}
	return &Client{pool: p}, nil
}

// In returns a Client of the same recognisers, their connections and their
// health that asks for other languages. The zero Choice is that of the settings.
func (c *Client) In(spoken language.Choice) *Client {
	other := *c
	other.spoken = spoken
	return &other
}

// Once returns a Client of the same recognisers that asks each of them one
// time, for a person who waits at a terminal.
func (c *Client) Once() *Client {
	other := *c
	other.once = true
	return &other
}

// Anyway returns a Client of the same recognisers that returns their words
// whatever they and the clip are, for a user who insists.
func (c *Client) Anyway() *Client {
	other := *c
	other.anyway = true
	return &other
}

// Close ends connections that are kept open for the next utterance. The Client
// can still be used.
func (c *Client) Close() {
	for _, r := range c.pool.all {
		r.transport.CloseIdleConnections()
	}
}

// ErrNotSpeech is wrapped by the error of a text that is not what anybody said.
var ErrNotSpeech = errors.New("not speech")

// Transcribe returns the words of the clip in one line, trimmed, at most 8,000
// characters. No text is silence. It takes at most Patience(clip), and returns
// the error of ctx if that is done first. An error that wraps ErrNotSpeech
// means that the answer was made up; any other, of type *Error or several of
// them, that asking later may help. The clip must not change until it returns.
func (c *Client) Transcribe(ctx context.Context, clip pcm.Clip) (string, error) {
	return c.ask(ctx, question{clip: clip, spoken: c.spoken})
}

// How long a recogniser is waited for. Whisper base takes 1 to 3 s for a short
// clip on two idle cores and five times that on busy ones. A server that loads
// its model at the first request takes 5 to 20 s more, and a larger model on such
// a machine as long as the clip or twice that.
const (
	answerTime   = time.Minute      // beside answerFactor times the clip: for a server that is connected and only slow
	answerFactor = 4                //
	againTime    = 10 * time.Second // beside againFactor times the clip: in which one that failed is asked again
	againFactor  = 2
)

// Patience is how long Transcribe goes on at most: a recogniser that is connected
// and has not answered is waited for. One that refuses the connection, hangs up
// or fails is asked again for a shorter time only.
func Patience(clip pcm.Clip) time.Duration { return answerTime + answerFactor*clip.Duration() }

// persistence is how long recognisers that failed are asked again.
func persistence(clip pcm.Clip) time.Duration { return againTime + againFactor*clip.Duration() }

// A question is what a recogniser is asked.
type question struct {
	clip   pcm.Clip
	spoken language.Choice // instead of that of the settings, if it says anything
	before string          // the words spoken before, as context

	code  string // the language to ask for; empty: the recogniser finds out
	tells bool   // the answer shall name the language
}

func (c *Client) ask(ctx context.Context, q question) (string, error) {
	if len(q.clip.Samples) == 0 {
		return "", ctx.Err()
	}
	limited, cancel := context.WithTimeout(ctx, Patience(q.clip))
	defer cancel()
	said, from, err := c.pool.ask(limited, q, c.once)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", err
	}
	words := text.Line(withoutMarkup(said.text))
	if c.anyway {
		return words, nil
	}
	return filter(words, said, q, from.Config)
}

// Warm opens the connection that the next Transcribe uses, finds out the
// dialect if it is not known, and asks a recogniser that was down whether it is
// well again. It returns when that is done, or ctx is.
func (c *Client) Warm(ctx context.Context) { c.pool.warm(ctx) }

// Check asks every recogniser whether it is there, without any sound. It
// returns nil if one is well, else what is wrong. Health tells more.
func (c *Client) Check(ctx context.Context) error { return c.pool.check(ctx) }

// A Health is what is known of a recogniser.
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

// Health returns what is known of each recogniser, in order. It asks nobody.
func (c *Client) Health() []Health {
	var all []Health
	for _, r := range c.pool.all {
		all = append(all, r.health())
	}
	return all
}
