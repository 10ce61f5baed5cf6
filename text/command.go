package text

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
	commandTimeout = 5 * time.Second
	// maxOutput is the limit of the output, in bytes. An hour of speech is 60,000
	// characters.
	maxOutput = 1 << 20
	// exitTaken is the exit status by which the command says that it has used the
	// text, so that nothing is typed.
	exitTaken = 77
)

// A Command is the user's own program and its arguments. It gets each text on
// standard input and prints the text to type. The zero Command changes nothing.
type Command []string

// Process returns what the command prints for a text, without the line break that most
// programs add at the end. It returns "" if the command exits with status 77: nothing is to be typed. The
// command is killed after five seconds, with the processes that it started.
//
// If the command fails, prints nothing or takes too long, Process returns the text
// unchanged and an error. The error contains nothing of the command's output.
func (c Command) Process(ctx context.Context, text string) (string, error) {
	if len(c) == 0 || text == "" {
		return text, nil
	}
	return c.process(ctx, text, commandTimeout)
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
	got := strings.ReplaceAll(out.kept.String(), "\r\n", "\n")
	if breaksAtEnd(got) > breaksAtEnd(text) {
		got = strings.TrimSuffix(got, "\n")
	}
	switch {
	case ctx.Err() != nil:
		return text, ctx.Err()
	case limited.Err() != nil:
		return text, fmt.Errorf("run %s: no answer within %v", c[0], limit)
	case failed && exit.ExitCode() == exitTaken:
		return "", nil
	case failed:
		return text, fmt.Errorf("run %s: %v", c[0], exit)
	case err != nil && !errors.Is(err, syscall.EPIPE): // the command need not read its input
		return text, fmt.Errorf("run %s: %w", c[0], err)
	case out.over:
		return text, fmt.Errorf("run %s: it printed more than %d bytes", c[0], maxOutput)
	case !utf8.ValidString(got):
		return text, fmt.Errorf("run %s: it did not print UTF-8", c[0])
	case strings.TrimSpace(got) == "" && strings.TrimSpace(text) != "":
		return text, fmt.Errorf("run %s: it printed nothing", c[0])
	}
	return got, nil
}

// breaksAtEnd returns how many line breaks a text ends with.
func breaksAtEnd(s string) int { return len(s) - len(strings.TrimRight(s, "\n")) }

// A limitedBuffer keeps at most maxOutput bytes. It does not embed the buffer, whose
// ReadFrom has no limit.
type limitedBuffer struct {
	kept bytes.Buffer
	over bool
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	if b.kept.Len()+len(p) > maxOutput {
		b.over = true
		return len(p), nil // an error would make the command fail
	}
	return b.kept.Write(p)
}
