package desktop

import (
	"os/exec"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	testbus "github.com/arealicehole/vocoder/internal/test/bus"
	"github.com/arealicehole/vocoder/internal/test/hostdisplay"
	"github.com/arealicehole/vocoder/internal/test/isolated"
	"github.com/arealicehole/vocoder/internal/x11"
)

// The real registry and a real password entry, of GTK 3: it counts while its window has the
// focus and its program runs. An entry that shows its text does not.
func TestRealPasswordField(t *testing.T) {
	hostdisplay.Need(t, "zenity", "openbox")
	c := place(t)
	c.Bus = testbus.Start(t)
	c.Unreachable = func(err error) { t.Error(err) }
	display := xvfb(t)
	conn, sock, err := x11.Dial(t.Context(), display, "")
	if err != nil {
		t.Fatal(err)
	}
	defer sock.Close()
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	if err := xproto.ChangeWindowAttributesChecked(conn, root, xproto.CwEventMask, []uint32{xproto.EventMaskSubstructureNotify}).Check(); err != nil {
		t.Fatal(err)
	}
	manager := exec.Command("openbox", "--sm-disable")
	manager.Env = isolated.Environ(t.TempDir(), "DISPLAY="+display)
	run(t, manager)
	// dialog shows a window of zenity and gives it the focus.
	dialog := func(kind string) (w xproto.Window, end func()) {
		cmd := exec.Command("zenity", kind)
		cmd.Env = isolated.Environ(t.TempDir(), "DISPLAY="+display, "DBUS_SESSION_BUS_ADDRESS="+c.Bus, "GSETTINGS_BACKEND=memory")
		run(t, cmd)
		for w == 0 {
			event, err := conn.WaitForEvent()
			if event == nil {
				t.Fatal(err)
			}
			if framed, ok := event.(xproto.ReparentNotifyEvent); ok && framed.Parent != root {
				w = framed.Window
			}
		}
		giveFocus(t, conn, w)
		return w, func() { _ = cmd.Process.Kill() }
	}
	w := start(t, c)
	w.WatchAccessibility(true)
	for w.atspi.focus.Load() == nil {
		<-w.changed.now()
	}
	password, end := dialog("--password")
	until(t, w, true)
	entry, _ := dialog("--entry")
	until(t, w, false)
	giveFocus(t, conn, password)
	until(t, w, true)
	giveFocus(t, conn, entry)
	until(t, w, false)
	giveFocus(t, conn, password)
	until(t, w, true)
	end()
	until(t, w, false)
}

// giveFocus asks the window manager to give a window the focus, as a panel does. Source: the
// Extended Window Manager Hints, _NET_ACTIVE_WINDOW.
func giveFocus(t *testing.T, conn *xgb.Conn, w xproto.Window) {
	t.Helper()
	const name = "_NET_ACTIVE_WINDOW"
	atom, err := xproto.InternAtom(conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		t.Fatal(err)
	}
	message := xproto.ClientMessageEvent{Format: 32, Window: w, Type: atom.Atom, Data: xproto.ClientMessageDataUnionData32New([]uint32{2, 0, 0, 0, 0})}
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	mask := uint32(xproto.EventMaskSubstructureNotify | xproto.EventMaskSubstructureRedirect)
	if err := xproto.SendEventChecked(conn, false, root, mask, string(message.Bytes())).Check(); err != nil {
		t.Fatal(err)
	}
}
