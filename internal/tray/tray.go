// Package tray shows an icon in the panel of the desktop. Source:
// StatusNotifierItem (freedesktop.org/wiki/Specifications/StatusNotifierItem).
package tray

import (
	"context"
	"fmt"
	"os"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
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
	faces   chan Face // has room for the newest
	click   func()    // may be nil
}

// New returns an Icon for the session bus at an address. Click is called when
// the user activates it, and must not wait.
func New(address string, click func()) *Icon {
	return &Icon{address: address, faces: make(chan Face, 1), click: click}
}

// Show changes what the icon shows. It does not wait, and is for one goroutine
// at a time.
func (i *Icon) Show(f Face) {
	select {
	case <-i.faces: // nobody has seen it
	default:
	}
	i.faces <- f
}

// Run shows the icon until ctx is done, which is not an error. A panel that
// comes later, or comes back, gets it too; without one it waits.
func (i *Icon) Run(ctx context.Context) error {
	conn, err := dbus.Connect(i.address)
	if err != nil {
		return fmt.Errorf("connect to the session bus: %w", err)
	}
	defer func() { _ = conn.Close() }() // which takes the icon away
	var drawn face
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
		// Without a panel this fails; the signal tells when there is one.
		_ = conn.Object(watcher, hub).CallWithContext(ctx, watcher+".RegisterStatusNotifierItem", dbus.FlagNoAutoStart, busName()).Err
	}
	register()
	for {
		select {
		case <-ctx.Done():
			return nil
		case f := <-i.faces:
			if err := drawn.draw(conn, f); err != nil {
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

// busName is the name that the specification wants.
func busName() string { return fmt.Sprintf("org.kde.StatusNotifierItem-%d-1", os.Getpid()) }

// A face is what is drawn, as properties on the bus.
type face struct {
	props *prop.Properties
	now   Face
}

// A tip is the type of the property ToolTip: icon, its pixels, title, text.
type tip struct {
	Icon   string
	Pixels []pixmap
	Title  string
	Text   string
}

type pixmap struct {
	Width, Height int32
	Data          []byte
}

// buttons are the methods of the icon.
type buttons struct{ click func() }

// Activate is called when the icon is clicked.
func (b buttons) Activate(int32, int32) *dbus.Error {
	if b.click != nil {
		b.click()
	}
	return nil
}

// SecondaryActivate, ContextMenu and Scroll do nothing.
func (b buttons) SecondaryActivate(int32, int32) *dbus.Error { return nil }
func (b buttons) ContextMenu(int32, int32) *dbus.Error       { return nil }
func (b buttons) Scroll(int32, string) *dbus.Error           { return nil }

func (i *Icon) export(conn *dbus.Conn, f *face) error {
	if err := conn.Export(buttons{i.click}, path, item); err != nil {
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
	return tip{Pixels: []pixmap{}, Title: "vocoder", Text: f.now.Text}
}

// draw sets the properties and sends the signals that panels wait for.
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
