package evdev

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"
	"golang.org/x/sys/unix"
)

// TestNoWatch: the user's inotify instances or watches are used up, from the start or when
// the folder is made again. Devices are still found, later, and at once when there is room
// again. The log says so once.
func TestNoWatch(t *testing.T) {
	for name, tt := range map[string]struct {
		set   func(f *fake, err error)
		err   error
		later bool // after the start
	}{
		"no instance":               {func(f *fake, err error) { f.unwatched = err }, unix.EMFILE, false},
		"no file":                   {func(f *fake, err error) { f.unwatched = err }, unix.ENFILE, false},
		"no watch":                  {func(f *fake, err error) { f.noRoom = err }, unix.ENOSPC, false},
		"no watch for a new folder": {func(f *fake, err error) { f.noRoom = err }, unix.ENOSPC, true},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, f *fake) {
				var log bytes.Buffer
				conf := only(f13)
				conf.Log = slog.New(slog.NewTextHandler(&log, nil))
				f.silently(pad("first", f13), nil)
				set := func(err error) {
					f.mu.Lock()
					tt.set(f, err)
					f.mu.Unlock()
				}
				if !tt.later {
					set(tt.err)
				}
				s := listen(t, f, conf)
				s.listens("first", true)
				if tt.later {
					set(tt.err)
					f.tell(fsnotify.Remove, f.dir)
					synctest.Wait()
				}
				d := f.silently(pad("second", f13), nil)
				synctest.Wait()
				s.listens("second", false)
				time.Sleep(scanInterval)
				synctest.Wait()
				s.listens("second", true)
				d.press(f13)
				s.wants("0 down")
				d.release(f13)
				s.wants("0 up")
				time.Sleep(time.Hour)
				if n := strings.Count(log.String(), ErrNoWatch.Error()); n != 1 {
					t.Errorf("said %d times:\n%s", n, log.String())
				}
				set(unix.EACCES) // meanwhile another error: look again later, too
				time.Sleep(time.Minute)
				set(nil)
				time.Sleep(scanInterval)
				synctest.Wait()
				f.plug(pad("third", f13), nil)
				synctest.Wait()
				s.listens("third", true)
				f.mu.Lock()
				before := f.described
				f.mu.Unlock()
				time.Sleep(time.Hour)
				f.mu.Lock()
				defer f.mu.Unlock()
				if f.described != before {
					t.Error("looks for devices that the kernel reports")
				}
			})
		})
	}
}

// TestNoFolder: another error ends Run, as before.
func TestNoFolder(t *testing.T) {
	broken := errors.New("broken")
	inBubble(t, func(t *testing.T, f *fake) {
		f.noRoom = broken
		l := New(only(f13))
		l.host = f
		if err := l.Run(t.Context(), nil); !errors.Is(err, broken) {
			t.Errorf("Run: %v", err)
		}
	})
}

// TestNoRoomForKeyboards: a keyboard that could not be opened because there was no room may have a
// key down, so it is not passed over as one that may not be read.
func TestNoRoomForKeyboards(t *testing.T) {
	for _, tt := range []struct {
		err    error
		failed bool
	}{
		{nil, false},
		{unix.EACCES, false},
		{unix.ENODEV, false},
		{unix.EMFILE, true},
		{unix.ENFILE, true},
		{unix.ENOMEM, true},
	} {
		inBubble(t, func(t *testing.T, f *fake) {
			f.silently(pad("first", f13), nil)
			f.silently(pad("second", f13), tt.err)
			k, err := openKeyboards(f, "")
			if (err != nil) != tt.failed || tt.failed && !errors.Is(err, tt.err) {
				t.Errorf("%v: %v", tt.err, err)
			}
			if err == nil {
				_ = k.Close()
			}
			for _, d := range f.devices {
				if len(d.clients) > 0 {
					t.Errorf("%v: %s is still open", tt.err, d.info.Name)
				}
			}
		})
	}
}
