package machine

import (
	"context"
	"strings"
)

// KeyDown presses a key of the machine's keyboard and leaves it down. The key has QEMU's
// name, such as "ctrl_r" (QKeyCode in qemu.org/docs/master/interop/qemu-qmp-ref.html). The
// keyboard is the plugged one if there is one, otherwise the built-in AT keyboard.
func (m *Machine) KeyDown(ctx context.Context, qcode string) error { return m.key(ctx, qcode, true) }

// KeyUp releases a key.
func (m *Machine) KeyUp(ctx context.Context, qcode string) error { return m.key(ctx, qcode, false) }

func (m *Machine) key(ctx context.Context, qcode string, down bool) error {
	type object = map[string]any
	return m.monitor.execute(ctx, "input-send-event", object{"events": []object{{
		"type": "key",
		"data": object{"down": down, "key": object{"type": "qcode", "data": qcode}},
	}}}, nil)
}

// Plug plugs in a USB keyboard. Unplug takes the same name. The guest detects the keyboard
// some moments later.
func (m *Machine) Plug(ctx context.Context, name string) error {
	return m.monitor.execute(ctx, "device_add", map[string]any{"driver": "usb-kbd", "id": name, "bus": usbBus}, nil)
}

// Unplug unplugs a keyboard of Plug and returns when QEMU has removed it.
func (m *Machine) Unplug(ctx context.Context, name string) error {
	if err := m.monitor.execute(ctx, "device_del", map[string]any{"id": name}, nil); err != nil {
		return err
	}
	return m.monitor.wait(ctx, func(e event) bool { return e.Name == "DEVICE_DELETED" && e.Data.Device == name })
}

// typedFile is where the terminal of the image writes its input.
const typedFile = "/run/user/1000/typed"

// WaitTyped waits until enough reports true for the input of the machine's terminal since
// ClearTyped, and returns the input. If ctx ends first, it returns the input so far and an
// error.
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

// Typed returns the input of the machine's terminal since ClearTyped.
func (m *Machine) Typed(ctx context.Context) (string, error) {
	return m.Run(ctx, "cat "+typedFile)
}

// ClearTyped discards the input of the terminal so far, and clears its screen.
func (m *Machine) ClearTyped(ctx context.Context) error {
	_, err := m.Run(ctx, ": > "+typedFile+` && printf '\033[H\033[2J\033[3J' > "$(cat /run/user/1000/typed-tty)"`)
	return err
}
