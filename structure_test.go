package vocoder_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The limits of what a reader must understand together.
const (
	maxInCycle = 8    // files of a package in a cycle of references
	maxCode    = 3000 // lines of code of a package
	maxCommand = 150  // lines of a file of cmd/vocoder
	maxMethods = 5    // of a type of cmd/vocoder
)

// exceptions are the counts that are above their limit today. They may only become smaller.
// The test fails if an exception is not needed any more.
var exceptions = map[string]int{}

// TestStructure checks the limits in each package of this module.
func TestStructure(t *testing.T) {
	packages, err := load()
	if err != nil {
		t.Fatal(err)
	}
	needed := map[string]bool{}
	// limit reports a count above its limit, or above its exception.
	limit := func(p *source, what string, n, most int, explain func() string) {
		what = strings.TrimPrefix(p.ImportPath, module) + ": " + what
		needed[what] = n > most
		if n > max(most, exceptions[what]) {
			t.Errorf("%s: %d, want %d at most\n%s", what, n, max(most, exceptions[what]), explain())
		}
	}
	for _, p := range packages {
		refs := p.references()
		cycle := largestCycle(refs)
		limit(p, "files in a cycle", len(cycle), maxInCycle, func() string { return describe(cycle, refs) })
		limit(p, "lines of code", p.code, maxCode, func() string { return "split the package" })
		if p.ImportPath == module+"cmd/vocoder" {
			long := p.long()
			limit(p, "long files", len(long), 0, func() string { return strings.Join(long, "\n") })
			many := p.manyMethods()
			limit(p, "types of many methods", len(many), 0, func() string { return strings.Join(many, "\n") })
		}
	}
	for _, what := range slices.Sorted(maps.Keys(exceptions)) {
		if !needed[what] {
			t.Errorf("the exception %q is not needed any more: remove it", what)
		}
	}
}

// A source is a package with its syntax and types, without tests and generated files.
type source struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	DepOnly                 bool

	fset  *token.FileSet
	types *types.Package
	info  types.Info
	code  int            // lines
	lines map[string]int // of each file
}

// load returns the packages of this module. It reads imported packages from the compiler's
// export data.
func load() (all []*source, err error) {
	c := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,DepOnly", "./...")
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return nil, err
	}
	exports := map[string]string{}
	for in := json.NewDecoder(bytes.NewReader(out)); ; {
		p := new(source)
		if err := in.Decode(p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly {
			all = append(all, p)
		}
	}
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	for _, p := range all {
		if err := p.check(fset, imports); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// check reads the files and their types.
func (p *source) check(fset *token.FileSet, imports types.Importer) error {
	p.fset, p.lines = fset, map[string]int{}
	p.info.Uses = map[*ast.Ident]types.Object{}
	var files []*ast.File
	for _, name := range p.GoFiles {
		text, err := os.ReadFile(filepath.Join(p.Dir, name))
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, f)
		if !ast.IsGenerated(f) {
			p.code += linesOfCode(text)
			p.lines[name] = bytes.Count(text, []byte("\n"))
		}
	}
	var err error
	p.types, err = (&types.Config{Importer: imports}).Check(p.ImportPath, fset, files, &p.info)
	return err
}

// references returns the names that each file uses from each other file of the package.
func (p *source) references() map[string]map[string][]string {
	refs := map[string]map[string][]string{}
	for use, object := range p.info.Uses {
		if object.Pkg() != p.types {
			continue
		}
		from, to := p.file(use.Pos()), p.file(object.Pos())
		if from == to {
			continue
		}
		if refs[from] == nil {
			refs[from] = map[string][]string{}
		}
		if !slices.Contains(refs[from][to], use.Name) {
			refs[from][to] = append(refs[from][to], use.Name)
		}
	}
	return refs
}

func (p *source) file(at token.Pos) string { return filepath.Base(p.fset.Position(at).Filename) }

// largestCycle returns the largest set of files in which each file reaches all others by
// references.
func largestCycle(refs map[string]map[string][]string) (largest []string) {
	reached := map[string]map[string]bool{}
	for from := range refs {
		reached[from] = map[string]bool{}
		var follow func(string)
		follow = func(file string) {
			for to := range refs[file] {
				if !reached[from][to] {
					reached[from][to] = true
					follow(to)
				}
			}
		}
		follow(from)
	}
	for _, a := range slices.Sorted(maps.Keys(reached)) {
		var cycle []string
		for b := range reached[a] {
			if reached[b][a] { // a itself, too
				cycle = append(cycle, b)
			}
		}
		if len(cycle) > len(largest) {
			largest = cycle
		}
	}
	slices.Sort(largest)
	return largest
}

// describe returns the references within a cycle, a line for each pair of files.
func describe(cycle []string, refs map[string]map[string][]string) string {
	var b strings.Builder
	for _, from := range cycle {
		for _, to := range cycle {
			if names := refs[from][to]; names != nil {
				fmt.Fprintf(&b, "  %s -> %s: %s\n", from, to, strings.Join(slices.Sorted(slices.Values(names)), " "))
			}
		}
	}
	return b.String()
}

// linesOfCode returns how many lines of a Go file have code.
func linesOfCode(text []byte) (lines int) {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, 0)
	for last := 0; ; {
		pos, what, literal := s.Scan()
		if what == token.EOF {
			return lines
		}
		first := max(last+1, file.Line(pos))
		last = max(last, file.Line(pos))
		if what == token.STRING { // it may have several lines
			last += strings.Count(literal, "\n")
		}
		lines += last - first + 1
	}
}

// long returns the files above maxCommand lines.
func (p *source) long() (long []string) {
	for _, name := range slices.Sorted(maps.Keys(p.lines)) {
		if p.lines[name] > maxCommand {
			long = append(long, fmt.Sprintf("  %s: %d lines", name, p.lines[name]))
		}
	}
	return long
}

// manyMethods returns the types with more than maxMethods methods.
func (p *source) manyMethods() (many []string) {
	for _, name := range p.types.Scope().Names() {
		object, is := p.types.Scope().Lookup(name).(*types.TypeName)
		if !is {
			continue
		}
		if named, is := object.Type().(*types.Named); is && named.NumMethods() > maxMethods {
			many = append(many, fmt.Sprintf("  %s: %d methods", name, named.NumMethods()))
		}
	}
	return many
}

func TestLargestCycle(t *testing.T) {
	refs := map[string]map[string][]string{}
	for _, pair := range strings.Fields("a-b b-a b-c c-d d-e e-c f-a") {
		from, to, _ := strings.Cut(pair, "-")
		if refs[from] == nil {
			refs[from] = map[string][]string{}
		}
		refs[from][to] = []string{"X"}
	}
	if got, want := largestCycle(refs), []string{"c", "d", "e"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := describe([]string{"c", "d"}, refs), "  c -> d: X\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLinesOfCode(t *testing.T) {
	for text, want := range map[string]int{
		"": 0,
		"// A comment.\n\npackage a // another\n":    1,
		"package a\n\nvar b = `one\n\nthree`\n":      4,
		"package a; var b = 1\n/* long\n comment */": 1,
	} {
		if got := linesOfCode([]byte(text)); got != want {
			t.Errorf("%q has %d lines of code, want %d", text, got, want)
		}
	}
}
