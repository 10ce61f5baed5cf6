package daemon

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/dictate"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/key"
)

// putFocus sends what the desktop says from this process, and returns the HTTP status. If
// asShell is set, the process serves a Wayland socket meanwhile.
func (w *world) putFocus(body string, asShell bool) int {
	w.t.Helper()
	if asShell {
		l, err := net.Listen("unix", filepath.Join(env(w), "wayland-0"))
		if err != nil {
			w.t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
	}
	conn, err := net.Dial("unix", filepath.Join(env(w), "vocoder.sock"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := fmt.Fprintf(conn, "PUT /v1/desktop HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		w.t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	var code int
	if _, failed := fmt.Sscanf(string(answer), "HTTP/1.1 %d ", &code); err != nil || failed != nil {
		w.t.Fatalf("%q, %v", answer, err)
	}
	return code
}

// rename gives this process the name of GNOME Shell until the end of the test.
func rename(t *testing.T) {
	t.Helper()
	const file = "/proc/self/comm"
	before, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, []byte("gnome-shell"), 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.WriteFile(file, before, 0) })
}

// While a password field has the focus, nothing is recorded, and a text that is ready is
// kept.
func TestPasswordField(t *testing.T) {
	const password, plain = `{"app":"zenity","password":true}`, `{"app":"zenity"}`
	w := newWorld(t, false, false)
	if got := w.putFocus(password, true); got != http.StatusForbidden {
		t.Errorf("another process is believed: %d", got)
	}
	rename(t)
	if got := w.putFocus(password, false); got != http.StatusForbidden {
		t.Errorf("a process without the socket is believed: %d", got)
	}
	if got := w.putFocus(password, true); got != http.StatusOK {
		t.Fatalf("the shell: %d", got)
	}
	w.send(key.Event{Down: true, Cause: key.Physical})
	w.until("it is refused", func() bool { return w.status.Last.Reason == dictate.Password })
	w.release(key.Physical)
	w.until("nothing is under way", func() bool { return !w.status.Recording && w.status.Waiting == 0 })
	if w.status.Last.Outcome != dictate.Refused || w.spoken > 0 {
		t.Errorf("the microphone was opened: %s", w)
	}
	if err := w.d.Do(t.Context(), control.Start); err == nil || !strings.Contains(err.Error(), "password field") {
		t.Errorf("vocoderctl start: %v", err)
	}

	for _, want := range []bool{true, false} {
		body := fmt.Sprintf(`{"overlay":%v}`, want)
		w.putFocus(body, true)
		seen, err := control.Client{Path: filepath.Join(env(w), "vocoder.sock")}.Status(t.Context())
		if err != nil || seen.Overlay.Shell != want {
			t.Errorf("%s: clients see %+v, %v", body, seen.Overlay, err)
		}
	}
	w.putFocus(plain, true)
	w.close("recognizer")
	w.press()
	w.release(key.Physical)
	w.inGate("recognizer")
	w.putFocus(password, true)
	w.open("recognizer", nil)
	w.until("it is kept", func() bool { return w.status.Kept == 1 })
	if end := w.status.Last; end.Outcome != dictate.Kept || end.Reason != dictate.Password || len(w.words()) > 0 {
		t.Errorf("typed into a password field: %s", w)
	}
	w.do(control.Retry)
	w.until("it is kept again", func() bool { return w.status.Kept == 1 && w.status.Waiting == 0 })
	w.putFocus(plain, true)
	w.do(control.Retry)
	w.until("it is typed", func() bool { return w.status.Last.Outcome == dictate.Typed })
	if got := strings.Join(w.words(), " "); got != "word1 word2" {
		t.Errorf("typed %q", got)
	}
}

// typing.password_fields takes effect at each reload. An accessibility bus that cannot be
// reached is logged once.
func TestPasswordFieldsSetting(t *testing.T) {
	const unreachable = "password fields of applications are not known"
	w := newWorld(t, false, false)
	for i, fields := range []string{"desktop", "accessibility", "accessibility", "desktop", "accessibility"} {
		w.change(func() { w.fields = fields })
		w.do(control.Reload)
		w.until("the new settings are in use", func() bool { return w.logged["new settings"] == i+1 })
		w.until(fields, func() bool { return w.logged[unreachable] >= []int{0, 1, 1, 1, 2}[i] })
	}
	w.exit()
	if n := w.logged[unreachable]; n != 2 {
		t.Errorf("logged %d times", n)
	}
}
