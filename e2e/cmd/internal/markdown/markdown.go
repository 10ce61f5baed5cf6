// Package markdown writes the tables of pages.
package markdown

import (
	"fmt"
	"strings"
)

// A Table is a table with a head. New makes one.
type Table struct{ b strings.Builder }

// New returns a table with the names of its columns, which may be empty.
func New(columns ...string) *Table {
	t := new(Table)
	t.b.WriteByte('|')
	for _, c := range columns {
		if c != "" {
			c = " " + c
		}
		t.b.WriteString(c + " |")
	}
	t.b.WriteString("\n|" + strings.Repeat("---|", len(columns)) + "\n")
	return t
}

// Row adds a row, with each cell as fmt.Print writes it.
func (t *Table) Row(cells ...any) {
	t.b.WriteByte('|')
	for _, c := range cells {
		fmt.Fprintf(&t.b, " %v |", c)
	}
	t.b.WriteByte('\n')
}

// String returns the table, with a newline at its end.
func (t *Table) String() string { return t.b.String() }
