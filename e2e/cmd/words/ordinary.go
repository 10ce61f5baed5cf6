package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/arealicehole/vocoder/e2e/cmd/internal/sweep"
	"github.com/arealicehole/vocoder/text"
)

// A source is a package of Debian with texts, and its sum.
type source struct{ name, version, sum string }

// sources have quotations, and a book in all the languages.
var sources = []source{
	{"fortunes", "1:1.99.1-7.3", "41d0551dc0ff52f875a2ecef7c39da2f672ab468c37e170119f7e0245a9d63c5"},
	{"fortunes-de", "0.35-1", "03fe7a7912935bd3d4e02e38d79ef32a289097f8718d4488c409595abce067a0"},
	{"fortunes-es", "1.36", "54636edc1a4384093b68d1666c7e702ce42d1fcc8b5ab402d9646c328dcca899"},
	{"fortunes-it", "1.99-4.1", "675df6ecb00c3b67d06b39ab223ff17f1ef1d0ec82a7e40f989356a2eb61a97e"},
	{"fortunes-ru", "1.52-3.1", "2dc76af9c0e02e2926d36f88dcb685bb171fab8677e553a6def41efe8a551cc6"},
	{"debian-handbook", "11.20220922", "3d5dbeac1f1afc9c094eab9d0f701f6ecff99c4927d5a4794cf6c85678134faa"},
}

// wanted is how many sentences of each language are read.
const wanted = 5000

// A changed is how many ordinary sentences the list changed.
type changed struct{ Sentences, Changed int }

// readAll writes ordinary sentences by the rules, with the names of all languages in the
// list. A name that is put into one of them is an error.
func readAll(ctx context.Context, only *regexp.Regexp) error {
	folder, err := fetch(ctx)
	if err != nil {
		return err
	}
	names := strings.Fields(spread)
	for _, l := range languages {
		names = append(names, l.all()...)
	}
	list, err := text.ReadVocabulary(strings.NewReader(strings.Join(names, "\n")))
	if err != nil {
		return err
	}
	rules := text.Rules{Vocabulary: list, Punctuation: "off"}
	var bad error
	for _, l := range languages {
		if !only.MatchString(l.code) {
			continue
		}
		all, err := sentences(folder, l.code)
		if err != nil {
			return err
		}
		if len(all) < wanted {
			return fmt.Errorf("%s: only %d sentences", l.code, len(all))
		}
		wrong := 0
		for i := range wanted {
			s := all[i*len(all)/wanted]
			if got := rules.Write(s, []string{l.code}); bare(got) != bare(s) {
				wrong++
				bad = errors.Join(bad, fmt.Errorf("%s: %s\n  becomes %s", l.code, s, got))
			}
		}
		fmt.Printf("%s: %d of %d sentences changed\n", l.code, wrong, wanted)
		bad = errors.Join(bad, sweep.Save(kept, "ordinary-"+l.code, changed{wanted, wrong}))
	}
	return bad
}

// fetch returns the folder with the texts of all sources. apt downloads each once.
func fetch(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "vocoder", "sentences")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	for _, s := range sources {
		file := filepath.Join(folder, fmt.Sprintf("%s_%s_all.deb", s.name, strings.ReplaceAll(s.version, ":", "%3a")))
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			c := exec.CommandContext(ctx, "apt-get", "download", s.name+"="+s.version)
			c.Dir, c.Stderr = folder, os.Stderr
			if err := c.Run(); err != nil {
				return "", fmt.Errorf("apt-get download %s: %w", s.name, err)
			}
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != s.sum {
			return "", fmt.Errorf("%s is not the pinned file", file)
		}
		if err := exec.CommandContext(ctx, "dpkg-deb", "-x", file, filepath.Join(folder, "all")).Run(); err != nil {
			return "", fmt.Errorf("dpkg-deb -x %s: %w", file, err)
		}
	}
	return filepath.Join(folder, "all", "usr", "share"), nil
}

var (
	isSentence = regexp.MustCompile(`^[^|{}\\<>@_=]*[.!?…]$`)
	ends       = regexp.MustCompile(`([.!?…]) +`)
	paragraphs = regexp.MustCompile(`(?s)<(?:p|div class="para")[^>]*>(.*?)</(?:p|div)>`)
	code       = regexp.MustCompile(`(?s)<pre.*?</pre>`)
	tags       = regexp.MustCompile(`<[^>]+>`)
)

// sentences returns the sentences of a language, each once, quotations first.
func sentences(folder, language string) (all []string, err error) {
	seen := map[string]bool{}
	add := func(paragraph string) {
		for s := range strings.SplitSeq(ends.ReplaceAllString(strings.Join(strings.Fields(paragraph), " "), "$1\n"), "\n") {
			if n := len(strings.Fields(s)); n >= 4 && n <= 40 && isSentence.MatchString(s) && !seen[s] {
				seen[s] = true
				all = append(all, s)
			}
		}
	}
	for _, file := range quotations(folder, language) {
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for q := range strings.SplitSeq(string(b), "\n%") {
			add(q)
		}
	}
	pages, err := filepath.Glob(filepath.Join(folder, "doc/debian-handbook/html", language+"-*", "*.html"))
	if err != nil {
		return nil, err
	}
	for _, page := range pages {
		b, err := os.ReadFile(page)
		if err != nil {
			return nil, err
		}
		for _, p := range paragraphs.FindAllStringSubmatch(code.ReplaceAllString(string(b), ""), -1) {
			add(html.UnescapeString(tags.ReplaceAllString(p[1], " ")))
		}
	}
	return all, nil
}

// quotations returns the files with the quotations of a language.
func quotations(folder, language string) (all []string) {
	top := filepath.Join(folder, "games/fortunes")
	patterns := map[string][]string{"en": {"[a-h]*", "[j-z]*"}, "it": {"it/*", "italia"}}[language]
	if patterns == nil {
		patterns = []string{language + "/*"}
	}
	for _, p := range patterns {
		files, err := filepath.Glob(filepath.Join(top, p))
		if err != nil {
			panic("terms: " + err.Error())
		}
		for _, f := range files {
			info, err := os.Lstat(f)
			if err == nil && info.Mode().IsRegular() && filepath.Ext(f) != ".dat" && !strings.Contains(f, "ascii") {
				all = append(all, f)
			}
		}
	}
	return all
}

// bare returns the letters of a text without accents: the list may correct those.
func bare(s string) string {
	s = strings.NewReplacer("ø", "o", "ł", "l", " ", "").Replace(text.Plain(s))
	return strings.Map(func(r rune) rune {
		if unicode.IsMark(r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}
