//go:build e2e

package e2e_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/e2e/shipped"
	"github.com/arealicehole/vocoder/internal/test/realserver"
	"github.com/arealicehole/vocoder/internal/test/repo"
	"github.com/arealicehole/vocoder/internal/test/speech"
)

// TestNewcomer runs the commands of the README for a clone, as a new user does, and ends
// with a sentence in a terminal. out/newcomer-SUITE.txt has what the new user sees.
//
// The machine reaches no network. The test copies into the machine what the README lets the
// user download. The transcript begins with a list of that.
func TestNewcomer(t *testing.T) {
	if os.Getenv("VOCODER_SWEEP") == "" {
		t.Skip("make sweep-newcomer")
	}
	n := &newcomer{began: time.Now(), name: "newcomer"}
	defer n.keep(t)
	n.clean(t, "git", "make", "sudo", "acl")
	n.bring(t)
	n.follow(t, "### From a clone", "Which language do you speak, or which ones? [", "Start vocoder? [1]")
}

// TestNewcomerPackages runs the commands of the README for packages, as a new user does, and
// ends with a sentence in a terminal that the offline recognizer of the package has understood,
// in the machine. Nothing is downloaded but the three packages. out/newcomer-packages-SUITE.txt has
// what the new user sees.
func TestNewcomerPackages(t *testing.T) {
	if os.Getenv("VOCODER_SWEEP") == "" {
		t.Skip("make sweep-newcomer")
	}
	n := &newcomer{began: time.Now(), name: "newcomer-packages"}
	defer n.keep(t)
	n.clean(t, "sudo", "acl")
	n.download(t, "vocoder", "vocoder-engine", "vocoder-model-moonshine-tiny-en")
	n.follow(t, "### From packages", "Which language do you speak, or which ones? [", "Which recognizer? [1]", "Start vocoder? [1]")
}

// follow runs the README's commands below a heading, and dictates. Setup asks the questions.
func (n *newcomer) follow(t *testing.T, heading string, questions ...string) {
	began := time.Now()
	for _, command := range readmeCommands(t, heading) {
		if command == "vocoder setup" {
			n.setUp(t, questions)
			continue
		}
		n.run(t, command)
	}
	n.dictate(t)
	spoken, err := m.StartPlay(t.Context(), clipNamed(t, "sense_and_sensibility_01_austen_64kb-0870").Clip) // the emulated microphone is completely silent otherwise
	ok(t, err)
	n.run(t, "vocoder doctor")
	ok(t, spoken.Wait(t.Context()))
	n.say("== from the first command to here: %.0f s, on an emulated processor", time.Since(began).Seconds())
}

// A newcomer is a new user's terminal, with a transcript of its output.
type newcomer struct {
	began time.Time
	name  string // of the file of the transcript, without the suite and the ending
	seen  bytes.Buffer
	dir   string // the shell's folder
}

func (n *newcomer) say(format string, args ...any) { fmt.Fprintf(&n.seen, format+"\n", args...) }

func (n *newcomer) keep(t *testing.T) {
	top, err := repo.Top()
	ok(t, err)
	ok(t, os.MkdirAll(filepath.Join(top, "out"), 0o755))
	name := n.name + "-" + cmp.Or(os.Getenv("SUITE"), "bookworm") + ".txt"
	ok(t, os.WriteFile(filepath.Join(top, "out", name), n.seen.Bytes(), 0o644))
	t.Logf("\n%s", n.seen.Bytes())
}

// readmeCommands returns the lines of the first block below a heading.
func readmeCommands(t *testing.T, heading string) []string {
	t.Helper()
	top, err := repo.Top()
	ok(t, err)
	page, err := os.ReadFile(filepath.Join(top, "README.md"))
	ok(t, err)
	_, below, found := strings.Cut(string(page), "\n"+heading+"\n")
	_, block, opened := strings.Cut(below, "\n```sh\n")
	block, _, closed := strings.Cut(block, "\n```\n")
	if !found || !opened || !closed {
		t.Fatalf("no block of commands below %q", heading)
	}
	var commands []string
	for line := range strings.Lines(block) {
		command, _, _ := strings.Cut(line, "  #")
		if command = strings.TrimSpace(command); command != "" {
			commands = append(commands, command)
		}
	}
	return commands
}

