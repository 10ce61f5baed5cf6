// Package spell tells how far two texts are apart, and finds the name that was
// probably meant. It imports nothing of the project.
package spell

import "slices"

// Nearest returns those of known that are the fewest single-letter edits away
// from word, sorted, but none that is as many as limit away.
func Nearest(word string, known []string, limit int) []string {
	var found []string
	for _, k := range known {
		switch d := Distance([]byte(word), []byte(k)); {
		case d < limit:
			limit, found = d, []string{k}
		case d == limit && len(found) > 0:
			found = append(found, k)
		}
	}
	slices.Sort(found)
	return found
}

// Distance is how many elements must be changed, left out or put in to get from
// one sequence to another (Levenshtein).
func Distance[T comparable](a, b []T) int {
	row := make([]int, len(b)+1) // distances of a[:i] to every b[:j]
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			edit := diagonal
			if a[i] != b[j] {
				edit++
			}
			diagonal = row[j+1]
			row[j+1] = min(edit, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
