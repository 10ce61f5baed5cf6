package evdev

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// A source is an open device and the state of its reader.
type source struct {
	id    int
	name  string
	dev   Device
	node  node
	want  want
	grab  bool  // still to be grabbed, by the reader
	grabs error // why it is not grabbed
}

// A report is what a reader has to say.
type report struct {
	src     *source
	strokes []stroke
	synced  bool // held is the truth after the strokes
	held    Set
	tried   bool // to grab, with grabs as the result
	grabs   error
	err     error // the last report: the device is gone
}

// errHeld says that a device waits for its keys to be up before it is grabbed:
// other programs saw them go down and must see them come up.
var errHeld = errors.New("a key of it is down")

// grab grabs a device of which no key is down. Again asks to try later.
func grab(n node, d Device, down Set) (again bool, err error) {
	if !down.empty() {
		return true, errHeld
	}
	if err = n.grab(); errors.Is(err, unix.EBUSY) {
		by := "another program"
		if s := suspects("/proc"); len(s) > 0 {
			by = strings.Join(s, " or ")
		}
		return true, fmt.Errorf("held by %s: %w", by, err)
	}
	return false, err
}

// listen is the reader of a device. It owns the file.
func (s *source) listen(ctx context.Context, reports chan<- report) {
	defer s.node.Close()
	wanted, pending := s.want.keys, s.grab
	var in stream
	b := make([]byte, 64*eventSize)
	for {
		n, err := s.node.Read(b)
		p := report{src: s, err: err}
		p.strokes, p.synced = in.feed(b[:n])
		lifted := slices.ContainsFunc(p.strokes, func(k stroke) bool { return !k.down })
		if err == nil && (p.synced || pending && lifted) {
			var all Set
			all, p.err = s.node.held()
			p.held, p.synced = all.and(wanted), true
			if pending && p.err == nil {
				pending, p.grabs = grab(s.node, s.dev, all)
				p.tried = true
			}
		}
		select {
		case reports <- p:
		case <-ctx.Done():
			return
		}
		if p.err != nil {
			return
		}
	}
}
