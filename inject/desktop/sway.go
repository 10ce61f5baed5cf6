package desktop

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/inject/keymap"
)

// sway asks sway, which has a group for each keyboard. Source: sway-ipc(7).
type sway struct{ socket, keyboard string }

const (
	swayMagic      = "i3-ipc"
	swaySubscribe  = 2
	swayTree       = 4
	swayInputs     = 100
	swayInputEvent = 1<<31 | 21
	swayMessage    = 1 << 20 // bytes; a list of inputs is some thousands
)

// A swayInput is what sway reports of an input device.
type swayInput struct {
	Name    string
	Type    string
	Layouts []string `json:"xkb_layout_names"`
	Active  *int     `json:"xkb_active_layout_index"`
}

func (s sway) group(ctx context.Context, m *keymap.Map) (int, string, error) {
	var inputs []swayInput
	if err := s.ask(ctx, swayInputs, "keyboards", &inputs); err != nil {
		return 0, "", err
	}
	n, ok := chooseInput(inputs, s.keyboard, m.Groups())
	if !ok {
		return 0, "", errUnsure
	}
	return n, "sway", nil
}

// ask sends a request without a payload and reads the reply of the same type.
func (s sway) ask(ctx context.Context, kind uint32, what string, reply any) error {
	conn, err := dialSocket(ctx, s.socket)
	if err == nil {
		defer conn.close()
		err = swayWrite(conn, kind, "")
	}
	if err == nil {
		err = swayRead(conn, kind, reply)
	}
	if err != nil {
		return fmt.Errorf("ask sway for its %s: %w", what, err)
	}
	return nil
}

// chooseInput returns the group of our keyboard. If our keyboard is not in the list, it
// returns the group of all keyboards with the same keymap, if they agree.
func chooseInput(inputs []swayInput, keyboard string, groups []string) (n int, ok bool) {
	found := false
	for _, in := range inputs {
		if in.Type != "keyboard" || in.Active == nil || *in.Active < 0 || *in.Active >= len(groups) || !slices.Equal(in.Layouts, groups) {
			continue
		}
		switch {
		case in.Name == keyboard && keyboard != "":
			return *in.Active, true
		case found && n != *in.Active:
			ok = false
		case !found:
			n, ok, found = *in.Active, true, true
		}
	}
	return n, ok
}

// listen waits for a keyboard whose layout changes.
func (s sway) listen(ctx context.Context, touched func()) error {
	conn, err := dialSocket(ctx, s.socket)
	if err != nil {
		return err
	}
	defer conn.close()
	if err := swayWrite(conn, swaySubscribe, `["input"]`); err != nil {
		return err
	}
	var subscribed struct{ Success bool }
	if err := swayRead(conn, swaySubscribe, &subscribed); err != nil || !subscribed.Success {
		return fmt.Errorf("subscribe to sway: %w", err)
	}
	for {
		var event struct{ Change string }
		if err := swayRead(conn, swayInputEvent, &event); err != nil {
			return err
		}
		if strings.HasPrefix(event.Change, "xkb_") {
			touched()
		}
	}
}

func swayWrite(to io.Writer, kind uint32, payload string) error {
	b := []byte(swayMagic)
	b = binary.NativeEndian.AppendUint32(b, uint32(len(payload)))
	b = binary.NativeEndian.AppendUint32(b, kind)
	_, err := to.Write(append(b, payload...))
	return err
}

// swayRead reads the next message. It must be of a kind.
func swayRead(from io.Reader, kind uint32, to any) error {
	var head [len(swayMagic) + 8]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return err
	}
	size := binary.NativeEndian.Uint32(head[len(swayMagic):])
	got := binary.NativeEndian.Uint32(head[len(swayMagic)+4:])
	if string(head[:len(swayMagic)]) != swayMagic || got != kind || size > swayMessage {
		return fmt.Errorf("message %#x of %d bytes, want %#x", got, size, kind)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(from, body); err != nil {
		return err
	}
	return json.Unmarshal(body, to)
}

// A swayNode is part of what sway shows: an output, a workspace, a window.
type swayNode struct {
	Focused    bool
	App        string                 `json:"app_id"`
	Properties struct{ Class string } `json:"window_properties"`
	Nodes      []swayNode
	Floating   []swayNode `json:"floating_nodes"`
}

func (s sway) app(ctx context.Context) (name, from string, err error) {
	var root swayNode
	if err := s.ask(ctx, swayTree, "windows", &root); err != nil {
		return "", "", err
	}
	return root.app(), "sway", nil
}

// app returns the name of the window that has the focus, at or below a node.
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
