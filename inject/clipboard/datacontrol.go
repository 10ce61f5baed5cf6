package clipboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/inject/desktop"
	"github.com/arealicehole/vocoder/internal/wayland"
)

// dataControls are the protocols that give the selections to a program without a window.
// Only their names differ. wlroots, Hyprland, niri and KWin have one of them, GNOME none. Source: ext-data-control-v1.xml of
// wayland-protocols.
var dataControls = []struct {
	manager string
	version uint32 // with the primary selection
}{
	{"ext_data_control_manager_v1", 1},
	{"zwlr_data_control_manager_v1", 2},
}

// The opcodes of both protocols.
const (
	managerCreateSource = 0
	managerGetDevice    = 1

	deviceSetSelection = 0 // for the clipboard; set_primary_selection is 2
	deviceSetPrimary   = 2

	sourceOffer   = 0
	sourceDestroy = 1

	offerReceive = 0
	offerDestroy = 1
)

// A dataControl is the selectionOwner of a Wayland compositor.
type dataControl struct {
	conn    *wayland.Conn
	events  chan<- event
	manager wayland.ID
	device  wayland.ID
	primary bool // the version has the primary selection

	writes sync.WaitGroup

	mu      sync.Mutex
	over    bool                  // run has ended
	pipes   map[*os.File]struct{} // being written to
	current [len(both)]*offer     // what others and we offer
	loaded  [len(both)]*offer     // by load at last
	sources [len(both)]*source
	offers  map[wayland.ID]*offer // announced, not yet current
}

// An offer is what a selection holds, by the names of its forms.
type offer struct {
	id     wayland.ID
	names  []string
	loaded bool // by load at this moment
	over   bool // the selection holds something else; load destroys the offer
}

// A source is what we offer.
type source struct {
	id        wayland.ID
	selection selection
	serial    int
	content   content
}

func dataControlOpener(d desktop.Desktop) opener {
	return func(_ context.Context, events chan<- event) (selectionOwner, error) {
		conn, err := wayland.Dial(d.Wayland)
		if err != nil {
			return nil, err
		}
		return newDataControl(conn, events), nil
	}
}

func newDataControl(conn *wayland.Conn, events chan<- event) *dataControl {
	return &dataControl{conn: conn, events: events, offers: map[wayland.ID]*offer{}, pipes: map[*os.File]struct{}{}}
}

func (d *dataControl) run(ctx context.Context) error {
	err := d.conn.Run(ctx)
	d.mu.Lock()
	d.over = true
	for pipe := range d.pipes {
		_ = pipe.SetWriteDeadline(past)
	}
	d.mu.Unlock()
	d.writes.Wait()
	return err
}

// past ends what is being read or written.
var past = time.Unix(1, 0)

func (d *dataControl) start(ctx context.Context) error {
	if err := d.conn.Start(ctx); err != nil {
		return err
	}
	seat, _, err := d.conn.Bind(nil, "wl_seat", 1)
	if err != nil {
		return err
	}
	err = errors.New("the compositor has no data-control")
	for _, p := range dataControls {
		if d.conn.Offers(p.manager) == 0 {
			continue
		}
		var version uint32
		if d.manager, version, err = d.conn.Bind(nil, p.manager, p.version); err != nil {
			return err
		}
		d.primary = version == p.version
		break
	}
	if err != nil {
		return err
	}
	if d.device, err = d.conn.Create(d.deviceEvent, d.manager, managerGetDevice, wayland.NewID{}, seat); err != nil {
		return err
	}
	return d.conn.Sync(ctx)
}

func (d *dataControl) indirect() bool { return false }

// deviceEvent handles data_offer, selection, finished and primary_selection.
func (d *dataControl) deviceEvent(e *wayland.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := wayland.ID(0)
	if e.Opcode != 2 {
		id = e.ID()
	}
	switch e.Opcode {
	case 0:
		o := &offer{id: id}
		d.offers[id] = o
		d.conn.Handle(id, func(e *wayland.Event) { // offer
			name := e.String()
			d.mu.Lock()
			defer d.mu.Unlock()
			if !slices.Contains(o.names, name) {
				o.names = append(o.names, name)
			}
		})
	case 1:
		d.change(clipboard, id)
	case 3:
		d.change(primary, id)
	}
}

// change records what a selection holds from now on.
func (d *dataControl) change(s selection, id wayland.ID) {
	if old := d.current[s]; old != nil {
		old.over = true
		if !old.loaded {
			d.destroy(old)
		}
	}
	d.current[s] = d.offers[id] // nil for 0
	delete(d.offers, id)
}

// destroy gives an offer back. A request to it after that is an error of the protocol, for
// which the compositor ends the connection.
func (d *dataControl) destroy(o *offer) {
	d.conn.Handle(o.id, nil)
	_ = d.conn.Request(o.id, offerDestroy) // if it fails, so does run
}

