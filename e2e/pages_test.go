//go:build e2e

package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/e2e/shipped"
	"github.com/arealicehole/vocoder/internal/test/pages"
	"github.com/arealicehole/vocoder/internal/test/realserver"
	"github.com/arealicehole/vocoder/internal/test/repo"
)

// TestPages runs the commands of the pages for users as alice, in the order of each page.
// The output of each has the shape that the page shows. Comments in the page, which readers
// do not see, prepare a block, check its effect, or say why it is not run: pages.Note.
//
// With VOCODER_PAGES=write the test writes the output of the machine into the page, where
// it differs.
func TestPages(t *testing.T) {
	if !sweeping() {
		t.Skip("make sweep-pages")
	}
	top, err := repo.Top()
	ok(t, err)
	newUser(t, top)
	for _, page := range pages.Followed {
		t.Run(strings.TrimSuffix(filepath.Base(page), ".md"), func(t *testing.T) { follows(t, filepath.Join(top, page)) })
	}
}

// newUser installs vocoder as make install does. alice may open no device, may use sudo,
// and has a clone in ~/vocoder. The journal is kept on the disk, as on most systems:
// without that, users cannot read theirs.
func newUser(t *testing.T, top string) {
	ctx := within(t, 5*time.Minute)
	_, err := shipped.Packages(ctx, m, "sudo")
	ok(t, err)
	for _, part := range []string{"install", "install-inputd", "install-engine"} {
		ok(t, shipped.InstallPart(ctx, m, part))
	}
	bring(ctx, t, "knock")
	home, err := os.UserHomeDir()
	ok(t, err)
	model, err := exec.CommandContext(ctx, "tar", "-C", filepath.Join(home, ".local/share"), "-c", "vocoder/models/"+realserver.Moonshine).Output()
	ok(t, err)
	_, err = m.Feed(ctx, "alice", "mkdir -p ~/.local/share ~/.config/vocoder && tar -C ~/.local/share -x", bytes.NewReader(model))
	ok(t, err)
	clone, err := exec.CommandContext(ctx, "sh", "-c", "cd "+top+" && tar -c packaging bin/vocoder bin/vocoderctl bin/vocoder-inputd | gzip -1").Output()
	ok(t, err)
	_, err = m.Feed(ctx, "alice", "mkdir -p ~/vocoder && tar -C ~/vocoder -xz", bytes.NewReader(clone))
	ok(t, err)
	_, err = m.Run(ctx, `echo 'alice ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/alice
		printf '[Journal]\nStorage=persistent\n' > /etc/systemd/journald.conf.d/z.conf
		mkdir -p /var/log/journal && systemctl restart systemd-journald && journalctl --flush
		mv `+rights+` /root/ && systemd-sysusers && udevadm control --reload && udevadm trigger --settle --subsystem-match=input --subsystem-match=misc && knock plain
		systemctl daemon-reload && systemctl enable -q --now vocoder-inputd.socket
		mkdir -p /etc/systemd/user/vocoder-engine.service.d
		printf '[Service]\nExecStart=\nExecStart=/usr/bin/vocoder-engine serve --preload\nTimeoutStartSec=infinity\n' > /etc/systemd/user/vocoder-engine.service.d/preload.conf
		systemctl --user -M alice@ daemon-reload && systemctl --user -M alice@ start vocoder-engine`)
	ok(t, err)
	t.Cleanup(func() {
		_, err := m.Run(context.Background(), `mv /root/70-machine.rules `+rights+`
			systemctl --user -M alice@ disable --now vocoder vocoder.socket vocoder-engine.socket; systemctl --user -M alice@ stop vocoder-engine 'vocoder@*'
			systemctl disable --now vocoder-inputd.socket; systemctl stop vocoder-inputd 'vocoder@*'
			rm -rf /home/alice/vocoder /home/alice/.local/share/vocoder /home/alice/.config/vocoder /home/alice/.config/systemd
			rm -rf /etc/systemd/user/vocoder-engine.service.d; rm -f /usr/bin/vocoder* /usr/lib/systemd/*/vocoder* /usr/lib/udev/rules.d/70-vocoder.rules
			systemctl daemon-reload; systemctl --user -M alice@ daemon-reload
			udevadm control --reload; udevadm trigger --settle --subsystem-match=input --subsystem-match=misc`)
		ok(t, err)
	})
}

