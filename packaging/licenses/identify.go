package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var spdxLine = regexp.MustCompile(`SPDX-License-Identifier:\s*([A-Za-z0-9.()+ -]+?)\s*(\*/)?\s*(\n|$)`)

// identify returns the license of a text as SPDX names it, or nothing.
func identify(text string) string {
	if m := spdxLine.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	flat := strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(text, "//", "")), " "))
	has := func(s string) bool { return strings.Contains(flat, s) }
	switch {
	case has("mozilla public license version 2.0"):
		return "MPL-2.0"
	case has("gnu general public license"), has("gnu lesser general public license"):
		return "" // which version, and with what exceptions, needs a reader
	case has("apache license version 2.0"):
		return "Apache-2.0"
	case has("permission is hereby granted, free of charge, to any person obtaining a copy"):
		return "MIT"
	case has("permission to use, copy, modify, and/or distribute this software for any purpose"):
		return "ISC"
	case has("redistribution and use in source and binary forms, with or without modification, are permitted"):
		if has("neither the name") || has("may be used to endorse or promote") || has("may not be used to endorse or promote") {
			return "BSD-3-Clause"
		}
		return "BSD-2-Clause"
	}
	return ""
}

// readParts reads the table of what native libraries consist of. The texts of the licenses
// are in its folder.
func readParts(file string) (all []part, err error) {
	table, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	for n, line := range strings.Split(string(table), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(line, "\t")
		if len(c) != 6 {
			return nil, fmt.Errorf("%s:%d: want six columns", file, n+1)
		}
		p := part{File: c[0], Name: c[1], License: c[2], Copyright: []string{c[3]}, Home: c[4]}
		for _, id := range ids(p.License) {
			text, err := os.ReadFile(filepath.Join(filepath.Dir(file), id))
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", file, n+1, err)
			}
			p.Text += strings.TrimRight(string(text), "\n") + "\n"
		}
		all = append(all, p)
	}
	return all, nil
}

var operators = regexp.MustCompile(` AND | OR `)

// ids returns the names of the texts in an expression: of a license with an exception, the
// exception.
func ids(expression string) (names []string) {
	for _, id := range operators.Split(expression, -1) {
		if _, exception, is := strings.Cut(id, " WITH "); is {
			id = exception
		}
		names = append(names, strings.Trim(id, "()"))
	}
	return names
}

// expression returns the license of all parts together.
func expression(all []part) string {
	var terms []string
	for _, p := range all {
		for _, term := range strings.Split(p.License, " AND ") {
			if strings.Contains(term, " OR ") {
				term = "(" + term + ")"
			}
			if !slices.Contains(terms, term) && term != publicDomain {
				terms = append(terms, term)
			}
		}
	}
	slices.Sort(terms)
	return strings.Join(terms, " AND ")
}
