package typing

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/key"
)

// fakeKeys are keyboards with an error, or with a key that is down for some time.
type fakeKeys struct {
	err  error
	down time.Time // until then
}

func (f *fakeKeys) Released(ctx context.Context) error {
	select {
	case <-time.After(time.Until(f.down)):
		return f.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *fakeKeys) Pressed() ([]key.Code, error) {
	if time.Now().Before(f.down) {
		return []key.Code{42}, f.err
	}
	return nil, f.err
}

func (f *fakeKeys) Close() error { return nil }

// TestKeysUnknown: only a keyboard that may not be read has no key down. What cannot be
// told for another reason is an error, so that the text is kept.
func TestKeysUnknown(t *testing.T) {
	for name, tt := range map[string]struct {
		open, asked error
		held        time.Duration
		want        error
		down        bool // afterwards
	}{
		"up":                  {},
		"up after a second":   {held: time.Second},
		"down":                {held: time.Hour, want: errKeysDown, down: true},
		"may not be read":     {open: &fs.PathError{Op: "open", Path: "/dev/input/event0", Err: unix.EACCES}},
		"no files left":       {open: unix.EMFILE, want: unix.EMFILE},
		"broken when opened":  {open: unix.EIO, want: unix.EIO},
		"broken when asked":   {asked: unix.EIO, want: unix.EIO, down: true},
		"broken some time on": {asked: unix.EIO, held: time.Second, want: unix.EIO, down: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newPhysicalKeys("")
			p.open = func(string) (keyboards, error) {
				if tt.open != nil {
					return nil, tt.open
				}
				return &fakeKeys{err: tt.asked, down: time.Now().Add(tt.held)}, nil
			}
			if err := p.Up(t.Context()); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Errorf("%s: %v, want %v", name, err, tt.want)
			}
			if p.Down() != tt.down {
				t.Errorf("%s: down: %t", name, !tt.down)
			}
			p.Close()
		})
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	p := newPhysicalKeys("")
	p.open = func(string) (keyboards, error) { return &fakeKeys{down: time.Now().Add(time.Hour)}, nil }
	if err := p.Up(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}
