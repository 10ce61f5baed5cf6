// Package version has the version of all programs and packages of this repository.
package version

import (
	_ "embed" // VERSION
	"strings"
)

//go:embed VERSION
var file string

// String returns the text of the file VERSION, such as 2.0.0. No other place has it: the
// Makefile, the packages and the manual pages read this file.
func String() string { return strings.TrimSpace(file) }
