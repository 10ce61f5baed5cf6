package packaging_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestPackages checks that the package has everything that the helper needs, and that the
// packages of the other distributions have the same files as Debian's.
func TestPackages(t *testing.T) {
	if testing.Short() {
		t.Skip("makes nine packages: make test-package")
	}
	dist := packaged(t)
	t.Run("files", func(t *testing.T) { rightFiles(t, dist) })
	for _, part := range []string{"vocoder", "vocoder-engine"} {
		t.Run(part, func(t *testing.T) { sameFiles(t, dist, part) })
	}
	for part, want := range map[string]string{
		"vocoder": "Push-to-talk dictation for Wayland and X11", "vocoder-engine": "Offline speech recognizer for vocoder",
		"vocoder-model-whisper-base": "Speech model Whisper base (99 languages) for vocoder-engine",
	} {
		t.Run(part, func(t *testing.T) { summaries(t, dist, part, want) })
	}
}

// summaries checks that the packages describe themselves in one line, and then at length.
// Arch shows the line alone, and RPM does not repeat it.
func summaries(t *testing.T, dist, part, want string) {
	tags := headerOf(t, only(t, filepath.Join(dist, part+"-[0-9]*.rpm")))
	const summary, description = 1004, 1005
	if got := tags[summary].texts(); len(got) != 1 || got[0] != want {
		t.Errorf("RPM's summary is %q, want %q", got, want)
	}
	if got := tags[description].texts(); len(got) != 1 || len(got[0]) < len(want) || strings.Contains(got[0], want) {
		t.Errorf("RPM's description is %q", got)
	}
	out, err := exec.Command("tar", "--zstd", "-xOf", only(t, filepath.Join(dist, part+"-[0-9]*.pkg.tar.zst")), ".PKGINFO").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.ReplaceAll(string(out), " \n", "\n"), "\npkgdesc = "+want+"\n") {
		t.Errorf("Arch's description is not %q:\n%s", want, out)
	}
}

// rightFiles checks that only root can read the helper, and that files outside /usr are
// configuration files.
func rightFiles(t *testing.T, dist string) {
	got := debian(t, only(t, filepath.Join(dist, "vocoder_*.deb")))
	for _, want := range []string{
		"0755 usr/bin/vocoder", "0755 usr/bin/vocoderctl", "0755 usr/bin/vocoder-osd", "0711 usr/libexec/vocoder-inputd", "0644 etc/vocoder/input.yaml",
		"0644 usr/lib/systemd/system/vocoder-inputd.service", "0644 usr/lib/systemd/system/vocoder-inputd.socket",
		"0644 usr/lib/sysusers.d/vocoder.conf", "0644 usr/lib/modules-load.d/vocoder.conf", "0644 usr/lib/udev/rules.d/70-vocoder.rules",
		"0644 usr/share/vocoder/vocoder.service.d/50-sandbox.conf", "0644 usr/share/vocoder/vocoder-osd.service.d/50-sandbox.conf", "0644 usr/lib/systemd/user/vocoder-osd.service", "0644 usr/share/man/man8/vocoder-inputd.8.gz",
		"0644 usr/share/gnome-shell/extensions/vocoder@arealicehole.github.io/metadata.json", "0644 usr/share/gnome-shell/extensions/vocoder@arealicehole.github.io/extension.js",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("the package lacks %s", want)
		}
	}
	for _, name := range got {
		if _, path, _ := strings.Cut(name, " "); !strings.HasPrefix(path, "usr/") && path != "etc/vocoder/input.yaml" {
			t.Errorf("the package has %s", name)
		}
	}
	overrides, err := os.ReadFile("lintian/vocoder")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range got {
		mode, path, _ := strings.Cut(name, " ")
		if mode != "0644" && !strings.Contains(string(overrides), "statically-linked-binary ["+path+"]\n") {
			t.Errorf("packaging/lintian/vocoder does not say why %s is static", path)
		}
	}
}

// sameFiles checks that two packages have the same files with the same modes. Debian has the
// completions of zsh in a different folder.
func sameFiles(t *testing.T, dist, part string) {
	want := debian(t, only(t, filepath.Join(dist, part+"_*.deb")))
	if len(want) < 10 {
		t.Fatalf("Debian's has only %q", want)
	}
	want = slices.DeleteFunc(want, func(name string) bool { // only Debian has them
		return strings.HasSuffix(name, "/changelog.Debian.gz") || strings.Contains(name, "/lintian/overrides/")
	})
	for i, name := range want {
		want[i] = strings.Replace(name, "/zsh/vendor-completions/", "/zsh/site-functions/", 1)
	}
	for format, got := range map[string][]string{
		"RPM's":  rpm(t, only(t, filepath.Join(dist, part+"-[0-9]*.rpm"))),
		"Arch's": arch(t, only(t, filepath.Join(dist, part+"-[0-9]*.pkg.tar.zst"))),
	} {
		for _, name := range missing(want, got) {
			t.Errorf("%s lacks %s", format, name)
		}
		for _, name := range missing(got, want) {
			t.Errorf("only %s has %s", format, name)
		}
	}
}

