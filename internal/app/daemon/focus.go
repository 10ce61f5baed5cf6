package daemon

import (
	"context"
	"errors"
	"net/http"

	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/internal/app/typing"
	"github.com/arealicehole/vocoder/internal/control"
)

// setFocus returns the function of control.Server that takes what GNOME Shell says about the
// focus. It calls changed before it returns.
func setFocus(d *typing.Desktop, changed func()) func(context.Context, int, control.Focus) error {
	return func(ctx context.Context, pid int, f control.Focus) error {
		err := d.Hint(ctx, pid, desktop.Hints(f))
		if errors.Is(err, desktop.ErrNotShell) {
			return &control.Refusal{Code: http.StatusForbidden, Reason: err.Error()}
		}
		changed()
		return err
	}
}
