// Command completions writes the completion scripts of programs for bash, zsh and fish into a
// folder. A script depends only on the name of its program, so the build needs no program of
// the target, which may be for another processor.
//
//	completions FOLDER PROGRAM...
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "completions: want FOLDER PROGRAM...")
		os.Exit(2)
	}
	for _, program := range os.Args[2:] {
		if err := write(os.Args[1], program); err != nil {
			fmt.Fprintln(os.Stderr, "completions:", err)
			os.Exit(1)
		}
	}
}

// write writes PROGRAM.bash, PROGRAM.zsh and PROGRAM.fish.
func write(folder, program string) error {
	c := &cobra.Command{Use: program}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := c.GenBashCompletionFileV2(filepath.Join(folder, program+".bash"), true); err != nil {
		return err
	}
	if err := c.GenZshCompletionFile(filepath.Join(folder, program+".zsh")); err != nil {
		return err
	}
	return c.GenFishCompletionFile(filepath.Join(folder, program+".fish"), true)
}
