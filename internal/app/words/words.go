// Package words changes the file of the user's own words, for vocoderctl.
package words

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
	"github.com/arealicehole/vocoder/text"
)

// A List is the file of the user's own words. It may not exist yet.
type List struct {
	File   string // its name
	Socket string // the control socket of the daemon that reads it
}

// Open returns the list that the settings of a store name.
func Open(store settings.Store) (List, error) {
	cfg, err := store.Load(nil)
	if err != nil {
		return List{}, err
	}
	return List{store.Vocabulary(cfg.Config), store.SocketPath(cfg.Config)}, nil
}

// Words returns the entries in the order of the file.
func (l List) Words() ([]text.Word, error) {
	file, err := l.read()
	return text.Words(file), err
}

// Add appends an entry. If the error wraps text.ErrPresent, the file had it already.
func (l List) Add(entry string) error {
	return l.change(func(file []byte) ([]byte, error) { return text.AddWord(file, entry) })
}

// Remove removes an entry. If the error wraps text.ErrAbsent, the file did not have it.
func (l List) Remove(entry string) error {
	return l.change(func(file []byte) ([]byte, error) { return text.RemoveWord(file, entry) })
}

func (l List) read() ([]byte, error) {
	file, err := atomicfile.ReadUpTo(l.File, text.MaxVocabulary)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return file, err
}

// change replaces the file by what edit returns for it. A lock on the folder keeps two
// calls at the same time from losing the change of one.
func (l List) change(edit func([]byte) ([]byte, error)) error {
	folder := filepath.Dir(l.File)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	lock, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()        // this unlocks it; nothing was written
	for err = unix.EINTR; err == unix.EINTR; { // try an interrupted call again; see flock(2)
		err = unix.Flock(int(lock.Fd()), unix.LOCK_EX)
	}
	if err != nil {
		return fmt.Errorf("lock %s: %w", folder, err)
	}
	file, err := l.read()
	if err != nil {
		return err
	}
	if file, err = edit(file); err != nil {
		return err
	}
	if len(file) > text.MaxVocabulary {
		return fmt.Errorf("%s: longer than %d bytes", l.File, text.MaxVocabulary)
	}
	return atomicfile.Write(l.File, file)
}
