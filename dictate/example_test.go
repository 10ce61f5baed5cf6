package dictate

import (
	"fmt"
	"testing"
	"time"
)

func BenchmarkStep(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		s, _ := Step(State{}, policy, Press{0, epoch})
		Step(s, policy, Release{0, epoch.Add(time.Second), false})
	}
}

func ExampleStep() {
	s, do := Step(State{}, Policy{}, Press{At: epoch})
	fmt.Println(format(do))
	_, do = Step(s, Policy{}, Release{At: epoch.Add(time.Second)})
	fmt.Println(format(do))
	// Output:
	// record(1)
	// finish(1)
}
