package testlog

import (
	"bytes"
	"testing"
)

// What is kept of a run begins with the commit that it tested.
func TestBegin(t *testing.T) {
	var b bytes.Buffer
	if err := begin(&b); err != nil {
		t.Fatal(err)
	}
	var all []Event
	if err := Events(&b, func(e Event) { all = append(all, e) }); err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 || all[0].Action != Commit || all[0].Output == "" || all[0].Time.IsZero() {
		t.Errorf("begins with %+v", all)
	}
}
