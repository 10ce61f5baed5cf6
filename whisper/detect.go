package whisper

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
)

// endpoint returns the endpoint for requests. The settings name it, the path of the URL
// tells it, or an earlier search found it. Otherwise endpoint searches for it.
func (r *recognizer) endpoint(ctx context.Context) (endpoint, error) {
	if e, ok := r.known(); ok {
		return e, nil
	}
	return r.search(ctx)
}

// known returns the endpoint if it is known without a request.
func (r *recognizer) known() (endpoint, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.found != nil:
		return *r.found, true
	case r.address.Bare || r.Dialect == Wyoming:
		return endpoint{dialect: Wyoming, url: r.address.URL}, true
	}
	path := r.address.URL.Path
	usual, _ := dialectOf(path)
	dialect := cmp.Or(r.Dialect, usual)
	return r.endpointAt(dialect, cmp.Or(path, paths[dialect])), dialect != ""
}

func (r *recognizer) endpointAt(dialect, path string) endpoint {
	u := *r.address.URL
	u.Path = path
	return endpoint{dialect, &u}
}

// dialectOf returns the dialect whose usual path a path ends with, and the part of the
// path before that; both are "" if there is none.
func dialectOf(path string) (dialect, base string) {
	for _, d := range Dialects() {
		if p := paths[d]; p != "" && strings.HasSuffix(path, p) {
			return d, strings.TrimSuffix(path, p)
		}
	}
	return "", ""
}

// below returns a path below the base path of the server, which a proxy may have given it.
func (e endpoint) below(name string) string {
	_, base := dialectOf(e.url.Path)
	return path.Join("/", base, name)
}

// candidates returns the endpoints that a URL can mean, the likeliest first: its own
// path, then the usual paths below it. If the settings name a dialect, all are of that
// dialect.
func (r *recognizer) candidates() []endpoint {
	given := r.address.URL.Path
	clean := path.Clean("/" + given) // without a slash at its end
	dialect, base := dialectOf(clean)
	if dialect == "" {
		base = strings.TrimSuffix(clean, "/")
	}
	var all []endpoint
	add := func(dialect, path string) {
		dialect = cmp.Or(r.Dialect, dialect)
		if path != "" && path != "/" && !slices.ContainsFunc(all, func(e endpoint) bool { return e.url.Path == path }) {
			all = append(all, r.endpointAt(dialect, path))
		}
	}
	add(dialect, given)
	add(dialect, clean)
	for _, d := range Dialects() {
		if p := paths[d]; p != "" && (r.Dialect == "" || r.Dialect == d) {
			if strings.HasSuffix(base, "/v1") { // as OpenAI's own clients want it
				p = strings.TrimPrefix(p, "/v1")
			}
			add(d, base+p)
		}
	}
	return all
}

// search finds the path at which the server accepts speech, and remembers it. It sends
// forms without sound, which cost the server nothing. A path whose answer is not that of
// a recognizer is taken only if the settings name it and there is no better one.
func (r *recognizer) search(ctx context.Context) (endpoint, error) {
	var first *Error
	var doubtful *endpoint
	var elsewhere []string
	for _, e := range r.candidates() {
		a, err := r.probe(ctx, &e)
		if err != nil {
			f := failure(r.where(), err)
			if (f.Kind == Unreachable || f.Kind == HungUp) && f.Err == nil && r.address.Network == "unix" && r.checkWyoming(ctx) == nil {
				return r.remember(endpoint{Wyoming, r.address.URL}), nil
			}
			return endpoint{}, f
		}
		wrong := a.wrongPath(r.address.At(e.url))
		if wrong == nil {
			return r.remember(r.fingerprint(a, e)), nil
		}
		if first == nil {
			first = wrong
		} else {
			elsewhere = append(elsewhere, e.url.Path)
		}
		if wrong.Kind == Garbled && e.url.Path == r.address.URL.Path && !isPage(bytes.TrimSpace(a.body)) {
			doubtful = &e
		}
	}
	if doubtful != nil {
		return r.remember(r.fingerprint(answer{}, *doubtful)), nil
	}
	if first.Kind != Redirected {
		first.Kind = WrongPath
	}
	if len(elsewhere) > 0 {
		first.Why = "nor at " + strings.Join(elsewhere, ", ")
	}
	return endpoint{}, first
}

// probe posts a form without sound to e. If the server redirects it to the same path with
// or without a slash at its end, probe posts it there and changes e.
func (r *recognizer) probe(ctx context.Context, e *endpoint) (answer, error) {
	f := form{fields: [][2]string{{"response_format", "json"}}}
	a, err := r.submit(ctx, f, e.url, nil)
	if to, ok := a.slash(e.url); err == nil && ok {
		e.url = to
		return r.submit(ctx, f, to, nil)
	}
	return a, err
}

// slash returns where an answer redirects a request for u to, if that differs only in a
// slash at the end of the path.
func (a answer) slash(u *url.URL) (*url.URL, bool) {
	if a.status < 300 || a.status > 399 {
		return nil, false
	}
	to, err := u.Parse(a.header.Get("Location"))
	if err != nil || to.Host != u.Host || to.Scheme != u.Scheme || to.Path == u.Path || strings.TrimSuffix(to.Path, "/") != strings.TrimSuffix(u.Path, "/") {
		return nil, false
	}
	with := *u
	with.Path = to.Path
	return &with, true
}

