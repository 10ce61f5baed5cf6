package clipboard

import (
	"testing"

	"github.com/jezek/xgb/xproto"
)

// TestOldClear: the server says late that the selection before ours has ended. That is no
// reason to give up ours. The times are the server's (ICCCM, section 2.3).
func TestOldClear(t *testing.T) {
	const since = 1000
	for name, tt := range map[string]struct {
		time  xproto.Timestamp
		atom  xproto.Atom
		stays bool
	}{
		"before ours":            {since - 1, 1, true},
		"at once":                {since, 1, false},
		"after ours":             {since + 1, 1, false},
		"of the other selection": {since + 1, 2, true},
		"of neither":             {since + 1, 3, true},
	} {
		events := make(chan event, 1)
		x := &xServer{events: events, atoms: &atoms{known: map[string]xproto.Atom{"CLIPBOARD": 1, "PRIMARY": 2}}}
		x.offers[0] = &xOffer{selection: 0, serial: 7, since: since}
		x.clear(xproto.SelectionClearEvent{Selection: tt.atom, Time: tt.time})
		if x.owned(0) != tt.stays || (len(events) == 0) != tt.stays {
			t.Errorf("%s: ours stays: %t, events %d", name, x.owned(0), len(events))
		}
	}
}
