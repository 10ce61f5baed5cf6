package main

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/test/measure"
)

// FuzzParse checks that parse reads what text wrote, to three digits.
func FuzzParse(f *testing.F) {
	f.Add(412.4, 46.71, 3.0)
	f.Add(-0.25, 0.0625, -300.2)
	f.Add(0.0, 0.0, 1570000.0)
	f.Fuzz(func(t *testing.T, a, b, c float64) {
		if sum := math.Abs(a) + math.Abs(b) + math.Abs(c); math.IsNaN(sum) || math.IsInf(sum, 0) {
			t.Skip("no such measurement")
		}
		now := figures{byWhat: map[string]dated{}, commits: []string{"abc1234", "abc1235-dirty"}, first: time.Unix(1e9, 0)}
		for i, unit := range []string{"ms", "in 1000 characters", "% of one"} {
			for j, what := range sections[i+1].rows[:3] {
				values := []float64{a, b, c}
				if j == 0 {
					values = values[:1] // it has no spread
				}
				now.put(measure.Figure{What: what, Unit: unit, Values: values}, now.first)
			}
		}
		now.put(measure.Figure{What: "Hold ns/op", Unit: "ns/op", Values: []float64{a, b}}, now.first)
		now.put(measure.Figure{What: "Hold allocs/op", Unit: "allocs/op", Values: []float64{c}}, now.first)
		p := parse(text(now, past{}, "A host."))
		if p.commit != "abc1234, abc1235-dirty" || p.date != "2001-09-09" {
			t.Errorf("of vocoder %q, measured on %q", p.commit, p.date)
		}
		for what, fig := range now.byWhat {
			want, is := rounded(fig.reading())
			if got, was := p.rows[what]; is != was || got != want {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
			delete(p.rows, what)
		}
		if len(p.rows) > 0 {
			t.Errorf("got %v", p.rows)
		}
	})
}

// rounded returns a reading as the page has it, and whether it has numbers.
func rounded(r reading) (_ reading, is bool) {
	median, err1 := strconv.ParseFloat(short(r.median), 64)
	spread, err2 := strconv.ParseFloat(short(r.spread), 64)
	if err1 != nil || err2 != nil {
		return reading{}, false
	}
	return reading{median, spread}, true
}

// TestParse checks that a page is read, and that other tables are not.
func TestParse(t *testing.T) {
	const table = "| what | measured | ± | n | before |\n|---|---|---|---|---|\n| decision: one event | 412 ns/op | 46.7 | 5 |  |\n" +
		"| daemon: from its start until it is ready | not measured | | | |\n| idle: memory | 14.3 MiB |  | 1 | **15** |\n"
	for name, tt := range map[string]struct {
		text         string
		commit, date string
		rows         int
	}{
		"a page":           {"vocoder abc1234, measured on 2026-11-24. The host: vocoder's.\n\n1 of 2 figures below agree with those of the previous page: vocoder abc1233, measured on 2026-11-23.\n" + table, "abc1234", "2026-11-24", 2},
		"of another table": {"| a | b | c | d | e |\n| x | 1 ms | 2 | 3 | |\n", "unknown", "an unknown day", 0},
		"nothing":          {"", "unknown", "an unknown day", 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := parse(tt.text)
			if p.commit != tt.commit || p.date != tt.date || len(p.rows) != tt.rows {
				t.Errorf("%+v", p)
			}
			if tt.rows > 0 && (p.rows["Step ns/op"] != reading{412, 46.7} || p.rows["idle: memory"] != reading{14.3, 0}) {
				t.Errorf("%v", p.rows)
			}
		})
	}
}
