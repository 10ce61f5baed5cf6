// Command licenses writes what the programs are made of: the copyright file of a package, in
// the form that Debian defines, its license in one line, or an SBOM in SPDX.
//
//	licenses [-C FOLDER] [-arch ARCH] [-parts FILE] copyright|expression|sbom PACKAGE...
//
// It names each Go module that the packages are linked from, packages of this module with the
// work of others, the Go library, and the parts of native libraries. It fails if it does not
// know a license: a person has to read that one.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/internal/version"
)

// own is the name of this module, before those of its packages.
const own = "github.com/arealicehole/vocoder/"

// publicDomain is a license that is none: it does not count in that of a package.
const publicDomain = "LicenseRef-public-domain"

// A part is the work of others that a program is linked from.
type part struct {
	Name, Version, License string
	Copyright              []string
	Text                   string // the whole license
	Home                   string
	File                   string // the library that has it, or nothing for the program
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("licenses", flag.ExitOnError)
	dir := flags.String("C", ".", "the module's folder")
	arch := flags.String("arch", runtime.GOARCH, "the processor of the programs")
	native := flags.String("parts", "", "the table of native libraries")
	_ = flags.Parse(args) // it exits
	if flags.NArg() < 2 {
		return errors.New("want copyright, expression or sbom, and packages")
	}
	all, err := linked(*dir, *arch, flags.Args()[1:])
	if err != nil {
		return err
	}
	if *native != "" {
		more, err := readParts(*native)
		if err != nil {
			return err
		}
		for _, p := range more {
			if *arch == "arm64" || !strings.HasSuffix(p.Name, "(arm64 only)") {
				all = append(all, p)
			}
		}
	}
	switch flags.Arg(0) {
	case "copyright":
		return writeCopyright(out, all)
	case "expression":
		_, err := fmt.Fprintln(out, expression(all))
		return err
	case "sbom":
		return writeSBOM(out, all)
	}
	return fmt.Errorf("unknown command %q", flags.Arg(0))
}

// linked returns the parts that packages of Go are linked from, this module first.
func linked(dir, arch string, packages []string) ([]part, error) {
	c := exec.Command("go", append([]string{"list", "-deps", "-json=ImportPath,Dir,Module"}, packages...)...)
	c.Dir, c.Stderr = dir, os.Stderr
	c.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+arch)
	list, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	top, err := filepath.Abs(".")
	if err != nil {
		return nil, err
	}
	folders := map[string]string{} // of each part
	for dec := json.NewDecoder(bytes.NewReader(list)); ; {
		var p struct {
			ImportPath, Dir string
			Module          *struct{ Path, Version, Dir string }
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		switch {
		case p.Module == nil:
		case p.Module.Dir == "": // go mod vendor copied its packages, and its license
			folders[p.Module.Path+" "+p.Module.Version] = filepath.Join(dir, "vendor", p.Module.Path)
		case strings.HasPrefix(p.Dir+"/", top+"/"):
			if len(licenseFiles(p.Dir)) > 0 && p.Dir != top {
				folders[p.ImportPath] = p.Dir
			}
		default:
			folders[p.Module.Path+" "+p.Module.Version] = p.Module.Dir
		}
	}
	env, err := exec.Command("go", "env", "GOROOT", "GOVERSION").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	root, goVersion, _ := strings.Cut(strings.TrimSpace(string(env)), "\n")
	folders["Go "+strings.TrimPrefix(goVersion, "go")] = root
	this, err := read("vocoder "+version.String(), top)
	if err != nil {
		return nil, err
	}
	all := []part{this}
	for _, name := range slices.Sorted(maps.Keys(folders)) {
		p, err := read(name, folders[name])
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

var licenseName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense|notice|patents|authors)(\.\w+)?$`)

// licenseFiles returns the files of a folder that say what may be done with it.
func licenseFiles(dir string) (names []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if !e.IsDir() && licenseName.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return names
}

var copyrightMark = regexp.MustCompile(`^(\([cC]\)|©)\s*`)

var copyrightLine = regexp.MustCompile(`(?m)^[\s*/]*Copyright\s+((?:\([cC]\)|©)\s*.+|\d.*|[Tt]he .*)$`)

// read returns the part whose name, with its version, and folder are given.
func read(name, dir string) (part, error) {
	p := part{}
	p.Name, p.Version, _ = strings.Cut(name, " ")
	if first, _, _ := strings.Cut(p.Name, "/"); strings.Contains(first, ".") && !strings.HasPrefix(p.Name, own) {
		p.Home = "https://pkg.go.dev/" + p.Name
	}
	for _, file := range licenseFiles(dir) {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			return p, err
		}
		if id := identify(string(text)); id != "" && p.License == "" {
			p.License = id
		}
		if p.Text != "" {
			p.Text += "\n" + file + ":\n\n"
		}
		p.Text += strings.TrimSpace(string(text)) + "\n"
		for _, m := range copyrightLine.FindAllStringSubmatch(string(text), -1) {
			line := strings.TrimSpace(strings.TrimRight(copyrightMark.ReplaceAllString(m[1], ""), ". \r"))
			if !slices.Contains(p.Copyright, line) {
				p.Copyright = append(p.Copyright, line)
			}
		}
	}
	if p.License == "" {
		return p, fmt.Errorf("the license of %s in %s is not known: read it, and teach identify()", name, dir)
	}
	if p.License == publicDomain {
		p.Copyright = []string{"none, it is in the public domain"}
	}
	if len(p.Copyright) == 0 {
		p.Copyright = []string{"the authors of " + p.Name}
	}
	return p, nil
}
