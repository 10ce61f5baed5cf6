// Package whisper is the client of speech recognizers: it returns the words of a
// clip. It speaks the dialects of the servers that people run at home. It repeats a
// request that may succeed later, and falls back from one server to the next. It
// returns the words alone: one line, trimmed, of bounded length.
//
// The client sends sound to the servers of its Configs and nowhere else. Errors and
// logs contain no key, nothing that was spoken, and nothing that a server sent.
package whisper

import (
	"context"
	"time"

	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/text"
	"github.com/arealicehole/vocoder/whisper/internal/markup"
)

// A Client asks recognizers. It is safe for concurrent use.
type Client struct {
	pool   *pool
	spoken language.Choice // instead of Config.Language, unless it is zero
	once   bool            // see Once
	anyway bool            // see Anyway
	length time.Duration   // of the utterance that a clip is the rest of, or 0
}

// New returns a Client of the recognizers, the best first. Without any it uses the
// zero Config. It reads the files that they name, and does not connect. An error
// means that a setting is wrong.
func New(recognizers ...Config) (*Client, error) {
	if len(recognizers) == 0 {
		recognizers = make([]Config, 1)
	}
	p := &pool{failing: recognizers[0].Failing}
	for _, c := range recognizers {
		r, err := newRecognizer(c)
		if err != nil {
			return nil, err
		}
		p.all = append(p.all, r)
	}
	return &Client{pool: p}, nil
}

// In returns a Client of the same recognizers, with their connections and health,
// that asks for other languages. The zero Choice is that of the settings.
func (c *Client) In(spoken language.Choice) *Client {
	other := *c
	other.spoken = spoken
	return &other
}

// written returns the languages that the words may be in, or none if that is not known.
func (c *Client) written() []string { return c.spoken.Written() }

// Once returns a Client of the same recognizers that asks each of them one time, for
// a user who waits at a terminal.
func (c *Client) Once() *Client {
	other := *c
	other.once = true
	return &other
}

// Anyway returns a Client of the same recognizers that returns their words also if
// they seem to be made up, for a user who insists.
func (c *Client) Anyway() *Client {
	other := *c
	other.anyway = true
	return &other
}

// restOf returns a Client of the same recognizers that asks for the rest of an
// utterance as long as it would for all of it.
func (c *Client) restOf(length time.Duration) *Client {
	other := *c
	other.length = length
	return &other
}

// Close closes the connections that are kept open for the next utterance. The Client
// can still be used.
func (c *Client) Close() {
	for _, r := range c.pool.all {
		r.transport.CloseIdleConnections()
	}
}

// Transcribe returns the words of the clip in one line, trimmed. It returns "" for
// silence. It takes at most Timeout(clip), and returns the error of ctx if that is done
// first. With an error that wraps ErrIncomplete it returns the words that there are, and
// with one that wraps ErrNotSpeech the words that the recognizer made up. After any other
// error, an *Error or Errors, a later request may succeed. The clip must not change until
// Transcribe returns.
func (c *Client) Transcribe(ctx context.Context, clip pcm.Clip) (string, error) {
	return c.ask(ctx, question{clip: clip})
}

func (c *Client) ask(ctx context.Context, q question) (string, error) {
	if len(q.clip.Samples) == 0 {
		return "", ctx.Err()
	}
	q.spoken, q.length = c.spoken, max(c.length, q.clip.Duration())
	limited, cancel := context.WithTimeout(ctx, timeout(q.length))
	defer cancel()
	said, from, err := c.pool.ask(limited, q, c.once, nil)
	if incomplete := said.incomplete(q.clip); err == nil && incomplete != nil {
		if again, other, err := c.pool.ask(limited, q, true, from); err == nil && again.better(said, q.clip) {
			said, from = again, other
		}
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", err
	}
	words := text.Line(markup.Remove(said.text))
	if c.anyway {
		return words, nil
	}
	typed, err := filter(words, said, q, from.Config)
	if err != nil {
		from.Log.Info("text refused", "reason", err, "audio", q.clip.Duration().Round(time.Millisecond))
		return words, err
	}
	return typed, said.incomplete(q.clip)
}

// Connect opens the connection that the next Transcribe uses, and finds out the
// dialect if it is not known. It also asks a recognizer that was down whether it
// works again. It returns when that is done, or ctx is.
func (c *Client) Connect(ctx context.Context) { c.pool.connect(ctx) }

// Check asks every recognizer whether it is there, without any sound. It returns nil
// if one works, otherwise what is wrong. Health has the details.
func (c *Client) Check(ctx context.Context) error { return c.pool.check(ctx) }

// Fallback returns the name of the recognizer that answered the last request, without scheme
// and path. It is empty if that was the first one, and before any answer.
func (c *Client) Fallback() string { return c.pool.fallback() }

// Health returns the state of each recognizer, in order, without asking it.
func (c *Client) Health() []Health {
	var all []Health
	for _, r := range c.pool.all {
		all = append(all, r.health())
	}
	return all
}
