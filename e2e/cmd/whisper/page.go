package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/markdown"
	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
	"github.com/arealicehole/vocoder/e2e/cmd/internal/testlog"
	"github.com/arealicehole/vocoder/e2e/servers"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

// results are all kept results.
type results struct {
	servers []result          // in the order of servers.Kinds
	prompts []heard           // by language
	cuts    []cutting         // in the order of servers.Kinds
	tests   []verdict         // in the machine
	commits []string          // tested in the machine
	times   map[string]string // by part
}

// A verdict is the end of a test in the machine.
type verdict struct{ name, action string }

// write writes the page from the kept results.
func write() error {
	r, err := load(kept)
	if err != nil {
		return err
	}
	return os.WriteFile(page, []byte(r.page()), 0o644)
}

// load reads the kept results in a folder.
func load(dir string) (r results, err error) {
	if r.servers, err = loadServers(dir); err != nil {
		return r, err
	}
	if r.prompts, err = saved[heard](dir, "prompts-*"); err != nil {
		return r, err
	}
	if r.cuts, err = loadCuts(dir); err != nil {
		return r, err
	}
	times, err := saved[sweep.Duration](dir, "time-*")
	if err != nil {
		return r, err
	}
	r.times = map[string]string{}
	for _, t := range times {
		r.times[t.Part] = fmt.Sprintf("%.1f minutes", t.Seconds/60)
	}
	return r, testlog.Read(dir+"/machine", func(_ string, in io.Reader) error { return r.take(in) })
}

// loadServers returns the results of each server, with all its parts.
func loadServers(dir string) (all []result, err error) {
	for _, kind := range servers.Kinds {
		var parts []result
		for _, part := range []string{partWords, partLanguage, partNoise} {
			some, err := saved[result](dir, file(part, kind))
			if err != nil {
				return nil, err
			}
			parts = append(parts, some...)
		}
		whole := result{Server: kind}
		for _, p := range parts {
			whole.Version, whole.Model, whole.Commit = p.Version, p.Model, p.Commit
			whole.Memory = max(whole.Memory, p.Memory)
			whole.Languages = append(whole.Languages, p.Languages...)
			whole.Choices = append(whole.Choices, p.Choices...)
			whole.Noises = append(whole.Noises, p.Noises...)
		}
		if len(parts) > 0 {
			all = append(all, whole)
		}
	}
	return all, nil
}

// take adds the end of each test of a run, except those with subtests.
func (r *results) take(in io.Reader) error {
	return testlog.Events(in, func(e testlog.Event) {
		switch {
		case e.Action == testlog.Commit:
			r.commits = append(r.commits, e.Output)
		case e.Action == "pass" || e.Action == "fail" || e.Action == "skip":
			if parts := strings.Split(e.Test, "/"); len(parts) == 3 {
				r.note(verdict{strings.ReplaceAll(parts[1]+": "+parts[2], "_", " "), e.Action})
			}
		}
	})
}

// note stores the end of a test. The last one counts.
func (r *results) note(v verdict) {
	if i := slices.IndexFunc(r.tests, func(old verdict) bool { return old.name == v.name }); i >= 0 {
		r.tests[i] = v
		return
	}
	r.tests = append(r.tests, v)
}

// page returns the whole page.
func (r results) page() string {
	var b strings.Builder
	b.WriteString(head)
	b.WriteString(r.summary())
	b.WriteString(setup())
	b.WriteString("\n## Word errors by language\n\n" + byLanguage + r.languages())
	b.WriteString("\n## The language\n\n" + theLanguage + r.choices())
	b.WriteString("\n## 500 prompts a language\n\n" + thePrompts + r.promptTable())
	b.WriteString("\n## Without pauses\n\n" + thePauses + r.cutTables())
	b.WriteString("\n## Noise\n\n" + theNoise + r.noises())
	b.WriteString("\n## In the virtual machine\n\n" + theMachine + r.machine())
	b.WriteString("\n## How long the sweep takes\n\n" + r.durations())
	return b.String()
}

