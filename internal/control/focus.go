package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/arealicehole/vocoder/internal/linux/peercred"
)

// Focus is what the desktop's shell says about the focus. The zero Focus says nothing.
type Focus struct {
	Source   string `json:"source"`   // the input source in use, as "xkb:de" or "ibus:libpinyin"
	App      string `json:"app"`      // the application in focus
	Window   string `json:"window"`   // a number for the window in focus
	Password bool   `json:"password"` // the field in focus is for a password or PIN
	Overlay  bool   `json:"overlay"`  // the shell shows the overlay itself
}

const (
	// maxFocus limits the body of PUT /v1/desktop, in bytes.
	maxFocus = 2 << 10
	// maxFocusField limits each of its strings, in bytes.
	maxFocusField = 256
)

// desktopPath is the one thing that a client can put.
const desktopPath = "desktop"

// peer is the key of the connection in the context of a request.
type peer struct{}

// focus answers PUT /v1/desktop.
func (s *Server) focus(w http.ResponseWriter, r *http.Request) {
	f, err := readFocus(r)
	if err != nil {
		s.fail(w, http.StatusBadRequest, err)
		return
	}
	c, _ := r.Context().Value(peer{}).(*net.UnixConn)
	cred, err := peercred.Read(c)
	if err != nil {
		s.fail(w, http.StatusInternalServerError, err)
		return
	}
	ctx, cancel := context.WithTimeout(work(r), commandTimeout)
	defer cancel()
	err = s.SetFocus(ctx, int(cred.Pid), f)
	refusal, is := errors.AsType[*Refusal](err)
	switch {
	case is:
		s.fail(w, refusal.Code, err)
	case err != nil:
		s.fail(w, http.StatusConflict, err)
	default:
		s.encode(w, http.StatusOK, map[string]string{"status": "noted"})
	}
}

func readFocus(r *http.Request) (f Focus, err error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxFocus+1))
	switch {
	case err != nil:
		return f, errors.New("the body is not complete")
	case len(body) > maxFocus:
		return f, fmt.Errorf("the body is longer than %d bytes", maxFocus)
	case json.Unmarshal(body, &f) != nil:
		return f, errors.New("the body is not as PROTOCOL.md says")
	}
	for _, field := range []string{f.Source, f.App, f.Window} {
		if len(field) > maxFocusField || !utf8.ValidString(field) || strings.ContainsFunc(field, unicode.IsControl) {
			return f, fmt.Errorf("a field is longer than %d bytes or not plain text", maxFocusField)
		}
	}
	return f, nil
}
