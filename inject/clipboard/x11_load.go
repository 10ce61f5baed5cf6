package clipboard

import (
	"context"
	"errors"
	"fmt"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// effects are targets that do something, or are about the selection and not its
// content. Source: ICCCM 2.6.2 and 2.6.3.
var effects = map[string]bool{
	"TARGETS": true, "MULTIPLE": true, "TIMESTAMP": true, "SAVE_TARGETS": true,
	"DELETE": true, "INSERT_SELECTION": true, "INSERT_PROPERTY": true,
}

// load has the owner of a selection write every form of it.
func (x *xServer) load(ctx context.Context, s selection, next func()) (content, error) {
	defer x.closeIfLate(ctx)()
	owner, err := xproto.GetSelectionOwner(x.conn, x.atom(s)).Reply()
	if err != nil {
		return nil, err
	}
	x.loaded[s] = owner.Owner
	if owner.Owner == xproto.WindowNone {
		return nil, nil
	}
	now, err := x.now(ctx)
	if err != nil {
		return nil, err
	}
	window, err := x.newWindow()
	if err != nil {
		return nil, err
	}
	defer xproto.DestroyWindow(x.conn, window)
	q := question{x, window, x.atom(s), now}
	list, err := q.ask(ctx, x.atoms.of("TARGETS"), maxSaved)
	if err != nil {
		return nil, fmt.Errorf("read the selection: %w", err)
	}
	if list.bits == 0 {
		return nil, errors.New("read the selection: its owner does not say what it has")
	}
	var c content
	left := maxSaved
	for b := list.data; len(b) >= 4; b = b[4:] {
		name, err := x.atoms.name(xproto.Atom(xgb.Get32(b)))
		if err != nil || effects[name] {
			continue
		}
		if _, again := c.find(name); again {
			continue
		}
		f, err := q.ask(ctx, x.atoms.of(name), left)
		if err != nil {
			return nil, fmt.Errorf("read the selection: %w", err)
		}
		next()
		if f.bits == 0 {
			continue // offered, but refused
		}
		f.name = name
		left -= len(f.data)
		c = append(c, f)
	}
	return c, nil
}

// changed does not notice a program that copies twice with the same window. XFIXES would
// report that, but the library starts an extension in maps that other connections read.
func (x *xServer) changed(ctx context.Context, s selection) bool {
	defer x.closeIfLate(ctx)()
	owner, err := xproto.GetSelectionOwner(x.conn, x.atom(s)).Reply()
	return err == nil && owner.Owner != x.loaded[s]
}

// A question asks for the forms of a selection, one after the other. It has its own
// window, so that a slow owner cannot answer the next question.
type question struct {
	*xServer
	window    xproto.Window
	selection xproto.Atom
	now       xproto.Timestamp
}

// ask returns one form, without its name. Its bits are 0 if it was refused.
func (q question) ask(ctx context.Context, target xproto.Atom, limit int) (form, error) {
	property := q.atoms.of("VOCODER")
	xproto.ConvertSelection(q.conn, q.window, q.selection, target, property, q.now)
	answer, err := await(ctx, q.answers, func(ev xproto.SelectionNotifyEvent) bool {
		return ev.Requestor == q.window && ev.Target == target
	})
	if err != nil || answer.Property == xproto.AtomNone {
		return form{}, err
	}
	drain(q.changes)
	r, err := q.take(property, limit)
	if err != nil {
		return form{}, err
	}
	if r.Type != q.atoms.of("INCR") {
		return q.form(r, r.Value)
	}
	var data []byte
	for {
		if _, err := await(ctx, q.changes, func(ev xproto.PropertyNotifyEvent) bool {
			return ev.Window == q.window && ev.Atom == property
		}); err != nil {
			return form{}, err
		}
		if r, err = q.take(property, limit-len(data)); err != nil {
			return form{}, err
		}
		if r.Type != xproto.AtomNone && len(r.Value) == 0 {
			return q.form(r, data)
		}
		data = append(data, r.Value...)
	}
}

// take reads a property of the window and deletes it. The deletion lets its writer go on.
func (q question) take(property xproto.Atom, limit int) (*xproto.GetPropertyReply, error) {
	r, err := xproto.GetProperty(q.conn, true, q.window, property, xproto.GetPropertyTypeAny, 0, uint32(limit/4+1)).Reply()
	if err != nil {
		return nil, err
	}
	if r.BytesAfter > 0 || len(r.Value) > limit {
		return nil, errTooLong
	}
	return r, nil
}

func (q question) form(r *xproto.GetPropertyReply, data []byte) (form, error) {
	if r.Type == xproto.AtomNone {
		return form{}, nil // announced, but not there
	}
	kind, err := q.atoms.name(r.Type)
	return form{kind: kind, bits: max(r.Format, 8), data: data}, err
}