// connected returns the score of a server over all languages, without single words, which
// not every server gets.
func (r result) connected() (total speech.Score) {
	for _, h := range r.Languages {
		total = total.Plus(h.Scores[sentences]).Plus(h.Scores[lists])
	}
	return total
}

// summary returns the table of servers.
func (r results) summary() string {
	var b strings.Builder
	table := markdown.New("server", "version", "model", "languages", "word errors, without single words", "refused", "time a clip", "sound a second", "memory")
	for _, s := range r.servers {
		var clips, refused int
		var sound, took float64
		var codes []string
		for _, h := range s.Languages {
			codes = append(codes, h.Language)
			clips, refused, sound, took = clips+h.Clips, refused+len(h.Refused), sound+h.Sound, took+h.Took
		}
		table.Row(s.Server, s.Version, s.Model, strings.Join(codes, " "), percent(s.connected()), fmt.Sprintf("%d of %d", refused, clips),
			ratio(took, float64(clips), "%.1f s"), ratio(sound, took, "%.1f s"), megabytes(s.Memory))
	}
	b.WriteString(table.String() + "\n" + r.difference())
	for _, kind := range servers.Kinds {
		if !slices.ContainsFunc(r.servers, func(s result) bool { return s.Server == kind && len(s.Languages) > 0 }) {
			fmt.Fprintf(&b, "%s was not measured this time.\n", kind)
		}
	}
	var commits []string
	for _, s := range r.servers {
		commits = append(commits, s.Commit)
	}
	slices.Sort(commits)
	fmt.Fprintf(&b, "Measured with vocoder %s.\n", strings.Join(slices.Compact(commits), ", "))
	return b.String()
}

// difference compares vocoder-engine with whisper.cpp in the languages of both.
func (r results) difference() string {
	var one, two speech.Score
	for _, l := range speech.Languages {
		a, b := r.score(servers.Engine, l.Code), r.score(servers.WhisperCPP, l.Code)
		if a.Words == b.Words {
			one, two = one.Plus(a), two.Plus(b)
		}
	}
	if one.Words == 0 {
		return "vocoder-engine and whisper.cpp were not both measured.\n"
	}
	verdict := "it is met."
	if 100*one.Rate() > 100*two.Rate()+0.5 {
		verdict = "it is **not met**."
	}
	return fmt.Sprintf("With single words vocoder-engine has %.1f %% of the words wrong, whisper.cpp %.1f %% of the same %d words. "+
		"The aim is at most 0.5 percentage points more, and %s\n", 100*one.Rate(), 100*two.Rate(), one.Words, verdict)
}

// score returns the score of a server in a language, over all sets.
func (r results) score(kind servers.Kind, code string) (total speech.Score) {
	for _, s := range r.servers {
		for _, h := range s.Languages {
			if s.Server == kind && h.Language == code {
				for _, score := range h.Scores {
					total = total.Plus(score)
				}
			}
		}
	}
	return total
}

// megabytes returns a size for a table, or "" if it was not measured.
func megabytes(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d MB", n/1_000_000)
}

func percent(s speech.Score) string {
	if s.Words == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f %% of %d", 100*s.Rate(), s.Words)
}

func ratio(a, b float64, format string) string {
	if b == 0 {
		return ""
	}
	return fmt.Sprintf(format, a/b)
}

// languages returns the table of word errors, with a row for each language and set of clips.
func (r results) languages() string {
	columns := []string{"language", "clips"}
	for _, s := range r.servers {
		columns = append(columns, string(s.Server))
	}
	table := markdown.New(columns...)
	for _, l := range speech.Languages {
		for _, name := range []string{sentences, lists, words} {
			row := []any{l.Code, name}
			count := 0
			for _, s := range r.servers {
				cell := ""
				if i := slices.IndexFunc(s.Languages, func(h heard) bool { return h.Language == l.Code }); i >= 0 {
					if score := s.Languages[i].Scores[name]; score.Words > 0 {
						cell = fmt.Sprintf("%d of %d", score.Errors, score.Words)
						count++
					}
				}
				row = append(row, cell)
			}
			if count > 0 {
				table.Row(row...)
			}
		}
	}
	return table.String()
}

