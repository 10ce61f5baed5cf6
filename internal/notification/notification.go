// Package notification shows one notification of the desktop. Each message
// replaces the one before. Source: Desktop Notifications Specification 1.2
// (specifications.freedesktop.org/notification-spec).
package notification

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// A Message is the text of the notification. The zero Message means that no
// notification is shown.
type Message struct {
	Summary string // one line
	Body    string // plain text
	Urgent  bool   // stays until the user closes it or a message replaces it
}

const (
	destination = "org.freedesktop.Notifications"
	path        = "/org/freedesktop/Notifications"

	// callTimeout limits one call of the notification server, which answers
	// within milliseconds if it works.
	callTimeout = 5 * time.Second

	// closeTimeout limits the last call. It delays the end of the daemon.
	closeTimeout = time.Second

	// displayTime is how long a message that is not urgent is shown, in
	// milliseconds.
	displayTime = 8000
)

// A Notifier shows the newest Message. Make one with New.
type Notifier struct {
	address  string
	messages chan Message // holds the newest
	last     Message      // shown at the end of Run
}

// New returns a Notifier on the session bus at an address, such as
// unix:path=/run/user/1000/bus.
func New(address string) *Notifier {
	return &Notifier{address: address, messages: make(chan Message, 1)}
}

// Show replaces the message that is shown; the zero Message closes the
// notification. Show does not block. Only one goroutine may call it at a time.
func (n *Notifier) Show(m Message) {
	select {
	case <-n.messages: // replaced before it was shown
	default:
	}
	n.messages <- m
}

// Leave has Run show a message when its ctx is done, which stays. Call it before that.
func (n *Notifier) Leave(m Message) { n.last = m }

// Run shows messages until ctx is done, and then closes the notification. It
// connects to the bus when there is a message to show. Run calls failed with
// each error, and continues.
func (n *Notifier) Run(ctx context.Context, failed func(error)) {
	var c connection
	defer func() {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		defer cancel()
		_ = c.show(last, n.address, n.last) // the desktop may have ended too
		c.close()
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-n.messages:
			err := c.showInTime(ctx, n.address, m)
			if _, answered := errors.AsType[dbus.Error](err); err != nil && !answered && c.bus != nil && ctx.Err() == nil {
				c.close() // the bus has ended since the last message
				err = c.showInTime(ctx, n.address, m)
			}
			if err != nil && ctx.Err() == nil {
				c.close() // the next message connects again
				failed(err)
			}
		}
	}
}

// A connection is a connection to the session bus and the notification that
// was shown through it.
type connection struct {
	bus *dbus.Conn         // nil before the first message
	end context.CancelFunc // ends bus
	id  uint32             // of the notification; 0 if there is none
}

func (c *connection) close() {
	if c.bus != nil {
		_ = c.bus.Close() // nothing is lost with it
		c.end()
	}
	*c = connection{}
}

// connect connects to the bus. A bus that does not answer ends with ctx.
func (c *connection) connect(ctx context.Context, address string) error {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, end)
	bus, err := dbus.Connect(address, dbus.WithContext(life))
	if !stop() || err != nil {
		end()
		return fmt.Errorf("connect to the session bus: %w", cmp.Or(context.Cause(ctx), err))
	}
	c.bus, c.end = bus, end
	return nil
}

// showInTime is show with a limit.
func (c *connection) showInTime(ctx context.Context, address string, m Message) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return c.show(ctx, address, m)
}

func (c *connection) show(ctx context.Context, address string, m Message) error {
	if m == (Message{}) {
		return c.clear(ctx)
	}
	if c.bus == nil {
		if err := c.connect(ctx, address); err != nil {
			return err
		}
	}
	urgency, timeout := byte(1), int32(displayTime)
	if m.Urgent {
		urgency, timeout = 2, 0
	}
	hints := map[string]dbus.Variant{
		"urgency":       dbus.MakeVariant(urgency),
		"category":      dbus.MakeVariant("device"),
		"desktop-entry": dbus.MakeVariant("vocoder"),
	}
	call := c.bus.Object(destination, path).CallWithContext(ctx, destination+".Notify", 0,
		"vocoder", c.id, "audio-input-microphone", m.Summary, markup.Replace(m.Body), []string{}, hints, timeout)
	if err := call.Store(&c.id); err != nil {
		return fmt.Errorf("show a notification: %w", err)
	}
	return nil
}

// clear closes the notification, if there is one.
func (c *connection) clear(ctx context.Context) error {
	if c.bus == nil || c.id == 0 {
		return nil
	}
	call := c.bus.Object(destination, path).CallWithContext(ctx, destination+".CloseNotification", 0, c.id)
	c.id = 0
	// The server returns an error if the user has closed it already.
	if call.Err != nil && ctx.Err() != nil {
		return fmt.Errorf("close the notification: %w", call.Err)
	}
	return nil
}

// markup escapes text for servers with the capability body-markup.
var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
