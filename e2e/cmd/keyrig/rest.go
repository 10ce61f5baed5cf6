package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// glance is the interval at which an idle process is examined. All activity of its threads
// within one interval is one wakeup.
const glance = 100 * time.Millisecond

// rest examines a process for some time. It returns in how many intervals the process was
// active, and how often its threads went to sleep.
func rest(pid, how string) (string, error) {
	d, err := time.ParseDuration(how)
	if err != nil {
		return "", err
	}
	first, err := switches(pid)
	if err != nil {
		return "", err
	}
	tick := time.NewTicker(glance)
	defer tick.Stop()
	last, wakeups := first, 0
	for range d / glance {
		<-tick.C
		now, err := switches(pid)
		if err != nil {
			return "", err
		}
		if now != last {
			wakeups++
		}
		last = now
	}
	return fmt.Sprint(wakeups, " ", last-first), nil
}

// switches returns how often the threads of a process went to sleep
// (proc_pid_status(5)).
func switches(pid string) (sum int, err error) {
	tasks, err := filepath.Glob("/proc/" + pid + "/task/*/status")
	for _, path := range tasks {
		b, e := os.ReadFile(path)
		if e != nil {
			continue // the thread has ended
		}
		_, after, _ := strings.Cut(string(b), "\nvoluntary_ctxt_switches:")
		value, _, _ := strings.Cut(after, "\n")
		n, e := strconv.Atoi(strings.TrimSpace(value))
		if e != nil {
			return 0, e
		}
		sum += n
	}
	if sum == 0 && err == nil {
		err = fmt.Errorf("no process %s", pid)
	}
	return sum, err
}
