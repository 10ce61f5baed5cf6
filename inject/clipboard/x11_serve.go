package clipboard

import (
	"maps"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// A transfer is a content that is sent in pieces. The window that asked deletes the
// property when it has read a piece. Source: ICCCM 2.7.2.
type transfer struct {
	form  form
	kind  xproto.Atom
	rest  []byte
	event event // to send when it has arrived
	begun time.Time
}

type transferKey struct {
	window   xproto.Window
	property xproto.Atom
}

// transferLimit is how long a program may take to read all pieces.
const transferLimit = 30 * time.Second

// request answers a program that asks for what a selection holds. Source: ICCCM 2.2 and 2.6.
func (x *xServer) request(ev xproto.SelectionRequestEvent) {
	property := ev.Property
	if property == xproto.AtomNone {
		property = ev.Target // of obsolete clients
	}
	answer := xproto.SelectionNotifyEvent{Time: ev.Time, Requestor: ev.Requestor, Selection: ev.Selection, Target: ev.Target}
	var tell []event
	if s, ok := x.selection(ev.Selection); ok {
		if o := x.offered(s); o != nil {
			if ev.Target == x.atoms.of("MULTIPLE") {
				tell, ok = x.multiple(o, ev.Requestor, property)
			} else {
				tell, ok = x.convert(o, ev.Requestor, ev.Target, property)
			}
			if ok {
				answer.Property = property
			}
		}
	}
	xproto.SendEvent(x.conn, false, ev.Requestor, 0, string(answer.Bytes()))
	for _, t := range tell {
		give(x.events, t)
	}
}

// convert writes one form of an offer to a property. It returns the events to send once
// the answer is sent.
func (x *xServer) convert(o *xOffer, to xproto.Window, target, property xproto.Atom) ([]event, bool) {
	told := event{kind: asked, selection: o.selection, serial: o.serial, by: uint32(to)}
	switch target {
	case x.atoms.of("TARGETS"):
		list := []xproto.Atom{target, x.atoms.of("MULTIPLE"), x.atoms.of("TIMESTAMP")}
		for _, f := range o.content {
			list = append(list, x.atoms.of(f.name))
		}
		x.put(to, property, x.atoms.of("ATOM"), 32, words(list...))
		return []event{told}, true
	case x.atoms.of("TIMESTAMP"):
		x.put(to, property, x.atoms.of("INTEGER"), 32, words(o.since))
		return nil, true
	}
	name, err := x.atoms.name(target)
	if err != nil {
		return nil, false
	}
	f, ok := o.content.find(name)
	if !ok {
		return nil, false
	}
	kind := target
	if f.kind != "" {
		if err := x.atoms.intern(f.kind); err != nil {
			return nil, false
		}
		kind = x.atoms.of(f.kind)
	}
	if f.bits == 0 {
		f.bits = 8
	}
	told.kind = read
	if len(f.data) > x.largest {
		x.begin(to, property, &transfer{form: f, kind: kind, rest: f.data, event: told})
		return nil, true
	}
	x.put(to, property, kind, f.bits, f.data)
	if f.name == secret {
		return nil, true
	}
	return []event{told}, true
}

// multiple converts to each target of a list, and replaces by None the targets that it
// does not have.
func (x *xServer) multiple(o *xOffer, to xproto.Window, property xproto.Atom) (tell []event, ok bool) {
	r, err := xproto.GetProperty(x.conn, false, to, property, x.atoms.of("ATOM_PAIR"), 0, 1024).Reply()
	if err != nil || r.Format != 32 {
		return nil, false
	}
	pairs := r.Value[:len(r.Value)&^7]
	for i := 0; i < len(pairs); i += 8 {
		told, ok := x.convert(o, to, xproto.Atom(xgb.Get32(pairs[i:])), xproto.Atom(xgb.Get32(pairs[i+4:])))
		if !ok {
			xgb.Put32(pairs[i+4:], xproto.AtomNone)
		}
		tell = append(tell, told...)
	}
	x.put(to, property, x.atoms.of("ATOM_PAIR"), 32, pairs)
	return tell, true
}

// put writes a property of a window.
func (x *xServer) put(to xproto.Window, property, kind xproto.Atom, bits byte, data []byte) {
	xproto.ChangeProperty(x.conn, xproto.PropModeReplace, to, property, kind, bits, uint32(len(data))/uint32(bits/8), data)
}

func words[T ~uint32](values ...T) []byte {
	b := make([]byte, 4*len(values))
	for i, v := range values {
		xgb.Put32(b[4*i:], uint32(v))
	}
	return b
}

// begin announces a content that is sent in pieces.
func (x *xServer) begin(to xproto.Window, property xproto.Atom, t *transfer) {
	t.begun = time.Now()
	maps.DeleteFunc(x.transfers, func(_ transferKey, t *transfer) bool { return time.Since(t.begun) > transferLimit })
	x.transfers[transferKey{to, property}] = t
	xproto.ChangeWindowAttributes(x.conn, to, xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange})
	x.put(to, property, x.atoms.of("INCR"), 32, words(uint32(len(t.rest))))
}

// proceed writes the next piece. The last piece is empty.
func (x *xServer) proceed(k transferKey) {
	t := x.transfers[k]
	if t == nil {
		return
	}
	piece := t.rest[:min(len(t.rest), x.largest&^3)]
	t.rest = t.rest[len(piece):]
	x.put(k.window, k.property, t.kind, t.form.bits, piece)
	if len(piece) > 0 {
		return
	}
	delete(x.transfers, k)
	xproto.ChangeWindowAttributes(x.conn, k.window, xproto.CwEventMask, []uint32{xproto.EventMaskNoEvent})
	if t.form.name != secret {
		give(x.events, t.event)
	}
}
