package whisper

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// A recognizer is one server. It is safe for concurrent use.
type recognizer struct {
	Config
	address   address
	key       string
	transport *http.Transport
	dial      func(ctx context.Context, network, target string) (net.Conn, error)
	verify    func(net.Conn) error // for a connection without TLS

	mu       sync.Mutex
	found    *endpoint // nil if not known yet
	last     Health
	until    time.Time // in backoff until then; zero if it works
	failures int       // in a row

	knows   []string             // the languages that it lists; none if it lists none
	models  []string             // the models that it lists; none if it lists none
	ignored map[string]time.Time // languages that it refused, and when
	terse   bool                 // its answers cannot name the language
}

// An endpoint is a path of a server and how to speak there.
type endpoint struct {
	dialect string
	url     *url.URL
}

func newRecognizer(c Config) (*recognizer, error) {
	r := &recognizer{Config: c}
	var err error
	if r.address, err = parseAddress(c.URL); err != nil {
		return nil, &FieldError{"URL", fmt.Errorf("recognizer address: %w", err)}
	}
	if r.Dialect == "auto" {
		r.Dialect = ""
	}
	if r.Dialect != "" && !slices.Contains(Dialects(), r.Dialect) {
		return nil, &FieldError{"Dialect", fmt.Errorf("recognizer dialect: %q, want %s, or nothing to find out", r.Dialect, strings.Join(Dialects(), ", "))}
	}
	if r.address.bare && r.Dialect != "" && r.Dialect != Wyoming {
		return nil, &FieldError{"Dialect", fmt.Errorf("recognizer dialect: %s is not spoken over tcp, only %s", r.Dialect, Wyoming)}
	}
	if r.Dialect == Wyoming && !r.address.bare && r.address.network != "unix" {
		return nil, &FieldError{"Dialect", fmt.Errorf("recognizer dialect: %s wants tcp or unix, not %s", Wyoming, r.address.url.Scheme)}
	}
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	if r.key, err = c.apiKey(); err != nil {
		return nil, &FieldError{"KeyFile", err}
	}
	trust, err := c.trust()
	if err != nil {
		return nil, &FieldError{"CAFile", err}
	}
	r.dial = (&net.Dialer{Timeout: dialTime}).DialContext
	r.verify = r.verifyPeer
	r.transport = &http.Transport{
		DialContext:            r.dialVerified,
		TLSClientConfig:        trust,
		TLSHandshakeTimeout:    handshakeTime,
		MaxIdleConnsPerHost:    2,
		WriteBufferSize:        writeBuffer,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	if r.address.secure {
		r.transport.Proxy = c.Proxy
	}
	return r, nil
}

// dialVerified dials the recognizer. Speech in the clear goes to this machine only,
// whatever its name resolves to, and there only to a listener that is trusted.
func (r *recognizer) dialVerified(ctx context.Context, network, target string) (net.Conn, error) {
	if !r.address.secure {
		network, target = r.address.network, r.address.target
	}
	limited, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	conn, err := r.dial(limited, network, target)
	var timeout net.Error
	switch {
	case err == nil:
	case ctx.Err() == nil && (limited.Err() != nil || errors.As(err, &timeout) && timeout.Timeout()):
		return nil, errDial
	default:
		return nil, err
	}
	if r.address.secure {
		return conn, nil
	}
	if err := r.verify(conn); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return wipingConn{conn}, nil
}

// errDial is the error of a machine that does not answer.
var errDial = &Error{Kind: Unreachable, Why: fmt.Sprintf("no connection within %v", dialTime)}

// where is the address for people and logs.
func (r *recognizer) where() string {
	if r.address.bare {
		return "tcp://" + r.address.target
	}
	return r.address.at(r.address.url)
}

// post sends the clip to an endpoint and understands the answer.
func (r *recognizer) post(ctx context.Context, e endpoint, q question) (reply, error) {
	f := r.form(e.dialect, q)
	boundary := rand.Text()
	a, err := r.submit(ctx, f, boundary, e.url, func() []byte {
		wav := q.clip.WAV()
		defer clear(wav)
		return f.encode(boundary, wav)
	})
	if err != nil {
		return reply{}, failure(r.address.at(e.url), err)
	}
	said, err := a.reply(r.address.at(e.url))
	if r.Dialect == "" && !isKind(err, WrongPath) {
		r.remember(a.fingerprint(e))
	}
	return said, err
}

// submit posts a form. Its body is made again if a connection that was kept
// turns out to be closed.
func (r *recognizer) submit(ctx context.Context, f form, boundary string, u *url.URL, encode func() []byte) (answer, error) {
	first := encode()
	return r.exchange(ctx, &http.Request{
		Method: http.MethodPost, URL: f.at(u), Host: u.Host,
		Body: &sound{body: first}, ContentLength: int64(len(first)),
		GetBody: func() (io.ReadCloser, error) { return &sound{body: encode()}, nil },
		Header: http.Header{
			"Content-Type": {"multipart/form-data; boundary=" + boundary},
			// Not sent: it tells net/http that asking twice does no harm.
			"Idempotency-Key": nil,
		},
	})
}

// at returns u with the query of the form, where u does not say otherwise.
func (f form) at(u *url.URL) *url.URL {
	if len(f.query) == 0 {
		return u
	}
	query := u.Query()
	for name, values := range f.query {
		if !query.Has(name) {
			query[name] = values
		}
	}
	with := *u
	with.RawQuery = query.Encode()
	return &with
}

// exchange sends one request, follows nothing, and reads the answer.
func (r *recognizer) exchange(ctx context.Context, req *http.Request) (answer, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	req.Header.Set("Accept", "application/json, text/plain;q=0.9")
	req.Header.Set("User-Agent", "vocoder")
	if r.key != "" {
		req.Header.Set("Authorization", "Bearer "+r.key)
	}
	res, err := r.transport.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	idle := time.AfterFunc(idleTime, func() { cancel(errIdle) })
	defer idle.Stop()
	a := answer{status: res.StatusCode, header: res.Header}
	a.body, err = readAll(res.Body, func() { idle.Reset(idleTime) })
	if context.Cause(ctx) == errIdle {
		err = errIdle
	}
	return a, err
}

// errIdle is the end of an answer that stopped half-way.
var errIdle = &Error{Kind: Late, Why: "the answer stopped half-way"}

// maxReply bounds an answer, in bytes after decompression.
const maxReply = 1 << 20

var errLong = &Error{Kind: Garbled, Why: fmt.Sprintf("it is longer than %d bytes", maxReply)}

// readAll reads at most maxReply bytes and calls got after each piece.
func readAll(r io.Reader, got func()) ([]byte, error) {
	var b bytes.Buffer
	for {
		n, err := io.CopyN(&b, r, 32<<10)
		if b.Len() > maxReply {
			return nil, errLong
		}
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return b.Bytes(), nil
		}
		if err != nil {
			return nil, err
		}
		if n > 0 {
			got()
		}
	}
}
