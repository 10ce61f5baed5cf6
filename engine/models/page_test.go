package models

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/arealicehole/vocoder/internal/language"
)

// page has the table of languages and models.
const page = "../../docs/languages.md"

const (
	tableBegins = "<!-- the table: VOCODER_PAGES=write go test ./models -run TestLanguagesPage, in engine/ -->\n"
	tableEnds   = "<!-- end of the table -->\n"
)

// TestLanguagesPage checks that the page has the figures that Propose uses. With
// VOCODER_PAGES=write it writes them.
func TestLanguagesPage(t *testing.T) {
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(b), tableBegins)
	table, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		t.Fatalf("%s has no place for the table", page)
	}
	want := languagesTable()
	if table == want {
		return
	}
	if os.Getenv("VOCODER_PAGES") != "write" {
		t.Fatalf("%s has other figures; VOCODER_PAGES=write writes\n%s", page, want)
	}
	if err := os.WriteFile(page, []byte(before+tableBegins+want+tableEnds+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// languagesTable returns the published figures, one language a line. The model that is
// proposed for a usual machine without any model is bold.
func languagesTable() string {
	columns := []string{Base, "whisper-small", "canary-180m-flash", "parakeet-tdt-0.6b-v3", "sense-voice", "cohere-transcribe", "whisper-turbo"}
	codes := map[string]string{} // by name
	for _, model := range columns {
		for code := range figures[model].errors {
			codes[language.Names([]string{code})] = code
		}
	}
	var b strings.Builder
	b.WriteString("| language | " + strings.Join(columns, " | ") + " |\n|" + strings.Repeat("---|", len(columns)+1) + "\n")
	for _, name := range slices.Sorted(maps.Keys(codes)) {
		code := codes[name]
		proposed := Propose(Machine{Languages: []string{code}, Cores: 4, Memory: 8e9, Disk: 100e9}, Catalog())
		fmt.Fprintf(&b, "| %s (%s)", name, code)
		for _, model := range columns {
			cell := " "
			if e, is := figures[model].errors[code]; is {
				cell = fmt.Sprintf(" %.1f ", e)
				if len(proposed) > 0 && proposed[0].Name == model {
					cell = fmt.Sprintf(" **%.1f** ", e)
				}
			}
			b.WriteString(" |" + strings.TrimRight(cell, " "))
		}
		b.WriteString(" |\n")
	}
	return b.String()
}
