package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/markdown"
	"github.com/arealicehole/vocoder/e2e/cmd/internal/testlog"
)

const head = `# Faults that vocoder survives

Written by ` + "`make faults`" + `, which has each of these fifty faults happen: on fakes in virtual time under Go's race detector
(those of the sound server on a PulseAudio and a PipeWire of this host, which has to be idle: beside other work they lose
sound, and fail), and on real devices in a virtual machine (e2e/README.md) with the daemon, its helper and units as they are
shipped, on Debian 12 (systemd 252) and Debian 13 (systemd 257). ` + "`make faults FAULTS='F-2[0-9]'`" + ` runs a part. Nothing here is
measured in time, so that a second run says the same unless something broke.

After each fault of TestFault and of TestHold in the machine it is checked that

- **I1** no key of the virtual keyboard is down, as the kernel says (EVIOCGKEY);
- **I2** no recording is longer than its hold;
- **I3** no utterance is lost without a reason that can be seen;
- **I4** what was to be typed was, once, in the order spoken, and nothing else;
- **I5** nothing that was said is in the journal, whose level is debug;
- **I6** the daemon is idle, and the next press is heard and typed.

The other tests check what their fault is about, and mostly that the next press is typed. *skipped* and *not run* are
not *pass*; an empty place has no test. Below the table is what no test does, and why.

`

// write writes the page from what was kept.
func write() error {
	s, err := load(kept)
	if err != nil {
		return err
	}
	return os.WriteFile(page, []byte(s.page(testlog.Committed(page))), 0o644)
}

// page returns the whole page. What chance came to, which takes hours, it has of
// the one before if that was not tried again.
func (s seen) page(before string) string {
	var b, missing strings.Builder
	b.WriteString(head)
	table := markdown.New("row", "what is done", "what has to come of it", "fakes", "Debian 12", "Debian 13")
	whole := map[string]int{}
	for _, r := range rows {
		cells := []string{s.cell(fakes, r.fakes), s.cell(bookworm, r.real), s.cell(trixie, r.real)}
		table.Row(r.id, r.fault, r.holds, cells[0], cells[1], cells[2])
		for i, place := range []string{fakes, bookworm, trixie} {
			if cells[i] == "pass" {
				whole[place]++
			}
		}
		if r.lacks != "" {
			fmt.Fprintf(&missing, "- **%s** %s.\n", r.id, r.lacks)
		}
	}
	b.WriteString(table.String())
	fmt.Fprintf(&b, "\nRows that pass whole: %d on fakes, %d in the machine on Debian 12, %d on Debian 13. Seen with vocoder %s.\n",
		whole[fakes], whole[bookworm], whole[trixie], strings.Join(slices.Sorted(maps.Keys(s.commits)), ", "))
	b.WriteString("\n## What is not shown\n\n" + missing.String())
	b.WriteString(random + s.chosen(before))
	b.WriteString("\n## The tests of each row\n\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "- **%s** %s\n", r.id, strings.Join(names(r), ", "))
	}
	return b.String()
}

const random = `
## Random faults

` + "`make sweep-random`" + ` is on fakes, in virtual time under the race detector: sequences of presses, answers, lost devices, locks and
restarts for the decision; dictations while microphone, recognizer, keyboard and session fail, whose every character is
looked for on the screen; and devices for the ear. The seeds are 0, 1, 2 and so on, and one that fails is named.
` + "`make sweep-faults`" + ` dictates in the virtual machine while the daemon, the helper, the sound server, the
compositor, the recognizer, the pedal, the layout, the lock, the clock and the disk have something befall them by chance, from
VOCODER_SEED. Each utterance has to be typed once and in order, or be told on request if the helper that saw its hold is gone, or be
lost with a daemon that was killed: until it is typed, what was said is in the memory of that daemon alone, where no other program of
the user can read it. What they counted, each the last time that it ran:

`

// chosen tells how the tests of chance ended, and what they counted: now, or by
// the page before.
func (s seen) chosen(before string) string {
	var b strings.Builder
	for _, t := range both(byChance.fakes, byChance.real) {
		what, verdict := fmt.Sprintf("- `%s %s`: ", t.folder, t.name), s.of(chance, t)
		if o, is := s.outcomes[t]; is {
			verdict += fmt.Sprintf(", vocoder %s, %s: %s", o.commit, o.at.UTC().Format("2006-01-02"), o.text)
		} else if _, old, is := strings.Cut(before, "\n"+what); is && verdict == "not run" {
			verdict, _, _ = strings.Cut(old, "\n")
		}
		b.WriteString(what + verdict + "\n")
	}
	return b.String()
}

// cell returns how all tests of a row ended at a place: pass, or which did not.
func (s seen) cell(place string, all []test) string {
	var bad []string
	for _, t := range all {
		if v := s.of(place, t); v != "pass" {
			bad = append(bad, v+": "+t.name)
		}
	}
	switch {
	case len(all) == 0:
		return ""
	case len(bad) == 0:
		return "pass"
	case len(bad) == len(all) && strings.Count(strings.Join(bad, ""), "not run: ") == len(all):
		return "not run"
	}
	return strings.Join(bad, ", ")
}

func names(r row) (all []string) {
	for _, t := range append(append([]test{}, r.fakes...), r.real...) {
		all = append(all, "`"+t.folder+" "+t.name+"`")
	}
	return all
}