// packaged makes all packages with fake programs, and returns their folder.
func packaged(t *testing.T) string {
	t.Helper()
	for _, p := range []string{"go", "make", "zstd"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skip(err)
		}
	}
	top := sources(t)
	for _, file := range []string{"go.mod", "go.sum", "tools.mod", "tools.sum"} {
		text, err := os.ReadFile(filepath.Join("..", file))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(top, file), string(text))
	}
	write(t, filepath.Join(top, "bin/data/vocoder/models/whisper-base/model.json"), "{}")
	c := exec.Command(filepath.Join(top, "packaging", "package.sh"), "vocoder", "engine", "model-whisper-base")
	c.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=1700000000")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("package.sh: %v\n%s", err, out)
	}
	return filepath.Join(top, "dist")
}

func only(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %q, %v", pattern, found, err)
	}
	return found[0]
}

func missing(from, in []string) (names []string) {
	for _, name := range from {
		if !slices.Contains(in, name) {
			names = append(names, name)
		}
	}
	return names
}

// entry is what the tests compare of a file.
func entry(mode int64, name string) string {
	return fmt.Sprintf("%04o %s", mode&0o7777, strings.TrimPrefix(strings.TrimPrefix(name, "."), "/"))
}

// listed returns the installed files of a tar archive.
func listed(t *testing.T, r io.Reader) (names []string) {
	t.Helper()
	for archive := tar.NewReader(r); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg && strings.Contains(h.Name, "/") {
			names = append(names, entry(h.Mode, h.Name))
		}
	}
}

// debian lists a package of Debian: deb(5), an ar archive.
func debian(t *testing.T, name string) []string {
	t.Helper()
	all, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const head = 60
	for rest := all[len("!<arch>\n"):]; len(rest) > head; {
		var size int
		if _, err := fmt.Sscan(string(rest[48:58]), &size); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(string(rest), "data.tar.gz") {
			return listed(t, unzip(t, rest[head:head+size]))
		}
		rest = rest[head+size+size%2:]
	}
	t.Fatalf("%s has no data.tar.gz", name)
	return nil
}

func unzip(t *testing.T, b []byte) io.Reader {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// arch lists a package of Arch Linux, an archive.
func arch(t *testing.T, name string) []string {
	t.Helper()
	out, err := exec.Command("zstd", "-dc", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return listed(t, bytes.NewReader(out))
}

// rpm lists a package of RPM by its header: rpm.org/docs/4.20.x/manual/format_v4.html.
func rpm(t *testing.T, name string) (names []string) {
	t.Helper()
	tags := headerOf(t, name)
	const modes, folderOf, bases, folders = 1030, 1116, 1117, 1118
	dirs := tags[folders].texts()
	for i, base := range tags[bases].texts() {
		mode := binary.BigEndian.Uint16(tags[modes].values[2*i:])
		dir := dirs[binary.BigEndian.Uint32(tags[folderOf].values[4*i:])]
		if mode&syscall.S_IFMT == syscall.S_IFREG {
			names = append(names, entry(int64(mode), dir+base))
		}
	}
	return names
}

// headerOf returns the header of a package of RPM.
func headerOf(t *testing.T, name string) map[uint32]tag {
	t.Helper()
	all, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const lead = 96
	_, size := header(t, all[lead:]) // signatures
	tags, _ := header(t, all[lead+(size+7)/8*8:])
	return tags
}

// A tag is an entry of an RPM header.
type tag struct {
	count  int
	values []byte // with all bytes after them
}

// texts returns the values as texts.
func (t tag) texts() []string {
	return strings.SplitN(string(t.values), "\x00", t.count+1)[:t.count]
}

// header returns the tags of a header of RPM, and its size.
func header(t *testing.T, b []byte) (tags map[uint32]tag, size int) {
	t.Helper()
	if !bytes.HasPrefix(b, []byte{0x8e, 0xad, 0xe8, 1}) {
		t.Fatal("no header of RPM")
	}
	number := func(at int) int { return int(binary.BigEndian.Uint32(b[at:])) }
	const head, entry = 16, 16
	count, length := number(8), number(12)
	values := b[head+entry*count:][:length]
	tags = map[uint32]tag{}
	for at := head; at < head+entry*count; at += entry {
		tags[uint32(number(at))] = tag{number(at + 12), values[number(at+8):]}
	}
	return tags, head + entry*count + length
}
