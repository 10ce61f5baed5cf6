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

// sway tells the group of sway, which keeps one for each keyboard. Source:
// sway-ipc(7).
type sway struct{ socket, keyboard string }

const (
	swayMagic      = "i3-ipc"
	swaySubscribe  = 2
	swayTree       = 4
	swayInputs     = 100
	swayInputEvent = 1<<31 | 21
	swayMessage    = 1 << 20 // bytes; a list of inputs is some thousands
)

// A swayInput is what sway says of an input device.
type swayInput struct {
	Name    string
	Type    string
	Layouts []string `json:"xkb_layout_names"`
	Active  *int     `json:"xkb_active_layout_index"`
}

func (s sway) group(ctx context.Context, m *keymap.Map) (int, string, error) {
	conn, err := dialSocket(ctx, s.socket)
	if err != nil {
		return 0, "", fmt.Errorf("ask sway for its keyboards: %w", err)
	}
	defer conn.close()
	var inputs []swayInput
	if err = swayWrite(conn, swayInputs, ""); err == nil {
		err = swayRead(conn, swayInputs, &inputs)
	}
	if err != nil {
		return 0, "", fmt.Errorf("ask sway for its keyboards: %w", err)
	}
	n, ok := chooseInput(inputs, s.keyboard, m.Groups())
	if !ok {
		return 0, "", errUnsure
	}
	return n, "sway", nil
}

// chooseInput returns the group of our keyboard, or, if it is not there, of all
// that have the same keymap, if they agree.
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

// listen waits for a keyboard to change its layout.
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

// swayRead reads the next message, which must be of a kind.
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
