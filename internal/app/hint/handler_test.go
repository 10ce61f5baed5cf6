package hint

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
)

// TestHandler: the log has the hint of an error, however deep the error is, and the
// logger may have attributes of its own.
func TestHandler(t *testing.T) {
	known := New("no key", "press one")
	for _, tt := range []struct {
		err  error
		want string
	}{
		{known, `msg=m loop=keys err="no key" hint="press one"`},
		{fmt.Errorf("listen: %w", known), `hint="press one"`},
		{errors.New("other"), "msg=m loop=keys err=other\n"},
	} {
		var out bytes.Buffer
		log := slog.New(Handler(slog.NewTextHandler(&out, nil))).With("loop", "keys")
		log.Info("m", "err", tt.err)
		if !strings.Contains(out.String(), tt.want) {
			t.Errorf("%v: %q, want %q", tt.err, out.String(), tt.want)
		}
	}
}

// TestHandlerPrintable: the log has no control characters of a device or a server, and no
// line of it has more than some thousand characters.
func TestHandlerPrintable(t *testing.T) {
	const hostile = "a\x1b[31m\u202eb\nINFO forged"
	var got []string
	log := slog.New(Handler(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key != slog.TimeKey {
			got = append(got, a.Value.String())
		}
		return a
	}})))
	log.With("device", hostile).Info("m", "name", hostile, "names", []string{hostile}, "err", errors.New(hostile+strings.Repeat("x", 9999)), "n", 3)
	if len(got) != 7 {
		t.Fatalf("%q", got)
	}
	for i, v := range got {
		if lines := strings.Count(v, "\n"); strings.ContainsAny(v, "\x1b\u202e") || len(v) > 3000 || lines > 0 && i != 5 {
			t.Errorf("%q", v)
		}
	}
}
