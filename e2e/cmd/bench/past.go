package main

import (
	"bufio"
	"regexp"
	"strconv"
	"strings"
)

// A reading is a figure as a page has it.
type reading struct{ median, spread float64 }

// A past holds the figures of the previous page. It is empty if there is no such page.
type past struct {
	rows         map[string]reading // by the names of the figures
	commit, date string             // of the measured program, and of the measurement
}

// measuredOn is the line of a page that says which program was measured, and when.
var measuredOn = regexp.MustCompile(`(?m)^vocoder (.+), measured on (\d{4}-\d\d-\d\d)\.`)

// parse reads the tables of figures of a page. It skips everything else.
func parse(text string) past {
	p := past{rows: map[string]reading{}, commit: "unknown", date: "an unknown day"}
	if m := measuredOn.FindStringSubmatch(text); m != nil {
		p.commit, p.date = m[1], m[2]
	}
	byLabel := map[string]string{}
	for what, label := range labels {
		byLabel[label] = what
	}
	head := "| " + strings.Join(columns, " | ") + " |"
	within := false
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := lines.Text()
		within = line == head || within && strings.HasPrefix(line, "|")
		label, r, is := row(line)
		if what := byLabel[label]; within && is && what != "" {
			p.rows[what] = r
		}
	}
	return p
}

// row reads a row of a table that has a figure: "| memory | 779 MiB | 39.5 | 9 |  |".
func row(line string) (label string, r reading, is bool) {
	cells := strings.Split(line, "|")
	if len(cells) != len(columns)+2 {
		return "", reading{}, false
	}
	value, _, _ := strings.Cut(strings.TrimSpace(cells[2]), " ")
	median, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return "", reading{}, false // the line below the head, or a figure that was not measured
	}
	spread := 0.0
	if s := strings.TrimSpace(cells[3]); s != "" { // a single value has none
		if spread, err = strconv.ParseFloat(s, 64); err != nil {
			return "", reading{}, false
		}
	}
	return strings.TrimSpace(cells[1]), reading{median, spread}, true
}
