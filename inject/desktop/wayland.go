package desktop

import (
	"context"
	"io"
	"sync"

	wire "github.com/arealicehole/vocoder/inject/internal/wayland"
)

// wayland is a client of a compositor that has no window: wl_keyboard.keymap
// comes to all, as soon as they ask for a keyboard (seen with sway, mutter and
// KWin). wl_keyboard.modifiers, with the group, comes only to the window in
// focus. Source: wayland.freedesktop.org/docs/html/apa.html.
type wayland struct {
	conn    *wire.Conn
	path    string
	readers drain // of the goroutine that asks

	mu       sync.Mutex
	touched  func()
	seat     wire.ID
	keyboard wire.ID // 0 while the seat has none
	text     string  // of the keymap, empty for none
}

func dialWayland(path string) (*wayland, error) {
	conn, err := wire.Dial(path)
	if err != nil {
		return nil, err
	}
	return &wayland{conn: conn, path: path, readers: drain{path: path}, touched: func() {}}, nil
}

func (w *wayland) run(ctx context.Context, touched func()) error {
	w.mu.Lock()
	w.touched = touched
	w.mu.Unlock()
	return w.conn.Run(ctx)
}

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
	// The first brings the capabilities, the second the keymap.
	if err := w.conn.Sync(ctx); err != nil {
		return err
	}
	return w.conn.Sync(ctx)
}

// roundTrip waits for the compositor, and then for its clients: that it has
// taken the keys does not mean that the window has.
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

// seatEvent takes wl_seat.capabilities. Asking for a keyboard when there has
// never been one is an error of the protocol.
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
		// An error is one of the connection, which Run tells.
		w.keyboard, _ = w.conn.Create(w.keyboardEvent, w.seat, 1, wire.NewID{})
	case !has && w.keyboard != 0:
		_ = w.conn.Request(w.keyboard, 0) // likewise
		w.keyboard, w.text = 0, ""
		w.touched()
	}
}

// keyboardEvent takes wl_keyboard.keymap.
func (w *wayland) keyboardEvent(e *wire.Event) {
	const keymap, xkbVersion1 = 0, 1
	if e.Opcode != keymap {
		return
	}
	format, file, size := e.Uint(), e.File(), e.Uint()
	if file == nil {
		return // the connection ends for it
	}
	defer func() { _ = file.Close() }() // it was only read
	text := ""
	if format == xkbVersion1 {
		// Reading moves no offset that others see, and needs no mapping.
		b, err := io.ReadAll(io.NewSectionReader(file, 0, int64(min(size, maxKeymap))))
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

// maxKeymap is more than any keymap has, in bytes.
const maxKeymap = 1 << 20