// clean removes from the machine what its image has for other tests, and adds packages of
// Debian that a desktop mostly has.
func (n *newcomer) clean(t *testing.T, packages ...string) {
	ctx := within(t, 5*time.Minute)
	files, err := shipped.Packages(ctx, m, packages...)
	ok(t, err)
	_, err = m.Run(ctx, `rm -f /etc/udev/rules.d/70-machine.rules /etc/modules-load.d/uinput.conf
		modprobe -r uinput
		udevadm control --reload
		udevadm trigger --settle --subsystem-match=input # or logind gives alice the devices again, by their old tag
		setfacl -b /dev/input/event*
		chmod 660 /dev/input/event*
		echo 'alice ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/alice`)
	ok(t, err)
	n.say("== %s", strings.TrimSpace(text(m.Run(ctx, ". /etc/os-release; echo $PRETTY_NAME, sway, PipeWire"))(t)))
	n.say("== brought in: Debian's %d packages for %s, which a desktop mostly has", len(files), strings.Join(packages, ", "))
}

// download copies the packages into the machine that a user downloads from a release.
func (n *newcomer) download(t *testing.T, names ...string) {
	ctx := within(t, 5*time.Minute)
	top, err := repo.Top()
	ok(t, err)
	n.dir = "Downloads"
	_, err = m.As(ctx, "alice", "mkdir "+n.dir)
	ok(t, err)
	var size int64
	for _, name := range names {
		deb := built(t, filepath.Join(top, "dist"), name)
		is, err := os.Stat(deb)
		ok(t, err)
		size += is.Size()
		ok(t, m.Put(ctx, deb, "/home/alice/"+n.dir+"/"+filepath.Base(deb)))
	}
	n.say("== downloaded: %s, %.1f MB", strings.Join(names, ", "), float64(size)/1e6)
	if size > 60e6 {
		t.Errorf("the packages for English have %d bytes, want at most 60 MB", size)
	}
}

// bring copies into the machine what the README has the user download.
func (n *newcomer) bring(t *testing.T) {
	ctx := within(t, 10*time.Minute)
	top, err := repo.Top()
	ok(t, err)
	dir := t.TempDir()
	sh := func(script string, env ...string) {
		t.Helper()
		c := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script)
		c.Dir, c.Env = top, append(append(os.Environ(), "DIR="+dir), env...)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
	}
	sh(`git clone -q --bare . $DIR/vocoder.git
		goroot=$(go env GOROOT)
		mkdir $DIR/go && tar -C $goroot --exclude=testdata --exclude='*_test.go' --exclude=./src/cmd --exclude=./test --exclude=./api --exclude=./doc -c . | tar -C $DIR/go -x
		mkdir $DIR/proxy
		cache=$(go env GOMODCACHE)/cache/download
		go mod download -json | sed -n 's/^\t"\(Info\|GoMod\|Zip\)": "\(.*\)",$/\2/p' | sed "s|^$cache/||" | tar -C $cache -T - -c | tar -C $DIR/proxy -x`)
	what := "the repository, Go " + strings.TrimPrefix(text(output(exec.Command("go", "env", "GOVERSION")))(t), "go") + " in /usr/local/go, the Go modules"
	if os.Getenv("VOCODER_NEWCOMER_COLD") == "" {
		// Compiling the standard library takes many minutes there.
		caches, err := os.UserCacheDir()
		ok(t, err)
		sh(`git clone -q . $DIR/warm && cd $DIR/warm && make build && rm -rf $DIR/warm && cp -r $GOCACHE $DIR/cache`,
			"GOFLAGS=", "GOCACHE="+filepath.Join(caches, "vocoder", "newcomer-build"))
		what += ", and what the Go compiler keeps (~/.cache/go-build) of an earlier build of this commit"
	}
	packed, err := exec.CommandContext(ctx, "sh", "-c", "cd "+dir+" && tar -c * | gzip -1").Output()
	ok(t, err)
	_, err = m.Feed(ctx, "root", `mkdir -p /srv && tar -C /srv --no-same-owner -xz && mv /srv/go /usr/local/go && chown -R alice:alice /srv/vocoder.git
		if [ -d /srv/cache ]; then install -d -o alice -g alice /home/alice/.cache && mv /srv/cache /home/alice/.cache/go-build && chown -R alice:alice /home/alice/.cache/go-build; fi`,
		bytes.NewReader(packed))
	ok(t, err)
	engine, err := realserver.StartEngine(context.Background(), realserver.Moonshine, os.Stderr)
	ok(t, err)
	t.Cleanup(func() { ok(t, engine.Stop()) })
	ok(t, m.Forward(context.Background(), shipped.Port, engine.Addr))
	n.say("== brought in: %s", what)
	n.say("== brought in: vocoder-engine, which answers at 127.0.0.1:%d; it runs outside the machine, whose processor is emulated", shipped.Port)
	n.say("== %.0f s until here", time.Since(n.began).Seconds())
}

func output(c *exec.Cmd) (string, error) {
	out, err := c.Output()
	return strings.TrimSpace(string(out)), err
}