// load reads every form of a selection. If it changes meanwhile, load reads the new one.
func (d *dataControl) load(ctx context.Context, s selection, next func()) (content, error) {
	for {
		d.mu.Lock()
		o := d.current[s]
		d.loaded[s] = o
		if o == nil {
			d.mu.Unlock()
			return nil, nil
		}
		o.loaded = true
		names := slices.Clone(o.names)
		d.mu.Unlock()
		c, err := d.read(ctx, o.id, names, next)
		if err == nil {
			err = d.conn.Sync(ctx) // with the changes up to now
		}
		d.mu.Lock()
		o.loaded = false
		over := o.over
		if over {
			d.destroy(o)
		}
		d.mu.Unlock()
		if !over || ctx.Err() != nil {
			return c, err
		}
	}
}

func (d *dataControl) changed(_ context.Context, s selection) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.current[s] != d.loaded[s]
}

// read reads the forms of an offer with names.
func (d *dataControl) read(ctx context.Context, id wayland.ID, names []string, next func()) (c content, err error) {
	left := maxSaved
	for _, name := range names {
		data, err := d.receive(ctx, id, name, left)
		if err != nil {
			return nil, fmt.Errorf("read the selection: %w", err)
		}
		next()
		left -= len(data)
		c = append(c, form{name: name, data: data})
	}
	return c, nil
}

var errTooLong = errors.New("longer than is kept")

// receive reads one form of an offer, of at most limit bytes.
func (d *dataControl) receive(ctx context.Context, id wayland.ID, name string, limit int) ([]byte, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	err = d.conn.Request(id, offerReceive, name, w)
	_ = w.Close()
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { _ = r.SetReadDeadline(past) })()
	data, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err == nil && len(data) > limit {
		err = errTooLong
	}
	return data, err
}

// own replaces what a selection holds.
func (d *dataControl) own(ctx context.Context, s selection, c content, serial int) error {
	if s == primary && !d.primary {
		return nil
	}
	request := uint16(deviceSetSelection)
	if s == primary {
		request = deviceSetPrimary
	}
	if c == nil {
		d.mu.Lock()
		d.sources[s] = nil
		d.mu.Unlock()
		if err := d.conn.Request(d.device, request, wayland.ID(0)); err != nil {
			return err
		}
		return d.conn.Sync(ctx)
	}
	src := &source{selection: s, serial: serial, content: c}
	id, err := d.conn.Create(func(e *wayland.Event) { d.sourceEvent(src, e) }, d.manager, managerCreateSource, wayland.NewID{})
	if err != nil {
		return err
	}
	for _, f := range c {
		if err := d.conn.Request(id, sourceOffer, f.name); err != nil {
			return err
		}
	}
	d.mu.Lock()
	src.id = id
	d.sources[s] = src
	d.mu.Unlock()
	if err := d.conn.Request(d.device, request, id); err != nil {
		return err
	}
	return d.conn.Sync(ctx)
}

func (d *dataControl) owned(s selection) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sources[s] != nil
}

// sourceEvent handles send and cancelled.
func (d *dataControl) sourceEvent(src *source, e *wayland.Event) {
	switch e.Opcode {
	case 0:
		name, file := e.String(), e.File()
		if file == nil {
			return
		}
		f, ok := src.content.find(name)
		if !ok {
			_ = file.Close()
			return
		}
		d.writes.Go(func() { d.send(src, f, file) })
	case 1:
		d.mu.Lock()
		id := src.id
		src.id = 0
		if d.sources[src.selection] == src {
			d.sources[src.selection] = nil
		}
		d.mu.Unlock()
		if id == 0 {
			return // KWin 6.3 sends it twice, and closes the connection of a client that destroys twice
		}
		_ = d.conn.Request(id, sourceDestroy) // if it fails, so does run
		give(d.events, event{kind: lost, selection: src.selection, serial: src.serial})
	}
}

// send writes one form to the program that asked for it. It may take a while, but not for ever.
func (d *dataControl) send(src *source, f form, to *os.File) {
	pipe, err := reopen(to)
	if err != nil {
		return
	}
	_ = pipe.SetWriteDeadline(time.Now().Add(10 * time.Second)) // or it is not a pipe, and does not block
	d.mu.Lock()
	d.pipes[pipe] = struct{}{}
	if d.over {
		_ = pipe.SetWriteDeadline(past)
	}
	d.mu.Unlock()
	_, err = pipe.Write(f.data)
	d.mu.Lock()
	delete(d.pipes, pipe)
	d.mu.Unlock()
	if closed := pipe.Close(); err == nil && closed == nil && f.name != secret {
		give(d.events, event{kind: read, selection: src.selection, serial: src.serial})
	}
}

// reopen returns a file that can have a deadline, because its reader may never read. For
// that the descriptor must not block when the file is made. reopen closes the old file.
func reopen(f *os.File) (*os.File, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	_ = f.Close()
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), "pipe"), nil
}
