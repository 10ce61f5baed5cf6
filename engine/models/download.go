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

// A download fetches one file of known length and, if it has one, checksum. It keeps the
// bytes so far next to the file, with the suffix .part. The next attempt continues from
// there.
type download struct {
	client   *http.Client
	url      string
	path     string // of the finished file
	file     File
	progress Progress
}

// run fetches the file. After an interruption it tries again, until several attempts in
// a row receive nothing. If a file with the right checksum exists, run does not fetch
// it.
func (d download) run(ctx context.Context) error {
	if sum, err := sumFile(d.path); err == nil && (sum == d.file.SHA256 || d.file.SHA256 == "" && sizeOf(d.path) == d.file.Size) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(d.path), 0o755); err != nil {
		return err
	}
	have := sizeOf(d.part())
	if err := needSpace(filepath.Dir(d.path), d.file.Size-have); err != nil {
		return err
	}
	if err := d.fetch(ctx); err != nil {
		return fmt.Errorf("download %s: %w", d.file.Name, err)
	}
	return d.finish()
}

func (d download) part() string { return d.path + ".part" }

// fetch repeats attempts until the part is complete.
func (d download) fetch(ctx context.Context) error {
	wait := firstWait
	best := sizeOf(d.part())
	for tries := 0; ; {
		before := sizeOf(d.part())
		if before >= d.file.Size {
			return nil
		}
		err := d.attempt(ctx, before)
		var status statusError
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.As(err, &status) && status.final():
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
func (d download) attempt(ctx context.Context, from int64) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(stall, func() { cancel(errors.New("no data for " + stall.String())) })
	defer watch.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url, nil)
	if err != nil {
		return err
	}
	if from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	mode := os.O_CREATE | os.O_WRONLY
	switch {
	case resp.StatusCode == http.StatusPartialContent && rangeStart(resp) == from:
		mode |= os.O_APPEND
	case resp.StatusCode == http.StatusOK:
		mode, from = mode|os.O_TRUNC, 0 // the server does not support ranges
	case resp.StatusCode == http.StatusPartialContent, resp.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		_ = os.Remove(d.part()) // begin again, without a range
		return errors.New("server does not go on where the download stopped")
	default:
		return statusError(resp.StatusCode)
	}
	f, err := os.OpenFile(d.part(), mode, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	return d.copy(f, resp.Body, from, watch)
}

// rangeStart returns the first byte position of a Content-Range, or -1.
func rangeStart(resp *http.Response) int64 {
	s, ok := strings.CutPrefix(resp.Header.Get("Content-Range"), "bytes ")
	if !ok {
		return -1
	}
	s, _, _ = strings.Cut(s, "-")
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// copy appends the response to the part, at most one byte more than expected. That byte
// shows that the file is wrong.
func (d download) copy(w io.Writer, r io.Reader, have int64, watch *time.Timer) error {
	r = io.LimitReader(r, d.file.Size-have+1)
	buf := make([]byte, 128<<10)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			watch.Reset(stall)
			if _, err := w.Write(buf[:n]); err != nil {
				return err
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
func (d download) finish() error {
	sum, err := sumFile(d.part())
	if err != nil {
		return err
	}
	if d.file.SHA256 != "" && sum != d.file.SHA256 {
		_ = os.Remove(d.part())
		return fmt.Errorf("download %s: %w: SHA-256 %s, want %s", d.file.Name, ErrBroken, sum, d.file.SHA256)
	}
	_ = os.Remove(d.part() + ".version") // there may be none
	return os.Rename(d.part(), d.path)
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
	for {
		var st unix.Statfs_t
		err := unix.Statfs(folder, &st)
		if errors.Is(err, fs.ErrNotExist) && folder != filepath.Dir(folder) {
			folder = filepath.Dir(folder)
			continue
		}
		if err != nil {
			return fmt.Errorf("ask for free space in %s: %w", folder, err)
		}
		free := int64(st.Bavail) * int64(st.Bsize)
		if free < n+spare {
			return fmt.Errorf("%s has %d MB free, want %d MB", folder, free>>20, (n+spare)>>20)
		}
		return nil
	}
}