// follows runs the blocks of a page.
func follows(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	ok(t, err)
	lines := strings.Split(string(text), "\n")
	var skipped []string
	shift := 0 // lines that were written into the page so far
	for _, b := range pages.Blocks(string(text)) {
		if b.Kind != "sh" && b.Kind != "console" {
			continue
		}
		if b.Note.Skip != "" {
			skipped = append(skipped, fmt.Sprintf("line %d: %s", b.Line, b.Note.Skip))
			continue
		}
		t.Run(fmt.Sprint("line ", b.Line), func(t *testing.T) {
			began := time.Now()
			got := runBlock(t, b)
			t.Logf("%.1f s", time.Since(began).Seconds())
			if got == "" || os.Getenv("VOCODER_PAGES") != "write" {
				return
			}
			from, was := b.Line+shift, strings.Count(b.Text, "\n")
			now := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
			lines = slices.Replace(lines, from, from+was, now...)
			shift += len(now) - was
		})
	}
	if shown := strings.Join(lines, "\n"); shown != string(text) {
		ok(t, os.WriteFile(file, []byte(shown), 0o644))
	}
	t.Logf("not run:\n%s", strings.Join(skipped, "\n"))
}

// runBlock runs a block. If the output differs from what the page shows, it fails the test
// and returns the text of the block with the real output.
func runBlock(t *testing.T, b pages.Block) (differs string) {
	for _, command := range b.Note.Before {
		_, err := m.Run(within(t, 2*time.Minute), command)
		ok(t, err)
	}
	defer func() {
		for _, command := range b.Note.After {
			if out, err := m.Run(within(t, 2*time.Minute), command); err != nil {
				t.Errorf("afterwards %q: %v\n%s", command, err, out)
			}
		}
	}()
	if b.Kind == "sh" {
		if out, err := m.As(within(t, 3*time.Minute), "alice", "set -e; exec 2>&1\n"+b.Text); err != nil {
			t.Errorf("%s%v\n%s", b.Text, err, out)
		}
		return ""
	}
	steps := b.Steps()
	if b.Note.Until {
		untilShown(t, steps)
		return ""
	}
	return compare(t, steps, runSteps(t, steps))
}

// stepEnd begins a line that the shell prints after each command, with its exit status.
const stepEnd = "\x1e"

// A done is what a command printed, on both streams, and how it ended.
type done struct {
	output []string
	status string
}

// runSteps runs the commands of a block in one shell.
func runSteps(t *testing.T, steps []pages.Step) (all []done) {
	script := "exec 2>&1\n"
	for _, s := range steps {
		script += s.Command + "\nstatus=$?; printf '\\n" + stepEnd + "%d\\n' $status; (exit $status)\n"
	}
	out := text(m.As(within(t, 3*time.Minute), "alice", script+"exit 0"))(t)
	for range steps {
		printed, rest, ended := strings.Cut(out, "\n"+stepEnd)
		if !ended {
			t.Fatalf("the shell ended in the block: %q", out)
		}
		status, after, _ := strings.Cut(rest, "\n")
		var lines []string
		if printed = strings.TrimRight(printed, "\n"); printed != "" {
			lines = strings.Split(printed, "\n")
		}
		all, out = append(all, done{lines, status}), after
	}
	return all
}

// compare checks what the commands of a block printed. A command may fail only if the page
// shows its exit status next.
func compare(t *testing.T, steps []pages.Step, all []done) (differs string) {
	var real strings.Builder
	for i, s := range steps {
		fmt.Fprintf(&real, "$ %s\n", s.Command)
		printed := s.Output
		if !pages.Alike(s.Output, all[i].output) {
			printed = all[i].output
			t.Errorf("$ %s\nthe page shows:\n%s\nit prints:\n%s", s.Command, strings.Join(s.Output, "\n"), strings.Join(all[i].output, "\n"))
			differs = "yes"
		}
		for _, line := range printed {
			fmt.Fprintf(&real, "%s\n", strings.TrimRight(line, " "))
		}
		if all[i].status != "0" && (i+1 == len(steps) || steps[i+1].Command != "echo $?") {
			t.Errorf("$ %s\nends with status %s: %s", s.Command, all[i].status, strings.Join(all[i].output, "\n"))
		}
	}
	if differs == "" {
		return ""
	}
	return real.String()
}

// untilShown runs a command that does not end by itself, until its output has what the page
// shows.
func untilShown(t *testing.T, steps []pages.Step) {
	if len(steps) != 1 {
		t.Fatal("a block that is run until its output has come has one command")
	}
	var got []string
	l := follow(t.Context(), t, "alice", steps[0].Command+" 2>&1")
	l.until(t, func(line string) bool {
		got = append(got, line)
		return pages.Begins(steps[0].Output, got)
	})
}
