// Package screen shows the picture of the overlay above all windows. The picture never takes
// the focus, and every click goes to what is below it.
package screen

import (
	"context"
	"errors"
	"image"

	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/internal/osd/paint"
)

// A Place is where on the output with the focus the picture is.
type Place struct {
	At   paint.Place
	Size float64 // 1 is the usual size
}

// Paint draws into an empty picture. A logical pixel is unit pixels wide.
type Paint func(img *image.RGBA, unit float64)

// A Surface is a picture on the screen. It belongs to one goroutine.
type Surface interface {
	// Draw shows what paint draws. If the display is not ready for it, Draw does nothing,
	// and Changed gets a value when it is. An error means that the display is gone.
	Draw(paint Paint) error

	// Changed gets a value when the picture must be drawn again, or the display has gone.
	Changed() <-chan struct{}

	// Close removes the picture and disconnects.
	Close()
}

// edge is the logical distance of the picture from the edge of the output. The pill is
// further from it by the room for its shadow.
const edge = 14

// ErrNoDisplay is the error of Open if no display server shows the overlay.
var ErrNoDisplay = errors.New("no display server shows the overlay")

// Open returns a surface on the first of these desktops that has one. A Wayland compositor
// shows it in a layer of wlr-layer-shell. GNOME has no such layer: there, and on X11, it is a
// window that no window manager handles.
func Open(ctx context.Context, all []desktop.Desktop, p Place) (Surface, error) {
	errs := []error{ErrNoDisplay}
	for _, d := range all {
		if d.Wayland != "" {
			s, err := openLayer(ctx, d.Wayland, p)
			if err == nil {
				return s, nil
			}
			errs = append(errs, err)
		}
		if d.X11 != "" {
			s, err := openWindow(ctx, d.X11, d.Authority, p)
			if err == nil {
				return s, nil
			}
			errs = append(errs, err)
		}
	}
	return nil, errors.Join(errs...)
}
