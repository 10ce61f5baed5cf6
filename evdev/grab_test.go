package evdev

import (
	"bytes"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/key"
)

// TestHeldByAnother: a device that another program keeps is named with the reason, in the
// state and in the log. When it is free it is grabbed, and nothing more is logged.
func TestHeldByAnother(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fake) {
		d := f.plug(pad("test pad", f13), nil)
		other, err := f.open(d.info, Set{})
		if err = errors.Join(err, other.grab()); err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		s := listen(t, f, Config{Bindings: []Binding{{Keys: []key.Code{f13}, Grab: true}}, Log: slog.New(slog.NewTextHandler(&log, nil))})
		synctest.Wait()
		got := errOf(s.current(), "test pad")
		if !errors.Is(got, unix.EBUSY) || !regexp.MustCompile("held by [^:]").MatchString(got.Error()) {
			t.Errorf("state: %v", got)
		}
		if n := strings.Count(log.String(), "device is not grabbed"); n != 1 {
			t.Errorf("the log has\n%s", &log)
		}
		other.ungrab()
		d.press(f13)
		s.wants("0 down")
		d.release(f13)
		s.wants("0 up")
		synctest.Wait()
		if err := errOf(s.current(), "test pad"); err != nil {
			t.Errorf("it is free: %v", err)
		}
		if n := strings.Count(log.String(), "not grabbed"); n != 1 {
			t.Errorf("the log has\n%s", &log)
		}
	})
}
