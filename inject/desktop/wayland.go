package desktop

import (
	"context"
	"io"
	"sync"

	"github.com/arealicehole/vocoder/inject/keymap"
	wire "github.com/arealicehole/vocoder/internal/wayland"
)

// wayland is a client of a compositor without a window. The compositor sends
// wl_keyboard.keymap to every client that asks for a keyboard (seen with sway, mutter
// and KWin). It sends wl_keyboard.modifiers, with the group, only to the window that has
// the focus. Source: wayland.freedesktop.org/docs/html/apa.html.
type wayland struct {
	conn    *wire.Conn
	path    string
	readers drain // of the goroutine that asks

	touched  func()
	mu       sync.Mutex
	seat     wire.ID
	keyboard wire.ID // 0 while the seat has none
	text     string  // of the keymap, empty for none
}

func dialWayland(path string, touched func()) (*wayland, error) {
	conn, err := wire.Dial(path)
	if err != nil {
		return nil, err
	}
	return &wayland{conn: conn, path: path, readers: drain{path: path}, touched: touched}, nil
}

func (w *wayland) run(ctx context.Context) error { return w.conn.Run(ctx) }

func (w *wayland) closed() bool { return false } // what is given up here closes nothing

func (w *wayland) start(ctx context.Context) error {
	if err := w.conn.Start(ctx); err != nil {
		return err
	}
	w.mu.Lock()
	seat, _, err := w.conn.Bind(w.seatEvent, "wl_seat", 7)
	w.seat = seat
	w.mu.Unlock()
	if err != nil {
		return err
	}
	// The first round trip brings the capabilities, the second the keymap.
	if err := w.conn.Sync(ctx); err != nil {
		return err
	}
	return w.conn.Sync(ctx)
}

// roundTrip waits for the compositor, and then for its clients: the window may read the
// keys later than the compositor.
func (w *wayland) roundTrip(ctx context.Context) error {
	if err := w.conn.Sync(ctx); err != nil {
		return err
	}
	return w.readers.wait(ctx)
}

func (w *wayland) keymap(ctx context.Context) (text, from string, err error) {
	if err := w.conn.Sync(ctx); err != nil {
		return "", "", err
	}
	w.readers.begin()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.keyboard == 0 {
		return "", "", errNoKeyboard
	}
	if w.text == "" {
		return "", "", errNoKeymap
	}
	return w.text, "wl_keyboard of " + w.path, nil
}

// seatEvent handles wl_seat.capabilities. It is an error of the protocol to ask for a
// keyboard if the seat never had one.
func (w *wayland) seatEvent(e *wire.Event) {
	const capabilities, keyboard = 0, 2
	if e.Opcode != capabilities {
		return
	}
	has := e.Uint()&keyboard != 0
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case has && w.keyboard == 0:
		// An error is one of the connection, and Run returns it.
		w.keyboard, _ = w.conn.Create(w.keyboardEvent, w.seat, 1, wire.NewID{})
	case !has && w.keyboard != 0:
		_ = w.conn.Request(w.keyboard, 0) // so is this one
		w.keyboard, w.text = 0, ""
		w.touched()
	}
}

// keyboardEvent handles wl_keyboard.keymap.
func (w *wayland) keyboardEvent(e *wire.Event) {
	const keymapEvent, xkbVersion1 = 0, 1
	if e.Opcode != keymapEvent {
		return
	}
	format, file, size := e.Uint(), e.File(), e.Uint()
	if file == nil {
		return // the connection ends because of it
	}
	defer func() { _ = file.Close() }() // it was only read
	text := ""
	if format == xkbVersion1 {
		// Other clients share the offset of the file, so it must not move.
		b, err := io.ReadAll(io.NewSectionReader(file, 0, int64(min(size, keymap.MaxText))))
		if err == nil {
			text = string(b)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if text != w.text { // wlroots sends the same one for each keyboard that types
		w.text = text
		w.touched()
	}
}
