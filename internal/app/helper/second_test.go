package helper

import (
	"errors"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/helperproto"
)

// TestSecondProfile checks that a profile for which the helper has no place says why, and
// takes over when the other one has ended.
func TestSecondProfile(t *testing.T) {
	p := newFakeHelper(t)
	for _, greeted := range []bool{false, true, false, true} {
		_ = p.listen.SetDeadline(time.Now().Add(time.Minute)) // of a socket that is open
		c, err := p.listen.AcceptUnix()
		if err != nil {
			t.Fatal(err)
		}
		p.conn = c
		if greeted {
			p.receive()
		}
		p.send(helperproto.Answer{Reason: helperproto.Busy})
		_ = c.Close() // as the helper does
		for limit := time.After(time.Minute); ; {
			select {
			case err = <-p.state:
			case <-limit:
				t.Fatalf("the listener reports %v", err)
			}
			if errors.Is(err, helperproto.Busy) {
				break
			}
		}
		if err := p.client.Check(); !errors.Is(err, helperproto.Busy) {
			t.Errorf("typing: %v", err)
		}
	}
	serial := p.accept()
	p.send(helperproto.Hold{Serial: serial, Down: true})
	if ev := p.next(); !ev.Down {
		t.Errorf("%+v, want a press", ev)
	}
}
