package models

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A Progress is called with the number of bytes of a file so far and its length, 0 if
// that is not known. It is called often and must return quickly.
type Progress func(name string, done, size int64)

const (
	maxTries  = 5                // attempts in a row that receive nothing
	firstWait = time.Second      // before the second attempt; it doubles
	stall     = 30 * time.Second // after this time without a byte the connection is given up
	spare     = 16 << 20         // bytes that must stay free on the disk
)

// A statusError is an HTTP status other than success.
type statusError int

func (e statusError) Error() string {
	return fmt.Sprintf("server answers %d %s", int(e), http.StatusText(int(e)))
}

// final reports whether a new attempt cannot succeed.
func (e statusError) final() bool {
	return e >= 400 && e < 500 && e != http.StatusRequestTimeout && e != http.StatusTooManyRequests
}

// errNoLength is of a server whose answer may be cut without a sign of it.
var errNoLength = errors.New("the server does not say how long it is")

// A download fetches one file. Its length and checksum are used if they are known;
// otherwise the length is that of the server's first answer. It keeps the bytes so far
// next to the file, with the suffix .part. The next attempt continues from there. The
// server's name for their version (RFC 9110, 8.8) is in a file with the suffix .version.
// Without a checksum, an attempt continues only if the version is known and the same.
type download struct {
	client   *http.Client
	url      string
	path     string // of the finished file
	file     File
	progress Progress

	measured bool // file.Size is from the server
}

// run fetches the file. After an interruption it tries again, until several attempts in
// a row receive nothing. If a file with the right checksum exists, run does not fetch
// it.
func (d *download) run(ctx context.Context) error {
	if d.file.SHA256 == "" {
		_ = os.Rename(d.path, d.part()) // there may be none; the server says whether it is complete
	} else if sum, err := sumFile(d.path); err == nil && sum == d.file.SHA256 {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(d.path), 0o755); err != nil {
		return err
	}
	d.measured = d.file.Size == 0
	if err := d.needSpace(sizeOf(d.part())); err != nil {
		return err
	}
	if err := d.fetch(ctx); err != nil {
		return fmt.Errorf("download %s: %w", d.file.Name, err)
	}
	return d.finish()
}

func (d *download) part() string { return d.path + ".part" }

func (d *download) versionFile() string { return d.part() + ".version" }

// remove removes the file, so that the next download begins again.
func (d *download) remove() {
	_ = os.Remove(d.path)
	_ = os.Remove(d.versionFile()) // there may be none
}

// version returns the server's name for the version of the part, or "".
func (d *download) version() string {
	b, _ := os.ReadFile(d.versionFile()) // there may be none
	return string(b)
}

func (d *download) needSpace(have int64) error {
	return needSpace(filepath.Dir(d.path), d.file.Size-have)
}

// A finalError is one that another attempt cannot mend.
type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

// fetch repeats attempts until the part is complete.
func (d *download) fetch(ctx context.Context) error {
	wait := firstWait
	best := sizeOf(d.part())
	for tries := 0; ; {
		before := sizeOf(d.part())
		if d.file.Size > 0 && before >= d.file.Size {
			return nil
		}
		err := d.attempt(ctx, before)
		var status statusError
		var final finalError
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.As(err, &status) && status.final(), errors.As(err, &final):
			return err
		case d.file.Size == 0 && before == 0: // the server has not answered at all
			return err
		case sizeOf(d.part()) > best: // progress counts only above the best so far: a short file starts over each time
			best, tries, wait = sizeOf(d.part()), 0, firstWait
			continue
		}
		if tries++; tries == maxTries {
			return err
		}
		if !sleep(ctx, wait) {
			return context.Cause(ctx)
		}
		wait *= 2
	}
}

