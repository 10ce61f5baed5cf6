package helper

import (
	"context"
	"errors"
	"fmt"

	"github.com/arealicehole/vocoder/inject"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
)

// Check returns why the helper cannot type, or nil.
func (c *Client) Check() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.conn == nil:
		return c.problem
	case !c.state.Keyboard:
		return helperproto.NoKeyboard
	}
	return nil
}

// Ready implements inject.Device. The helper waits until the keyboard exists and all
// physical keys are up. It refuses if no key was held for the text. If the helper does
// not see yet that the session is in use, Ready waits for that.
func (c *Client) Ready(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, sessionDelay)
	defer cancel()
	for {
		err := c.call(ctx, helperproto.Request{Kind: helperproto.Ready})
		var reason helperproto.Reason
		if !errors.As(err, &reason) || !isSession(reason) || !c.sessionInUse(limited) {
			return err
		}
	}
}

// sessionInUse waits until the helper sees that the session is in use. It returns false
// if ctx is done first.
func (c *Client) sessionInUse(ctx context.Context) bool {
	for {
		c.mu.Lock()
		session, changed := c.state.Session, c.stateChanged
		c.mu.Unlock()
		if session == helperproto.None {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// Down implements inject.Device.
func (c *Client) Down(k key.Code) error { return c.press(helperproto.Down, k) }

// Tap implements inject.Device.
func (c *Client) Tap(k key.Code) error { return c.press(helperproto.Tap, k) }

// press sends a request to press a key. It has no context: the helper replies at once.
func (c *Client) press(kind helperproto.Kind, k key.Code) error {
	err := c.call(context.Background(), helperproto.Request{Kind: kind, Code: k})
	if errors.Is(err, helperproto.Touched) {
		return inject.ErrTouched
	}
	if err != nil {
		return fmt.Errorf("press key: %w", err)
	}
	return nil
}

// Up implements inject.Device.
func (c *Client) Up(k key.Code) error {
	if err := c.call(context.Background(), helperproto.Request{Kind: helperproto.Up, Code: k}); err != nil {
		return fmt.Errorf("release key: %w", err)
	}
	return nil
}

// Sysname returns nothing: the device belongs to the helper.
func (c *Client) Sysname() string { return "" }

// Close does nothing: the connection belongs to Run.
func (c *Client) Close() error { return nil }

// PhysicalKeys are the keys of the physical keyboards, which the helper watches.
type PhysicalKeys struct{ Client *Client }

// Up implements inject.PhysicalKeys. Client.Ready has waited for it.
func (p PhysicalKeys) Up(ctx context.Context) error { return ctx.Err() }

// Down implements inject.PhysicalKeys. The helper refuses the next key if one is down.
func (p PhysicalKeys) Down() bool { return false }

// Close ends the typing.
func (p PhysicalKeys) Close() {
	_ = p.Client.call(context.Background(), helperproto.Request{Kind: helperproto.End}) // without a connection it has ended
}
