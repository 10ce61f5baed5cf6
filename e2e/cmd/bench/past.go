package main

import (
	"bufio"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A reading is what a page has of a figure.
type reading struct{ median, spread float64 }

// A past is what a page says that was written before, nothing if there is none.
type past struct {
	rows         map[string]reading // by What
	commit, date string             // of what was measured, and when
}

// measuredOn is the line that says what was measured, and when.
var measuredOn = regexp.MustCompile(`(?m)^vocoder (.+), measured on (\d{4}-\d\d-\d\d)\.`)

// parse reads the tables of figures of a page. What it does not understand it
// passes over.
func parse(text string) past {
	p := past{rows: map[string]reading{}, commit: "unknown", date: "an unknown day"}
	if m := measuredOn.FindStringSubmatch(text); m != nil {
		p.commit, p.date = m[1], m[2]
	}
	within := false
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		within = line == columns || within && strings.HasPrefix(line, "|")
		if what, r, is := row(line); within && is {
			p.rows[what] = r
		}
	}
	return p
}

// row reads a row of a table, if it has a figure: "| start to READY | 779 ms | 39.5 | 9 |  |".
func row(line string) (what string, r reading, is bool) {
	cells := strings.Split(line, "|")
	if len(cells) != 7 {
		return "", reading{}, false
	}
	value, unit, _ := strings.Cut(strings.TrimSpace(cells[2]), " ")
	median, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return "", reading{}, false // the line below the heads, and what was not measured
	}
	spread := 0.0
	if s := strings.TrimSpace(cells[3]); s != "" { // of one value there is none
		if spread, err = strconv.ParseFloat(s, 64); err != nil {
			return "", reading{}, false
		}
	}
	what = strings.TrimSpace(cells[1])
	if name := what + " " + unit; slices.ContainsFunc(sections, func(s section) bool { return slices.Contains(s.rows, name) }) {
		what = name // of a benchmark, whose label is without the unit
	}
	return what, reading{median, spread}, true
}
