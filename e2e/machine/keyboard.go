package machine

import (
	"context"
	"strings"
)

// KeyDown presses a key of the machine's keyboard and leaves it down. The key is
// named as QEMU names it, "ctrl_r" (QKeyCode in
// qemu.org/docs/master/interop/qemu-qmp-ref.html). It is the built-in AT
// keyboard's, or the plugged one's while there is one.
func (m *Machine) KeyDown(ctx context.Context, qcode string) error { return m.key(ctx, qcode, true) }

// KeyUp lets a key go.
func (m *Machine) KeyUp(ctx context.Context, qcode string) error { return m.key(ctx, qcode, false) }

func (m *Machine) key(ctx context.Context, qcode string, down bool) error {
	type object = map[string]any
	return m.monitor.execute(ctx, "input-send-event", object{"events": []object{{
		"type": "key",
		"data": object{"down": down, "key": object{"type": "qcode", "data": qcode}},
	}}}, nil)
}

// Plug plugs in a USB keyboard. The name is for Unplug. The guest notices it
// some moments later.
func (m *Machine) Plug(ctx context.Context, name string) error {
	return m.monitor.execute(ctx, "device_add", map[string]any{"driver": "usb-kbd", "id": name, "bus": usbBus}, nil)
}

// Unplug pulls a keyboard that was plugged in, and returns when it is out.
func (m *Machine) Unplug(ctx context.Context, name string) error {
	if err := m.monitor.execute(ctx, "device_del", map[string]any{"id": name}, nil); err != nil {
		return err
	}
	return m.monitor.wait(ctx, func(e event) bool { return e.Name == "DEVICE_DELETED" && e.Data.Device == name })
}

// typedFile is where the terminal of the image keeps what it gets.
const typedFile = "/run/user/1000/typed"

// WaitTyped returns what the machine's terminal has got since it was cleared, as
// soon as that is enough. When ctx ends first it returns that error and what
// there was.
func (m *Machine) WaitTyped(ctx context.Context, enough func(typed string) bool) (string, error) {
	s, err := m.Follow(ctx, root, "exec tail -q -c +1 -F "+typedFile)
	if err != nil {
		return "", err
	}
	defer s.Close()
	var typed strings.Builder
	b := make([]byte, 4096)
	for !enough(typed.String()) {
		n, err := s.Read(b)
		typed.Write(b[:n])
		if err != nil {
			return typed.String(), cause(ctx, err)
		}
	}
	return typed.String(), nil
}

// Typed returns what the machine's terminal has got since it was cleared.
func (m *Machine) Typed(ctx context.Context) (string, error) {
	return m.Run(ctx, "cat "+typedFile)
}

// ClearTyped forgets what was typed so far, and clears the screen of it.
func (m *Machine) ClearTyped(ctx context.Context) error {
	_, err := m.Run(ctx, ": > "+typedFile+` && printf '\033[H\033[2J\033[3J' > "$(cat /run/user/1000/typed-tty)"`)
	return err
}
