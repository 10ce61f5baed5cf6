package tray

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
	ended := make(chan struct{})
	go func() { i.Run(ctx, func(err error) { t.Error(err) }); close(ended) }()

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
	i.Show(Face{Mood: Problem, Text: "muted: Headset <1> & more"})
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
	if v, err := icon.GetProperty(item + ".ToolTip"); err != nil || v.Signature().String() != "(sa(iiay)ss)" ||
		!strings.Contains(v.String(), "muted: Headset ‹1› ＆ more") { // no panel reads it as markup
		t.Errorf("the tooltip is %v, %v", v, err)
	}
	if v, err := icon.GetProperty(item + ".IconPixmap"); err != nil || v.Signature().String() != "a(iiay)" {
		t.Errorf("the pictures are %v, %v", v, err)
	}
	if err := icon.Call(item+".Activate", 0, int32(0), int32(0)).Err; err != nil {
		t.Error(err)
	}
	cancel()
	<-ended
}

// startPanel starts a panel on the bus at an address.
func startPanel(t *testing.T, address string) (panel, *dbus.Conn) {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	p := panel{make(chan string, 4)}
	if err := conn.Export(p, hub, watcher); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(watcher, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return p, conn
}

// receive waits for a value.
func receive[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(time.Minute):
		t.Fatalf("%s: not within a minute", what)
		panic("not reached")
	}
}

// TestRestarts restarts the panel, and then the bus. The icon registers each time, and shows
// what it showed before. Run goes on until it is ended, also without a bus at the start.
func TestRestarts(t *testing.T) {
	listen := "unix:path=" + filepath.Join(t.TempDir(), "bus")
	i := New(listen)
	i.Show(Face{Mood: Problem, Text: "muted"})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	failed, ended := make(chan error, 100), make(chan struct{})
	go func() { i.Run(ctx, func(err error) { failed <- err }); close(ended) }()
	receive(t, "there is no bus", failed)
	for n := range 2 {
		address, stop := bus.StartAt(t, listen)
		p, conn := startPanel(t, address)
		receive(t, "the icon registers", p.registered)
		if err := conn.Close(); err != nil { // the panel ends
			t.Fatal(err)
		}
		p, conn = startPanel(t, address)
		name := receive(t, "the icon registers with the next panel", p.registered)
		v, err := conn.Object(name, path).GetProperty(item + ".Status")
		if err != nil || v.Value() != "NeedsAttention" {
			t.Errorf("bus %d: the icon shows %v, %v", n, v, err)
		}
		stop()
		receive(t, "the bus has ended", failed)
	}
	cancel()
	receive(t, "Run ends", ended)
}

// A bus that does not answer does not delay the end.
func TestSilentBus(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "bus")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // nothing is read from it
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { New("unix:path="+socket).Run(ctx, func(err error) { t.Error(err) }); close(ended) }()
	if _, err := l.Accept(); err != nil {
		t.Fatal(err)
	}
	cancel()
	receive(t, "Run ends", ended)
}
