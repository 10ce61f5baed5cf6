// Command runpath replaces the folders in which a program searches its shared libraries.
// The program then has no folders of the machine that built it:
//
//	runpath FILE '$ORIGIN:$ORIGIN/../lib/vocoder'
package main

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: runpath FILE FOLDERS")
		os.Exit(2)
	}
	if err := rewrite(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintf(os.Stderr, "runpath: %v\n", err)
		os.Exit(1)
	}
}

// rewrite replaces the file. A running program keeps the old file.
func rewrite(path, folders string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := set(b, folders); err != nil {
		return fmt.Errorf("set run path of %s: %w", path, err)
	}
	if err := os.WriteFile(path+".new", b, 0o755); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// set changes DT_RUNPATH (elf(5)) within the ELF file b. It overwrites the string in
// place, so the new string cannot be longer.
func set(b []byte, folders string) error {
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		return err
	}
	defer f.Close()
	offsets, err := f.DynValue(elf.DT_RUNPATH)
	if err != nil {
		return err
	}
	table := f.Section(".dynstr")
	if len(offsets) != 1 || table == nil || offsets[0] >= table.Size {
		return errors.New("it has none")
	}
	at := table.Offset + offsets[0]
	old, _, ok := bytes.Cut(b[at:table.Offset+table.Size], []byte{0})
	if !ok {
		return errors.New("its string does not end")
	}
	if len(folders) > len(old) {
		return fmt.Errorf("no room for %q in %q", folders, old)
	}
	clear(old)
	copy(old, folders)
	return nil
}
