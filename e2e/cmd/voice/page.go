package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/markdown"
	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
)

// results are all kept results.
type results struct {
	gate  gateResult
	tail  tailResult
	times []sweep.Duration
}

// write writes the page from the kept results.
func write() error {
	r, err := loadAll(kept)
	if err != nil {
		return err
	}
	return os.WriteFile(page, []byte(r.page()), 0o644)
}

// loadAll reads the kept results in a folder.
func loadAll(dir string) (r results, err error) {
	if err := load(dir, partGate, &r.gate); err != nil {
		return r, err
	}
	if err := load(dir, partTail, &r.tail); err != nil {
		return r, err
	}
	for _, part := range []string{partGate, partTail} {
		var d sweep.Duration
		if err := load(dir, "time-"+part, &d); err != nil {
			return r, err
		}
		if d.Seconds > 0 {
			r.times = append(r.times, d)
		}
	}
	return r, nil
}

// page returns the whole page.
func (r results) page() string {
	return head + theGate + r.speakers() + "\n" + otherSounds + r.others() +
		theTail + r.within() + "\n" + theSilence + r.silent() + theSweep + r.durations()
}

const notRun = "Not run.\n"

// speakers returns the table of refused clips, by speaker and level.
func (r results) speakers() string {
	if len(r.gate.Speakers) == 0 {
		return notRun
	}
	var b, names strings.Builder
	columns := []string{"voice", "clips"}
	for _, l := range levels {
		columns = append(columns, "refused "+l.name)
	}
	table := markdown.New(columns...)
	row := func(name string, groups []group) {
		cells := []any{name, groups[0].Clips}
		for _, g := range groups {
			cells = append(cells, portion(g))
		}
		table.Row(cells...)
	}
	var all []group
	for _, groups := range r.gate.Speakers {
		all = append(all, sum(groups))
	}
	for i, s := range speakers {
		var groups []group
		for j := range levels {
			g := r.gate.Speakers[j][i]
			groups = append(groups, g)
			if len(g.Wrong) > 0 {
				fmt.Fprintf(&names, "- %s, %s: %s\n", s.name, levels[j].name, strings.Join(g.Wrong, ", "))
			}
		}
		row(s.name+", a "+s.voice, groups)
	}
	row("**all**", all)
	b.WriteString(table.String())
	for i, l := range levels {
		fmt.Fprintf(&b, "\nAt most %.1f %% may be refused %s. This aim is %s.\n", 100*l.most, l.name, met(all[i].share() <= l.most))
	}
	if names.Len() > 0 {
		b.WriteString("\nThe clips that are refused, by the names of their files:\n\n" + names.String())
	}
	return b.String()
}

// portion returns the wrong decisions of a group, for a table.
func portion(g group) string {
	if len(g.Wrong) == 0 {
		return "0"
	}
	return fmt.Sprintf("%d (%.2f %%)", len(g.Wrong), 100*g.share())
}

func met(yes bool) string {
	if yes {
		return "met"
	}
	return "**not met**"
}

// others returns the table of whispers and of sounds that are not speech.
func (r results) others() string {
	if r.gate.Noises.Clips == 0 {
		return notRun
	}
	table := markdown.New("sound", "clips", "sent", "aim", "")
	w, alone := r.gate.Whispers, r.gate.Words
	table.Row(w.Name, w.Clips, w.Clips-len(w.Wrong), "all", met(len(w.Wrong) == 0))
	table.Row(alone.Name, alone.Clips, alone.Clips-len(alone.Wrong), "", "")
	for _, t := range []struct {
		group
		most float64
		aim  string
	}{{r.gate.Noises, 0, "none"}, {r.gate.Music, musicMost, fmt.Sprintf("at most %.0f %%", 100*musicMost)}} {
		table.Row(t.Name, t.Clips, portion(t.group), t.aim, met(t.share() <= t.most))
	}
	var names strings.Builder
	for _, g := range []struct {
		group
		what string
	}{{w, "refused"}, {alone, "refused"}, {r.gate.Noises, "sent"}, {r.gate.Music, "sent"}} {
		if len(g.Wrong) > 0 {
			fmt.Fprintf(&names, "- %s, %s: %s\n", g.Name, g.what, strings.Join(g.Wrong, "; "))
		}
	}
	if names.Len() == 0 {
		return table.String()
	}
	return table.String() + "\n" + names.String()
}

// kind returns the name of a kind of tail in a table.
func (t tails) kind() string {
	if t.Fixed == 0 {
		return "ends with the voice, at most 400 ms"
	}
	return fmt.Sprintf("always %d ms", t.Fixed.Milliseconds())
}

// within returns the table of releases before the end of the voice.
func (r results) within() string {
	if len(r.tail.Within) == 0 {
		return notRun
	}
	var b, names strings.Builder
	table := markdown.New("released before the end", "tail", "clips", "cut", "median tail", "95 % are at most")
	for _, part := range []struct {
		from time.Duration
		all  []tails
	}{{0, r.tail.Within}, {spread, r.tail.Early}} {
		for _, t := range part.all {
			table.Row(fmt.Sprintf("%d to %s", part.from.Milliseconds(), ms(part.from+spread)), t.kind(), t.Clips, len(t.Cut), ms(t.Median), ms(t.P95))
		}
	}
	b.WriteString(table.String())
	for _, t := range r.tail.Within {
		for _, c := range t.Cut {
			fmt.Fprintf(&names, "- %s, %s: %s are missing; Whisper hears \"%s\", of the whole \"%s\"\n", t.kind(), c.Clip, ms(c.Missing), c.Heard, c.Whole)
		}
		if t.Fixed == 0 {
			fmt.Fprintf(&b, "\nThe aim is no cut for a release 0 to %s before the end, and it is %s.\n", ms(spread), met(len(t.Cut) == 0))
		}
	}
	if names.Len() > 0 {
		b.WriteString("\nThe clips that are cut then:\n\n" + names.String())
	}
	return b.String()
}

func ms(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }

// silent returns the table of releases in silence.
func (r results) silent() string {
	if len(r.tail.Silent) == 0 {
		return notRun
	}
	var b strings.Builder
	table := markdown.New("tail", "clips", "release to recording, median", "longest")
	for _, t := range r.tail.Silent {
		table.Row(t.kind(), t.Clips, ms(t.Took), ms(t.Most))
	}
	b.WriteString(table.String())
	for _, t := range r.tail.Silent {
		if t.Fixed == 0 {
			fmt.Fprintf(&b, "\nThe aim is at most %s, and it is %s.\n", ms(silenceMost), met(t.Most <= silenceMost))
		}
	}
	return b.String()
}

// durations returns the table of the parts of the sweep.
func (r results) durations() string {
	if len(r.times) == 0 {
		return notRun
	}
	table := markdown.New("part", "time")
	for _, t := range r.times {
		table.Row("`"+t.Part+"`", fmt.Sprintf("%.1f minutes", t.Seconds/60))
	}
	return fmt.Sprintf("Measured with vocoder %s.\n\n%s", commits(r.gate.Commit, r.tail.Commit), table)
}

// commits returns the names of the measured commits.
func commits(a, b string) string {
	switch {
	case a == "" || a == b:
		return b
	case b == "":
		return a
	}
	return a + " and " + b
}
