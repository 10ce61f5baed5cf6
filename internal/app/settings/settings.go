// Package settings reads and changes the settings of the user: the file, the
// environment and the flags of one call.
package settings

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/arealicehole/vocoder/internal/app/hint"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/control"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
	"github.com/arealicehole/vocoder/internal/linux/systemd"
)

// MaxFile is the limit of a settings file, in bytes.
const MaxFile = 64 << 10

// A Store says where the settings of one call are.
type Store struct {
	Env  environ.Env
	Name string // the flag --config: a file, or NAME for NAME.yaml; empty for vocoder.yaml
}

// Loaded are settings together with their source, for the errors of Fault.
type Loaded struct {
	config.Config
	source config.Source
}

// Default returns the default settings, for use if those of the user cannot be read.
func Default() Loaded { return Loaded{Config: config.Default()} }

// Of loads the settings of a source. An error is a *config.Error.
func Of(src config.Source) (Loaded, []config.Warning, error) {
	cfg, warnings, err := config.Load(src)
	return Loaded{cfg, src}, warnings, err
}

// Fault returns the error of a setting with its place, as config.Source.Fault does.
func (l Loaded) Fault(setting, msg string) error { return l.source.Fault(setting, msg) }

// FaultAt returns the error of a setting of the entry i of a list, as
// config.Source.FaultAt does.
func (l Loaded) FaultAt(setting string, i int, msg string) error {
	return l.source.FaultAt(setting, i, msg)
}

// With returns a changed copy of the settings with the same source.
func (l Loaded) With(change func(*config.Config)) Loaded {
	l.Whisper = slices.Clone(l.Whisper)
	change(&l.Config)
	return l
}

// Load reads the settings. The flags, by the names of the settings, win over the
// environment, and the environment wins over the file. Load writes warnings to standard
// error. An error is a *config.Error.
func (s Store) Load(flags map[string]string) (Loaded, error) {
	src := config.Source{Env: s.Env.Lookup, Flags: flags}
	if s.Env.Names != nil {
		src.Names = s.Env.Names()
	}
	var err error
	if src.File, src.Text, err = s.File(); err != nil {
		return Loaded{}, err
	}
	l, warnings, err := Of(src)
	for _, w := range warnings {
		fmt.Fprintln(s.Env.Stderr, "vocoder: warning: "+w.String())
	}
	if err != nil {
		return l, err
	}
	return l, checkKeys(src, l.Config)
}

// File returns the name and the text of the settings file. If the file does not exist,
// the text is nil; this is an error only if --config names the file. An error is a
// *config.Error.
func (s Store) File() (name string, text []byte, err error) {
	dir := filepath.Join(s.Env.ConfigHome(), "vocoder")
	name = filepath.Join(dir, cmp.Or(s.Profile(), "vocoder")+".yaml")
	if s.Name != "" && s.Profile() == "" {
		name = s.Name
	}
	text, err = atomicfile.ReadUpTo(name, MaxFile)
	if errors.Is(err, fs.ErrNotExist) && s.Name == "" {
		return name, nil, nil
	}
	if err == nil {
		return name, text, nil
	}
	cause := err
	if errors.Is(err, fs.ErrNotExist) { // the command of the hint would overwrite a file
		cause = hint.Wrap(err, "`vocoder config reference > "+name+"` makes a file with the defaults; without --config vocoder.yaml is read")
	}
	return name, text, &config.Error{Place: "settings", Msg: err.Error(), Err: cause}
}

// Profile returns the NAME of --config NAME, or nothing if the flag is a file or not
// given.
func (s Store) Profile() string {
	if strings.Contains(s.Name, "/") || strings.HasSuffix(s.Name, ".yaml") {
		return ""
	}
	return s.Name
}

// Unit returns the name of the unit that runs the daemon with these settings. It is empty if
// --config names a file, which no unit reads.
func (s Store) Unit() string {
	switch profile := s.Profile(); {
	case s.Name == "":
		return systemd.Daemon
	case profile != "":
		return strings.Replace(systemd.Daemon, ".", "@"+profile+".", 1)
	}
	return ""
}

// Apply returns the command with which the running daemon reads these settings again.
func (s Store) Apply() string {
	if unit := s.Unit(); unit != "" {
		return "systemctl --user reload " + strings.TrimSuffix(unit, ".service")
	}
	return "vocoder --config " + s.Name + " config reload"
}

// SocketPath returns the path of the control socket of the daemon with these settings.
// Each profile has its own socket.
func (s Store) SocketPath(cfg config.Config) string {
	if cfg.Socket != "" {
		return cfg.Socket
	}
	path := control.Path(s.Env.RuntimeDir())
	if profile := s.Profile(); profile != "" {
		path = filepath.Join(filepath.Dir(path), "vocoder-"+profile+".sock")
	}
	return path
}

// Vocabulary returns the name of the file with the user's words: the one of the settings,
// else the file words in the folder of the settings, which need not exist. All profiles
// share that one.
func (s Store) Vocabulary(cfg config.Config) string {
	return VocabularyFile(s.Env, cfg)
}

// VocabularyFile is Store.Vocabulary for settings that were loaded.
func VocabularyFile(env environ.Env, cfg config.Config) string {
	return cmp.Or(cfg.Text.Vocabulary, filepath.Join(env.ConfigHome(), "vocoder", "words"))
}

// WriteNew creates the settings file and returns its name. It returns an error if the
// file exists.
func (s Store) WriteNew(text string) (file string, err error) {
	if file, _, err = s.File(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	if _, err := os.Lstat(file); err == nil {
		return file, errors.New(file + " is there already, and is left as it is")
	}
	return file, atomicfile.Write(file, []byte(text))
}
