package desktop

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

var errNoBus = errors.New("no session bus")

// A bus is a connection to a message bus. On a nil bus no name has an owner.
type bus struct {
	conn *dbus.Conn
	end  context.CancelFunc // of its context
}

// busName is the name of a bus itself, and of its interface. Source: the D-Bus specification.
const busName = "org.freedesktop.DBus"

// openBus connects to a bus until ctx is done. It returns nil if it cannot, or if the bus does
// not answer within a time: systemd accepts connections for a bus that does not start.
func openBus(ctx context.Context, limit time.Duration, address string, options ...dbus.ConnOption) *bus {
	ctx, end := context.WithCancel(ctx)
	late := time.AfterFunc(limit, end)
	conn, err := dbus.Dial(address, append(options, dbus.WithContext(ctx))...)
	if err != nil {
		late.Stop()
		end()
		return nil
	}
	b := &bus{conn, end}
	if conn.Auth(nil) != nil || conn.Hello() != nil || !late.Stop() {
		late.Stop()
		b.close() // it is of no use
		return nil
	}
	return b
}

// alive reports whether the connection is up.
func (b *bus) alive() bool { return b != nil && b.conn.Connected() }

func (b *bus) close() {
	if b != nil {
		_ = b.conn.Close() // nothing is waiting to be written
		b.end()
	}
}

// owned reports whether a name has an owner. It starts no service.
func (b *bus) owned(ctx context.Context, name string) bool {
	if b == nil {
		return false
	}
	var has bool
	err := b.conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, name).Store(&has)
	return err == nil && has
}

// call calls a method and stores what it returns.
func (b *bus) call(ctx context.Context, name, path, method string, args []any, result ...any) error {
	if b == nil {
		return errNoBus
	}
	return b.conn.Object(name, dbus.ObjectPath(path)).CallWithContext(ctx, method, 0, args...).Store(result...)
}

// inputSources is where GNOME keeps the layouts and input methods of the user.
const inputSources = "org.gnome.desktop.input-sources"

// listen calls touched at each signal about layouts.
func (b *bus) listen(ctx context.Context, touched func()) error {
	signals := make(chan *dbus.Signal, 16)
	b.conn.Signal(signals)
	defer b.conn.RemoveSignal(signals)
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchInterface("org.kde.KeyboardLayouts")},
		{dbus.WithMatchInterface("org.freedesktop.portal.Settings"), dbus.WithMatchArg(0, inputSources)},
	} {
		if err := b.conn.AddMatchSignalContext(ctx, match...); err != nil {
			return err
		}
	}
	for {
		select {
		case s := <-signals:
			if s == nil {
				return errGone
			}
			if !strings.HasPrefix(s.Name, "org.freedesktop.DBus.") { // names come and go
				touched()
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// environment returns the desktop in the environment of the user's service manager.
// Desktops set it with dbus-update-activation-environment(1). Source:
// org.freedesktop.systemd1(5).
func (b *bus) environment(ctx context.Context) (d Desktop) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	var value dbus.Variant
	err := b.call(ctx, "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.DBus.Properties.Get",
		[]any{"org.freedesktop.systemd1.Manager", "Environment"}, &value)
	if err != nil {
		return Desktop{}
	}
	lines, _ := value.Value().([]string)
	for _, line := range lines {
		switch name, value, _ := strings.Cut(line, "="); name {
		case "WAYLAND_DISPLAY":
			d.Wayland = value
		case "DISPLAY":
			d.X11 = value
		case "XAUTHORITY":
			d.Authority = value
		}
	}
	return d
}
