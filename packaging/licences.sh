#!/bin/sh
# licences.sh PACKAGE...: prints the licenses of what the programs are linked from:
# each of their modules, packages of this module with the work of others, and the
# Go library. Run it in the module of the programs.
set -eu
print() { # NAME FOLDER
	for f in "$2"/LICEN[CS]E* "$2"/COPYING* "$2"/NOTICE* "$2"/PATENTS*; do
		if [ -f "$f" ]; then
			printf '%s\n%s: %s\n\n' "--------------------------------------------------------------------------------" "$1" "$(basename "$f")"
			cat "$f"
			echo
		fi
	done
}
print "Go $(go env GOVERSION)" "$(go env GOROOT)"
go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}	{{.Dir}}{{end}}{{end}}' "$@" | LC_ALL=C sort -u |
	while IFS='	' read -r name dir; do print "$name" "$dir"; done
go list -deps -f '{{with .Module}}{{if .Main}}{{$.ImportPath}}	{{$.Dir}}{{end}}{{end}}' "$@" | LC_ALL=C sort -u |
	while IFS='	' read -r name dir; do print "$name" "$dir"; done