// shell sets the environment so that commands find the copied files: PATH as in
// go.dev/doc/install, and replacements for the network.
const shell = `export PATH=$PATH:/usr/local/go/bin GOPROXY=file:///srv/proxy GOFLAGS=-modcacherw GOTOOLCHAIN=local GIT_CONFIG_COUNT=1
export GIT_CONFIG_KEY_0=url.file:///srv/vocoder.git.insteadOf GIT_CONFIG_VALUE_0=https://github.com/arealicehole/vocoder
`

func (n *newcomer) run(t *testing.T, command string) {
	t.Helper()
	began := time.Now()
	n.say("$ %s", command)
	out, err := m.As(within(t, 20*time.Minute), "alice", shell+"cd ~/"+n.dir+" && { "+command+"; } 2>&1")
	n.seen.WriteString(out)
	n.say("== %.0f s", time.Since(began).Seconds())
	ok(t, err)
	if _, dir, found := strings.Cut(command, "&& cd "); found {
		n.dir = dir
	}
}

// setUp answers the questions: it presses the key, speaks, and accepts the proposals.
func (n *newcomer) setUp(t *testing.T, questions []string) {
	began := time.Now()
	ctx := within(t, 3*time.Minute)
	n.say("$ vocoder setup")
	c, err := m.Command(ctx, "alice", `script -qefc "vocoder setup" /dev/null`)
	ok(t, err)
	in, err := c.StdinPipe()
	ok(t, err)
	out, err := c.StdoutPipe()
	ok(t, err)
	ok(t, c.Start())
	p := &prompts{in: out, ctx: ctx}
	defer func() {
		if t.Failed() {
			out, err := m.Run(context.Background(), "journalctl -b -o short-monotonic -n 60 -u vocoder-inputd.service -u vocoder-inputd.socket")
			t.Logf("the helper said (%v):\n%s", err, out)
		}
		n.say("%s", strings.TrimSpace(strings.ReplaceAll(p.seen.String(), "\r", "")))
		n.say("== %.0f s", time.Since(began).Seconds())
	}()
	p.until(t, "Ten seconds")
	pass(t, time.Second) // it reads, and the helper listens
	ok(t, m.KeyDown(ctx, defaultKey))
	pass(t, 300*time.Millisecond)
	ok(t, m.KeyUp(ctx, defaultKey))
	p.until(t, "Say a few words")
	ok(t, m.Play(ctx, clipNamed(t, sentence).Clip))
	for _, question := range questions {
		p.until(t, question)
		_, err = io.WriteString(in, "\n")
		ok(t, err)
	}
	p.until(t, "and speak.")
	ok(t, c.Wait())
}

// prompts are the output of a program in a terminal. A question has no end of line.
type prompts struct {
	in   io.Reader
	ctx  context.Context
	seen strings.Builder
	from int // position in seen from which to search
}

func (p *prompts) until(t *testing.T, what string) {
	t.Helper()
	for b := make([]byte, 4096); ; {
		if i := strings.Index(p.seen.String()[p.from:], what); i >= 0 {
			p.from += i + len(what)
			return
		}
		k, err := p.in.Read(b)
		p.seen.Write(b[:k])
		if err != nil {
			t.Fatalf("waiting for %q: %v", what, errors.Join(err, context.Cause(p.ctx)))
		}
	}
}

// sentence is the clip that is dictated.
const sentence = "sense_and_sensibility_01_austen_64kb-0930"

func clipNamed(t *testing.T, name string) speech.Clip {
	t.Helper()
	all, err := speech.Clips()
	ok(t, err)
	for _, c := range all {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no clip %s", name)
	return speech.Clip{}
}

// dictate holds the key and speaks. The words must then be in the terminal.
func (n *newcomer) dictate(t *testing.T) {
	ctx := within(t, 2*time.Minute)
	clip := clipNamed(t, sentence)
	ok(t, m.ClearTyped(ctx))
	status := text(m.As(ctx, "alice", "vocoderctl --json status"))(t)
	if !json.Valid([]byte(status)) {
		t.Errorf("status: %s", status)
	}
	new(realSession).say(t, clip.Clip)
	released := time.Now()
	typed, err := m.WaitTyped(ctx, func(typed string) bool { return regexp.MustCompile(`[.!?] $`).MatchString(typed) })
	ok(t, err)
	n.say("== held the key, said %q, released it; %.1f s later the text is there:\n%s", clip.Words, time.Since(released).Seconds(), typed)
	if score := speech.Compare(clip.Words, typed); score.Rate() > 0.2 {
		t.Errorf("%q is not %q", typed, clip.Words)
	}
}
