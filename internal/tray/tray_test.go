package tray

import (
	"context"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/arealicehole/vocoder/internal/test/bus"
)

// A panel is a StatusNotifierWatcher. It sends the names of the icons that register.
type panel struct{ registered chan string }

func (p panel) RegisterStatusNotifierItem(name string) *dbus.Error {
	p.registered <- name
	return nil
}

// TestIcon checks that the icon registers with a panel that starts after it, shows the
// newest face, emits that it changed, and accepts a click.
func TestIcon(t *testing.T) {
	address := bus.Start(t)
	i := New(address)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- i.Run(ctx) }()

	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	p := panel{make(chan string, 4)}
	if err := conn.Export(p, hub, watcher); err != nil {
		t.Fatal(err)
	}
	changes := make(chan *dbus.Signal, 16)
	conn.Signal(changes)
	if err := conn.AddMatchSignal(dbus.WithMatchInterface(item), dbus.WithMatchMember("NewStatus")); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(watcher, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	name := <-p.registered
	if !strings.HasPrefix(name, "org.kde.StatusNotifierItem-") {
		t.Errorf("registered as %q", name)
	}
	i.Show(Face{Mood: Problem, Text: "muted"})
	s := <-changes
	for s.Name != item+".NewStatus" { // our own names
		s = <-changes
	}
	if len(s.Body) != 1 || s.Body[0] != "NeedsAttention" {
		t.Errorf("got %v", s)
	}
	icon := conn.Object(name, path)
	for property, want := range map[string]any{"Id": "vocoder", "Status": "NeedsAttention", "IconName": ""} {
		if v, err := icon.GetProperty(item + "." + property); err != nil || v.Value() != want {
			t.Errorf("%s is %v, %v; want %v", property, v, err, want)
		}
	}
	if v, err := icon.GetProperty(item + ".ToolTip"); err != nil || v.Signature().String() != "(sa(iiay)ss)" {
		t.Errorf("the tooltip is %v, %v", v, err)
	}
	if v, err := icon.GetProperty(item + ".IconPixmap"); err != nil || v.Signature().String() != "a(iiay)" {
		t.Errorf("the pictures are %v, %v", v, err)
	}
	if err := icon.Call(item+".Activate", 0, int32(0), int32(0)).Err; err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
