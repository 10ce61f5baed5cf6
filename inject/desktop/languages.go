package desktop

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/arealicehole/vocoder/inject/keymap"
	"github.com/arealicehole/vocoder/internal/language"
)

// registry is where xkeyboard-config(7) says what each layout is for.
const registry = "usr/share/X11/xkb/rules/evdev.xml"

// languages are those of the layouts, by the names that their groups have in a
// keymap. Each registry is read once.
var languages sync.Map // of func() (map[string][]string, error), by the file

// Languages returns the codes of the languages that the layout in effect is made
// for, of those that Whisper knows, the most usual first. root is the folder of
// /usr/share; empty for /. It is an error if the layout is not known, or made for
// none.
func (s State) Languages(root string) ([]string, error) {
	if s.Map == nil || s.Group == keymap.AllGroups || s.Group >= len(s.Map.Groups()) {
		return nil, errors.New("the layout in effect is not known")
	}
	name := s.Map.Groups()[s.Group]
	all, err := registered(root)
	if err != nil {
		return nil, err
	}
	if len(all[name]) == 0 {
		return nil, fmt.Errorf("layout %q is made for no language", name)
	}
	return slices.Clone(all[name]), nil
}

// GroupLanguages is Languages for every layout that is set up, in their order;
// none for one that is not known or made for none.
func (s State) GroupLanguages(root string) ([][]string, error) {
	if s.Map == nil {
		return nil, errors.New("the layouts are not known")
	}
	all, err := registered(root)
	if err != nil {
		return nil, err
	}
	var groups [][]string
	for _, name := range s.Map.Groups() {
		groups = append(groups, slices.Clone(all[name]))
	}
	return groups, nil
}

// registered returns the languages of all layouts.
func registered(root string) (map[string][]string, error) {
	file := rooted(root, registry)
	read, _ := languages.LoadOrStore(file, sync.OnceValues(func() (map[string][]string, error) { return readLanguages(file) }))
	return read.(func() (map[string][]string, error))()
}

func readLanguages(file string) (map[string][]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return parseLanguages(f)
}

// A configItem of the registry is a layout or a variant of one. Source: xkb.dtd
// in the same directory.
type configItem struct {
	Name      string   `xml:"description"`
	Languages []string `xml:"languageList>iso639Id"`
}

func parseLanguages(r io.Reader) (map[string][]string, error) {
	var list struct {
		Layouts []struct {
			Item     configItem `xml:"configItem"`
			Variants []struct {
				Item configItem `xml:"configItem"`
			} `xml:"variantList>variant"`
		} `xml:"layoutList>layout"`
	}
	if err := xml.NewDecoder(r).Decode(&list); err != nil {
		return nil, fmt.Errorf("read layouts: %w", err)
	}
	all := map[string][]string{}
	for _, l := range list.Layouts {
		own := codes(l.Item.Languages)
		all[l.Item.Name] = own
		for _, v := range l.Variants {
			if all[v.Item.Name] = codes(v.Item.Languages); len(v.Item.Languages) == 0 {
				all[v.Item.Name] = own
			}
		}
	}
	return all, nil
}

// codes returns the languages of ISO 639-3 that Whisper knows.
func codes(names []string) (all []string) {
	for _, name := range names {
		code, err := language.Parse(name)
		if err == nil && language.InWhisper(code) && !slices.Contains(all, code) {
			all = append(all, code)
		}
	}
	return all
}