// wrongPath returns an error if the answer to a probe means that there is no
// recognizer at its path. Its kind is Garbled if the server accepts a form without sound,
// and the answer is not that of a recognizer.
func (a answer) wrongPath(where string) *Error {
	if a.status >= 200 && a.status < 300 {
		if a.isTranscription() {
			return nil
		}
		return &Error{Kind: Garbled, URL: where, Status: a.status, Why: "it gives the same answer without any sound"}
	}
	if p := a.problem(where); p.Kind == WrongPath || p.Kind == Redirected {
		return p
	}
	return nil
}

// isTranscription reports whether a successful answer is a transcription or says what is
// missing, as whisper.cpp did before 1.8 with the status 200.
func (a answer) isTranscription() bool {
	var object map[string]json.RawMessage
	if depth(a.body) > maxDepth || json.Unmarshal(a.body, &object) != nil {
		return false
	}
	return slices.ContainsFunc([]string{"text", "segments", "error", "detail"}, func(name string) bool { return object[name] != nil })
}

// fingerprint returns the endpoint with the dialect of the settings, or with that which an
// answer shows.
func (r *recognizer) fingerprint(a answer, e endpoint) endpoint {
	c := parseServerError(a.body)
	switch {
	case r.Dialect != "":
		e.dialect = r.Dialect
	case strings.Contains(strings.ToLower(a.header.Get("Server")), "whisper.cpp"):
		e.dialect = WhisperCPP
	case c.param == "audio_file":
		e.dialect = ASR
	case e.dialect != "":
	case bytes.Contains(a.body, []byte(`"error"`)) || bytes.Contains(a.body, []byte(`"detail"`)):
		e.dialect = OpenAI
	default:
		e.dialect = Vocoder
	}
	return e
}

// setDoubt records whether the server answers a form without sound like one with sound.
func (r *recognizer) setDoubt(wrong *Error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.doubt = nil; wrong != nil && wrong.Kind == Garbled {
		r.doubt = wrong
	}
}

// remember keeps an endpoint for later requests.
func (r *recognizer) remember(e endpoint) endpoint {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.found == nil || r.found.dialect != e.dialect || r.found.url.Path != e.url.Path {
		r.Log.Info("recognizer found", "url", r.address.At(e.url), "dialect", e.dialect)
	}
	r.found = &e
	return e
}

// inspect checks whether the recognizer would accept speech. An error is an *Error.
func (r *recognizer) inspect(ctx context.Context) error {
	e, err := r.endpoint(ctx)
	if err != nil {
		return err
	}
	if e.dialect == Wyoming {
		return r.checkWyoming(ctx)
	}
	a, err := r.probe(ctx, &e)
	where := r.address.At(e.url)
	if err != nil {
		return failure(where, err)
	}
	wrong := a.wrongPath(where)
	r.setDoubt(wrong)
	if wrong != nil && (wrong.Kind != Garbled || isPage(bytes.TrimSpace(a.body))) {
		_, err := r.search(ctx)
		return err
	}
	if p := a.problem(where); a.status >= 300 && (p.Kind == KeyRefused || p.Kind == Busy) {
		return p
	}
	e = r.remember(r.fingerprint(a, e))
	if err := r.connect(ctx); err != nil {
		return err
	}
	r.askModels(ctx, e)
	return nil
}

// connect opens a connection to the known endpoint and keeps it open. It returns an *Error
// if the server cannot be reached or reports that it does not work.
func (r *recognizer) connect(ctx context.Context) error {
	e, _ := r.known()
	if e.dialect == Wyoming {
		return r.checkWyoming(ctx)
	}
	a, err := r.get(ctx, e.below("/health"))
	if err != nil {
		return failure(r.where(), err)
	}
	// A proxy says that too, in other words, of a path that it does not pass on.
	if a.status == http.StatusServiceUnavailable && json.Valid(a.body) {
		return a.problem(r.where())
	}
	if a.status == http.StatusOK {
		r.readHealth(a.body)
	}
	return nil
}

// ask makes one request. If the server refuses the prompt, ask makes it again with a
// shorter one and then with none, and remembers what the server takes.
func (r *recognizer) ask(ctx context.Context, q question) (reply, error) {
	for {
		q.prompt = int(r.promptLimit.Load())
		said, err := r.askOnce(ctx, q)
		e, ok := errors.AsType[*Error](err)
		if !ok || !e.aboutPrompt || r.context(q, q.prompt) == "" {
			return said, err
		}
		r.shortenPrompt()
	}
}

func (r *recognizer) shortenPrompt() {
	limit := int32(0)
	if r.promptLimit.Load() == maxPrompt {
		limit = maxPrompt / 4
	}
	r.promptLimit.Store(limit)
	r.Log.Warn("the recognizer refuses the prompt, and gets a shorter one", "url", r.where(), "characters", limit)
}

// askOnce makes one request. If there is no recognizer at the path, it searches for it and
// makes the request again.
func (r *recognizer) askOnce(ctx context.Context, q question) (reply, error) {
	e, err := r.endpoint(ctx)
	if err != nil {
		return reply{}, err
	}
	if e.dialect == Wyoming {
		return r.transcribeWyoming(ctx, q)
	}
	said, err := r.post(ctx, e, q)
	if !isKind(err, WrongPath) && !isKind(err, Redirected) {
		return said, err
	}
	found, other := r.search(ctx)
	switch {
	case other != nil:
		return reply{}, other
	case found.url.Path == e.url.Path && found.dialect == e.dialect:
		return reply{}, err
	}
	return r.post(ctx, found, q)
}
