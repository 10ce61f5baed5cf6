package desktop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/jezek/xgb/xproto"
)

// A namer tells which application has the window in focus, by the name that
// the desktop's own rules for windows know it by: app_id of Wayland, or the
// class of WM_CLASS. The name is empty if no window has the focus.
type namer interface {
	app(ctx context.Context) (name, from string, err error)
}

var errUntold = errors.New("the desktop does not tell")

// app asks for the application in focus.
func (h *host) app(ctx context.Context) (name, from string) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	n, ok := h.link.display.(namer)
	if !ok {
		groups, _ := h.sources()
		n, ok = groups.(namer)
	}
	if !ok {
		return "", errUntold.Error()
	}
	name, from, err := n.app(ctx)
	if err != nil {
		return "", err.Error()
	}
	return name, from
}

// A swayNode is part of what sway shows: an output, a workspace, a window.
type swayNode struct {
	Focused    bool
	App        string                 `json:"app_id"`
	Properties struct{ Class string } `json:"window_properties"`
	Nodes      []swayNode
	Floating   []swayNode `json:"floating_nodes"`
}

const swayTree = 4

func (s sway) app(ctx context.Context) (name, from string, err error) {
	conn, err := dialSocket(ctx, s.socket)
	if err != nil {
		return "", "", fmt.Errorf("ask sway for its windows: %w", err)
	}
	defer conn.close()
	var root swayNode
	if err = swayWrite(conn, swayTree, ""); err == nil {
		err = swayRead(conn, swayTree, &root)
	}
	if err != nil {
		return "", "", fmt.Errorf("ask sway for its windows: %w", err)
	}
	return root.app(), "sway", nil
}

// app returns the name of the window in focus at or below a node.
func (n swayNode) app() string {
	if n.Focused {
		if n.App != "" {
			return n.App
		}
		return n.Properties.Class // of an X11 window
	}
	for _, below := range [][]swayNode{n.Nodes, n.Floating} {
		for _, child := range below {
			if name := child.app(); name != "" {
				return name
			}
		}
	}
	return ""
}

func (h hyprland) app(ctx context.Context) (name, from string, err error) {
	var window struct{ Class string }
	if err := askSocket(ctx, filepath.Join(h.dir, ".socket.sock"), "j/activewindow", &window); err != nil {
		return "", "", fmt.Errorf("ask Hyprland for its window: %w", err)
	}
	return window.Class, "Hyprland", nil
}

func (n niri) app(ctx context.Context) (name, from string, err error) {
	var reply struct {
		Ok struct {
			FocusedWindow *struct {
				App string `json:"app_id"`
			}
		}
	}
	if err := askSocket(ctx, n.socket, "\"FocusedWindow\"\n", &reply); err != nil {
		return "", "", fmt.Errorf("ask niri for its window: %w", err)
	}
	if w := reply.Ok.FocusedWindow; w != nil {
		name = w.App
	}
	return name, "niri", nil
}

// askSocket sends a question and reads the answer, which is JSON.
func askSocket(ctx context.Context, path, question string, answer any) error {
	conn, err := dialSocket(ctx, path)
	if err != nil {
		return err
	}
	defer conn.close()
	if _, err := io.WriteString(conn, question); err != nil {
		return err
	}
	return json.NewDecoder(io.LimitReader(conn, 1<<20)).Decode(answer)
}

// app asks for the active window and its class. Source: Extended Window Manager
// Hints, and section 4.1.2.5 of the Inter-Client Communication Conventions.
func (x *xserver) app(ctx context.Context) (name, from string, err error) {
	defer x.until(ctx)()
	const ask = "ask the X server for its window: %w"
	const active = "_NET_ACTIVE_WINDOW"
	atom, err := xproto.InternAtom(x.conn, true, uint16(len(active)), active).Reply()
	if err != nil || atom == nil {
		return "", "", fmt.Errorf(ask, errors.Join(errGone, err))
	}
	root := xproto.Setup(x.conn).DefaultScreen(x.conn).Root
	value, err := x.property(root, atom.Atom, xproto.AtomWindow)
	if err != nil || len(value) < 4 {
		return "", "", errUntold // the window manager is an old one
	}
	window := xproto.Window(uint32(value[0]) | uint32(value[1])<<8 | uint32(value[2])<<16 | uint32(value[3])<<24)
	if window == 0 {
		return "", "the X server", nil
	}
	if value, err = x.property(window, xproto.AtomWmClass, xproto.AtomString); err != nil {
		return "", "", fmt.Errorf(ask, err)
	}
	return classOf(value), "the X server", nil
}

func (x *xserver) property(w xproto.Window, property, kind xproto.Atom) ([]byte, error) {
	reply, err := xproto.GetProperty(x.conn, false, w, property, kind, 0, 256).Reply()
	if err != nil || reply == nil {
		return nil, errors.Join(errGone, err)
	}
	return reply.Value, nil
}

// classOf returns the second of the two texts of WM_CLASS, each of which ends
// with a zero.
func classOf(value []byte) string {
	_, class, _ := bytes.Cut(value, []byte{0})
	return string(bytes.TrimRight(class, "\x00"))
}
