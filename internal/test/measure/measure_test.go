package measure

import (
	"reflect"
	"testing"
)

// TestParse checks that Parse reads the lines of Tell, at any place in the output of go test.
func TestParse(t *testing.T) {
	f := Figure{"release to text, 60 s", "ms", []float64{3, 1, 1.25e-6, 2, 12345678}}
	back, is := Parse("    bench_test.go:12: " + f.String() + "\n")
	want := Figure{f.What, f.Unit, []float64{3, 1, 1.25e-6, 2, 12350000}} // four digits
	if !is || !reflect.DeepEqual(back, want) {
		t.Errorf("%v, %v, want %v", back, is, want)
	}
	if m, s := f.Median(), f.Spread(); m != 2 || s != 2 {
		t.Errorf("median %v, spread %v", m, s)
	}
	if low, high := f.Quartiles(); low != 1 || high != 3 {
		t.Errorf("quartiles %v and %v", low, high)
	}
	for _, line := range []string{"", "measured: x", "measured: x [ms]:", "measured: x [ms]: 1 two", "ms]: 1"} {
		if f, is := Parse(line); is {
			t.Errorf("%q is taken for %v", line, f)
		}
	}
	if p, is := ParseVersion("  x.go:1: version: wtype 0.4-3\n"); !is || p != "wtype 0.4-3" {
		t.Errorf("version %q, %v", p, is)
	}
}
