package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/arealicehole/vocoder/internal/helperproto"
	"github.com/arealicehole/vocoder/internal/key"
	"github.com/arealicehole/vocoder/internal/linux/session"
)

// TestRandom makes random requests and events. No key goes down without a grant, no
// key that is down is pressed, and all are up at the end.
func TestRandom(t *testing.T) {
	for seed := range uint64(300) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { random(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

func FuzzClient(f *testing.F) {
	f.Add([]byte{0, 1, 2, 5, 3, 4, 5, 6, 7, 8})
	f.Fuzz(func(t *testing.T, script []byte) { play(t, script[:min(len(script), 200)]) })
}

func random(t *testing.T, r *rand.Rand) {
	script := make([]byte, 60)
	for i := range script {
		script[i] = byte(r.UintN(256))
	}
	play(t, append([]byte{0, 1, 2}, script...))
}

// play carries out one step for each byte. The lower half says which, and the upper
// half has the key.
func play(t *testing.T, script []byte) {
	x := newRig(t, defaultPolicy())
	codes := []key.Code{keyA, keyB, leftShift, rightAlt, 28, 1}
	worth, paid, away := 0, 0, false
	bound := false
	for _, b := range script {
		c := codes[int(b>>4)%len(codes)]
		var err error
		switch b % 16 {
		case 0:
			err = x.ask(helperproto.Request{Kind: helperproto.Hello, Version: helperproto.Version})
		case 1:
			x.serial++
			err = x.ask(helperproto.Request{Kind: helperproto.Bind, Serial: x.serial, Bindings: []helperproto.Binding{{Keys: []key.Code{rightCtrl}}}})
			bound = err == nil
		case 2:
			if bound && !away {
				x.held(0)
				worth += keysPerHold
			}
		case 3, 4, 5:
			err = x.ask(ready)
		case 6, 7, 8, 9:
			if b%16 < 8 {
				err = x.ask(down(c))
			} else {
				err = x.ask(tapped(c))
			}
			if err == nil && (worth == 0 || away) {
				t.Errorf("key %d went down without a hold (away: %v)", c, away)
			}
			if err == nil {
				paid++
			}
		case 10, 11, 12:
			err = x.ask(up(c))
		case 13:
			err = x.ask(end)
		case 14:
			away = !away
			x.become(session.State{InUse: !away, Why: session.Locked})
			want := helperproto.None
			if away {
				want = helperproto.Locked
			}
			for bound && next[helperproto.State](x).Session != want {
			}
		case 15:
			_, _ = x.daemon.Write([]byte{b}) // it ends the connection
			err = io.EOF
		}
		var reason helperproto.Reason
		if err != nil && !errors.As(err, &reason) {
			break // the connection is over
		}
	}
	_ = x.finish() // an error is expected if an illegal request ended it
	if presses, down := x.read(); down != 0 || presses != paid {
		t.Errorf("%d presses, %d granted, %d keys down", presses, paid, down)
	}
}
