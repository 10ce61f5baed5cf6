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

	"github.com/arealicehole/vocoder/e2e/cmd/internal/markdown"
	"github.com/arealicehole/vocoder/e2e/cmd/internal/testlog"
)

// write writes the page and its pictures from the kept output of the tests.
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

// host describes the computer that runs the tests.
func host() string {
	cpu := "an unknown processor"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil { // proc_cpuinfo(5)
		if m := regexp.MustCompile(`(?m)^model name\s*: (.*)$`).FindSubmatch(b); m != nil {
			cpu = string(m[1])
		}
	}
	return fmt.Sprintf("The host: %d processors (%s), %s, %s.", runtime.NumCPU(), cpu, said("uname", "-sr"), runtime.Version())
}

// said returns what a program prints, or "unknown" if it fails.
func said(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

const head = `# Performance

This page says how long you wait for your words, how fast and how exactly they are typed, and what vocoder takes from your
computer. ` + "`make bench`" + ` measures all of it and writes this page.

How to read the tables:

- **measured** is the median of **n** values, and **±** is the distance between their quartiles.
- **before** is the median in the previous version of this page. It is **bold** if the two medians differ by more than the noise: the larger
  **±**, or a quarter, or 3 MiB of memory, whichever is most. Runs on the same host vary by up to a quarter because other programs share its processors. The
  kernel maps up to 3 MiB more or less of a program's file from start to start.
- **Host** is the computer that ran ` + "`make bench`" + `, with a private PulseAudio and a private sway where a test needs sound or a window.
- **Virtual machine** is that of e2e/README.md, with the daemon, the units and the keyboard as they are shipped. Its processor is emulated and
  many times slower than the host's. Compare its figures with each other, not with your own computer.

`

// columns are the head of a table of figures.
var columns = []string{"what", "measured", "±", "n", "before"}

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
	reached := markdown.New("goal", "limit", "measured", "result")
	for _, g := range goals {
		measured, result := g.cells(now)
		reached.Row(g.line, g.limit, measured, result)
	}
	b.WriteString("\n## Goals\n\n" + reached.String() + "\n" + elsewhere + agreement(now, old))
	for _, s := range sections {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", s.title, s.meaning)
		if s.picture.is(now) {
			fmt.Fprintf(&b, "![%s](pictures/%s)\n\n", s.picture.alt(now), s.picture.file)
		}
		table := markdown.New(columns...)
		for _, what := range s.rows {
			table.Row(cells(what, now, old)...)
		}
		b.WriteString(table.String() + "\nHow it was measured: " + s.how + "\n")
	}
	return b.String()
}

// agreement returns how many rows agree with the previous page, and a list of the others.
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
				changed += fmt.Sprintf("- %s: %s %s, before %s\n", labels[what], short(f.Median()), f.Unit, short(r.median))
			}
		}
	}
	if both == 0 {
		return ""
	}
	said := fmt.Sprintf("\n%d of %d figures below agree with those of the previous page: vocoder %s, measured on %s.",
		both-strings.Count(changed, "\n"), both, old.commit, old.date)
	if changed == "" {
		return said + "\n"
	}
	return said + " These do not:\n\n" + changed
}

// agree reports whether the medians of two readings of a figure differ only by noise.
func agree(what string, a, b reading) bool {
	noise := max(a.spread, b.spread, max(math.Abs(a.median), math.Abs(b.median))/4)
	if strings.HasSuffix(what, ": memory") {
		noise = max(noise, mapped)
	}
	return math.Abs(a.median-b.median) <= noise
}

// mapped is by how many MiB the mapped files of a process differ from start to start.
const mapped = 3

// cells returns a row of a table. A figure that was not measured has no numbers.
func cells(what string, now figures, old past) []any {
	f, is := now.byWhat[what]
	if !is {
		return []any{labels[what], "not measured", "", "", ""}
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
	return []any{labels[what], short(f.Median()) + " " + f.Unit, spread, len(f.Values), before}
}

// short returns a number with three digits, without an exponent.
func short(v float64) string {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	if err != nil {
		return "none" // it is not a number
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// cells returns the number of the goal, and whether it is met.
func (g goal) cells(f figures) (measured, result string) {
	var medians []float64
	for _, what := range g.of {
		fig, is := f.byWhat[what]
		if !is {
			return "not measured", ""
		}
		medians = append(medians, fig.Median())
	}
	v := g.value(medians)
	result = "met"
	if g.least && v < g.bound || !g.least && v > g.bound {
		result = "**not met**: " + cmp.Or(g.why, "see below")
	}
	return strings.TrimSpace(short(v) + " " + g.unit), result
}
