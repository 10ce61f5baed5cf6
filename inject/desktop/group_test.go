package desktop

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/arealicehole/vocoder/inject/keymap"
)

// A teller is a desktop that tells a group, and tells when it is another one.
type teller struct {
	mu     sync.Mutex
	answer string
	window string // what it says of the window in focus
	tell   func(event string)
}

func (f *teller) set(answer string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer = answer
}

func (f *teller) now() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.answer
}

// events returns the next event, once the desktop's client listens.
func (f *teller) events(t testing.TB) (next func() string) {
	c := make(chan string)
	f.tell = func(event string) {
		select {
		case c <- event:
		case <-t.Context().Done():
		}
	}
	return func() string {
		select {
		case event := <-c:
			return event
		case <-t.Context().Done():
			return ""
		}
	}
}

// fakeSway answers get_inputs and subscribe.
func fakeSway(t testing.TB, c Config) *teller {
	f := &teller{}
	next := f.events(t)
	serve(t, filepath.Join(c.Runtime, "sway-ipc.1000."+strconv.Itoa(os.Getpid())+".sock"), func(conn *net.UnixConn) {
		for {
			head := make([]byte, 14)
			if _, err := io.ReadFull(conn, head); err != nil {
				return
			}
			payload := make([]byte, binary.NativeEndian.Uint32(head[6:]))
			if _, err := io.ReadFull(conn, payload); err != nil {
				return
			}
			switch kind := binary.NativeEndian.Uint32(head[10:]); kind {
			case swayInputs:
				_ = swayWrite(conn, kind, f.now())
			case swayTree:
				_ = swayWrite(conn, kind, cmp.Or(f.window, "{}"))
			case swaySubscribe:
				_ = swayWrite(conn, kind, `{"success": true}`)
				if string(payload) == `["input"]` {
					_ = swayWrite(conn, swayInputEvent, next())
				}
			}
		}
	})
	return f
}

func fakeHyprland(t testing.TB, c Config) *teller {
	f := &teller{}
	next := f.events(t)
	dir := filepath.Join(c.Runtime, "hypr/abc_1")
	write(t, "4711\nwayland-1\n", dir, "hyprland.lock")
	serve(t, filepath.Join(dir, ".socket.sock"), func(conn *net.UnixConn) {
		request := make([]byte, 64)
		switch n, _ := conn.Read(request); string(request[:n]) {
		case "j/devices":
			_, _ = io.WriteString(conn, f.now())
		case "j/activewindow":
			_, _ = io.WriteString(conn, cmp.Or(f.window, "{}"))
		}
	})
	serve(t, filepath.Join(dir, ".socket2.sock"), func(conn *net.UnixConn) {
		_, _ = io.WriteString(conn, "workspace>>2\n"+next()+"\n")
		_, _ = conn.Read(make([]byte, 1))
	})
	return f
}

func fakeNiri(t testing.TB, c Config) *teller {
	f := &teller{}
	next := f.events(t)
	serve(t, filepath.Join(c.Runtime, "niri.wayland-1.4711.sock"), func(conn *net.UnixConn) {
		requests := bufio.NewScanner(conn)
		for requests.Scan() {
			switch requests.Text() {
			case `"KeyboardLayouts"`:
				_, _ = io.WriteString(conn, f.now()+"\n")
			case `"FocusedWindow"`:
				_, _ = io.WriteString(conn, cmp.Or(f.window, `{"Ok":{"FocusedWindow":null}}`)+"\n")
			case `"EventStream"`:
				_, _ = io.WriteString(conn, `{"Ok":"Handled"}`+"\n"+`{"WindowClosed":{"id":1}}`+"\n"+next()+"\n")
			}
		}
	})
	return f
}

