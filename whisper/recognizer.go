package whisper

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
	"github.com/arealicehole/vocoder/whisper/internal/address"
)

// A recognizer is one server. It is safe for concurrent use.
type recognizer struct {
	Config
	address   address.Address
	key       string
	transport *http.Transport
	dial      func(ctx context.Context, network, target string) (net.Conn, error)
	verify    func(net.Conn) error // for a connection without TLS

	mu       sync.Mutex
	found    *endpoint // nil if not known yet
	last     Health
	until    time.Time // in backoff until then; zero if it works
	wait     time.Time // it accepts no request until then, it says
	doubt    error     // why it may be no recognizer, from the last Check; nil if it is one
	failures int       // in a row

	knows   []string             // the languages that it lists; none if it lists none
	models  []string             // the models that it lists; none if it lists none
	ignored map[string]time.Time // languages that it refused, and when
	terse   atomic.Bool          // it refuses to name the language in answers

	promptLimit atomic.Int32 // how long a prompt it takes, in characters
	keyInHeader atomic.Bool  // it wants the key in a header of its own
	keyRefused  atomic.Bool  // it refuses the key in any header
}

// An endpoint is a path of a server and the dialect there.
type endpoint struct {
	dialect string
	url     *url.URL
}

func newRecognizer(c Config) (*recognizer, error) {
	r := &recognizer{Config: c, ignored: map[string]time.Time{}}
	r.promptLimit.Store(maxPrompt)
	var err error
	if r.address, err = address.Parse(cmp.Or(c.URL, DefaultURL)); err != nil {
		return nil, &FieldError{"URL", fmt.Errorf("recognizer address: %w", err)}
	}
	if r.Dialect == "auto" {
		r.Dialect = ""
	}
	if r.Dialect != "" && !slices.Contains(Dialects(), r.Dialect) {
		return nil, &FieldError{"Dialect", fmt.Errorf("recognizer dialect: %q, want %s, or nothing to find out", r.Dialect, strings.Join(Dialects(), ", "))}
	}
	if r.address.Bare && r.Dialect != "" && r.Dialect != Wyoming {
		return nil, &FieldError{"Dialect", fmt.Errorf("recognizer dialect: %s is not spoken over tcp, only %s", r.Dialect, Wyoming)}
	}
	if r.Dialect == Wyoming && !r.address.Bare && r.address.Network != "unix" {
		return nil, &FieldError{"Dialect", fmt.Errorf("recognizer dialect: %s wants tcp or unix, not %s", Wyoming, r.address.URL.Scheme)}
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
	r.dial = (&net.Dialer{}).DialContext
	r.verify = r.verifyPeer
	r.transport = &http.Transport{
		DialContext:            r.dialVerified,
		TLSClientConfig:        trust,
		TLSHandshakeTimeout:    handshakeTimeout,
		MaxIdleConnsPerHost:    2,
		WriteBufferSize:        writeBuffer,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	if r.address.Secure {
		r.transport.Proxy = c.Proxy
	}
	return r, nil
}

// dialVerified dials the recognizer. Speech in the clear goes to this machine only,
// wherever its name leads, and there only to a trusted listener.
func (r *recognizer) dialVerified(ctx context.Context, network, target string) (net.Conn, error) {
	if !r.address.Secure {
		network, target = r.address.Network, r.address.Target
	}
	limited, cancel := context.WithTimeoutCause(ctx, dialTimeout, errDial)
	defer cancel()
	conn, err := r.dial(limited, network, target)
	if err != nil && context.Cause(limited) == errDial {
		return nil, errDial
	}
	if err != nil || r.address.Secure {
		return conn, err
	}
	if err := r.verify(conn); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return wipingConn{conn}, nil
}

// errDial is the error for a machine that does not answer.
var errDial = &Error{Kind: Unreachable, Why: fmt.Sprintf("no connection within %v", dialTimeout)}

// where returns the address for users and logs.
func (r *recognizer) where() string { return r.address.At(r.address.URL) }

// post sends the clip to an endpoint and parses the answer.
func (r *recognizer) post(ctx context.Context, e endpoint, q question) (reply, error) {
	u, err := e.urlFor(q)
	if err != nil {
		return reply{}, failure(r.address.At(e.url), err)
	}
	a, err := r.submit(ctx, r.form(e.dialect, q), u, &q.clip)
	if err != nil {
		return reply{}, failure(r.address.At(u), err)
	}
	said, err := a.reply(r.address.At(u))
	if !isKind(err, WrongPath) && !isKind(err, Redirected) {
		r.remember(r.fingerprint(a, e))
	}
	return said, err
}

// submit posts a form, with the sound of the clip unless that is nil. It sends the body
// again if a connection that was kept turns out to be closed. When it returns, nothing
// reads the clip any more.
func (r *recognizer) submit(ctx context.Context, f form, u *url.URL, clip *pcm.Clip) (answer, error) {
	boundary := rand.Text()
	head, tail := f.encode(boundary, clip != nil)
	size := len(head) + len(tail)
	if clip != nil {
		size += clip.OpenWAV().Len()
	}
	var bodies opened
	defer bodies.close()
	open := func() (io.ReadCloser, error) {
		parts := []io.Reader{bytes.NewReader(head)}
		if clip != nil {
			parts = append(parts, clip.OpenWAV())
		}
		return bodies.add(newSound(append(parts, bytes.NewReader(tail))...))
	}
	first, err := open()
	if err != nil {
		return answer{}, err
	}
	return r.exchange(ctx, &http.Request{
		Method: http.MethodPost, URL: f.at(u), Host: u.Host,
		Body: first, ContentLength: int64(size), GetBody: open,
		Header: http.Header{
			"Content-Type": {"multipart/form-data; boundary=" + boundary},
			// Not sent: it allows net/http to repeat the request.
			"Idempotency-Key": nil,
		},
	})
}

// get requests a path of the server.
func (r *recognizer) get(ctx context.Context, path string) (answer, error) {
	u := &url.URL{Scheme: r.address.URL.Scheme, Host: r.address.URL.Host, Path: path}
	return r.exchange(ctx, &http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{}})
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

// exchange sends one request and reads the answer. It follows no redirect. If the server
// refuses the key, exchange sends the request again with the key in the headers of Azure
// and others, and from then on in those that the server accepts.
func (r *recognizer) exchange(ctx context.Context, req *http.Request) (answer, error) {
	inHeader := r.keyInHeader.Load()
	a, err := r.send(ctx, req, inHeader)
	if err != nil || r.key == "" || !a.refusesKey() || r.keyRefused.Load() {
		return a, err
	}
	if req.GetBody != nil {
		if req.Body, err = req.GetBody(); err != nil {
			return a, err
		}
	}
	other, err := r.send(ctx, req, !inHeader)
	if err != nil || other.refusesKey() {
		r.keyRefused.Store(err == nil) // by any header
		return a, nil
	}
	r.keyInHeader.Store(!inHeader)
	return other, nil
}

func (a answer) refusesKey() bool {
	return a.status == http.StatusUnauthorized || a.status == http.StatusForbidden
}

// send sends one request, with the key as OpenAI wants it (RFC 6750), or in headers of its
// own, and reads the answer.
func (r *recognizer) send(ctx context.Context, req *http.Request, keyInHeader bool) (answer, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	req = req.Clone(ctx)
	req.Header.Set("Accept", "application/json, text/plain;q=0.9")
	req.Header.Set("User-Agent", "vocoder")
	switch {
	case r.key == "":
	case keyInHeader:
		req.Header.Set("Api-Key", r.key) // learn.microsoft.com/azure/ai-services/openai/reference
		req.Header.Set("X-Api-Key", r.key)
	default:
		req.Header.Set("Authorization", "Bearer "+r.key)
	}
	res, err := r.transport.RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	idle := time.AfterFunc(time.Hour, func() { cancel(errIdle) })
	idle.Stop() // until the first piece: the server may work before that
	defer idle.Stop()
	a := answer{status: res.StatusCode, header: res.Header}
	a.body, err = io.ReadAll(io.LimitReader(idleReader{res.Body, idle}, maxReply+1))
	switch {
	case context.Cause(ctx) == errIdle:
		err = errIdle
	case len(a.body) > maxReply:
		err = errLong
	}
	return a, err
}

// errIdle is the error for an answer that stopped half-way.
var errIdle = &Error{Kind: Late, Why: "the answer stopped half-way"}

// maxReply bounds an answer, in bytes after decompression. An hour of speech is 60,000
// characters, and some servers add 20 bytes to each.
const maxReply = 2 << 20

var errLong = &Error{Kind: Garbled, Why: fmt.Sprintf("it is longer than %d bytes", maxReply)}

// An idleReader starts its timer again after each piece that it reads.
type idleReader struct {
	io.Reader
	idle *time.Timer
}

func (r idleReader) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	r.idle.Reset(idleTimeout)
	return n, err
}
