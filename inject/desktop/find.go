package desktop

import (
	"cmp"
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/arealicehole/vocoder/internal/linux/peercred"
	"github.com/arealicehole/vocoder/internal/x11"
)

// Find returns the desktops of the user that answer, the likeliest first.
func Find(ctx context.Context, c Config) []Desktop {
	b := openBus(ctx, displayLimit, c.busAddress())
	defer b.close()
	return c.find(ctx, b)
}

// find returns the desktops that answer, the likeliest first: those that the caller and
// the user's service manager know, then all that have a socket. A compositor in a window
// of an X11 session is not the desktop.
func (c Config) find(ctx context.Context, b *bus) (all []Desktop) {
	hints := []Desktop{c.Hint, b.environment(ctx)}
	x := Desktop{Name: "x11"}
	x.X11, x.Authority = c.displayOf(hints)
	for _, path := range c.waylandSockets(hints) {
		pid, ok := listening(ctx, path)
		if !ok {
			continue
		}
		d := Desktop{Wayland: path, X11: x.X11, Authority: x.Authority}
		d.Name, d.socket = c.name(path, pid)
		all = append(all, d)
	}
	switch {
	case x.X11 == "":
		return all
	case hints[0].X11+hints[1].X11 != "" && hints[0].Wayland+hints[1].Wayland == "" && !c.xwayland(ctx, x.X11):
		return append([]Desktop{x}, all...)
	}
	return append(all, x)
}

// xwayland reports whether the server of a display is Xwayland.
func (c Config) xwayland(ctx context.Context, display string) bool {
	n, err := x11.Number(display)
	if err != nil {
		return false
	}
	pid, _ := listening(ctx, c.socketOf(n))
	return c.process(pid) == "Xwayland"
}

// process returns the name of a process, cut to 15 bytes, empty for none.
// Source: proc_pid_comm(5).
func (c Config) process(pid int) string {
	comm, _ := os.ReadFile(rooted(c.Root, "proc", strconv.Itoa(pid), "comm")) // it may have ended
	return strings.TrimSpace(string(comm))
}

// waylandSockets returns paths without repetition.
func (c Config) waylandSockets(hints []Desktop) []string {
	var paths []string
	add := func(path string) {
		if path != "" && !filepath.IsAbs(path) {
			path = filepath.Join(c.Runtime, path)
		}
		if path != "" && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	for _, h := range hints {
		add(h.Wayland)
	}
	for _, path := range glob(c.Runtime, "wayland-*") {
		if !strings.HasSuffix(path, ".lock") {
			add(path)
		}
	}
	return paths
}

// displayOf returns an X display and its authority: of the first hint whose display has a
// socket, else of any. A hint can be left from a session that has ended, and its file of
// cookies be gone.
func (c Config) displayOf(hints []Desktop) (display, authority string) {
	for _, h := range hints {
		fresher := h.X11 == display && !exists(authority) && exists(h.Authority)
		if display == "" || fresher || !c.hasSocket(display) && c.hasSocket(h.X11) {
			display, authority = h.X11, h.Authority
		}
	}
	if found := c.anyDisplay(); found != "" && !c.hasSocket(display) {
		display, authority = found, ""
	}
	if display != "" && !exists(authority) {
		authority = cmp.Or(c.authority(), authority)
	}
	return display, authority
}

// exists reports whether there is a file, as far as the process may see.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// hasSocket reports whether an X display has a socket on this machine.
func (c Config) hasSocket(display string) bool {
	n, err := x11.Number(display)
	return err == nil && exists(c.socketOf(n))
}

// socketOf returns the path of the socket of an X display. Source: X(7).
func (c Config) socketOf(number int) string {
	return rooted(c.Root, "tmp/.X11-unix", "X"+strconv.Itoa(number))
}

// anyDisplay returns an X display that has a socket, or "". It prefers a socket that
// belongs to the user, as those of Xwayland and of a server that the user started. The
// sockets are those of all sessions. A session with a runtime folder of its own, such as
// that of a test, has none of them.
func (c Config) anyDisplay() (display string) {
	if filepath.Clean(c.Runtime) != rooted(c.Root, "run/user", strconv.Itoa(os.Getuid())) {
		return ""
	}
	own := false
	for _, path := range glob(rooted(c.Root, "tmp/.X11-unix"), "X*") {
		info, err := os.Stat(path)
		name := ":" + strings.TrimPrefix(filepath.Base(path), "X")
		if _, bad := x11.Number(name); err != nil || bad != nil {
			continue
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		mine := ok && int(stat.Uid) == os.Getuid()
		if display == "" || mine && !own {
			display, own = name, mine
		}
	}
	return display
}

// authority returns the newest file with cookies where mutter, KWin and
// xauth(1) keep theirs.
func (c Config) authority() (newest string) {
	files := append(glob(c.Runtime, ".mutter-Xwaylandauth.*"), glob(c.Runtime, "xauth_*")...)
	if c.Home != "" {
		files = append(files, filepath.Join(c.Home, ".Xauthority"))
	}
	var when int64
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.ModTime().UnixNano() > when {
			newest, when = file, info.ModTime().UnixNano()
		}
	}
	return newest
}

// name returns which desktop has a Wayland socket, by its other sockets in the same
// directory, or by the name of its process.
func (c Config) name(wayland string, pid int) (name, socket string) {
	base := filepath.Base(wayland)
	for _, path := range glob(c.Runtime, "sway-ipc.*."+strconv.Itoa(pid)+".sock") {
		return "sway", path
	}
	for _, path := range glob(c.Runtime, "niri."+base+".*.sock") {
		return "niri", path
	}
	for _, path := range glob(c.Runtime, "hypr/*/hyprland.lock") {
		// Two lines: the process and the name of the Wayland socket.
		lock, err := os.ReadFile(path)
		if lines := strings.Fields(string(lock)); err == nil && len(lines) > 1 && lines[1] == base {
			return "hyprland", filepath.Dir(path)
		}
	}
	switch process := c.process(pid); {
	case strings.HasPrefix(process, "kwin_wayland"): // or its wrapper, which owns the socket
		return "kde", ""
	case process == shell:
		return "gnome", ""
	}
	return "", ""
}

// listening reports whether a process accepts connections at a socket, and which.
func listening(ctx context.Context, path string) (pid int, ok bool) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return 0, false
	}
	defer func() { _ = conn.Close() }() // nothing was written
	peer, err := peercred.Read(conn.(*net.UnixConn))
	return int(peer.Pid), err == nil
}