// fakeKDE has the number of the layout as its answer.
func fakeKDE(t testing.TB, c Config) *teller {
	write(t, "kwin_wayland_wr\n", c.Root, "proc", strconv.Itoa(os.Getpid()), "comm")
	f := &teller{}
	b := newFakeBus(t, filepath.Join(c.Runtime, "bus"))
	b.methods["org.kde.KeyboardLayouts.getLayout"] = func([]any) []any {
		n, _ := strconv.Atoi(f.now())
		return []any{uint32(n)}
	}
	f.tell = func(event string) {
		b.listened()
		n, _ := strconv.Atoi(event)
		b.signal("/Layouts", "org.kde.KeyboardLayouts", "layoutChanged", uint32(n))
	}
	return f
}

// fakeGNOME has its three settings as its answer, in JSON.
func fakeGNOME(t testing.TB, c Config) *teller {
	write(t, "gnome-shell\n", c.Root, "proc", strconv.Itoa(os.Getpid()), "comm")
	write(t, `<xkbConfigRegistry><layoutList>
		<layout><configItem><name>de</name><description>German</description></configItem></layout>
		<layout><configItem><name>us</name><description>English (US)</description></configItem>
			<variantList><variant><configItem><name>dvorak</name><description>English (Dvorak)</description></configItem></variant></variantList></layout>
		</layoutList></xkbConfigRegistry>`, c.Root, registry)
	f := &teller{}
	b := newFakeBus(t, filepath.Join(c.Runtime, "bus"))
	b.methods["org.freedesktop.portal.Settings.ReadAll"] = func([]any) []any {
		var s struct {
			Sources, Recent [][2]string
			PerWindow, IBus bool
		}
		if err := json.Unmarshal([]byte(f.now()), &s); err != nil {
			t.Error(err)
		}
		b.names = nil
		if s.IBus {
			b.names = []string{"org.freedesktop.IBus"}
		}
		list := func(pairs [][2]string) dbus.Variant {
			all := []source{}
			for _, p := range pairs {
				all = append(all, source{p[0], p[1]})
			}
			return dbus.MakeVariant(all)
		}
		return []any{map[string]map[string]dbus.Variant{inputSources: {
			"sources": list(s.Sources), "mru-sources": list(s.Recent), "per-window": dbus.MakeVariant(s.PerWindow),
			"xkb-options": dbus.MakeVariant([]string{}),
		}}}
	}
	f.tell = func(string) {
		b.listened()
		b.signal("/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings", "SettingChanged", inputSources, "mru-sources", dbus.MakeVariant(""))
	}
	return f
}

