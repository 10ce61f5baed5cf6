// Package terminal draws on the terminal in which a command runs: the status line of
// the daemon and the level meter of a recording.
package terminal

import (
	"os"

	"golang.org/x/term"
)

// Is reports whether a stream of this process is a terminal.
func Is(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// columns returns the width of a terminal, 0 if the stream is none.
func columns(stream any) int {
	f, ok := stream.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// eraseLine returns to the beginning of the line and empties it. Source: EL in
// console_codes(4).
const eraseLine = "\r\x1b[K"

// cut returns as much of a line as fits in a terminal of this width; 0 is any width. A
// line that wraps could not be erased.
func cut(line string, columns int) string {
	if runes := []rune(line); columns > 1 && len(runes) >= columns {
		return string(runes[:columns-1])
	}
	return line
}
