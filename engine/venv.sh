# Sourced by the scripts that need packages of PyPI. The caller has a function say.

# make_venv makes a folder below another one, $work, which is removed at the end of the
# script, and in it a Python of its own, $work/venv.
make_venv() {
	# The system's Python: the caller's may be another one, or lack venv.
	python=/usr/bin/python3
	[ -x "$python" ] || python=python3
	if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
		say "python3 with venv is missing: apt-get install python3 python3-venv"
		exit 1
	fi
	mkdir -p "$1"
	work=$(mktemp -d "$1/.work-XXXXXX")
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
	"$python" -m venv "$work/venv"
}

# pip runs that of $work/venv. It knows from its own settings where packages come from.
pip() { "$work/venv/bin/python" -I -m pip --disable-pip-version-check --no-input "$@"; }
