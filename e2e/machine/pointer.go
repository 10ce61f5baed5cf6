package machine

import "context"

// Click clicks the left button of the machine's tablet. X and Y are the place on the screen:
// from 0, left and top, to 1. With several outputs the screen is all of them.
func (m *Machine) Click(ctx context.Context, x, y float64) error {
	type object = map[string]any
	const most = 0x7fff // of an axis (InputMoveEvent in qemu.org/docs/master/interop/qemu-qmp-ref.html)
	axis := func(name string, at float64) object {
		return object{"type": "abs", "data": object{"axis": name, "value": int(at * most)}}
	}
	button := func(down bool) object {
		return object{"type": "btn", "data": object{"down": down, "button": "left"}}
	}
	for _, events := range [][]object{{axis("x", x), axis("y", y)}, {button(true)}, {button(false)}} {
		if err := m.monitor.execute(ctx, "input-send-event", object{"events": events}, nil); err != nil {
			return err
		}
	}
	return nil
}
