package speech

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/arealicehole/vocoder/internal/pcm"
)

// The worker reads clips from descriptor RequestFD and writes replies to
// ReplyFD; standard output stays free for what libraries print.
//
//	request  rate, number of samples and length of the options, 32 bits
//	         each, then the options as JSON, then the samples, 16 bits each,
//	         all little-endian
//	reply    a line of JSON; the first, empty, says that the model is loaded
const (
	RequestFD = 3
	ReplyFD   = 4
)

// closeTime is how long a worker may run after it closed its replies.
const closeTime = 5 * time.Second

// maxOptions bounds the options of a request, in bytes.
const maxOptions = 64 << 10

// Words are what a model wrote about one piece.
type Words struct {
	Text     string `json:"text,omitempty"`
	Language string `json:"language,omitempty"` // the code of the spoken language, if the model reports it
	Full     bool   `json:"full,omitempty"`     // the model wrote its maximum; words may be missing
}

type reply struct {
	Words
	Error string `json:"error,omitempty"`
}

// Serve is the worker's side. It reports that the model is loaded, then answers each
// clip with the result of recognize, until requests ends.
func Serve(requests io.Reader, replies io.Writer, recognize func(pcm.Clip, Options) (Words, error)) error {
	out := json.NewEncoder(replies)
	if err := out.Encode(reply{}); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	in := bufio.NewReader(requests)
	for {
		c, o, err := readRequest(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read clip: %w", err)
		}
		var r reply
		if r.Words, err = recognize(c, o); err != nil {
			r = reply{Error: err.Error()}
		}
		c.Wipe()
		if err := out.Encode(r); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
}

func readRequest(r io.Reader) (pcm.Clip, Options, error) {
	var head [3]uint32
	if err := binary.Read(r, binary.LittleEndian, &head); err != nil {
		return pcm.Clip{}, Options{}, err
	}
	if head[1] > 3600*192000 || head[2] > maxOptions {
		return pcm.Clip{}, Options{}, fmt.Errorf("%d samples, %d bytes of options", head[1], head[2])
	}
	options := make([]byte, head[2])
	if _, err := io.ReadFull(r, options); err != nil {
		return pcm.Clip{}, Options{}, noEOF(err)
	}
	var o Options
	if err := json.Unmarshal(options, &o); err != nil {
		return pcm.Clip{}, Options{}, err
	}
	c := pcm.Clip{Rate: int(head[0]), Samples: make([]int16, head[1])}
	return c, o, noEOF(binary.Read(r, binary.LittleEndian, c.Samples))
}

// noEOF returns io.ErrUnexpectedEOF for io.EOF: a request was incomplete.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func appendRequest(b []byte, c pcm.Clip, o Options) ([]byte, error) {
	options, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	for _, n := range []int{c.Rate, len(c.Samples), len(options)} {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	b = append(b, options...)
	for _, s := range c.Samples {
		b = binary.LittleEndian.AppendUint16(b, uint16(s))
	}
	return b, nil
}

// A worker is the process with the native code, seen from this process.
type worker struct {
	cmd      *exec.Cmd
	requests *os.File
	replies  *os.File
	lines    *bufio.Reader
	output   *outputHead
}

// start starts a worker and waits until it has loaded its model.
func start(ctx context.Context, cmd *exec.Cmd) (*worker, error) {
	w := &worker{cmd: cmd, output: new(outputHead)}
	theirRequests, ourRequests, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirRequests.Close()
	ourReplies, theirReplies, err := os.Pipe()
	if err != nil {
		_ = ourRequests.Close()
		return nil, err
	}
	defer theirReplies.Close()
	w.requests, w.replies, w.lines = ourRequests, ourReplies, bufio.NewReader(ourReplies)
	cmd.ExtraFiles = []*os.File{theirRequests, theirReplies}
	cmd.Stderr = w.output
	// Ctrl-C in a terminal must not end the worker while it recognizes a clip.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		w.close()
		return nil, fmt.Errorf("start worker: %w", err)
	}
	_ = theirReplies.Close() // the pipe then ends when the worker ends
	if _, err := w.receive(ctx, loadTime); err != nil {
		w.stop()
		return nil, fmt.Errorf("load model: %w%s", err, w.output.reason())
	}
	return w, nil
}

