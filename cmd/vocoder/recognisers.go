package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/arealicehole/vocoder/internal/config"
	"github.com/arealicehole/vocoder/whisper"
)

// recognisers are the settings in the words of whisper. The names of the
// vocabulary are among what helps to recognise. An error is one of the settings.
func (a *app) recognisers(cfg config.Config, v whisper.Vocabulary, log *slog.Logger) ([]whisper.Config, error) {
	var all []whisper.Config
	for _, w := range cfg.Whisper {
		owners, err := userIDs(w.Owners)
		if err != nil {
			return nil, a.source.Fault("whisper.owners", err.Error())
		}
		credential, err := a.credential(w)
		if err != nil {
			return nil, a.source.Fault("whisper.credential", err.Error())
		}
		all = append(all, whisper.Config{
			URL: w.URL, Dialect: w.Dialect, Language: w.Language, Model: w.Model,
			Prompt: strings.TrimSpace(w.Prompt + " " + v.Prompt()), Phrases: w.Phrases,
			KeyFile: w.KeyFile, Credential: credential, CAFile: w.CAFile,
			Owners: owners, Proxy: proxy(w.Proxy), Log: log,
		})
	}
	return all, nil
}

// credential returns the file of the API key that the service manager passed,
// or nothing if it passed none or the settings name another. Source:
// systemd.exec(5), LoadCredential=.
func (a *app) credential(w config.Whisper) (string, error) {
	dir, ok := a.env("CREDENTIALS_DIRECTORY")
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

// proxy returns what whisper asks for the proxy of a URL; nil is none. What the
// settings name was checked when they were read.
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

// vocabulary reads the file of the user's words; no file is an empty one.
func vocabulary(name string) (whisper.Vocabulary, error) {
	if name == "" {
		return whisper.Vocabulary{}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return whisper.Vocabulary{}, err
	}
	defer func() { _ = f.Close() }() // it was only read
	v, err := whisper.ReadVocabulary(f)
	if err != nil {
		return v, fmt.Errorf("%s: %w", name, err)
	}
	return v, nil
}

// rules are how the texts of a binding are written. What depends on the text
// before is left to a seam, which knows what was typed.
func rules(cfg config.Config, v whisper.Vocabulary, language string) whisper.Rules {
	r := whisper.Rules{Vocabulary: v}
	switch p := cfg.Text.Punctuation; {
	case p != "on" && p != "off":
		r.Punctuation = p
	case p == "on" && language != "":
		r.Punctuation = language
	case p == "on":
		r.Punctuation = cfg.Whisper[0].Language
	}
	if cfg.Text.Casing == "lower" {
		r.Casing = whisper.Lower
	}
	return r
}
