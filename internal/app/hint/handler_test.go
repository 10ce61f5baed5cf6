package hint

import (
	"bytes"
	"errors"
	"fmt"
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
