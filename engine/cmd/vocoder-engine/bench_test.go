package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/engine/models"
)

// TestRealBench checks that a benchmark of a model of the system is kept in the user's
// folder, and that propose uses it.
func TestRealBench(t *testing.T) {
	real := realModel(t)
	s := models.Store{Dir: t.TempDir(), System: []string{real.Dir}}
	m, err := s.Lookup(models.Default)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := bench(t.Context(), &out, s, m, 1); err != nil {
		t.Fatal(err)
	}
	kept := s.Benchmarks()[models.Default]
	if kept.Pace <= 0 || kept.Threads != 1 || !strings.HasPrefix(out.String(), models.Default+": ") {
		t.Errorf("%+v; it says %s", kept, out.String())
	}
	here, err := thisMachine(s, "en")
	if err != nil || here.Measured[models.Default] != kept {
		t.Errorf("%+v, %v", here, err)
	}
}