// hear sends one piece to the worker and returns its words. After an error the worker
// cannot be used any more.
func (w *worker) hear(ctx context.Context, c pcm.Clip, o Options) (Words, error) {
	b, err := appendRequest(make([]byte, 0, 2*len(c.Samples)+4<<10), c, o)
	defer clear(b)
	if err != nil {
		return Words{}, fmt.Errorf("send clip: %w", err)
	}
	release := w.limit(ctx, pieceTime)
	_, err = w.requests.Write(b)
	_ = release() // if it was too late, there is an error
	if err != nil {
		return Words{}, fmt.Errorf("send clip: %w", err)
	}
	return w.receive(ctx, pieceTime)
}

// receive waits for the next reply.
func (w *worker) receive(ctx context.Context, timeout time.Duration) (Words, error) {
	release := w.limit(ctx, timeout)
	line, err := w.lines.ReadBytes('\n')
	defer clear(line)
	inTime := release()
	switch {
	case err != nil && ctx.Err() != nil:
		return Words{}, fmt.Errorf("wait for worker: %w", context.Cause(ctx))
	case err != nil && !inTime:
		return Words{}, fmt.Errorf("wait for worker: no answer in %v", timeout)
	case errors.Is(err, io.EOF) && w.killed():
		return Words{}, errors.New("wait for worker: it was killed, as when memory is used up")
	case err != nil:
		return Words{}, fmt.Errorf("wait for worker: %w", err)
	}
	var r reply
	if err := json.Unmarshal(line, &r); err != nil {
		return Words{}, errors.New("read reply: not what a worker says")
	}
	if r.Error != "" {
		return Words{}, errors.New(r.Error)
	}
	return r.Words, nil
}

// killed waits for a worker that has closed its replies. It reports whether a signal ended
// it that it cannot catch.
func (w *worker) killed() bool {
	hung := time.AfterFunc(closeTime, func() { _ = w.cmd.Process.Kill() })
	defer hung.Stop()
	_ = w.cmd.Wait() // the state says the same
	status, ok := w.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// limit kills the worker when ctx is done or the timeout has passed, unless the returned
// function was called before. That function reports whether it was.
func (w *worker) limit(ctx context.Context, timeout time.Duration) (release func() bool) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	stop := context.AfterFunc(ctx, func() { _ = w.cmd.Process.Kill() })
	return func() bool { defer cancel(); return stop() }
}

// stop ends the worker and waits for it.
func (w *worker) stop() {
	_ = w.cmd.Process.Kill() // it has nothing to save; it may have ended already
	_ = w.cmd.Wait()         // its last reply says how it ended
	w.close()
}

func (w *worker) close() {
	_ = w.requests.Close()
	_ = w.replies.Close()
}

// An outputHead keeps the beginning of a worker's output. The message of native code comes
// before the long dump of registers that Go prints when it aborts.
type outputHead struct {
	mu   sync.Mutex
	text []byte
}

const outputLimit = 4 << 10 // bytes

func (o *outputHead) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, b[:min(len(b), outputLimit-len(o.text))]...)
	return len(b), nil
}

// reason returns, after a colon, the last line before Go's dump. The dump begins with a
// line like "SIGABRT: abort".
func (o *outputHead) reason() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	last := ""
	for line := range strings.Lines(strings.ToValidUTF8(string(o.text), "")) {
		if strings.HasPrefix(line, "SIG") {
			break
		}
		if line = strings.TrimSpace(line); line != "" {
			last = ": " + line
		}
	}
	return last
}
