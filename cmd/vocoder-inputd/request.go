package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/clock"
)

// request carries out one request and answers it. An error ends the connection.
func (c *client) request(ctx context.Context, r helperproto.Request) error {
	now := time.Now()
	if c.rateUntil.Before(now) {
		c.rateUntil = now
	}
	if c.rateUntil = c.rateUntil.Add(time.Second / requestRate); c.rateUntil.Sub(now) > requestBurst {
		return errTooMany
	}
	if !slices.Contains(legal[c.stage], r.Kind) {
		return errIllegal
	}
	switch r.Kind {
	case helperproto.Hello:
		return c.hello(r.Version)
	case helperproto.Bind:
		return c.bind(ctx, r)
	case helperproto.Ready:
		return c.awaitReady(ctx)
	case helperproto.Down:
		return c.press(r.Code, 1)
	case helperproto.Tap:
		return c.press(r.Code, 1, 0)
	case helperproto.Up:
		return c.release(r.Code)
	}
	c.releaseAll()
	return c.answer(helperproto.None)
}

func (c *client) hello(version uint16) error {
	if version != helperproto.Version {
		_ = c.answer(helperproto.OtherVersion) // the connection ends either way
		return helperproto.OtherVersion
	}
	c.stage = idle
	if err := c.answer(helperproto.None); err != nil {
		return err
	}
	return c.report()
}

// bind listens for the requested bindings that the policy allows.
func (c *client) bind(ctx context.Context, r helperproto.Request) error {
	if err := c.yield(key.Ceded); err != nil {
		return err
	}
	c.serial, c.refused, c.numbers, c.bindings, c.sent = r.Serial, 0, nil, nil, nil
	for i, b := range r.Bindings {
		allowed, ok := c.server.policy.allow(b)
		if !ok || allowed.Check() != nil {
			c.refused |= 1 << i
			continue
		}
		c.numbers, c.bindings = append(c.numbers, uint8(i)), append(c.bindings, allowed)
	}
	if err := c.answer(helperproto.None); err != nil {
		return err
	}
	return c.checkSession(ctx)
}

// refusal returns why the client may not type now, or None.
func (c *client) refusal() helperproto.Reason {
	absence := c.server.presence.absence(c.uid)
	switch {
	case absence != helperproto.None:
		return absence
	case !c.server.policy.RemoteTrigger && c.budget.empty(c.bootTime(time.Now())):
		return helperproto.NoHold
	case c.server.keyboard.sysname() == "":
		return helperproto.NoKeyboard
	}
	return helperproto.None
}

// awaitReady waits in a separate goroutine until the physical keys are up and the
// keyboard loses no keys. grant gets the result.
func (c *client) awaitReady(ctx context.Context) error {
	c.releaseAll()
	if why := c.refusal(); why != helperproto.None {
		return c.answer(why)
	}
	if !c.server.keyboard.acquire(c) {
		return c.answer(helperproto.Busy)
	}
	c.stage = waiting
	c.wg.Go(func() {
		r := c.awaitKeysUp(ctx)
		select {
		case c.ready <- r:
		case <-ctx.Done():
			if r.physical != nil {
				_ = r.physical.Close() // nothing was written
			}
		}
	})
	return nil
}

func (c *client) awaitKeysUp(ctx context.Context) (r readyResult) {
	k := c.server.keyboard
	_ = clock.Sleep(ctx, k.settlingTime()) // then Released returns its error
	physical, err := c.server.openKeys(k.sysname())
	switch {
	case errors.Is(err, fs.ErrPermission):
		return r // if no keyboard may be read, there is none to wait for
	case err != nil:
		c.server.log.Warn("no keys are typed", "err", err)
		r.reason = helperproto.KeysDown
		return r
	}
	r.physical = physical
	limited, cancel := context.WithTimeout(ctx, keysUpTimeout)
	defer cancel()
	if physical.Released(limited) != nil {
		r.reason = helperproto.KeysDown
	}
	return r
}

// grant permits typing after awaitReady, unless something has changed meanwhile,
// and answers the request.
func (c *client) grant(r readyResult) error {
	c.physical = r.physical
	why := cmp.Or(r.reason, c.refusal())
	if why != helperproto.None {
		c.releaseAll()
		return c.answer(why)
	}
	c.stage = granted
	c.limit.Reset(typingIdleLimit)
	return c.answer(helperproto.None)
}

// press presses a key if the client still may, and releases it at once if the
// values end with 0. A key of text repeats, so it may stay down for keyHeldLimit
// only.
func (c *client) press(k key.Code, values ...int32) error {
	if c.stage == revoked {
		return c.answer(c.reason)
	}
	keyboard := c.server.keyboard
	if slices.Contains(keyboard.pressed(), k) {
		return errIllegal
	}
	why := c.refusal()
	switch {
	case !slices.Contains(keyboard.keys, k):
		why = helperproto.NotAllowed
	case why != helperproto.None:
	case c.touched():
		why = helperproto.Touched
	case !isModifier(k) && !c.server.policy.RemoteTrigger && !c.budget.spend(c.bootTime(time.Now())):
		why = helperproto.NoHold
	}
	if why != helperproto.None {
		c.revoke(why)
		return c.answer(why)
	}
	c.limit.Reset(typingIdleLimit)
	if len(values) == 1 {
		c.stage = pressing
		if !isModifier(k) {
			c.limit.Reset(keyHeldLimit)
		}
	}
	if err := keyboard.set(c, k, values...); err != nil {
		return err
	}
	return c.answer(helperproto.None)
}

// touched reports whether a physical key is down.
func (c *client) touched() bool {
	if len(c.holds) > 0 || c.physical == nil {
		return len(c.holds) > 0
	}
	down, err := c.physical.Pressed()
	return err != nil || len(down) > 0
}

// release releases a key. After a revocation it is up already.
func (c *client) release(k key.Code) error {
	if c.stage == revoked {
		return c.answer(helperproto.None)
	}
	keyboard := c.server.keyboard
	pressed := keyboard.pressed()
	if !slices.Contains(pressed, k) {
		return errIllegal
	}
	if err := keyboard.set(c, k, 0); err != nil {
		return err
	}
	if len(pressed) == 1 {
		c.stage = granted
	}
	if len(pressed) == 1 || !isModifier(k) {
		c.limit.Reset(typingIdleLimit)
	}
	return c.answer(helperproto.None)
}

// revoke ends the permission to type, and releases all keys. A client that still
// waits for the permission gets the reason as the answer to Ready.
func (c *client) revoke(why helperproto.Reason) {
	if c.stage != granted && c.stage != pressing {
		return
	}
	c.releaseAll()
	c.stage, c.reason = revoked, why
}

// releaseAll releases all keys and ends the typing.
func (c *client) releaseAll() {
	c.limit.Stop()
	if err := c.server.keyboard.release(c); err != nil {
		c.server.log.Error("release keys", "err", err)
		c.server.keyboard.close() // so the kernel releases them
	}
	if physical := c.physical; physical != nil {
		c.physical = nil
		c.wg.Go(func() { _ = physical.Close() }) // takes tens of milliseconds; nothing was written
	}
	if c.stage != connected {
		c.stage = idle
	}
}
