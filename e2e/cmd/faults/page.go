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

This page lists what can go wrong while you dictate, and what vocoder then does. ` + "`make faults`" + ` causes each of these
faults and writes the page. Nothing here is a measured time, so a second run gives the same page unless something broke.

How to read the table:

- **fakes**: the test runs with fake devices in virtual time, under Go's race detector. Tests of the sound server use a real PulseAudio and a real
  PipeWire on the host, which must be idle: on a busy host these lose sound, and the tests fail.
- **Debian 12** (systemd 252) and **Debian 13** (systemd 257): the test runs in the virtual machine of e2e/README.md, on real devices, with the
  daemon, its helper and the units as they are shipped.
- *skipped* and *not run* do not count as *pass*. An empty cell has no test. Below the table is what the tests leave out.

` + "`make faults FAULTS='F-2[0-9]'`" + ` causes some of the faults.

`

const invariants = `After each fault of TestFault and TestHold in the virtual machine, the test checks that

- **I1** no key of the virtual keyboard is down, by the kernel's state (EVIOCGKEY);
- **I2** no recording is longer than its hold;
- **I3** no utterance is lost without a visible reason;
- **I4** each text was typed once, in the order spoken, and no other text was typed;
- **I5** the journal at level debug has none of the dictated words;
- **I6** the daemon is idle, and the next press records and types.

The other tests check the result of their fault; most also check that the next press types.
`

// write writes the page from the kept results.
func write() error {
	s, err := load(kept)
	if err != nil {
		return err
	}
	return os.WriteFile(page, []byte(s.page(testlog.Committed(page))), 0o644)
}

// page returns the whole page. The results of random faults take hours; if they were not
// run again, the page keeps those of the page before.
func (s seen) page(before string) string {
	var b, missing strings.Builder
	b.WriteString(head)
	table := markdown.New(columns...)
	whole := map[string]int{}
	for _, r := range rows {
		cells := []string{s.cell(fakes, r.fakes), s.cell(bookworm, r.at(bookworm)), s.cell(trixie, r.at(trixie))}
		table.Row(r.id, r.fault, r.result, cells[0], cells[1], cells[2])
		for i, place := range []string{fakes, bookworm, trixie} {
			if cells[i] == "pass" {
				whole[place]++
			}
		}
		if r.limit != "" {
			fmt.Fprintf(&missing, "- **%s** %s.\n", r.id, r.limit)
		}
	}
	b.WriteString(table.String())
	fmt.Fprintf(&b, "\nFaults with all tests passed: %d on fakes, %d on Debian 12, %d on Debian 13. Tested: vocoder %s.\n",
		whole[fakes], whole[bookworm], whole[trixie], strings.Join(slices.Sorted(maps.Keys(s.commits)), ", "))
	b.WriteString("\n## What the tests leave out\n\n" + missing.String() + "\n## What is checked after each fault\n\n" + invariants)
	b.WriteString(random + s.chosen(before))
	b.WriteString("\n## The tests of each fault\n\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "- **%s** %s\n", r.id, strings.Join(names(r), ", "))
	}
	return b.String()
}

// columns are the head of the table of faults.
var columns = []string{"fault", "what happens", "what vocoder does", "fakes", "Debian 12", "Debian 13"}

const random = `
## Random faults

` + "`make sweep-random`" + ` uses fakes, in virtual time under the race detector. It runs

- the decision with random presses, answers, lost devices, locks and restarts;
- dictations while microphone, recognizer, keyboard and session fail; the test accounts for each character on the screen;
- the reader of input devices with random devices and events.

The seeds are 0, 1, 2 and so on. A failed test names its seed.

` + "`make sweep-faults`" + ` dictates in the virtual machine. Meanwhile faults happen at random to the daemon, the helper, the
sound server, the compositor, the recognizer, the pedal, the layout, the lock, the clock and the disk. VOCODER_SEED chooses them. Each text must be
typed once and in order. There are two exceptions: if the helper that saw the hold is gone, ` + "`vocoderctl last --print`" + ` must print
the text; if the daemon was killed, the text is lost. Until it is typed, a text is only in the memory of the daemon, where no other program of the user can
read it.

The last results:

`

// chosen returns the results of the tests that choose at random: those of now, or those
// of the page before.
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

// cell returns "pass" if all tests of a row passed at a place, or names the others.
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