func TestGroup(t *testing.T) {
	two := []string{"German", "English (US)"}
	gnome := func(groups ...string) []string { return append(groups, "English (US)") }
	const german, dvorak, both = `["xkb","de"]`, `["xkb","us+dvorak"]`, `["xkb","de"],["xkb","us+dvorak"]`
	for _, tt := range []struct {
		name    string
		desktop func(testing.TB, Config) *teller
		groups  []string
		answer  string
		want    int
		event   string // then; empty for none
	}{
		{"sway: our keyboard", fakeSway, two, `[
			{"type": "pointer", "name": "a mouse"},
			{"type": "keyboard", "name": "other", "xkb_layout_names": ["German", "English (US)"], "xkb_active_layout_index": 0},
			{"type": "keyboard", "name": "vocoder keyboard", "xkb_layout_names": ["German", "English (US)"], "xkb_active_layout_index": 1}]`, 1, `{"change": "xkb_layout"}`},
		{"sway: our keyboard has another keymap", fakeSway, two, `[
			{"type": "keyboard", "name": "vocoder keyboard", "xkb_layout_names": ["French", "English (US)"], "xkb_active_layout_index": 1}]`, keymap.AllGroups, `{"change": "xkb_keymap"}`},
		{"sway: others agree", fakeSway, two, `[
			{"type": "keyboard", "name": "b", "xkb_layout_names": ["German", "English (US)"], "xkb_active_layout_index": 1},
			{"type": "keyboard", "name": "c", "xkb_layout_names": ["French"], "xkb_active_layout_index": 0},
			{"type": "keyboard", "name": "d", "xkb_layout_names": ["German", "English (US)"], "xkb_active_layout_index": 1}]`, 1, ""},
		{"sway: others disagree", fakeSway, two, `[
			{"type": "keyboard", "name": "b", "xkb_layout_names": ["German", "English (US)"], "xkb_active_layout_index": 1},
			{"type": "keyboard", "name": "c", "xkb_layout_names": ["German", "English (US)"], "xkb_active_layout_index": 0},
			{"type": "keyboard", "name": "d", "xkb_layout_names": ["German", "English (US)"], "xkb_active_layout_index": 0}]`, keymap.AllGroups, ""},
		{"sway: index out of range", fakeSway, two, `[
			{"type": "keyboard", "name": "vocoder keyboard", "xkb_layout_names": ["German", "English (US)"], "xkb_active_layout_index": 2}]`, keymap.AllGroups, ""},
		{"sway: nonsense", fakeSway, two, `}`, keymap.AllGroups, ""},

		{"hyprland: index", fakeHyprland, []string{"German", "German", "English (US)"}, `{"keyboards": [
			{"name": "other", "active_keymap": "English (US)", "active_layout_index": 2, "main": true},
			{"name": "vocoder-keyboard", "active_keymap": "German", "active_layout_index": 1}]}`, 1, "activelayout>>vocoder-keyboard,English (US)"},
		{"hyprland: name, of an older version", fakeHyprland, two, `{"keyboards": [{"name": "vocoder-keyboard", "active_keymap": "English (US)"}]}`, 1, "configreloaded>>"},
		{"hyprland: name of two groups", fakeHyprland, []string{"German", "German"}, `{"keyboards": [{"name": "vocoder-keyboard", "active_keymap": "German"}]}`, keymap.AllGroups, ""},
		{"hyprland: name and index disagree", fakeHyprland, two, `{"keyboards": [{"name": "vocoder-keyboard", "active_keymap": "German", "active_layout_index": 1}]}`, keymap.AllGroups, ""},
		{"hyprland: not our keyboard", fakeHyprland, two, `{"keyboards": [{"name": "other", "active_keymap": "German", "main": true}]}`, keymap.AllGroups, ""},

		{"niri", fakeNiri, two, `{"Ok":{"KeyboardLayouts":{"names":["German","English (US)"],"current_idx":1}}}`, 1, `{"KeyboardLayoutSwitched":{"idx":0}}`},
		{"niri: other layouts", fakeNiri, two, `{"Ok":{"KeyboardLayouts":{"names":["French","English (US)"],"current_idx":1}}}`, keymap.AllGroups, ""},
		{"niri: refuses", fakeNiri, two, `{"Err":"error parsing request"}`, keymap.AllGroups, ""},

		{"kde", fakeKDE, two, "1", 1, "0"},
		{"kde: out of range", fakeKDE, two, "2", keymap.AllGroups, ""},

		{"gnome: one source", fakeGNOME, gnome("German"), `{}`, 0, ""},
		{"gnome: source used last", fakeGNOME, gnome("German", "English (Dvorak)"), `{"sources":[` + both + `],"recent":[` + dvorak + `,` + german + `],"ibus":true}`, 1, "x"},
		{"gnome: no IBus", fakeGNOME, gnome("German", "English (Dvorak)"), `{"sources":[` + both + `],"recent":[` + dvorak + `],"ibus":false}`, keymap.AllGroups, ""},
		{"gnome: no source used yet", fakeGNOME, gnome("German", "English (Dvorak)"), `{"sources":[` + both + `],"recent":[],"ibus":true}`, keymap.AllGroups, ""},
		{"gnome: a source that was removed", fakeGNOME, gnome("German", "English (Dvorak)"), `{"sources":[` + german + `],"recent":[` + dvorak + `],"ibus":true}`, keymap.AllGroups, ""},
		{"gnome: each window has its own", fakeGNOME, gnome("German", "English (Dvorak)"), `{"sources":[` + both + `],"recent":[` + dvorak + `],"perwindow":true,"ibus":true}`, keymap.AllGroups, ""},
		{"gnome: source in another keymap", fakeGNOME, gnome("French", "Russian"), `{"sources":[` + both + `],"recent":[` + dvorak + `],"ibus":true}`, keymap.AllGroups, ""},
		{"gnome: only the language has it", fakeGNOME, gnome("French", "Russian"), `{"sources":[["xkb","us"]],"recent":[["xkb","us"]],"ibus":true}`, keymap.AllGroups, ""},
		{"gnome: an input method", fakeGNOME, gnome("German", "English (Dvorak)"), `{"sources":[["ibus","anthy"],` + both + `],"recent":[["ibus","anthy"]],"ibus":true}`, keymap.AllGroups, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := place(t)
			newCompositor(t, filepath.Join(c.Runtime, "wayland-1"), symbols(tt.groups...))
			f := tt.desktop(t, c)
			f.set(tt.answer)
			w := start(t, c)
			s := state(t, w)
			if s.Group != tt.want {
				t.Errorf("group %d from %s, want %d", s.Group, s.From.Group, tt.want)
			}
			if tt.event != "" {
				s = state(t, w) // by now the watcher listens
				f.tell(tt.event)
				<-s.Changed
			}
		})
	}
}

