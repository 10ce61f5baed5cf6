package packaging_test

import (
	"os"
	"strings"
	"testing"
)

// TestReportedUinput: users of other programs report a rule for /dev/uinput that has no effect
// until the next boot (e2e/reports.md): the node exists before its module is loaded. The
// package must load the module at each boot, give the rule to the node that exists without
// it, and do both when it is installed.
func TestReportedUinput(t *testing.T) {
	for file, wants := range map[string][]string{
		"inputd/70-vocoder.rules":  {`KERNEL=="uinput"`, `SUBSYSTEM=="misc"`, `MODE="0660"`, `GROUP="vocoder-input"`, `OPTIONS+="static_node=uinput"`},
		"inputd/modules-load.conf": {"\nuinput\n"},
		"scripts/postinstall.sh":   {"\n\tmodprobe -q uinput", "\n\tudevadm control --reload", "\n\tudevadm trigger --settle --subsystem-match=misc --sysname-match=uinput"},
		"inputd/sysusers.conf":     {"vocoder-input"},
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s lacks %q", file, want)
			}
		}
	}
}
