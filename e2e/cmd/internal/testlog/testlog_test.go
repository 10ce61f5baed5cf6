package testlog

import (
	"bytes"
	"strings"
	"testing"
)

// TestTicker checks that the end of each test is shown at once, with the output of a failed
// one, wherever the lines are cut.
func TestTicker(t *testing.T) {
	var b strings.Builder
	k := &ticker{w: &b, said: map[string]*strings.Builder{}}
	for _, piece := range []string{
		`{"Action":"output","Test":"TestA","Output":"a.go:1: well\n"}` + "\n" + `{"Action":"outp`,
		`ut","Test":"TestB","Output":"b.go:1: ill\n"}` + "\n" + `{"Action":"pass","Test":"TestA"}` + "\n",
		`{"Action":"fail","Test":"TestB"}` + "\nFAIL\n" + `{"Action":"fail","Package":"p"}` + "\n",
	} {
		if n, err := k.Write([]byte(piece)); n != len(piece) || err != nil {
			t.Fatalf("%d bytes, %v", n, err)
		}
	}
	if want := "pass TestA\nfail TestB\nb.go:1: ill\n"; b.String() != want {
		t.Errorf("shown %q, want %q", b.String(), want)
	}
}

// TestBegin checks that a kept run begins with the tested commit.
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
