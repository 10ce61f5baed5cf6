// Package tray shows an icon in the panel of the desktop. Source:
// StatusNotifierItem (freedesktop.org/wiki/Specifications/StatusNotifierItem).
package tray

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// A Face is what the icon shows.
type Face struct {
	Mood Mood
	Text string // the tooltip
}

const (
	item    = "org.kde.StatusNotifierItem"
	path    = "/StatusNotifierItem"
	watcher = "org.kde.StatusNotifierWatcher"
	hub     = "/StatusNotifierWatcher"
)

// An Icon shows the newest Face. Make one with New.
type Icon struct {
	address string
	faces   chan Face // holds the newest
}

// New returns an Icon on the session bus at an address, such as
// unix:path=/run/user/1000/bus.
func New(address string) *Icon {
	return &Icon{address: address, faces: make(chan Face, 1)}
}

// Show changes what the icon shows. Show does not block. Only one goroutine may call it
// at a time.
func (i *Icon) Show(f Face) {
	select {
	case <-i.faces: // replaced before it was shown
	default:
	}
	i.faces <- f
}

// Run tries to connect to the bus after these pauses: each is twice as long as the one
// before.
const (
	firstRetry = time.Second
	lastRetry  = time.Minute
)

// Run shows the icon until ctx is done. It waits for a panel, and registers the icon again
// with each new panel. If there is no bus, or the bus ends, Run calls failed with the error
// and tries again, with a growing pause.
func (i *Icon) Run(ctx context.Context, failed func(error)) {
	pause := firstRetry
	var newest Face
	for ctx.Err() == nil {
		began := time.Now()
		err := i.show(ctx, &newest)
		if ctx.Err() != nil {
			return
		}
		failed(err)
		if time.Since(began) > lastRetry {
			pause = firstRetry
		}
		_ = clock.Sleep(ctx, pause) // the loop tests ctx
		pause = min(2*pause, lastRetry)
	}
}

// show shows the icon on one connection, until that ends or ctx is done. newest is what the
// icon shows first, and then what it shows.
func (i *Icon) show(ctx context.Context, newest *Face) error {
	conn, err := dbus.Connect(i.address, dbus.WithContext(ctx)) // a bus that does not answer does not delay the end
	if err != nil {
		return fmt.Errorf("connect to the session bus: %w", err)
	}
	defer func() { _ = conn.Close() }() // the panel then removes the icon
	drawn := face{now: *newest}
	if err := i.export(conn, &drawn); err != nil {
		return err
	}
	changes := make(chan *dbus.Signal, 16)
	conn.Signal(changes)
	if err := conn.AddMatchSignalContext(ctx, dbus.WithMatchSender("org.freedesktop.DBus"),
		dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, watcher)); err != nil {
		return fmt.Errorf("watch for a panel: %w", err)
	}
	register := func() {
		// Without a panel this fails. The signal arrives when a panel starts.
		_ = conn.Object(watcher, hub).CallWithContext(ctx, watcher+".RegisterStatusNotifierItem", dbus.FlagNoAutoStart, busName()).Err
	}
	register()
	for {
		select {
		case <-ctx.Done():
			return nil
		case *newest = <-i.faces:
			if err := drawn.draw(conn, *newest); err != nil {
				return err
			}
		case s, open := <-changes:
			if !open {
				return fmt.Errorf("watch for a panel: the session bus closed the connection")
			}
			if s.Name == "org.freedesktop.DBus.NameOwnerChanged" {
				register()
			}
		}
	}
}

// busName returns the name that the specification requires.
func busName() string { return fmt.Sprintf("org.kde.StatusNotifierItem-%d-1", os.Getpid()) }

// A face is the Face that the properties on the bus have.
type face struct {
	props *prop.Properties
	now   Face
}

// A tip is the type of the property ToolTip.
type tip struct {
	Icon   string
	Pixels []pixmap
	Title  string
	Text   string
}

// buttons are the methods that a panel calls when the user clicks the icon. They do
// nothing.
type buttons struct{}

func (buttons) Activate(int32, int32) *dbus.Error          { return nil }
func (buttons) SecondaryActivate(int32, int32) *dbus.Error { return nil }
func (buttons) ContextMenu(int32, int32) *dbus.Error       { return nil }
func (buttons) Scroll(int32, string) *dbus.Error           { return nil }

func (i *Icon) export(conn *dbus.Conn, f *face) error {
	if err := conn.Export(buttons{}, path, item); err != nil {
		return fmt.Errorf("export the icon: %w", err)
	}
	fixed := func(v any) *prop.Prop { return &prop.Prop{Value: v, Emit: prop.EmitConst} }
	moving := func(v any) *prop.Prop { return &prop.Prop{Value: v, Emit: prop.EmitTrue} }
	var err error
	pictures := pixmaps(f.now.Mood)
	f.props, err = prop.Export(conn, path, prop.Map{item: {
		"Category": fixed("ApplicationStatus"), "Id": fixed("vocoder"), "Title": fixed("vocoder"),
		"WindowId": fixed(int32(0)), "ItemIsMenu": fixed(false),
		"Status": moving(f.status()), "ToolTip": moving(f.tip()),
		"IconName": fixed(""), "AttentionIconName": fixed(""), "OverlayIconName": fixed(""),
		"IconPixmap": moving(pictures), "AttentionIconPixmap": moving(pictures),
	}})
	if err != nil {
		return fmt.Errorf("export the icon: %w", err)
	}
	reply, err := conn.RequestName(busName(), dbus.NameFlagDoNotQueue)
	if err != nil {
		return fmt.Errorf("take a name on the session bus: %w", err)
	}
	if reply != dbus.RequestNameReplyPrimaryOwner {
		return fmt.Errorf("take a name on the session bus: %s is taken", busName())
	}
	return nil
}

func (f *face) status() string {
	if f.now.Mood == Problem {
		return "NeedsAttention"
	}
	return "Active"
}

func (f *face) tip() tip {
	return tip{Pixels: []pixmap{}, Title: "vocoder", Text: noMarkup.Replace(f.now.Text)}
}

// noMarkup replaces what is markup to some panels. Others show it as it is, escaped too.
var noMarkup = strings.NewReplacer("&", "＆", "<", "‹", ">", "›")

// draw sets the properties and emits the signals that panels wait for.
func (f *face) draw(conn *dbus.Conn, now Face) error {
	if f.now == now {
		return nil
	}
	if now.Mood != f.now.Mood {
		pictures := pixmaps(now.Mood)
		f.props.SetMust(item, "IconPixmap", pictures)
		f.props.SetMust(item, "AttentionIconPixmap", pictures)
	}
	f.now = now
	f.props.SetMust(item, "ToolTip", f.tip())
	f.props.SetMust(item, "Status", f.status())
	for _, s := range []string{"NewIcon", "NewAttentionIcon", "NewToolTip"} {
		if err := conn.Emit(path, item+"."+s); err != nil {
			return fmt.Errorf("change the icon: %w", err)
		}
	}
	if err := conn.Emit(path, item+".NewStatus", f.status()); err != nil {
		return fmt.Errorf("change the icon: %w", err)
	}
	return nil
}
