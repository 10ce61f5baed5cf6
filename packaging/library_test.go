package packaging_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A marked part is a row of engine/licenses/parts.txt.
type marked struct {
	library, name string
	marks         []string
}

func parseParts(t *testing.T) (all []marked) {
	t.Helper()
	text, err := os.ReadFile("../engine/licenses/parts.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if c := strings.Split(strings.TrimSpace(line), "\t"); len(c) == 6 && !strings.HasPrefix(line, "#") {
			all = append(all, marked{c[0], c[1], strings.Fields(c[5])})
		}
	}
	return all
}

var (
	// nested matches a mangled name of C++ that begins with a namespace, after its length.
	nested = regexp.MustCompile(`^(?:_ZT[ISV]N|_ZNK?|\*?NK?)(\d{1,2})([A-Za-z_]\w+)$`)
	// single matches the mangled name of a class in no namespace.
	single = regexp.MustCompile(`^(?:_ZT[ISV]|\*)?(\d{1,2})([A-Za-z_]\w+)$`)
	// buildFolders matches the folders of the build that assertions and messages name.
	buildFolders = regexp.MustCompile(`^([A-Za-z0-9_-]+?)-src\b`)
	// compilers match names that the compiler and its library give.
	compilers = regexp.MustCompile(`^(__gnu_cxx|__cxxabiv1|_GLOBAL__N_\w*|__mbstate_t|std|(ll?)?div_t|pthread_\w+|max_align_t|_G_fpos_t|_Unwind_\w+)$`)
	// foreign are texts of works under the GPL that such libraries have had.
	foreign = []string{"espeak_Initialize", "espeak_ListVoices", "espeak_TextTo", "phonemize_eSpeak", "espeakINITIALIZE", "fftw_plan", "fftwf_plan", "RubberBand", "GNU General Public"}
)

// outermost returns the namespace or class that a mangled name begins with. It ignores short
// names, which random bytes have too.
func outermost(word []byte) string {
	if len(word) < 5 || len(word) > 1000 || !bytes.ContainsRune([]byte("_*N0123456789"), rune(word[0])) {
		return ""
	}
	word, _, _ = bytes.Cut(word, []byte(".")) // .cold, .part.0
	if m := nested.FindSubmatch(word); m != nil {
		n, _ := strconv.Atoi(string(m[1])) // digits
		if n >= 3 && n < len(m[2]) {
			return string(m[2][:n])
		}
	}
	if m := single.FindSubmatch(word); m != nil {
		n, _ := strconv.Atoi(string(m[1])) // digits
		if n >= 5 && n == len(m[2]) {
			return string(m[2])
		}
	}
	return ""
}

// unnamed returns what a library has of works that the table does not name.
func unnamed(parts []marked, library string, b []byte) []string {
	found := map[string]bool{}
	known := func(name, kind string) bool {
		return slices.ContainsFunc(parts, func(p marked) bool {
			return p.library == library && slices.ContainsFunc(p.marks, func(mark string) bool {
				prefix, is := strings.CutPrefix(mark, "prefix:")
				return mark == kind+name || is && kind == "" && strings.HasPrefix(name, prefix)
			})
		})
	}
	for word := range bytes.SplitSeq(b, []byte{0}) {
		if name := outermost(word); name != "" && !compilers.MatchString(name) && !known(name, "") {
			found["namespace "+name] = true
		}
	}
	for rest := b; ; {
		_, after, more := bytes.Cut(rest, []byte("_deps/"))
		if !more {
			break
		}
		if m := buildFolders.FindSubmatch(after[:min(100, len(after))]); m != nil && !known(string(m[1]), "dep:") {
			found["folder "+string(m[1])] = true
		}
		rest = after
	}
	for _, text := range foreign {
		if bytes.Contains(b, []byte(text)) {
			found["text "+text] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// TestUnnamed checks that the search finds works that the table does not name.
func TestUnnamed(t *testing.T) {
	parts := []marked{{"lib.so", "Own", []string{"own_ns", "dep:own", "prefix:Own"}}, {"other.so", "Other", []string{"other"}}}
	for text, want := range map[string]string{
		"\x00N6own_ns5ClassE\x00_ZN6own_ns1fEv\x00*6own_ns\x00N6OwnAbcE\x00/b/_deps/own-src/x.cc\x00": "",
		"\x00N9__gnu_cxx7__mutexE\x00_ZNSt6vectorIiE\x00":                                             "",
		"\x00N5piper9phonemizeE\x00":                                                                  "namespace piper",
		"\x00_ZN5other1fEv\x00":                                                                       "namespace other",
		"\x00_ZTS5Piper\x00":                                                                          "namespace Piper",
		"\x00/b/_deps/espeak_ng-src/x\x00":                                                            "folder espeak_ng",
		"\x00espeak_Initialize\x00":                                                                   "text espeak_Initialize",
		"\x00wespeaker\x00has_espeak\x00espeak-ng is no longer used\x00":                              "",
	} {
		if got := strings.Join(unnamed(parts, "lib.so", []byte(text)), ", "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestLibraries checks that the copyright file of vocoder-engine names each part of its two
// libraries, and that each row of the table is found in them.
func TestLibraries(t *testing.T) {
	parts := parseParts(t)
	if len(parts) < 20 {
		t.Fatalf("only %d parts", len(parts))
	}
	for _, library := range []string{"libsherpa-onnx-c-api.so", "libonnxruntime.so"} {
		b, err := os.ReadFile(filepath.Join("../bin", library))
		if err != nil {
			if os.Getenv("VOCODER_PACKAGES") == "" {
				t.Skip("make test-package: ", err)
			}
			t.Fatal(err)
		}
		for _, work := range unnamed(parts, library, b) {
			t.Errorf("%s has %s, which engine/licenses/parts.txt does not name", library, work)
		}
		arm := bytes.Contains(b, []byte("ld-linux-aarch64"))
		for _, p := range parts {
			if p.library != library || strings.HasSuffix(p.name, "(arm64 only)") && !arm {
				continue
			}
			if !slices.ContainsFunc(p.marks, func(mark string) bool {
				mark = mark[strings.Index(mark, ":")+1:]
				return bytes.Contains(b, []byte(mark))
			}) {
				t.Errorf("%s has nothing of %s any more", library, p.name)
			}
		}
	}
}
