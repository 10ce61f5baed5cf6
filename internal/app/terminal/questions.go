package terminal

import (
	"bufio"
	"context"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Answers reads the lines that a user types in answer to questions. It is not safe for
// concurrent use.
type Answers struct {
	in      io.Reader
	lines   *bufio.Reader
	pending chan answer // of a read that has begun, with room for its result; nil for none
}

type answer struct {
	line string
	err  error
}

// NewAnswers returns the answers on a stream.
func NewAnswers(in io.Reader) *Answers { return &Answers{in: in, lines: bufio.NewReader(in)} }

// Flush drops what the user has typed so far, if the stream is a terminal: it cannot be an
// answer to a question that comes now.
func (a *Answers) Flush() {
	if !Is(a.in) {
		return
	}
	_, _ = a.lines.Discard(a.lines.Buffered())                                  // so much is there
	_ = unix.IoctlSetInt(int(a.in.(*os.File).Fd()), unix.TCFLSH, unix.TCIFLUSH) // a terminal has it; tcflush(3)
}

// Line returns the next line without white space at its ends. If the stream ends before it,
// the error is io.EOF. If ctx is done first, the error is that of ctx. A read of a terminal
// cannot be interrupted: it goes on then, and its line is the answer of the next call.
func (a *Answers) Line(ctx context.Context) (string, error) {
	if a.pending == nil {
		pending := make(chan answer, 1)
		go func() {
			line, err := a.lines.ReadString('\n')
			pending <- answer{strings.TrimSpace(line), err}
		}()
		a.pending = pending
	}
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case got := <-a.pending:
		a.pending = nil
		if ctx.Err() != nil {
			return "", ctx.Err() // Ctrl+C may end the line, too
		}
		return got.line, got.err
	}
}