// sleep waits and reports whether the time passed before ctx was done.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// attempt sends one request for the rest of the file after the first from bytes (RFC
// 9110, 14.2) and appends it to the part.
func (d *download) attempt(ctx context.Context, from int64) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(stall, func() { cancel(errors.New("no data for " + stall.String())) })
	defer watch.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Encoding", "identity") // the length is that of the file
	version := d.version()
	if version == "" && d.file.SHA256 == "" {
		from = 0
	}
	if from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
		if version != "" {
			req.Header.Set("If-Range", version)
		}
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	mode := os.O_CREATE | os.O_WRONLY
	start, length := contentRange(resp)
	switch {
	case resp.StatusCode == http.StatusPartialContent && start == from && (version == "" || versionOf(resp) == version):
		mode |= os.O_APPEND
	case resp.StatusCode == http.StatusOK:
		mode, from, length = mode|os.O_TRUNC, 0, resp.ContentLength // another version, or no support of ranges
		if err := os.WriteFile(d.versionFile(), []byte(versionOf(resp)), 0o644); err != nil {
			return finalError{err}
		}
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && from > 0 && length == from && d.measured:
		d.file.Size = length // it was complete
		return nil
	case resp.StatusCode == http.StatusPartialContent, resp.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		_ = os.Remove(d.part()) // begin again, without a range
		return errors.New("server does not go on where the download stopped")
	default:
		return statusError(resp.StatusCode)
	}
	if d.measured {
		if length <= 0 {
			return finalError{errNoLength}
		}
		d.file.Size = length
		if err := d.needSpace(from); err != nil {
			return finalError{err}
		}
	}
	f, err := os.OpenFile(d.part(), mode, 0o644)
	if err != nil {
		return finalError{err}
	}
	defer f.Close()
	return d.copy(f, resp.Body, from, watch)
}

// versionOf returns how a later request names the version of an answer (RFC 9110, 13.1.5),
// or "" if the server does not.
func versionOf(resp *http.Response) string {
	if tag := resp.Header.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		return tag
	}
	return resp.Header.Get("Last-Modified")
}

// contentRange returns the first byte position of a Content-Range, and the length of the
// whole file. Each is -1 if it is not there.
func contentRange(resp *http.Response) (start, length int64) {
	s, ok := strings.CutPrefix(resp.Header.Get("Content-Range"), "bytes ")
	if !ok {
		return -1, -1
	}
	positions, whole, _ := strings.Cut(s, "/")
	first, _, _ := strings.Cut(positions, "-")
	return number(first), number(whole)
}

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// copy appends the response to the part, at most one byte more than expected. That byte
// shows that the file is wrong.
func (d *download) copy(w io.Writer, r io.Reader, have int64, watch *time.Timer) error {
	r = io.LimitReader(r, d.file.Size-have+1)
	buf := make([]byte, 128<<10)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			watch.Reset(stall)
			if _, err := w.Write(buf[:n]); err != nil {
				return finalError{err} // the disk is full
			}
			have += int64(n)
			d.progress.report(d.file.Name, have, d.file.Size)
		}
		switch {
		case err == io.EOF && have < d.file.Size:
			return io.ErrUnexpectedEOF
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}

func (p Progress) report(name string, done, size int64) {
	if p != nil {
		p(name, done, size)
	}
}

// finish checks the part and renames it to the file. It removes a part with the wrong
// checksum, from which no attempt can continue.
func (d *download) finish() error {
	sum, err := sumFile(d.part())
	if err != nil {
		return err
	}
	if d.file.SHA256 != "" && sum != d.file.SHA256 {
		_ = os.Remove(d.part())
		_ = os.Remove(d.versionFile())
		return fmt.Errorf("download %s: %w: SHA-256 %s, want %s", d.file.Name, ErrBroken, sum, d.file.SHA256)
	}
	if err := os.Rename(d.part(), d.path); err != nil {
		return err
	}
	if d.file.SHA256 != "" {
		_ = os.Remove(d.versionFile()) // the checksum says more
	}
	return nil
}

// sizeOf returns the length of a file, 0 if there is none.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// needSpace fails if the disk of the folder has less than n bytes free, in addition to a
// reserve.
func needSpace(folder string, n int64) error {
	free, err := freeDisk(folder)
	if err != nil {
		return fmt.Errorf("ask for free space in %s: %w", folder, err)
	}
	if free < n+spare {
		return fmt.Errorf("%s has %d MB free, want %d MB: %w", folder, free>>20, (n+spare)>>20, unix.ENOSPC)
	}
	return nil
}

// FreeDisk returns how many bytes are free on the disk of a folder, which need not exist; 0
// if that is not known.
func FreeDisk(folder string) int64 {
	free, _ := freeDisk(folder)
	return free
}

func freeDisk(folder string) (int64, error) {
	for {
		var st unix.Statfs_t
		err := unix.Statfs(folder, &st)
		if errors.Is(err, fs.ErrNotExist) && folder != filepath.Dir(folder) {
			folder = filepath.Dir(folder)
			continue
		}
		if err != nil {
			return 0, err
		}
		return int64(st.Bavail) * int64(st.Bsize), nil
	}
}
