// Package bubble shows one notification of the desktop, which is replaced by
// the next. Source: Desktop Notifications Specification 1.2
// (specifications.freedesktop.org/notification-spec).
package bubble

import (
	"context"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"
)

// A Note is what a bubble says. The zero Note is none.
type Note struct {
	Summary string // one line
	Body    string // plain text
	Urgent  bool   // stays until it is closed or replaced
}

const (
	destination = "org.freedesktop.Notifications"
	path        = "/org/freedesktop/Notifications"
	patience    = 5 * time.Second
	brief       = 8000 // milliseconds
)

// A Bubble shows the newest Note. Make one with New.
type Bubble struct {
	address string
	notes   chan Note // has room for the newest
}

// New returns a Bubble on the session bus at an address, such as
// unix:path=/run/user/1000/bus.
func New(address string) *Bubble {
	return &Bubble{address: address, notes: make(chan Note, 1)}
}

// Show replaces what the bubble says; the zero Note takes it away. It does not
// wait, and is for one goroutine at a time.
func (b *Bubble) Show(n Note) {
	select {
	case <-b.notes: // nobody has seen it
	default:
	}
	b.notes <- n
}

// Run shows notes until ctx is done, and takes the last one away then. It
// connects when there is something to show. Failed is given each error: without
// a desktop there is nobody to see a bubble.
func (b *Bubble) Run(ctx context.Context, failed func(error)) {
	var shown screen
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = shown.show(last, b.address, Note{}) // the desktop may be gone too
		shown.close()
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case n := <-b.notes:
			short, cancel := context.WithTimeout(ctx, patience)
			err := shown.show(short, b.address, n)
			cancel()
			if err != nil && ctx.Err() == nil {
				shown.close() // the next one tries anew
				failed(err)
			}
		}
	}
}

// A screen is a connection to what shows bubbles, and the bubble there.
type screen struct {
	conn *dbus.Conn
	id   uint32
}

func (s *screen) close() {
	if s.conn != nil {
		_ = s.conn.Close() // nothing is lost with it
	}
	*s = screen{}
}

func (s *screen) show(ctx context.Context, address string, n Note) error {
	if n == (Note{}) {
		return s.clear(ctx)
	}
	if s.conn == nil {
		conn, err := dbus.Connect(address)
		if err != nil {
			return fmt.Errorf("connect to the session bus: %w", err)
		}
		s.conn = conn
	}
	urgency, timeout := byte(1), int32(brief)
	if n.Urgent {
		urgency, timeout = 2, 0
	}
	hints := map[string]dbus.Variant{
		"urgency":       dbus.MakeVariant(urgency),
		"category":      dbus.MakeVariant("device"),
		"desktop-entry": dbus.MakeVariant("vocoder"),
	}
	call := s.conn.Object(destination, path).CallWithContext(ctx, destination+".Notify", 0,
		"vocoder", s.id, "audio-input-microphone", n.Summary, escape(n.Body), []string{}, hints, timeout)
	if err := call.Store(&s.id); err != nil {
		return fmt.Errorf("show a notification: %w", err)
	}
	return nil
}

// clear takes the bubble away, if there is one.
func (s *screen) clear(ctx context.Context) error {
	if s.conn == nil || s.id == 0 {
		return nil
	}
	call := s.conn.Object(destination, path).CallWithContext(ctx, destination+".CloseNotification", 0, s.id)
	s.id = 0
	// One that was closed meanwhile is an error, and what is wanted.
	if call.Err != nil && ctx.Err() != nil {
		return fmt.Errorf("close the notification: %w", call.Err)
	}
	return nil
}

// escape writes a text so that servers with body-markup show it as it is.
func escape(text string) string {
	var out []byte
	for i := range len(text) {
		switch c := text[i]; c {
		case '&':
			out = append(out, "&amp;"...)
		case '<':
			out = append(out, "&lt;"...)
		case '>':
			out = append(out, "&gt;"...)
		default:
			out = append(out, c)
		}
	}
	return string(out)
}
