package main

import (
	"context"
	"slices"
	"time"

	"github.com/arealicehole/vocoder/evdev"
	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
)

// request carries out one request and answers it. An error ends the connection.
func (g *guest) request(ctx context.Context, r helperproto.Request) error {
	now := time.Now()
	if g.paid.Before(now) {
		g.paid = now
	}
	if g.paid = g.paid.Add(time.Second / rate); g.paid.Sub(now) > rateBurst {
		return errTooMany
	}
	if !slices.Contains(table[g.stage], r.Kind) {
		return errOutOfTurn
	}
	switch r.Kind {
	case helperproto.Hello:
		return g.hello(r.Version)
	case helperproto.Bind:
		return g.bind(ctx, r)
	case helperproto.Ready:
		return g.ready(ctx)
	case helperproto.Down:
		return g.press(r.Code, 1)
	case helperproto.Tap:
		return g.press(r.Code, 1, 0)
	case helperproto.Up:
		return g.release(r.Code)
	}
	g.rest()
	return g.answer(helperproto.None)
}

func (g *guest) hello(version uint16) error {
	if version != helperproto.Version {
		_ = g.answer(helperproto.OtherVersion) // it is refused either way
		return helperproto.OtherVersion
	}
	g.stage = idle
	if err := g.answer(helperproto.None); err != nil {
		return err
	}
	return g.tell()
}

// bind listens for what the guest asks for and the rules admit.
func (g *guest) bind(ctx context.Context, r helperproto.Request) error {
	if err := g.cede(); err != nil {
		return err
	}
	g.serial, g.refused, g.numbers, g.bindings, g.told = r.Serial, 0, nil, nil, nil
	for i, b := range r.Bindings {
		admitted, ok := g.rules.admit(b)
		if ok = ok && admitted.Check() == nil; !ok {
			g.refused |= 1 << i
			continue
		}
		g.numbers, g.bindings = append(g.numbers, uint8(i)), append(g.bindings, admitted)
	}
	if err := g.answer(helperproto.None); err != nil {
		return err
	}
	return g.look(ctx)
}

// may returns why the guest may not type now, or None.
func (g *guest) may() helperproto.Reason {
	away := g.users.away(g.uid)
	switch {
	case away != helperproto.None:
		return away
	case !g.rules.RemoteTrigger && g.purse.empty(time.Now()):
		return helperproto.NoHold
	case g.keyboard.sysname() == "":
		return helperproto.NoKeyboard
	}
	return helperproto.None
}

// ready waits, beside the loop, until the physical keys are up and the keyboard
// does not lose what is pressed on it.
func (g *guest) ready(ctx context.Context) error {
	g.rest()
	if why := g.may(); why != helperproto.None {
		return g.answer(why)
	}
	if !g.keyboard.take(g) {
		return g.answer(helperproto.Busy)
	}
	g.stage = waiting
	g.wg.Go(func() {
		o := g.wait(ctx)
		select {
		case g.opened <- o:
		case <-ctx.Done():
			if o.fingers != nil {
				_ = o.fingers.Close() // nothing was written
			}
		}
	})
	return nil
}

func (g *guest) wait(ctx context.Context) (o opened) {
	after(ctx, g.keyboard.settles())
	f, err := g.server.fingers(g.keyboard.sysname())
	if err != nil {
		return o // keyboards that may not be read are not waited for
	}
	o.fingers = f
	short, cancel := context.WithTimeout(ctx, upWithin)
	defer cancel()
	if f.Released(short) != nil {
		o.reason = helperproto.KeysDown
	}
	return o
}

// open ends the waiting. What was true before it may not be so any more.
func (g *guest) open(o opened) error {
	g.fingers = o.fingers
	why := o.reason
	if why == helperproto.None {
		why = g.may()
	}
	if why != helperproto.None {
		g.rest()
		return g.answer(why)
	}
	g.stage = granted
	g.timer.Reset(longer)
	return g.answer(helperproto.None)
}

// press presses a key, if the guest still may, and lets it go at once if the
// values end with 0. One that stays down is watched, as one of text repeats.
func (g *guest) press(c key.Code, values ...int32) error {
	if g.stage == stopped {
		return g.answer(g.reason)
	}
	if slices.Contains(g.keyboard.held(), c) {
		return errOutOfTurn
	}
	why := g.may()
	switch {
	case !slices.Contains(g.keyboard.keys, c):
		why = helperproto.NotAllowed
	case why != helperproto.None:
	case g.touched():
		why = helperproto.Touched
	case !modifier(c) && !g.rules.RemoteTrigger && !g.purse.take(time.Now()):
		why = helperproto.NoHold
	}
	if why != helperproto.None {
		g.stop(why)
		return g.answer(why)
	}
	g.timer.Reset(longer)
	if len(values) == 1 {
		g.stage = pressing
		if !modifier(c) {
			g.timer.Reset(patience)
		}
	}
	if err := g.keyboard.set(g, c, values...); err != nil {
		return err
	}
	return g.answer(helperproto.None)
}

// touched reports whether a physical key is down.
func (g *guest) touched() bool {
	if len(g.holds) > 0 {
		return true
	}
	if g.fingers == nil {
		return false
	}
	down, err := g.fingers.Pressed()
	return err != nil || len(down) > 0
}

// release releases a key. After a stop it is up already.
func (g *guest) release(c key.Code) error {
	if g.stage == stopped {
		return g.answer(helperproto.None)
	}
	held := g.keyboard.held()
	if !slices.Contains(held, c) {
		return errOutOfTurn
	}
	if err := g.keyboard.set(g, c, 0); err != nil {
		return err
	}
	if len(held) == 1 {
		g.stage = granted
	}
	if len(held) == 1 || !modifier(c) {
		g.timer.Reset(longer)
	}
	return g.answer(helperproto.None)
}

// stop takes the permission to type away, and all keys up with it.
func (g *guest) stop(why helperproto.Reason) {
	if g.stage != granted && g.stage != pressing {
		return // who waits is told in the end
	}
	g.rest()
	g.stage, g.reason = stopped, why
}

// rest ends the typing: all keys are up.
func (g *guest) rest() {
	g.timer.Stop()
	if err := g.keyboard.leave(g); err != nil {
		g.log.Error("release keys", "err", err)
		g.keyboard.close() // which the kernel answers by releasing them
	}
	if f := g.fingers; f != nil {
		g.fingers = nil
		g.wg.Go(func() { _ = f.Close() }) // takes tens of milliseconds; nothing was written
	}
	if g.stage != fresh {
		g.stage = idle
	}
}

var _ fingers = (*evdev.Keyboards)(nil)
