package servers

import "testing"

func TestField(t *testing.T) {
	const status = "Name:\tx\nVmHWM:\t  123 kB\nVmRSS:\t 9 kB\n"
	if got := field(status, "VmHWM:"); got != 123 {
		t.Errorf("got %d, want 123", got)
	}
	if got := field(status, "VmPeak:"); got != 0 {
		t.Errorf("a field that is not there: got %d", got)
	}
}

// TestDescends: the memory of a server includes that of all its descendants.
func TestDescends(t *testing.T) {
	status := map[int64]string{
		1: "\nPid:\t1\nPPid:\t0\n", 10: "\nPid:\t10\nPPid:\t1\n", 11: "\nPid:\t11\nPPid:\t10\n", 12: "\nPid:\t12\nPPid:\t11\n",
		20: "\nPid:\t20\nPPid:\t21\n", 21: "\nPid:\t21\nPPid:\t20\n",
	}
	for pid, want := range map[int64]bool{10: true, 11: true, 12: true, 1: false, 20: false, 99: false} {
		if got := descends(status, pid, 10); got != want {
			t.Errorf("process %d descends from 10: %t, want %t", pid, got, want)
		}
	}
}
