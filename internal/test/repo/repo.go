// Package repo finds the repository that a test belongs to.
package repo

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// Top returns the folder of the product's go.mod, at or above the working folder.
func Top() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		f, err := os.Open(filepath.Join(dir, "go.mod"))
		if err == nil {
			line, _ := bufio.NewReader(f).ReadString('\n')
			_ = f.Close() // only read
			if strings.TrimSpace(line) == "module github.com/arealicehole/vocoder" {
				return dir, nil
			}
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("find vocoder's go.mod: not in this folder nor above it")
		}
		dir = filepath.Dir(dir)
	}
}
