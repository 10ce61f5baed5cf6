package recognition

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"github.com/arealicehole/vocoder/internal/app/settings"
	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/internal/environ"
	"github.com/arealicehole/vocoder/internal/language"
	"github.com/arealicehole/vocoder/internal/linux/atomicfile"
	"github.com/arealicehole/vocoder/text"
	"github.com/arealicehole/vocoder/whisper"
)

// servers returns the recognizers of the settings as whisper.New takes them. The words
// of the vocabulary are part of the prompt. An error is a *config.Error.
func servers(cfg settings.Loaded, v text.Vocabulary, o Options) ([]whisper.Config, error) {
	var all []whisper.Config
	for i, w := range cfg.Whisper {
		owners, err := userIDs(w.Owners)
		if err != nil {
			return nil, cfg.FaultAt("whisper.owners", i, err.Error())
		}
		credential, err := credential(o.Env, w)
		if err != nil {
			return nil, cfg.FaultAt("whisper.credential", i, err.Error())
		}
		spoken := Languages(o.Env, w.Language)
		spoken.Task = language.Task(w.Task)
		all = append(all, whisper.Config{
			URL: w.URL, Dialect: w.Dialect, Language: spoken, Model: w.Model,
			Prompt: w.Prompt, Names: v.Names, Phrases: w.Phrases,
			KeyFile: w.KeyFile, Credential: credential, CAFile: w.CAFile,
			Owners: owners, Proxy: proxy(w.Proxy), Log: o.Log,
		})
	}
	return all, nil
}

// credential returns the file of the API key that systemd passed. It is empty if systemd
// passed none, or if the settings name a file. Source: systemd.exec(5), LoadCredential=.
func credential(env environ.Env, w config.Whisper) (string, error) {
	dir, ok := env.Lookup("CREDENTIALS_DIRECTORY")
	if !ok || w.KeyFile != "" || w.Credential == "" {
		return "", nil
	}
	name := filepath.Join(dir, w.Credential)
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	return name, nil
}

// userIDs returns the numbers of users that are named by name or number.
func userIDs(names []string) (ids []int, err error) {
	for _, name := range names {
		id := name
		if _, err := strconv.Atoi(name); err != nil {
			u, err := user.Lookup(name)
			if err != nil {
				return nil, err
			}
			id = u.Uid
		}
		n, err := strconv.Atoi(id)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("user %q has no number", name)
		}
		ids = append(ids, n)
	}
	return ids, nil
}

// proxy returns the function that chooses the proxy for a request; nil means no proxy.
func proxy(setting string) func(*http.Request) (*url.URL, error) {
	switch setting {
	case "none", "":
		return nil
	case "environment":
		return http.ProxyFromEnvironment
	}
	u, err := url.Parse(setting)
	return func(*http.Request) (*url.URL, error) { return u, err }
}

// vocabulary reads the file of the user's words. The file that the settings do not name
// need not exist.
func vocabulary(env environ.Env, cfg config.Config) (text.Vocabulary, error) {
	name := settings.VocabularyFile(env, cfg)
	file, err := atomicfile.ReadUpTo(name, text.MaxVocabulary)
	if cfg.Text.Vocabulary == "" && errors.Is(err, fs.ErrNotExist) {
		return text.Vocabulary{}, nil
	}
	if err != nil {
		return text.Vocabulary{}, err
	}
	v, err := text.ReadVocabulary(bytes.NewReader(file))
	if err != nil {
		return v, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
}

// rules returns the settings for how texts are written.
func rules(cfg config.Config, v text.Vocabulary, usual language.Choice) text.Rules {
	return text.Rules{
		Languages:  usual.Written(),
		Vocabulary: v, Punctuation: cfg.Text.Punctuation, Casing: text.Casing(cfg.Text.Casing), SmartSpace: cfg.Typing.SmartSpace, TrailingSpace: cfg.Typing.TrailingSpace,
	}
}
