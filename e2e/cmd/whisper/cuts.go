package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/markdown"
	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
	"github.com/arealicehole/vocoder/e2e/servers"
	"github.com/arealicehole/vocoder/internal/test/fluent"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

const partCuts = "cuts"

// A cutting is the result of fluent speech with a server.
type cutting struct {
	server  servers.Kind
	results []fluent.Result
	commit  string
}

// cuts runs the daemon's code on fluent speech in real time, with each of the compared
// servers that matches the pattern.
func cuts(ctx context.Context, top string, only *regexp.Regexp) (all error) {
	for _, kind := range servers.Kinds {
		if !compared(kind) || !only.MatchString(string(kind)) {
			continue
		}
		if err := cut(ctx, kind, top); err != nil {
			all = errors.Join(all, fmt.Errorf("%s: %w", kind, err))
		}
	}
	return all
}

// cut starts a server and plays the clips to it.
func cut(ctx context.Context, kind servers.Kind, top string) (err error) {
	folder, err := filepath.Abs(filepath.Join(kept, file(partCuts, kind)))
	if err != nil {
		return err
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	log, err := os.CreateTemp("", "whisper-*.log")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close(), os.Remove(log.Name())) }()
	s, err := servers.Start(ctx, kind, top, "", servers.Threads, log)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, tail(log.Name()))
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	say("%s: fluent speech", kind)
	measured := sweep.Commit(ctx) // before the sources can change
	c := exec.CommandContext(ctx, "go", "test", "-count", "1", "-timeout", "30m", "-run", "^TestFluent$", "-v", "./internal/app/recognition")
	c.Dir, c.Env = top, append(os.Environ(), "VOCODER_FLUENT="+folder, "VOCODER_TEST_URL="+s.URL)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		return err
	}
	if err := sweep.Save(kept, "commit-"+file(partCuts, kind), measured); err != nil {
		return err
	}
	found, err := loadCuts(kept)
	for _, f := range found {
		if f.server == kind {
			err = errors.Join(err, f.wrong())
		}
	}
	return err
}

// loadCuts reads the kept results of fluent speech.
func loadCuts(dir string) (all []cutting, err error) {
	for _, kind := range servers.Kinds {
		results, err := saved[fluent.Result](filepath.Join(dir, file(partCuts, kind)), "*")
		if err != nil {
			return nil, err
		}
		commits, err := saved[string](dir, "commit-"+file(partCuts, kind))
		if err != nil {
			return nil, err
		}
		if len(results) > 0 {
			all = append(all, cutting{kind, results, strings.Join(commits, "")})
		}
	}
	return all, nil
}

// wordsCost is how many more words in a hundred may be wrong because of transcription in
// pieces.
const wordsCost = 1.0

// wrong returns an error for each failure: too many words lost by the pieces, or a sentence
// that ends where it continues. Times are no failures, because they depend on the host's
// other work.
func (c cutting) wrong() error {
	var err error
	cut, whole, _ := c.known()
	if 100*cut.Rate() > 100*whole.Rate()+wordsCost {
		err = fmt.Errorf("%d of %d words wrong in pieces, %d as a whole", cut.Errors, cut.Words, whole.Errors)
	}
	for _, seam := range c.falseEnds() {
		err = errors.Join(err, fmt.Errorf("a sentence ends where it goes on: %s", seam))
	}
	return err
}

// known returns the score of the clips with known words, and the number of these clips.
func (c cutting) known() (cut, whole speech.Score, clips int) {
	for _, r := range c.results {
		if r.Said != "" {
			x := compare(r)
			cut, whole, clips = cut.Plus(x.Cut), whole.Plus(x.Whole), clips+1
		}
	}
	return cut, whole, clips
}

// falseEnds returns the joints at which a sentence ends and should not. A list of words has
// no sentences.
func (c cutting) falseEnds() (seams []string) {
	for _, r := range c.results {
		if r.Said == "" {
			for _, s := range compare(r).False {
				seams = append(seams, r.Language+": "+s)
			}
		}
	}
	return seams
}

// quick returns for how many clips the text was ready as soon as that of eight seconds.
func (c cutting) quick() (n int) {
	for _, r := range c.results {
		if r.After <= median(r.Eight) {
			n++
		}
	}
	return n
}

func compare(r fluent.Result) fluent.Comparison {
	i := slices.IndexFunc(speech.Languages, func(l speech.Language) bool { return l.Code == r.Language })
	if i < 0 {
		return fluent.Comparison{}
	}
	return r.Compare(speech.Languages[i])
}

// median returns the median, or 0 if there are no values.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

// cutTables returns the tables of fluent speech.
func (r results) cutTables() string {
	if len(r.cuts) == 0 {
		return "Not run.\n"
	}
	var b strings.Builder
	for _, c := range r.cuts {
		b.WriteString(c.table())
	}
	return b.String()
}

// table returns a table with a row for each clip, and the targets.
func (c cutting) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n", c.server)
	clipTable := markdown.New("clip", "pieces", "in pieces", "at once", "8 s", "wrong in pieces", "wrong at once", "differ", "false ends", "missing ends")
	for _, r := range c.results {
		x := compare(r)
		var pieces []string
		for _, p := range r.Pieces {
			pieces = append(pieces, fmt.Sprintf("%.1f", p.Sound))
		}
		clipTable.Row(fmt.Sprintf("%s, %s, %.0f s", r.Language, r.Name, r.Sound), strings.Join(pieces, " "),
			seconds(r.After), seconds(median(r.Times)), seconds(median(r.Eight)), of(x.Cut), of(x.Whole), of(x.Differs), len(x.False), len(x.Missing))
	}
	cut, whole, clips := c.known()
	aims := markdown.New("aim", "measured", "")
	aim := func(what, measured string, yes bool) {
		verdict := "met"
		if !yes {
			verdict = "**not met**"
		}
		aims.Row(what, measured, verdict)
	}
	aim("text as soon as that of 8 s", fmt.Sprintf("%d of %d clips", c.quick(), len(c.results)), c.quick() == len(c.results))
	if clips > 0 {
		aim(fmt.Sprintf("at most %.0f percentage point more words wrong, %d clips", wordsCost, clips), fmt.Sprintf("%.1f %% and at once %.1f %% of %d", 100*cut.Rate(), 100*whole.Rate(), cut.Words),
			100*cut.Rate() <= 100*whole.Rate()+wordsCost)
	}
	aim("no false end of a sentence in the readings", fmt.Sprint(len(c.falseEnds())), len(c.falseEnds()) == 0)
	fmt.Fprintf(&b, "%s\n%s\n", clipTable, aims)
	for _, seam := range c.falseEnds() {
		b.WriteString("- " + seam[:4] + quote(seam[4:]) + "\n")
	}
	fmt.Fprintf(&b, "\nMeasured with vocoder %s.\n\n", c.commit)
	return b.String()
}

func seconds(s float64) string { return fmt.Sprintf("%.2f s", s) }

// of returns a score for a table, or "" if no words are known.
func of(s speech.Score) string {
	if s.Words == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d", s.Errors, s.Words)
}
