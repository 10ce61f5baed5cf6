package whisper

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
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
	case r.address.bare || r.Dialect == Wyoming:
		return endpoint{dialect: Wyoming, url: r.address.url}, true
	}
	path := r.address.url.Path
	usual, _ := dialectOf(path)
	dialect := cmp.Or(r.Dialect, usual)
	return r.endpointAt(dialect, cmp.Or(path, paths[dialect])), dialect != ""
}

func (r *recognizer) endpointAt(dialect, path string) endpoint {
	u := *r.address.url
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

// candidates returns the endpoints that a URL can mean, the likeliest first: its own
// path, then the usual paths below it.
func (r *recognizer) candidates() []endpoint {
	path := r.address.url.Path
	dialect, base := dialectOf(path)
	if dialect == "" {
		base = strings.TrimSuffix(path, "/")
	}
	var all []endpoint
	if path != "" {
		all = append(all, r.endpointAt(dialect, path))
	}
	for _, d := range Dialects() {
		p := paths[d]
		if strings.HasSuffix(base, "/v1") { // as OpenAI's own clients want it
			p = strings.TrimPrefix(p, "/v1")
		}
		if p != "" && base+p != path {
			all = append(all, r.endpointAt(d, base+p))
		}
	}
	return all
}

// search finds the path at which the server accepts speech, and remembers it. It sends
// forms without sound, which cost the server nothing.
func (r *recognizer) search(ctx context.Context) (endpoint, error) {
	var first *Error
	var elsewhere []string
	for _, e := range r.candidates() {
		a, err := r.probe(ctx, e)
		if err != nil {
			f := failure(r.where(), err)
			if f.Kind == Unreachable && f.Err == nil && r.address.network == "unix" && r.checkWyoming(ctx) == nil {
				return r.remember(endpoint{Wyoming, r.address.url}), nil
			}
			return endpoint{}, f
		}
		wrong := a.wrongPath(r.address.at(e.url))
		if wrong == nil {
			return r.remember(a.fingerprint(e)), nil
		}
		if first == nil {
			first = wrong
		} else {
			elsewhere = append(elsewhere, e.url.Path)
		}
	}
	first.Why = "nor at " + strings.Join(elsewhere, ", ")
	return endpoint{}, first
}

// probe posts a form without sound.
func (r *recognizer) probe(ctx context.Context, e endpoint) (answer, error) {
	return r.submit(ctx, form{fields: [][2]string{{"response_format", "json"}}}, e.url, nil)
}

// wrongPath returns an error if the answer to a probe means that there is no
// recognizer at its path.
func (a answer) wrongPath(where string) *Error {
	if a.status < 300 {
		return nil
	}
	if p := a.problem(where); p.Kind == WrongPath || p.Kind == Redirected {
		return p
	}
	return nil
}

// fingerprint returns the endpoint with the dialect that an answer shows.
func (a answer) fingerprint(e endpoint) endpoint {
	c := parseServerError(a.body)
	switch {
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

// remember keeps an endpoint for later requests.
func (r *recognizer) remember(e endpoint) endpoint {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.found == nil || r.found.dialect != e.dialect || r.found.url.Path != e.url.Path {
		r.Log.Info("recognizer found", "url", r.address.at(e.url), "dialect", e.dialect)
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
	where := r.address.at(e.url)
	a, err := r.probe(ctx, e)
	if err != nil {
		return failure(where, err)
	}
	if wrong := a.wrongPath(where); wrong != nil {
		if r.Dialect != "" || wrong.Kind == Redirected {
			return wrong
		}
		_, err := r.search(ctx)
		return err
	}
	if p := a.problem(where); a.status >= 300 && (p.Kind == KeyRefused || p.Kind == Busy) {
		return p
	}
	if r.Dialect == "" {
		e = r.remember(a.fingerprint(e))
	}
	if err := r.connect(ctx); err != nil {
		return err
	}
	r.askModels(ctx, e)
	return nil
}

// connect opens a connection and keeps it open. It returns an *Error if the server
// cannot be reached or reports that it does not work.
func (r *recognizer) connect(ctx context.Context) error {
	if e, ok := r.known(); ok && e.dialect == Wyoming {
		return r.checkWyoming(ctx)
	}
	a, err := r.get(ctx, "/health")
	if err != nil {
		return failure(r.where(), err)
	}
	if a.status == http.StatusServiceUnavailable {
		return a.problem(r.where())
	}
	if a.status == http.StatusOK {
		r.readHealth(a.body)
	}
	return nil
}

// ask makes one request. If the path is wrong and the settings name no dialect, ask
// searches for the path and makes the request again.
func (r *recognizer) ask(ctx context.Context, q question) (reply, error) {
	e, err := r.endpoint(ctx)
	if err != nil {
		return reply{}, err
	}
	if e.dialect == Wyoming {
		return r.transcribeWyoming(ctx, q)
	}
	said, err := r.post(ctx, e, q)
	if !isKind(err, WrongPath) || r.Dialect != "" {
		return said, err
	}
	if e, err = r.search(ctx); err != nil {
		return reply{}, err
	}
	return r.post(ctx, e, q)
}