func TestHyprlandTellsLocks(t *testing.T) {
	c := place(t)
	newCompositor(t, filepath.Join(c.Runtime, "wayland-1"), symbols("One"))
	f := fakeHyprland(t, c)
	f.set(`{"keyboards": [{"name": "vocoder-keyboard", "capsLock": true, "numLock": false}]}`)
	w := start(t, c)
	if s := state(t, w); s.Locks != (keymap.Locks{Caps: true}) || s.From.Locks != "Hyprland" {
		t.Errorf("got %v from %s", s.Locks, s.From.Locks)
	}
	f.set(`{"keyboards": [{"name": "vocoder-keyboard"}]}`)
	if s := state(t, w); s.From.Locks != "no keyboard has lights" {
		t.Errorf("older version: got %v from %s", s.Locks, s.From.Locks)
	}
}

func TestIME(t *testing.T) {
	c := place(t)
	newCompositor(t, filepath.Join(c.Runtime, "wayland-1"), symbols("One"))
	b := newFakeBus(t, filepath.Join(c.Runtime, "bus"))
	own := newFakeBus(t, filepath.Join(c.ConfigHome, "ibus.sock"))
	write(t, fmt.Sprintf("# comment\nIBUS_ADDRESS=unix:path=%s,guid=0123\nIBUS_DAEMON_PID=1\n", filepath.Join(c.ConfigHome, "ibus.sock")), c.ConfigHome, "ibus/bus/id-unix-wayland-1")
	w := start(t, c)
	engine := func(name string) {
		type description struct {
			Type        string
			Attachments map[string]dbus.Variant
			Name        string
			LongName    string
		}
		own.method("org.freedesktop.DBus.Properties.Get", dbus.MakeVariant(dbus.MakeVariant(description{"IBusEngineDesc", map[string]dbus.Variant{}, name, "long"})))
	}
	for _, tt := range []struct {
		name, owner, method string
		set                 func()
		want, from          string
	}{
		{"none", "", "", func() {}, "", "none runs"},
		{"fcitx repeats the keyboard", "org.fcitx.Fcitx5", "", func() { b.method("org.fcitx.Fcitx.Controller1.CurrentInputMethod", "keyboard-us") }, "", "Fcitx"},
		{"fcitx", "org.fcitx.Fcitx5", "", func() { b.method("org.fcitx.Fcitx.Controller1.CurrentInputMethod", "pinyin") }, "pinyin", "Fcitx"},
		{"ibus repeats the keyboard", "org.freedesktop.IBus", "", func() { engine("xkb:us::eng") }, "", "IBus"},
		{"ibus", "org.freedesktop.IBus", "", func() { engine("anthy") }, "anthy", "IBus"},
		{"fcitx 4 repeats the keyboard", "org.fcitx.Fcitx-0", "", func() { b.method("org.fcitx.Fcitx.InputMethod.GetCurrentIM", "fcitx-keyboard-us") }, "", "Fcitx 4"},
		{"fcitx 4", "org.fcitx.Fcitx-0", "", func() { b.method("org.fcitx.Fcitx.InputMethod.GetCurrentIM", "sunpinyin") }, "sunpinyin", "Fcitx 4"},
		{"fcitx 4 has gone wrong", "org.fcitx.Fcitx-0", "", func() { b.method("org.fcitx.Fcitx.InputMethod.GetCurrentIM", []string{"x"}) }, "unknown", "Fcitx 4"},
		{"ibus has gone wrong", "org.freedesktop.IBus", "", func() { own.method("org.freedesktop.DBus.Properties.Get", dbus.MakeVariant(uint32(1))) }, "", "none runs"},
	} {
		b.own(tt.owner)
		tt.set()
		if s := state(t, w); s.IME != tt.want || s.From.IME != tt.from {
			t.Errorf("%s: got %q from %s", tt.name, s.IME, s.From.IME)
		}
	}
}

