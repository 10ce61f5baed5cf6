package paint

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/font/opentype/tables"
	"github.com/go-text/typesetting/fontscan"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/goregular"
)

// Fonts has the faces that texts are drawn with: its own for Latin, Greek and Cyrillic, so
// that it needs no font of the system for them, and those of the system for all other
// scripts. They are read when a text needs them. The zero Fonts has read none.
type Fonts struct {
	regular, medium *font.Face
	files           []string // of the system, the most suitable first; nil: not searched
	faces           []*font.Face
	without         map[rune]bool // what no font has
}

// searchLimit bounds the files that are searched.
const searchLimit = 5000

// face returns a face for a character: own, or one of the system.
func (f *Fonts) face(own *font.Face, r rune) *font.Face {
	if _, ok := own.NominalGlyph(r); ok || f.without[r] {
		return own
	}
	for _, face := range f.faces {
		if _, ok := face.NominalGlyph(r); ok {
			return face
		}
	}
	if face := f.search(r); face != nil {
		f.faces = append(f.faces, face)
		return face
	}
	if f.without == nil {
		f.without = map[rune]bool{}
	}
	f.without[r] = true
	return own
}

// own returns the face for a text.
func (f *Fonts) own(heavy bool) *font.Face {
	face, data := &f.regular, goregular.TTF
	if heavy {
		face, data = &f.medium, gomedium.TTF
	}
	if *face == nil {
		parsed, err := font.ParseTTF(bytes.NewReader(data))
		if err != nil {
			panic("paint: own font: " + err.Error())
		}
		*face = parsed
	}
	return *face
}

// search returns the first face of the system that has a character, or nil.
func (f *Fonts) search(r rune) *font.Face {
	if f.files == nil {
		f.files = systemFonts()
	}
	for _, path := range f.files {
		if face := faceWith(path, r); face != nil {
			return face
		}
	}
	return nil
}

// faceWith returns the first face of a file that has a character, or nil.
func faceWith(path string, r rune) *font.Face {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }() // it was only read
	loaders, err := opentype.NewLoaders(file)
	if err != nil {
		return nil
	}
	for _, l := range loaders {
		if !has(l, r) {
			continue
		}
		if ft, err := font.NewFont(l); err == nil {
			return font.NewFace(ft)
		}
	}
	return nil
}

// has reports whether a font has a character, and an outline for it as far as its tables
// tell. It reads only the table of the characters.
func has(l *opentype.Loader, r rune) bool {
	if !l.HasTable(opentype.MustNewTag("glyf")) && !l.HasTable(opentype.MustNewTag("CFF ")) && !l.HasTable(opentype.MustNewTag("CFF2")) {
		return false
	}
	raw, err := l.RawTable(opentype.MustNewTag("cmap"))
	if err != nil {
		return false
	}
	parsed, _, err := tables.ParseCmap(raw)
	if err != nil {
		return false
	}
	characters, _, err := font.ProcessCmap(parsed, tables.FPNone)
	if err != nil {
		return false
	}
	_, ok := characters.Lookup(r)
	return ok
}

// silent is a logger of fontscan that writes nothing.
type silent struct{}

func (silent) Printf(string, ...any) {}

// systemFonts returns the files of the system's fonts, the most suitable first.
func systemFonts() []string {
	files := []string{}
	dirs, err := fontscan.DefaultFontDirectories(silent{})
	if err != nil {
		return files
	}
	for _, dir := range dirs {
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			switch name := strings.ToLower(path); {
			case err != nil:
				return nil // the others count
			case len(files) >= searchLimit:
				return fs.SkipAll
			case strings.HasSuffix(name, ".ttf"), strings.HasSuffix(name, ".otf"), strings.HasSuffix(name, ".ttc"), strings.HasSuffix(name, ".otc"):
				files = append(files, path)
			}
			return nil
		})
	}
	slices.SortStableFunc(files, func(a, b string) int { return unsuitable(a) - unsuitable(b) })
	return slices.Compact(files)
}

// unsuitable returns how unlike an upright sans-serif of normal weight the name of a font's
// file is.
func unsuitable(path string) (n int) {
	name := strings.ToLower(filepath.Base(path))
	for _, word := range []string{"bold", "italic", "oblique", "black", "light", "thin", "condensed", "mono", "serif", "emoji", "symbol", "unifont", "fallback"} {
		if strings.Contains(strings.ReplaceAll(name, "sansserif", ""), word) {
			n++
		}
	}
	if !strings.Contains(name, "sans") {
		n++
	}
	return n
}
