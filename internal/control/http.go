package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// surplus is the key of conn.surplus in the context of a connection.
type surplus struct{}

const root = "/v1/"

// route returns what a request asks for: "status", "watch", "last", with PUT "desktop" or,
// with POST, a command. If there is no such thing, it returns the HTTP status of the refusal. Paths are
// exact: no escapes, and a query only for watch.
func route(method, target string) (name string, code int) {
	name, ok := strings.CutPrefix(target, root)
	if path, _, asks := strings.Cut(name, "?"); asks && path == "watch" {
		name = path
	}
	command := Command(name).known()
	read := name == "status" || name == "watch" || name == "last"
	switch {
	case ok && name == desktopPath:
		if method == http.MethodPut {
			return name, http.StatusOK
		}
	case !ok || !command && !read:
		return "", http.StatusNotFound
	case method == http.MethodPost && command, method == http.MethodGet && read:
		return name, http.StatusOK
	}
	return "", http.StatusMethodNotAllowed
}

// answer serves one request.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	name, code := route(r.Method, r.RequestURI)
	switch full, _ := r.Context().Value(surplus{}).(bool); {
	case full:
		w.Header().Set("Retry-After", "1")
		s.fail(w, http.StatusServiceUnavailable, errSurplus)
		return
	case r.ContentLength != 0 && (name != desktopPath || code != http.StatusOK):
		s.fail(w, http.StatusRequestEntityTooLarge, errors.New("a request has no body"))
		return
	case code != http.StatusOK:
		s.fail(w, code, fmt.Errorf("%s: see PROTOCOL.md for what there is", strings.ToLower(http.StatusText(code))))
		return
	}
	if name == desktopPath {
		s.focus(w, r)
		return
	}
	// The request is complete. From now on the server reads from the connection only to
	// see that the client closes it, for which there is no limit.
	if err := http.NewResponseController(w).SetReadDeadline(time.Time{}); err != nil {
		s.fail(w, http.StatusInternalServerError, err)
		return
	}
	switch {
	case r.Method == http.MethodPost:
		s.command(w, r, Command(name))
	case name == "status":
		_, line, _ := s.feed.latest()
		s.write(w, http.StatusOK, line)
	case name == "watch":
		s.stream(w, r)
	case name == "last":
		s.last(w)
	}
}

// serverContext is the key of the context of Run in the context of a connection.
type serverContext struct{}

// work returns the context of what a request asks for. The daemon carries it out whole, also
// if the client does not wait for the answer: it closes the connection, or its sending side.
func work(r *http.Request) context.Context {
	ctx, _ := r.Context().Value(serverContext{}).(context.Context)
	return ctx
}

// command answers a request for a command.
func (s *Server) command(w http.ResponseWriter, r *http.Request, c Command) {
	ctx := work(r)
	reply, err := s.do(ctx, c)
	switch {
	case err == nil:
		s.encode(w, http.StatusOK, reply)
	case errors.Is(err, context.DeadlineExceeded):
		s.fail(w, http.StatusGatewayTimeout, fmt.Errorf("%s: the daemon is busy", c))
	case ctx.Err() != nil:
		s.fail(w, http.StatusServiceUnavailable, errors.New("the daemon is ending"))
	default:
		s.fail(w, http.StatusConflict, err)
	}
}

// last answers with the last text. No other answer contains it.
func (s *Server) last(w http.ResponseWriter) {
	last, ok := s.Daemon.Last()
	if !ok {
		s.fail(w, http.StatusConflict, errors.New("there is no last text"))
		return
	}
	s.encode(w, http.StatusOK, last)
}

// newReader returns the reader of a watch, or an error if it asks for something that there
// is not.
func newReader(target string) (*reader, error) {
	r := &reader{}
	_, query, asks := strings.Cut(target, "?")
	if !asks {
		return r, nil
	}
	for part := range strings.SplitSeq(query, "&") {
		kind := slices.IndexFunc(extraKinds[:], func(k extraKind) bool { return part == k.query+"=1" })
		if kind < 0 {
			return nil, errors.New("bad request: see PROTOCOL.md for what watch can be asked for")
		}
		r.asks[kind] = true
	}
	return r, nil
}

// stream sends the status, now and after each change, as server-sent events, and the extras
// that the client asks for. A slow client misses some, but always gets the newest. Source:
// html.spec.whatwg.org/multipage/server-sent-events.html.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	reader, err := newReader(r.RequestURI)
	if err != nil {
		s.fail(w, http.StatusBadRequest, err)
		return
	}
	defer s.feed.add(reader)()
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	for {
		events, changed := s.feed.news(reader)
		if out.SetWriteDeadline(time.Now().Add(s.timeout())) != nil {
			return
		}
		for _, e := range events {
			if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", e.name, e.data); err != nil {
				return
			}
		}
		if out.Flush() != nil {
			return
		}
		select {
		case <-reader.status:
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}

func (s *Server) fail(w http.ResponseWriter, code int, err error) {
	s.encode(w, code, failure{err.Error()})
}

func (s *Server) encode(w http.ResponseWriter, code int, v any) {
	line, err := json.Marshal(v)
	if err != nil {
		panic("control: reply is not JSON: " + err.Error())
	}
	s.write(w, code, line)
}

func (s *Server) write(w http.ResponseWriter, code int, line []byte) {
	w.Header().Set("Content-Type", "application/json")
	if http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.timeout())) != nil {
		return
	}
	w.WriteHeader(code)
	_, _ = w.Write(append(line[:len(line):len(line)], '\n')) // a client that left needs no answer
}
