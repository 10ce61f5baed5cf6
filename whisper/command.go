package whisper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"
)

const (
	// commandTime is how long a Command may take.
	commandTime = 5 * time.Second
	// maxOutput bounds what it prints, in bytes: maxText of the longest
	// characters.
	maxOutput = 4 * maxText
	// consumed is its exit status for a text that is not to be typed.
	consumed = 77
)

// A Command is a program of the user and its arguments, which is given each
// text on standard input and prints what is to be typed. The zero Command
// changes nothing.
type Command []string

// Process runs the command on a text. It has five seconds, and what it started
// ends with it. If it fails, says nothing or takes too long, Process returns
// the text as it was and an error which holds nothing of what the command
// printed. Exit status 77 means that the text was used up and nothing is to be
// typed. One line break at the end of its output is not typed.
func (c Command) Process(ctx context.Context, text string) (string, error) {
	if len(c) == 0 || text == "" {
		return text, nil
	}
	return c.process(ctx, text, commandTime)
}

func (c Command) process(ctx context.Context, text string, limit time.Duration) (string, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var out limitedBuffer
	cmd := exec.CommandContext(limited, c[0], c[1:]...)
	cmd.Stdin, cmd.Stdout = strings.NewReader(text), &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second / 2
	err := cmd.Run()
	exit, failed := errors.AsType[*exec.ExitError](err)
	got := strings.TrimSuffix(out.String(), "\n")
	switch {
	case ctx.Err() != nil:
		return text, ctx.Err()
	case limited.Err() != nil:
		return text, fmt.Errorf("run %s: no answer within %v", c[0], limit)
	case failed && exit.ExitCode() == consumed:
		return "", nil
	case failed:
		return text, fmt.Errorf("run %s: %v", c[0], exit)
	case err != nil && !errors.Is(err, syscall.EPIPE): // it need not read all
		return text, fmt.Errorf("run %s: %w", c[0], err)
	case out.over || runes(got) > maxText:
		return text, fmt.Errorf("run %s: it printed more than %d characters", c[0], maxText)
	case !utf8.ValidString(got):
		return text, fmt.Errorf("run %s: it did not print UTF-8", c[0])
	case strings.TrimSpace(got) == "":
		return text, fmt.Errorf("run %s: it printed nothing", c[0])
	}
	return got, nil
}

// A limitedBuffer keeps what is written to it up to maxOutput.
type limitedBuffer struct {
	bytes.Buffer
	over bool
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxOutput {
		b.over = true
		return len(p), nil // so that the command does not fail by it
	}
	return b.Buffer.Write(p)
}
