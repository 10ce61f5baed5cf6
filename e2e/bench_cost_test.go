//go:build e2e

package e2e_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/arealicehole/vocoder/internal/test/measure"
)

// resting measures three times what an idle process costs. A wakeup is everything that
// its threads do within a tenth of a second.
func resting(t *testing.T, r *rig, pid, when string, each time.Duration) {
	t.Helper()
	var woken, cpu []float64
	for range 3 {
		before := ticks(t, pid)
		var wakeups, switches int
		_, err := fmt.Sscan(r.do(t, fmt.Sprintf("rest %s %v", pid, each)), &wakeups, &switches)
		ok(t, err)
		woken = append(woken, float64(wakeups)/each.Seconds())
		cpu = append(cpu, (ticks(t, pid)-before)/each.Seconds())
	}
	measure.Tell(t, when+": wakeups", "per s", woken...)
	measure.Tell(t, when+": processor time", "% of one", cpu...)
	holdings(t, pid, when)
}

// working records the cost of a process so far. The function that it returns measures
// the cost since then. A wakeup is each time that a thread slept and ran again.
func working(t *testing.T, pid, when string) func() {
	t.Helper()
	began, cpu, woken := time.Now(), ticks(t, pid), switches(t, pid)
	return func() {
		t.Helper()
		cpu, woken := ticks(t, pid)-cpu, switches(t, pid)-woken
		took := time.Since(began).Seconds()
		measure.Tell(t, when+": wakeups", "per s", woken/took)
		measure.Tell(t, when+": processor time", "% of one", cpu/took)
		holdings(t, pid, when)
	}
}

// ticks returns the processor time used so far, in hundredths of a second:
// fields 14 and 15 of proc_pid_stat(5).
func ticks(t *testing.T, pid string) float64 {
	t.Helper()
	return counted(t, "sed 's/.*) //' /proc/"+pid+"/stat | awk '{print $12+$13}'")
}

// switches returns how often the present threads have slept (proc_pid_status(5)).
func switches(t *testing.T, pid string) float64 {
	t.Helper()
	return counted(t, "cat /proc/"+pid+"/task/*/status | awk '/^voluntary_ctxt_switches:/ {n += $2} END {print n}'")
}

// counted returns the number that a command prints.
func counted(t *testing.T, command string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(strings.TrimSpace(text(m.Run(within(t, time.Minute), command))(t)), 64)
	ok(t, err)
	return n
}

// holdings measures memory and files.
func holdings(t *testing.T, pid, when string) {
	t.Helper()
	out := strings.Fields(text(m.Run(within(t, time.Minute), "awk '/^VmRSS|^RssAnon/ {print $2}' /proc/"+pid+"/status; ls /proc/"+pid+"/fd | wc -l"))(t))
	if len(out) != 3 {
		t.Fatalf("the memory of %s is %q", pid, out)
	}
	for i, what := range []string{"memory", "memory that is its own", "open files"} {
		n, err := strconv.ParseFloat(out[i], 64)
		ok(t, err)
		if i == 2 {
			measure.Tell(t, when+": "+what, "descriptors", n)
		} else {
			measure.Tell(t, when+": "+what, "MiB", n/1024)
		}
	}
}
