// Package spell measures the distance between two texts and finds similar names.
package spell

import "slices"

// Nearest returns the known names with the smallest Distance from word, sorted. It
// returns none if that distance is limit or more.
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

// Distance returns how many elements must be replaced, removed or inserted to make b from
// a (the Levenshtein distance).
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
