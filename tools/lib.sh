# SPDX-License-Identifier: Apache-2.0
# lib.sh: what the suites of ./check share.  Source it; it prints nothing by itself.
#
# A suite is a program in tools/suites/.  It says one line a test on stdout,
#
#   ok - NAME            not ok - NAME            skip - NAME # WHY
#
# with whatever else helps before it, and ./check counts these lines.  A suite that fails
# without a "not ok" line, or says no line at all, counts as one failure: silence is no proof.
#
# ./check exports: TOP (source tree), BUILD (parent of the build trees), MODE (quick, normal,
# long), JOBS (processes a suite may use), VALISE_SHARED (shared data, which may be absent).

TOP=${TOP:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
BUILD=${BUILD:-${VALISE_BUILD:-$TOP/build}}
MODE=${MODE:-normal}
JOBS=${JOBS:-$(nproc)}
VALISE_SHARED=${VALISE_SHARED:-$TOP/../shared}
export TOP BUILD MODE JOBS VALISE_SHARED

pass() { echo "ok - $*"; }

fail() {
	echo "not ok - $*"
	suite_failed=1
}

# skip NAME WHY
skip() { echo "skip - $1 # $2"; }

# verdict NAME COMMAND...: one test, whose output is shown when it fails.
verdict() {
	local name=$1 log
	shift
	log=$(mktemp)
	if "$@" >"$log" 2>&1; then
		pass "$name"
	else
		tail -n 60 "$log"
		fail "$name"
	fi
	rm -f "$log"
}

# clean NAME FILE: FILE holds complaints; none is a pass.
clean() {
	if [ -s "$2" ]; then
		cat "$2"
		fail "$1"
	else
		pass "$1"
	fi
}

# The exit status of a suite: call it last.
suite_end() { exit "${suite_failed:-0}"; }

# Files of the project by shell pattern, build trees and hidden folders left out, sorted.
project_files() {
	local pattern tests=()
	for pattern; do tests+=(-o -name "$pattern"); done
	(cd "${TREE:-$TOP}" && find . \( -name .git -o -name .cache -o -name 'build*' \) -prune \
		-o -type f \( "${tests[@]:1}" \) -print) | sed 's|^\./||' | LC_ALL=C sort
}
