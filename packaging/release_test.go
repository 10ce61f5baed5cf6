package packaging_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestVerifyRelease checks that verify.sh builds a release again elsewhere, and refuses one
// that differs, in a repository whose release is made in no time.
func TestVerifyRelease(t *testing.T) {
	for _, p := range []string{"git", "make", "sha256sum"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skip(err)
		}
	}
	const release = "release:\n\tmkdir -p dist && cp source dist/package%s && cd dist && sha256sum package > SHA256SUMS\n"
	for _, tt := range []struct{ name, rule, spoil, want string }{
		{"same", strings.Replace(release, "%s", "", 1), "", "1 files are the same, byte for byte"},
		{"other bytes", strings.Replace(release, "%s", " && pwd >> dist/package", 1), "", "are not what this commit gives here"},
		{"other sources", strings.Replace(release, "%s", "", 1), "echo more >> source && make -s release", "are not what this commit gives here"},
		{"broken download", strings.Replace(release, "%s", "", 1), "echo more >> dist/package", "package: FAILED"},
		{"no build", "release:\n\t@mkdir -p dist; cp source dist/package; cd dist; sha256sum package > SHA256SUMS; ! [ -d ../../elsewhere ] || { echo no compiler; exit 1; }\n", "", "no compiler"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			top := t.TempDir()
			script, err := os.ReadFile("verify.sh")
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(top, "packaging/verify.sh"), string(script))
			write(t, filepath.Join(top, "Makefile"), tt.rule)
			write(t, filepath.Join(top, "source"), "text\n")
			write(t, filepath.Join(top, ".gitignore"), "/dist/\n")
			sh := func(command string) (string, error) {
				c := exec.Command("bash", "-euc", command)
				c.Dir, c.Env = top, append(os.Environ(), "HOME="+t.TempDir(), "GIT_CONFIG_NOSYSTEM=1")
				out, err := c.CombinedOutput()
				return string(out), err
			}
			if out, err := sh("git init -q && git add -A && git -c user.name=x -c user.email=x@example.org commit -qm x && make -s release; " + tt.spoil); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			out, err := sh("packaging/verify.sh")
			if !strings.Contains(out, tt.want) || (err == nil) != (tt.name == "same") {
				t.Errorf("%v, want %q:\n%s", err, tt.want, out)
			}
		})
	}
}

// TestReleaseCommitted checks that no release is made of files that its sources lack.
func TestReleaseCommitted(t *testing.T) {
	top := t.TempDir()
	script, err := os.ReadFile("release.sh")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(top, "packaging/release.sh"), string(script))
	for _, tt := range []struct{ name, change string }{{"changed", "echo more >> file"}, {"new", "echo more > other"}} {
		c := exec.Command("bash", "-euc", "rm -rf .git other dist; echo text > file; git init -q; git add -A; git -c user.name=x -c user.email=x@example.org commit -qm x; "+
			tt.change+"; SOURCE_DATE_EPOCH=1 packaging/release.sh")
		c.Dir, c.Env = top, append(os.Environ(), "HOME="+t.TempDir(), "GIT_CONFIG_NOSYSTEM=1")
		out, err := c.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "not everything is committed") {
			t.Errorf("%s: %v\n%s", tt.name, err, out)
		}
	}
}

// TestSign checks that the tool that signs SHA256SUMS makes a signature that it accepts, and
// none for other bytes.
func TestSign(t *testing.T) {
	dir := t.TempDir()
	minisign := func(args ...string) (string, error) {
		c := exec.Command("go", append([]string{"tool", "-modfile=tools.mod", "minisign"}, args...)...)
		c.Dir = ".."
		out, err := c.CombinedOutput()
		return string(out), err
	}
	secret, public, sums := filepath.Join(dir, "key"), filepath.Join(dir, "key.pub"), filepath.Join(dir, "SHA256SUMS")
	write(t, sums, "sums\n")
	if out, err := minisign("-G", "-W", "-s", secret, "-p", public); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := minisign("-S", "-W", "-s", secret, "-m", sums, "-x", sums+".minisig", "-t", "vocoder 2.0.0"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := minisign("-V", "-p", public, "-m", sums, "-x", sums+".minisig"); err != nil || !strings.Contains(out, "vocoder 2.0.0") {
		t.Errorf("%v\n%s", err, out)
	}
	write(t, sums, "other sums\n")
	if out, err := minisign("-V", "-p", public, "-m", sums, "-x", sums+".minisig"); err == nil {
		t.Errorf("accepted other bytes\n%s", out)
	}
}

// TestWorkflow checks that each target of make that the release job runs exists.
func TestWorkflow(t *testing.T) {
	job, err := os.ReadFile("../.github/workflows/release.yml")
	if err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	targets := regexp.MustCompile(`(?m)(?:run: |\| )make ([a-z0-9-]+)`).FindAllStringSubmatch(string(job), -1)
	if len(targets) < 4 {
		t.Fatalf("only %q", targets)
	}
	for _, target := range targets {
		if !regexp.MustCompile(`(?m)^` + target[1] + `:`).Match(makefile) {
			t.Errorf("no target %s", target[1])
		}
	}
}
