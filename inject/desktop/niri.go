package desktop

import (
	"context"
	"fmt"
	"slices"

	"github.com/arealicehole/vocoder/inject/keymap"
)

// niri asks niri. Each request and each answer is a line. Source: docs.rs/niri-ipc.
type niri struct{ socket string }

func (n niri) group(ctx context.Context, m *keymap.Map) (int, string, error) {
	var reply struct {
		Ok struct {
			KeyboardLayouts *struct {
				Names   []string
				Current int `json:"current_idx"`
			}
		}
	}
	if err := askSocket(ctx, n.socket, "\"KeyboardLayouts\"\n", &reply); err != nil {
		return 0, "", fmt.Errorf("ask niri for its layouts: %w", err)
	}
	l := reply.Ok.KeyboardLayouts
	if l == nil || !slices.Equal(l.Names, m.Groups()) || l.Current < 0 || l.Current >= len(l.Names) {
		return 0, "", errUnsure
	}
	return l.Current, "niri", nil
}

// listen waits for an event about the layout.
func (n niri) listen(ctx context.Context, touched func()) error {
	return listenSocket(ctx, n.socket, "\"EventStream\"\n", touched, `{"KeyboardLayout`) // …sChanged or …Switched
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