// TestSilentIME: an input method that runs and does not answer counts as composing.
func TestSilentIME(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes answerLimit")
	}
	const get = "org.freedesktop.DBus.Properties.Get"
	for name, tt := range map[string]struct{ owner, silent, own string }{
		"the bus": {"", "org.freedesktop.DBus.NameHasOwner", ""},
		"fcitx":   {"org.fcitx.Fcitx5", "org.fcitx.Fcitx.Controller1.CurrentInputMethod", ""},
		"fcitx 4": {"org.fcitx.Fcitx-0", "org.fcitx.Fcitx.InputMethod.GetCurrentIM", ""},
		"ibus":    {"org.freedesktop.IBus", "", get},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := place(t)
			newCompositor(t, filepath.Join(c.Runtime, "wayland-1"), symbols("One"))
			b := newFakeBus(t, filepath.Join(c.Runtime, "bus"))
			b.own(tt.owner)
			b.silent = tt.silent
			address := filepath.Join(c.ConfigHome, "ibus.sock")
			newFakeBus(t, address).silent = tt.own
			write(t, "IBUS_ADDRESS=unix:path="+address+",guid=0123\n", c.ConfigHome, "ibus/bus/id-unix-wayland-1")
			if s := state(t, start(t, c)); s.IME != "unknown" || !s.Relayed {
				t.Errorf("got %q from %s", s.IME, s.From.IME)
			}
		})
	}
}

// TestOtherIME: input methods that answer no question count as composing while they run. A
// socket that one left behind is none.
func TestOtherIME(t *testing.T) {
	for name, socket := range map[string]func(Config) string{
		"kime": func(c Config) string { return filepath.Join(c.Runtime, "kime-indicator.sock") },
		"uim":  func(c Config) string { return filepath.Join(c.Runtime, "uim/socket/uim-helper") },
		"uim ": func(c Config) string { return filepath.Join(c.Home, ".uim.d/socket/uim-helper") },
	} {
		c := place(t)
		c.Home = filepath.Join(filepath.Dir(c.Runtime), "home")
		newCompositor(t, filepath.Join(c.Runtime, "wayland-1"), symbols("One"))
		end := serve(t, socket(c), func(*net.UnixConn) {})
		w := start(t, c)
		if s := state(t, w); s.IME != strings.TrimSpace(name) || !s.Relayed {
			t.Errorf("%s: got %q from %s", name, s.IME, s.From.IME)
		}
		end()
		write(t, "", filepath.Dir(socket(c)), filepath.Base(socket(c)))
		if s := state(t, w); s.IME != "" || s.Relayed {
			t.Errorf("%s, not running: got %q from %s", name, s.IME, s.From.IME)
		}
	}
}
