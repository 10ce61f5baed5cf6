//go:build e2e

package e2e_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A fieldPage is a web page with text fields. It asks the test for one command after the
// other and returns what its fields hold.
type fieldPage struct {
	commands chan fieldCommand
	values   chan map[string]string // by the id of the field
}

type fieldCommand struct {
	Clear bool   `json:"clear"`
	Focus string `json:"focus"` // the id of a field; empty: leave it
}

//go:embed testdata/fields.html
var fieldsHTML string

func (p *fieldPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(fieldsHTML))
	case "/command":
		select {
		case c := <-p.commands:
			_ = json.NewEncoder(w).Encode(c)
		case <-time.After(20 * time.Second): // the page asks again
			w.WriteHeader(http.StatusNoContent)
		case <-r.Context().Done():
		}
	case "/values":
		var values map[string]string
		if err := json.NewDecoder(r.Body).Decode(&values); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		select {
		case p.values <- values:
		case <-r.Context().Done():
		}
	default:
		http.NotFound(w, r)
	}
}

// do has the page run a command and returns the values of the fields.
func (p *fieldPage) do(t *testing.T, c fieldCommand) map[string]string {
	t.Helper()
	ctx := within(t, 5*time.Minute) // the browser starts
	select {
	case p.commands <- c:
	case <-ctx.Done():
		t.Fatalf("the page asks for nothing: %v", context.Cause(ctx))
	}
	select {
	case values := <-p.values:
		return values
	case <-ctx.Done():
		t.Fatalf("the page answers nothing: %v", context.Cause(ctx))
	}
	return nil
}

// browser is a browser that shows a fieldPage of the test.
func browser(t *testing.T) []textPlace {
	t.Helper()
	p := &fieldPage{make(chan fieldCommand), make(chan map[string]string)}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	addr := strings.TrimPrefix(server.URL, "http://")
	ok(t, m.Forward(within(t, time.Minute), 8080, addr))
	t.Cleanup(func() { ok(t, m.Unforward(context.Background(), 8080, addr)) })
	field := func(id string) textPlace {
		return textPlace{
			name:  id,
			few:   id != "textarea",
			clear: func(t *testing.T) { t.Helper(); p.do(t, fieldCommand{Clear: true, Focus: id}) },
			read:  func(t *testing.T) string { t.Helper(); return p.do(t, fieldCommand{})[id] },
		}
	}
	return []textPlace{field("textarea"), field("input"), field("contenteditable")}
}
