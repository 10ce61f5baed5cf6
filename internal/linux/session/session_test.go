package session

import "testing"

func TestDecide(t *testing.T) {
	here := info{seat: "seat0", active: true}
	for _, tt := range []struct {
		name     string
		sessions []info
		asleep   bool
		want     State
	}{
		{"at the machine", []info{here}, false, State{InUse: true}},
		{"falling asleep", []info{here}, true, State{Why: Asleep}},
		{"locked", []info{{seat: "seat0", active: true, locked: true}}, false, State{Why: Locked}},
		{"another user is active", []info{{seat: "seat0"}}, false, State{Why: Inactive}},
		{"only over ssh", []info{{remote: true, active: true}}, false, State{Why: NoSession}},
		{"a remote desktop is not at the seat", []info{{seat: "seat0", remote: true, active: true}}, false, State{Why: NoSession}},
		{"ssh besides the seat", []info{{active: true}, here}, false, State{InUse: true}},
		{"one inactive, one active", []info{{seat: "seat0"}, here}, false, State{InUse: true}},
		{"one in use, one inactive", []info{here, {seat: "seat1"}}, false, State{InUse: true}},
		{"one in use, one locked", []info{here, {seat: "seat1", active: true, locked: true}}, false, State{Why: Locked}},
		{"one locked, one in use", []info{{seat: "seat1", active: true, locked: true}, here}, false, State{Why: Locked}},
		{"locked and inactive is not on the screen", []info{{seat: "seat0", locked: true}}, false, State{Why: Inactive}},
		{"none", nil, false, State{Why: NoSession}},
	} {
		if got := decide(tt.sessions, tt.asleep); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
