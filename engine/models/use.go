package models

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
)

// choiceFile is the file in the store that names the model to serve.
const choiceFile = "use"

// Use makes the named model the one that is served if a command names none. The model
// must be complete. The error wraps ErrTooBig if the machine has too little memory for it.
func (s Store) Use(name string, memory int64) (Model, error) {
	m, err := s.Lookup(name)
	if err != nil {
		return Model{}, err
	}
	if err := m.fits(memory); err != nil {
		return Model{}, err
	}
	if err := m.verify(s.Folder(name)); err != nil {
		return Model{}, err
	}
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return Model{}, err
	}
	return m, atomicfile.Write(filepath.Join(s.Dir, choiceFile), []byte(name+"\n"))
}

// Used returns the name that Use was last called with, or "".
func (s Store) Used() string {
	b, err := atomicfile.ReadUpTo(filepath.Join(s.Dir, choiceFile), 100)
	if name := strings.TrimSpace(string(b)); err == nil && names.MatchString(name) {
		return name
	}
	return ""
}

// ErrTooBig is wrapped if a model needs more memory than the machine has.
var ErrTooBig = errors.New("too big for this machine")

// desktopMemory is what must be left of the memory for everything else.
const desktopMemory = 512 << 20

func (m Model) fits(memory int64) error {
	if need := m.Memory() + desktopMemory; need > memory {
		return fmt.Errorf("model %s: %w: it needs %s of memory, and other programs half a GB; this machine has %s",
			m.Name, ErrTooBig, gigabytes(m.Memory()), gigabytes(memory))
	}
	return nil
}

func gigabytes(n int64) string { return fmt.Sprintf("%.1f GB", float64(n)/1e9) }

// Memory returns how much memory the engine needs with the model, in bytes. That of the
// two models that were run is measured (engine/README.md). The rule for the others is that
// weights are in memory once as they are on disk, and about as much for computing.
func (m Model) Memory() int64 {
	switch m.Name {
	case Default:
		return 300e6
	case Base:
		return 800e6
	}
	return 400e6 + 2*m.Size()
}

// usualLimit is the MemoryMax of the shipped unit vocoder-engine.service.
const usualLimit = 2 << 30

// Limit returns the MemoryMax of a unit for the model, a multiple of 256 MiB. The engine
// itself may use a gigabyte of it, for long clips.
func (m Model) Limit() int64 {
	const step = 256 << 20
	return max(usualLimit, (m.Memory()+1<<30+step-1)/step*step)
}

// WriteLimit writes a drop-in that limits the memory of the engine's unit to what the model
// needs, and reports whether anything changed. folder is that of the user's units. If the
// shipped limit does, there is no drop-in.
func (m Model) WriteLimit(folder string) (changed bool, err error) {
	path := filepath.Join(folder, "vocoder-engine.service.d", "40-model.conf")
	if m.Limit() <= usualLimit {
		err := os.Remove(path)
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		_ = os.Remove(filepath.Dir(path)) // it fails if there are other drop-ins
		return true, err
	}
	text := fmt.Sprintf("# Written by \"vocoder-engine models use %s\": the memory that this model needs.\n[Service]\nMemoryMax=%dM\n", m.Name, m.Limit()>>20)
	if b, err := atomicfile.ReadUpTo(path, int64(len(text))+1); err == nil && string(b) == text {
		return false, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return false, err
	}
	return true, atomicfile.Write(path, []byte(text))
}

// MachineMemory returns the memory of this machine, in bytes.
func MachineMemory() int64 {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 0
	}
	return int64(info.Totalram) * int64(info.Unit)
}
