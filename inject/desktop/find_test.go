package desktop

import (
	"encoding/binary"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"

	"github.com/godbus/dbus/v5"
)

// listen accepts connections at a socket and says nothing.
func listen(t testing.TB, path string) {
	serve(t, path, func(c *net.UnixConn) { _, _ = c.Read(make([]byte, 1)) })
}

func TestFind(t *testing.T) {
	own := strconv.Itoa(os.Getpid()) // behind each socket of the test
	for _, tt := range []struct {
		name  string
		set   func(t *testing.T, c *Config)
		env   []string  // of the user's service manager
		names []Desktop // with paths below Runtime and Root
	}{
		{"nothing", func(*testing.T, *Config) {}, nil, nil},
		{"a socket that no process listens at", func(t *testing.T, c *Config) {
			write(t, "", c.Runtime, "wayland-0")
			write(t, "", c.Runtime, "wayland-0.lock")
		}, nil, nil},
		{"an unknown compositor", func(t *testing.T, c *Config) { listen(t, c.Runtime+"/wayland-0") }, nil,
			[]Desktop{{Wayland: "wayland-0"}}},
		{"sway", func(t *testing.T, c *Config) {
			listen(t, c.Runtime+"/wayland-1")
			write(t, "", c.Runtime, "sway-ipc.1000.1.sock") // of one that crashed
			write(t, "", c.Runtime, "sway-ipc.1000."+own+".sock")
		}, nil, []Desktop{{Name: "sway", Wayland: "wayland-1", socket: "sway-ipc.1000." + own + ".sock"}}},
		{"hyprland and a second one", func(t *testing.T, c *Config) {
			listen(t, c.Runtime+"/wayland-1")
			write(t, "1\nwayland-0\n", c.Runtime, "hypr/old/hyprland.lock")
			write(t, "1\nwayland-1\n", c.Runtime, "hypr/new/hyprland.lock")
		}, nil, []Desktop{{Name: "hyprland", Wayland: "wayland-1", socket: "hypr/new"}}},
		{"niri", func(t *testing.T, c *Config) {
			listen(t, c.Runtime+"/wayland-1")
			write(t, "", c.Runtime, "niri.wayland-1.7.sock")
		}, nil, []Desktop{{Name: "niri", Wayland: "wayland-1", socket: "niri.wayland-1.7.sock"}}},
		{"gnome with Xwayland", func(t *testing.T, c *Config) {
			listen(t, c.Runtime+"/wayland-0")
			listen(t, c.Root+"/tmp/.X11-unix/X0")
			write(t, "cookie", c.Runtime, ".mutter-Xwaylandauth.ABC")
			write(t, "gnome-shell\n", c.Root, "proc", own, "comm")
		}, nil, []Desktop{
			{Name: "gnome", Wayland: "wayland-0", X11: ":0", Authority: ".mutter-Xwaylandauth.ABC"},
			{Name: "x11", X11: ":0", Authority: ".mutter-Xwaylandauth.ABC"},
		}},
		{"the service manager knows which", func(t *testing.T, c *Config) {
			listen(t, c.Runtime+"/wayland-0")
			listen(t, c.Runtime+"/wayland-7")
		}, []string{"PATH=/bin", "WAYLAND_DISPLAY=wayland-0"}, []Desktop{{Wayland: "wayland-0"}, {Wayland: "wayland-7"}}},
		{"the caller knows better", func(t *testing.T, c *Config) {
			listen(t, c.Runtime+"/wayland-0")
			listen(t, c.Runtime+"/elsewhere")
			c.Hint = Desktop{Wayland: "elsewhere", X11: ":3", Authority: "/cookies"}
		}, []string{"WAYLAND_DISPLAY=wayland-0", "DISPLAY=:1"}, []Desktop{
			{Wayland: "elsewhere", X11: ":3", Authority: "/cookies"}, {Wayland: "wayland-0", X11: ":3", Authority: "/cookies"},
			{Name: "x11", X11: ":3", Authority: "/cookies"},
		}},
		{"a compositor in a window of an X11 session", func(t *testing.T, c *Config) {
			listen(t, c.Runtime+"/wayland-0")
			listen(t, c.Root+"/tmp/.X11-unix/X0")
			write(t, "Xorg\n", c.Root, "proc", own, "comm")
		}, []string{"DISPLAY=:0", "XAUTHORITY=/cookies"}, []Desktop{
			{Name: "x11", X11: ":0", Authority: "/cookies"}, {Wayland: "wayland-0", X11: ":0", Authority: "/cookies"},
		}},
		{"a compositor that only told of its Xwayland", func(t *testing.T, c *Config) {
			listen(t, c.Runtime+"/wayland-0")
			listen(t, c.Root+"/tmp/.X11-unix/X0")
			write(t, "Xwayland\n", c.Root, "proc", own, "comm")
		}, []string{"DISPLAY=:0", "XAUTHORITY=/cookies"}, []Desktop{
			{Wayland: "wayland-0", X11: ":0", Authority: "/cookies"}, {Name: "x11", X11: ":0", Authority: "/cookies"},
		}},
		{"an environment from a session that has ended", func(t *testing.T, c *Config) {
			listen(t, c.Runtime+"/wayland-0")
			listen(t, c.Root+"/tmp/.X11-unix/X0")
			write(t, "cookie", c.Runtime, ".mutter-Xwaylandauth.NEW")
			c.Hint = Desktop{Wayland: "wayland-0", X11: ":0", Authority: c.Runtime + "/.mutter-Xwaylandauth.OLD"}
		}, []string{"DISPLAY=:0"}, []Desktop{
			{Wayland: "wayland-0", X11: ":0", Authority: ".mutter-Xwaylandauth.NEW"}, {Name: "x11", X11: ":0", Authority: ".mutter-Xwaylandauth.NEW"},
		}},
		{"a display from a session that has ended", func(t *testing.T, c *Config) {
			listen(t, c.Root+"/tmp/.X11-unix/X1")
			c.Hint = Desktop{X11: ":0", Authority: "/cookies"}
		}, []string{"DISPLAY=:1", "XAUTHORITY=/others"}, []Desktop{{Name: "x11", X11: ":1", Authority: "/others"}}},
		{"cookies from a session that has ended", func(t *testing.T, c *Config) {
			listen(t, c.Root+"/tmp/.X11-unix/X0")
			c.Hint = Desktop{X11: ":0", Authority: "/cookies"}
		}, []string{"DISPLAY=:0", "XAUTHORITY=/dev/null"}, []Desktop{{Name: "x11", X11: ":0", Authority: "/dev/null"}}},
		{"a session of its own", func(t *testing.T, c *Config) {
			listen(t, c.Root+"/tmp/.X11-unix/X0")
			c.Runtime += "-of-its-own"
		}, nil, nil},
		{"a display of another machine", func(t *testing.T, c *Config) {
			listen(t, c.Root+"/tmp/.X11-unix/X0")
			write(t, "cookie", c.Runtime, "xauth_1")
			c.Hint = Desktop{X11: "localhost:10.0", Authority: "/cookies"}
		}, nil, []Desktop{{Name: "x11", X11: ":0", Authority: "xauth_1"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := place(t)
			tt.set(t, &c)
			var b *bus
			if tt.env != nil {
				manager := newFakeBus(t, filepath.Join(c.Runtime, "bus"))
				manager.method("org.freedesktop.DBus.Properties.Get", dbus.MakeVariant(tt.env))
				b = openBus(t.Context(), answerLimit, "unix:path="+c.Runtime+"/bus")
				defer b.close()
			}
			got := c.find(t.Context(), b)
			for i := range got {
				for _, path := range []*string{&got[i].Wayland, &got[i].socket, &got[i].Authority} {
					if below, err := filepath.Rel(c.Runtime, *path); err == nil && filepath.IsLocal(below) {
						*path = below
					}
				}
			}
			if !reflect.DeepEqual(got, tt.names) {
				t.Errorf("got  %+v\nwant %+v", got, tt.names)
			}
		})
	}
}

// device encodes an XIDeviceInfo with as many classes.
func device(id, use uint16, name string, classes int) []byte {
	le := binary.LittleEndian
	b := le.AppendUint16(le.AppendUint16(nil, id), use)
	b = le.AppendUint16(le.AppendUint16(b, 0), uint16(classes))
	b = le.AppendUint16(le.AppendUint16(b, uint16(len(name))), 1)
	b = append(b, name...)
	b = append(b, make([]byte, -len(name)&3)...)
	for n := range classes {
		b = append(le.AppendUint16(le.AppendUint16(b, 0), uint16(n+1)), make([]byte, 4*n)...)
	}
	return b
}

func devices(count byte, list ...[]byte) []byte {
	b := make([]byte, 32)
	b[8] = count
	for _, d := range list {
		b = append(b, d...)
	}
	return b
}

func TestFindDevice(t *testing.T) {
	all := devices(4, device(3, 2, "vocoder keyboard", 2), device(7, 3, "vocoder keyboard", 0), device(9, 4, "other", 3), device(12, 4, "vocoder keyboard", 1))
	if id, ok := findDevice(all, "vocoder keyboard"); !ok || id != 12 {
		t.Errorf("got %d, %v", id, ok)
	}
	if id, ok := findDevice(all, "none"); ok {
		t.Errorf("got %d", id)
	}
	for n := range len(all) - 8 { // cut short before the name is whole
		if id, ok := findDevice(all[:n], "vocoder keyboard"); ok && n < len(all)-4 {
			t.Errorf("%d of %d bytes: got %d", n, len(all), id)
		}
	}
}

// FuzzFindDevice finds in a reply what was put in front of it.
func FuzzFindDevice(f *testing.F) {
	f.Add(devices(1, device(9, 4, "other", 3)))
	f.Fuzz(func(t *testing.T, rest []byte) {
		findDevice(rest, "vocoder keyboard")
		if id, ok := findDevice(append(devices(2, device(5, 4, "vocoder keyboard", 1)), rest...), "vocoder keyboard"); !ok || id != 5 {
			t.Errorf("got %d, %v", id, ok)
		}
	})
}
