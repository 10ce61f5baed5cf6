//go:build ignore

// Generate writes the lists of this package from a wheel of pyspellchecker:
//
//	pip download --no-deps pyspellchecker==0.9.1
//	go run generate.go pyspellchecker-0.9.1-py3-none-any.whl
package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/arealicehole/vocoder/internal/language/common"
)

const wheel = "c79b144b4bad20024bf489ad3ffd96b76f3f53439e9fa59ac607896352852f3d"

func main() {
	if err := generate(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate(name string) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != wheel {
		return fmt.Errorf("%s is not the pinned wheel", name)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return err
	}
	for _, code := range []string{"de", "en", "es", "fr", "it", "nl", "pt", "ru"} {
		counts, err := read(z, code)
		if err != nil {
			return err
		}
		if err := write(code, commonest(counts)); err != nil {
			return err
		}
	}
	return nil
}

func read(z *zip.Reader, code string) (counts map[string]int, err error) {
	f, err := z.Open("spellchecker/resources/" + code + ".json.gz")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return counts, json.NewDecoder(text).Decode(&counts)
}

// commonest returns the commonest words of letters alone, sorted.
func commonest(counts map[string]int) []string {
	var all []string
	for w := range counts {
		if !strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) }) {
			all = append(all, w)
		}
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	all = all[:min(len(all), common.Size)]
	slices.Sort(all)
	return all
}

// write writes a list. Each word begins with how many bytes it shares with the one before.
func write(code string, words []string) error {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	before := ""
	for _, w := range words {
		n := 0
		for n < min(len(w), len(before), 90) && w[n] == before[n] {
			n++
		}
		if _, err = io.WriteString(z, string(rune(' '+n))+w[n:]+"\n"); err != nil {
			return err
		}
		before = w
	}
	return errors.Join(z.Close(), os.WriteFile(code+".txt.gz", b.Bytes(), 0o644))
}