// choices returns the table of the ways to choose a language.
func (r results) choices() string {
	ways := []string{byLocale, byName, byList}
	table := markdown.New(append([]string{"server"}, ways...)...)
	for _, s := range r.servers {
		row := []any{s.Server}
		for _, how := range ways {
			var right, all []string
			for _, c := range s.Choices {
				if c.How == how {
					all = append(all, c.Language)
					if c.Right {
						right = append(right, c.Language)
					}
				}
			}
			cell := strings.Join(right, " ")
			if len(right) < len(all) {
				cell += fmt.Sprintf(" (**%d of %d**)", len(right), len(all))
			}
			row = append(row, cell)
		}
		table.Row(row...)
	}
	return table.String()
}

// promptTable returns the table of the prompts.
func (r results) promptTable() string {
	if len(r.prompts) == 0 {
		return "Not run.\n"
	}
	var notes strings.Builder
	table := markdown.New("language", "prompts", "refused", "without a text", "without an answer", "sound")
	for _, h := range r.prompts {
		table.Row(h.Language, h.Clips, len(h.Refused), len(h.Empty), len(h.Failed), fmt.Sprintf("%.0f s", h.Sound))
		if len(h.Refused)+len(h.Empty) > 0 {
			fmt.Fprintf(&notes, "- %s: %s\n", h.Language, strings.Join(append(h.Refused, h.Empty...), "; "))
		}
	}
	if notes.Len() == 0 {
		return table.String()
	}
	return table.String() + "\nThe prompts that were refused or had no text:\n\n" + notes.String()
}

// noises returns the table of the servers' answers to noise.
func (r results) noises() string {
	table := markdown.New("server", "noises", "the server said something", "after hygiene", "after gate and hygiene")
	var texts strings.Builder
	for _, s := range r.servers {
		if len(s.Noises) == 0 {
			continue
		}
		var said, printed, typed int
		var all []string
		for _, n := range s.Noises {
			if len(n.Text) > 0 {
				said++
				all = append(all, fmt.Sprintf("%s: %s", n.Name, quote(n.Text[len(n.Text)-1])))
			}
			if n.Printed != "" {
				printed++
			}
			if n.Printed != "" && n.Gate {
				typed++
			}
		}
		table.Row(s.Server, len(s.Noises), said, printed, typed)
		if len(all) > 0 {
			fmt.Fprintf(&texts, "- %s: %s\n", s.Server, strings.Join(all, "; "))
		}
	}
	if texts.Len() == 0 {
		return table.String()
	}
	return table.String() + "\nWhat they said:\n\n" + texts.String()
}

// quote returns a text on one line, shortened, and so that Markdown does not interpret it.
func quote(s string) string {
	runes := []rune(strings.Join(strings.Fields(strings.ReplaceAll(s, "`", "'")), " "))
	if len(runes) > 60 {
		runes = append(runes[:60], '…')
	}
	return "`" + string(runes) + "`"
}

// machine returns the table of the tests in the virtual machine.
func (r results) machine() string {
	if len(r.tests) == 0 {
		return "Not run.\n"
	}
	table := markdown.New("test", "result")
	for _, t := range r.tests {
		action := t.action
		if action == "fail" {
			action = "**FAIL**"
		}
		table.Row(t.name, action)
	}
	return fmt.Sprintf("%s\nTested with vocoder %s.\n", table, strings.Join(r.commits, ", "))
}

// durations returns the table of the parts of the sweep.
func (r results) durations() string {
	table := markdown.New("part", "time")
	for _, part := range []string{"install", "host", "prompts", "machine", partCuts} {
		if t := r.times[part]; t != "" {
			table.Row("`"+part+"`", t)
		}
	}
	return table.String()
}
