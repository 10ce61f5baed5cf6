package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// The states of a mutant, most as gremlins names them.
const (
	killed     = "KILLED"
	survived   = "LIVED"
	hangs      = "HANGS"
	notCovered = "NOT COVERED"
	notViable  = "NOT VIABLE" // no program: a + b of texts
)

// A mutant is one change of the code.
type mutant struct {
	File         string // from the root of the module
	Line, Column int
	Type         string // of the change, by gremlins
	Status       string
	Code         string // the line, without spaces around it
}

// A report is what gremlins writes.
type report struct {
	Files []struct {
		Name      string `json:"file_name"`
		Mutations []struct {
			Type, Status string
			Line, Column int
		}
	}
}

// run tries the mutants of a package and of those below it, keeps the results and prints
// them. gremlins only lists the mutants: it would take for noticed what is merely slow.
func run(pkg string, workers int) error {
	pkg = path.Clean(strings.TrimSuffix(pkg, "/..."))
	if err := os.MkdirAll(kept, 0o755); err != nil {
		return err
	}
	out := filepath.Join(kept, "gremlins.json")
	if err := os.Remove(out); err != nil && !os.IsNotExist(err) {
		return err
	}
	gremlins := exec.Command("go", "tool", "-modfile=tools.mod", "gremlins", "unleash", "./"+pkg, "--dry-run", "--output", out)
	gremlins.Env = append(os.Environ(), "GOFLAGS="+os.Getenv("GOFLAGS")+" -short") // as test
	gremlins.Stderr = os.Stderr
	if err := gremlins.Run(); err != nil {
		return fmt.Errorf("gremlins of %s: %w", pkg, err)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	all, err := read(text, pkg)
	if err != nil {
		return err
	}
	if err := try("./"+pkg+"/...", all, workers); err != nil {
		return err
	}
	b, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(kept, strings.ReplaceAll(pkg, "/", "-")+".mutants.json"), b, 0o644); err != nil {
		return err
	}
	fmt.Print(table(count(all)))
	return nil
}

// read returns the mutants in a report of gremlins. It adds the lines of code.
func read(text []byte, pkg string) ([]mutant, error) {
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("read the report of gremlins: %w", err)
	}
	var all []mutant
	for _, f := range r.Files {
		file := path.Join(pkg, f.Name)
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		lines := strings.Split(string(b), "\n")
		for _, m := range f.Mutations {
			if m.Line < 1 || m.Line > len(lines) {
				return nil, fmt.Errorf("%s has no line %d", file, m.Line)
			}
			all = append(all, mutant{file, m.Line, m.Column, m.Type, m.Status, strings.TrimSpace(lines[m.Line-1])})
		}
	}
	slices.SortFunc(all, compare)
	return all, nil
}

// load returns all results that are kept. The newest counts of a package that was run alone
// and with the one above it.
func load() ([]mutant, error) {
	names, err := filepath.Glob(filepath.Join(kept, "*.mutants.json"))
	if err != nil {
		return nil, err
	}
	ages := map[string]fs.FileInfo{}
	for _, name := range names {
		if ages[name], err = os.Stat(name); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(names, func(a, b string) int { return ages[a].ModTime().Compare(ages[b].ModTime()) })
	byFolder := map[string][]mutant{}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var some []mutant
		if err := json.Unmarshal(b, &some); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		fresh := map[string][]mutant{}
		for _, m := range some {
			fresh[path.Dir(m.File)] = append(fresh[path.Dir(m.File)], m)
		}
		maps.Copy(byFolder, fresh)
	}
	return slices.SortedFunc(func(yield func(mutant) bool) {
		for _, some := range byFolder {
			for _, m := range some {
				if !yield(m) {
					return
				}
			}
		}
	}, compare), nil
}
