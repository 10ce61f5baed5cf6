// Package measure passes figures from tests to e2e/cmd/bench, by lines of the tests'
// output.
package measure

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A Figure is a quantity that was measured once or several times.
type Figure struct {
	What   string // "release to first key", without a bracket
	Unit   string // "ms"
	Values []float64
}

const mark = "measured: "

// Wanted skips a test that only measures, unless make bench runs it.
func Wanted(t testing.TB) {
	t.Helper()
	if os.Getenv("VOCODER_BENCH") != "1" {
		t.Skip("VOCODER_BENCH is not 1: make bench measures")
	}
}

// Tell prints values that a test measured. The name what must be the same in each run, and
// different from that of all other tests.
func Tell(t testing.TB, what, unit string, values ...float64) {
	t.Helper()
	t.Log(Figure{what, unit, values})
}

// Version prints the version of a program that the measurement used: "wtype 0.4-3".
func Version(t testing.TB, program string) {
	t.Helper()
	t.Log(version + program)
}

const version = "version: "

// String returns the line of a figure, which Parse understands.
func (f Figure) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s [%s]:", mark, f.What, f.Unit)
	for _, v := range f.Values {
		fmt.Fprintf(&b, " %.4g", v)
	}
	return b.String()
}

// Parse reads a figure from a line of a test's output, if the line has one.
func Parse(line string) (f Figure, is bool) {
	_, line, is = strings.Cut(line, mark)
	if !is {
		return Figure{}, false
	}
	what, rest, is := strings.Cut(line, " [")
	unit, values, is2 := strings.Cut(rest, "]:")
	if !is || !is2 {
		return Figure{}, false
	}
	f = Figure{What: what, Unit: unit}
	for word := range strings.FieldsSeq(values) {
		v, err := strconv.ParseFloat(word, 64)
		if err != nil {
			return Figure{}, false
		}
		f.Values = append(f.Values, v)
	}
	return f, len(f.Values) > 0
}

// ParseVersion reads a line that Version printed.
func ParseVersion(line string) (program string, is bool) {
	_, program, is = strings.Cut(line, version)
	return strings.TrimSpace(program), is
}

// Median returns the value in the middle of the sorted values.
func (f Figure) Median() float64 {
	s := slices.Sorted(slices.Values(f.Values))
	return s[len(s)/2]
}

// Quartiles returns the values below which a quarter and three quarters of the values are.
func (f Figure) Quartiles() (low, high float64) {
	s := slices.Sorted(slices.Values(f.Values))
	return s[len(s)/4], s[len(s)*3/4]
}

// Spread returns the distance of the two quartiles: the noise of a single value.
func (f Figure) Spread() float64 {
	low, high := f.Quartiles()
	return high - low
}
