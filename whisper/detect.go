package whisper

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// endpoint returns where to ask and how: as the settings say, as was found out
// before, or as the path of the URL tells.
func (r *recogniser) endpoint(ctx context.Context) (endpoint, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.found != nil {
		return *r.found, nil
	}
	dialect := either(r.Dialect, Vocoder)
	u := *r.address.url
	for name, path := range paths {
		if r.Dialect == "" && strings.HasSuffix(u.Path, path) {
			dialect = name
		}
	}
	if u.Path == "" {
		u.Path = paths[dialect]
	}
	return endpoint{dialect, &u}, nil
}

func (p *pool) warm(ctx context.Context) {
	for _, r := range p.all {
		_ = r.knock(ctx) // what is wrong will show when it is asked
	}
}

func (p *pool) check(ctx context.Context) error {
	failed := map[*recogniser]error{}
	for _, r := range p.all {
		err := r.knock(ctx)
		r.note(err)
		if err == nil {
			return nil
		}
		failed[r] = err
	}
	return p.verdict(failed)
}

// knock asks whether the server is there.
func (r *recogniser) knock(ctx context.Context) error {
	u := &url.URL{Scheme: r.address.url.Scheme, Host: r.address.url.Host, Path: "/health"}
	_, err := r.exchange(ctx, &http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{}})
	if err != nil {
		return failure(r.where(), err)
	}
	return nil
}

func (r *recogniser) converse(context.Context, question) (reply, error) { return reply{}, nil }
