package evdev

import (
	"math/rand/v2"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/arealicehole/vocoder/internal/key"
)

// The law of the Listener: whatever happens to the devices, presses and releases
// alternate for each binding, a press first. When all keys are up, or all devices
// gone, no hold is left.
func TestWhateverHappens(t *testing.T) {
	runs := 300
	switch {
	case os.Getenv("VOCODER_SWEEP") != "":
		runs = 10_000
	case testing.Short():
		runs = 100
	}
	for seed := range uint64(runs) {
		inBubble(t, func(t *testing.T, f *fake) {
			befall(t, f, rand.New(rand.NewPCG(seed, 0)))
			if t.Failed() {
				t.Fatalf("with seed %d", seed)
			}
		})
	}
	t.Logf("outcome: %d seeds of a hundred things each", runs)
}

// befall makes a hundred things happen to a few devices.
func befall(t *testing.T, f *fake, dice *rand.Rand) {
	s := listen(t, f, Config{Bindings: []Binding{bind(f13), bind(ctrl, f13), bind(f14)}})
	l := law{t: t, down: map[int]bool{}, last: map[int]time.Duration{}}
	take := func() {
		for {
			synctest.Wait()
			select {
			case e := <-s.events:
				l.check([]edge{{e.Binding, e.Down, e.At.Sub(f.begin), e.Cause}})
			default:
				return
			}
		}
	}
	var devices []*fakeDevice
	for range 100 {
		happens(f, dice, &devices)
		if dice.IntN(3) > 0 { // else the events are not received yet
			take()
		}
		time.Sleep(time.Duration(dice.IntN(40)) * time.Millisecond)
	}
	for _, d := range devices {
		if dice.IntN(2) == 0 {
			d.release(f13, f14, ctrl)
		} else {
			d.unplug()
		}
	}
	time.Sleep(10 * time.Second)
	take()
	for b, down := range l.down {
		if down {
			t.Errorf("binding %d is believed down and all keys are up", b)
		}
	}
}

func happens(f *fake, dice *rand.Rand, devices *[]*fakeDevice) {
	n := len(*devices)
	if what := dice.IntN(20); n == 0 || what < 2 && n < 5 {
		var err error
		if dice.IntN(2) == 0 {
			err = denied("a new device")
		}
		*devices = append(*devices, f.plug(pad("test pad", f13, f14, ctrl, keyA), err))
		return
	}
	i := dice.IntN(n)
	d, c := (*devices)[i], []key.Code{f13, f14, ctrl, keyA}[dice.IntN(4)]
	switch what := dice.IntN(20); what {
	case 0:
		*devices = append((*devices)[:i], (*devices)[i+1:]...)
		d.unplug()
	case 1:
		d.revoke()
	case 2, 3:
		d.allow(what == 2)
	case 4:
		for range 100 { // more than a queue holds
			d.press(c)
			d.release(c)
		}
	case 5:
		d.repeat(c)
	case 6:
		f.tell(fsnotify.Chmod, d.info.Path)
	case 7:
		f.lost <- fsnotify.ErrEventOverflow
	case 8, 9, 10, 11, 12, 13:
		d.press(c)
	default:
		d.release(c)
	}
}
