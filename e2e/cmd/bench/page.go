package main

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/testlog"
)

// write writes the page and its pictures from what was kept.
func write() error {
	now, err := load(kept)
	if err != nil {
		return err
	}
	now.sizes("bin")
	if err := draws(now, pictures); err != nil {
		return err
	}
	return os.WriteFile(page, []byte(text(now, parse(testlog.Committed(page)), host())), 0o644)
}

// host says what all this was measured on.
func host() string {
	cpu := "an unknown processor"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil { // proc_cpuinfo(5)
		if m := regexp.MustCompile(`(?m)^model name\s*: (.*)$`).FindSubmatch(b); m != nil {
			cpu = string(m[1])
		}
	}
	return fmt.Sprintf("The host: %d processors (%s), %s, %s.", runtime.NumCPU(), cpu, said("uname", "-sr"), runtime.Version())
}

// said returns what a program prints, or that it is not known.
func said(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

const head = `# Performance

Written by ` + "`make bench`" + `, which measures all of this in one go: on the host itself what needs no devices of its own, with a private
PulseAudio and a private sway where sound or a window is asked for; and the rest in the virtual machine of e2e/README.md, with the
daemon, units and keyboard as they are shipped. The processor of that machine is emulated, many times slower than
the host's: compare rows of it with each other and not with your own machine.

Each value is the median; ± is the distance of the quartiles from each other, the noise of one value, and n how many there are. *before*
is the median of the page that was committed before this one: what a difference is worth. From run to run there is a noise besides, that of a host
which shares its processors: what had not changed differed by up to a fifth, with computing, and a quarter, in the machine, from one
evening to the next morning, and by more on another host. So two medians agree that differ by no more than the larger ± or a quarter,
or by 3 MiB if they are memory with the files in it, of which the kernel maps that much more or less from start to start; where they do not,
*before* is **bold**.

`

// columns is the head of a table of figures.
const columns = "| what | measured | ± | n | before |"

// text returns the whole page.
func text(now figures, old past, host string) string {
	var b strings.Builder
	b.WriteString(head)
	if !now.first.IsZero() {
		fmt.Fprintf(&b, "vocoder %s, measured on %s. ", strings.Join(now.commits, ", "), now.first.UTC().Format("2006-01-02"))
	}
	b.WriteString(host + "\n")
	if len(now.versions) > 0 {
		fmt.Fprintf(&b, "In the machine: %s.\n", strings.Join(now.versions, "; "))
	}
	b.WriteString("\n## What had to be reached\n\n| what | aim | measured | |\n|---|---|---|---|\n")
	for _, a := range aims {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", a.line, a.aim, a.cells(now))
	}
	b.WriteString("\n" + beyond + agreement(now, old))
	for _, s := range sections {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", s.title, s.how)
		if s.picture.is(now) {
			fmt.Fprintf(&b, "![%s](pictures/%s)\n\n", s.picture.alt(now), s.picture.file)
		}
		b.WriteString(columns + "\n|---|---|---|---|---|\n")
		for _, what := range s.rows {
			b.WriteString(line(what, now, old))
		}
	}
	return b.String()
}

// agreement says how many rows are as they were, and lists those that are not.
func agreement(now figures, old past) string {
	both, changed := 0, ""
	for _, s := range sections {
		for _, what := range s.rows {
			f, is := now.byWhat[what]
			r, was := old.rows[what]
			if !is || !was {
				continue
			}
			both++
			if !agree(what, f.reading(), r) {
				changed += fmt.Sprintf("- %s: %s %s, before %s\n", f.label(), short(f.Median()), f.Unit, short(r.median))
			}
		}
	}
	if both == 0 {
		return ""
	}
	said := fmt.Sprintf("\n%d of %d rows below agree with the time before, which was vocoder %s, measured on %s.",
		both-strings.Count(changed, "\n"), both, old.commit, old.date)
	if changed == "" {
		return said + "\n"
	}
	return said + " These do not:\n\n" + changed
}

// agree reports whether the medians of what was measured differ by noise.
func agree(what string, a, b reading) bool {
	noise := max(a.spread, b.spread, max(math.Abs(a.median), math.Abs(b.median))/4)
	if strings.HasSuffix(what, ": memory") {
		noise = max(noise, mapped)
	}
	return math.Abs(a.median-b.median) <= noise
}

// mapped is how many MiB of files a process has mapped more or less, from start to
// start.
const mapped = 3

// line is a row of a table, of what may not have been measured.
func line(what string, now figures, old past) string {
	f, is := now.byWhat[what]
	if !is {
		return fmt.Sprintf("| %s | not measured | | | |\n", what)
	}
	before := ""
	if r, was := old.rows[what]; was {
		if before = short(r.median); !agree(what, f.reading(), r) {
			before = "**" + before + "**"
		}
	}
	spread := ""
	if len(f.Values) > 1 {
		spread = short(f.Spread())
	}
	return fmt.Sprintf("| %s | %s %s | %s | %d | %s |\n", f.label(), short(f.Median()), f.Unit, spread, len(f.Values), before)
}

// short has three digits, without an exponent.
func short(v float64) string {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	if err != nil {
		return "none" // of no number
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// cells are what was measured, and whether that is enough.
func (a aim) cells(f figures) string {
	var got []float64
	for _, what := range a.of {
		g, is := f.byWhat[what]
		if !is {
			return "not measured | "
		}
		got = append(got, g.Median())
	}
	v := a.value(got)
	verdict := "met"
	if a.least && v < a.bound || !a.least && v > a.bound {
		verdict = "**not met**: " + cmp.Or(a.why, "see below")
	}
	return fmt.Sprintf("%s %s | %s", short(v), a.unit, verdict)
}
