# SPDX-License-Identifier: Apache-2.0
# lib.sh: shows that a tool of the house can fail.  Each test plants one fault in a small tree
# of its own and demands that the tool names it.
. "$(dirname "${BASH_SOURCE[0]}")/../../tools/lib.sh"
plot=$(mktemp -d)
trap 'rm -rf "$plot"' EXIT

# plant FILE TEXT: put a file into the small tree.
plant() {
	mkdir -p "$plot/$(dirname "$1")"
	printf '%s' "$2" >"$plot/$1"
}

# good NAME COMMAND...: the tool has no complaint.
good() { verdict "$@"; }

# caught NAME PATTERN COMMAND...: the tool fails, and its words match PATTERN.
caught() {
	local name=$1 pattern=$2 said
	shift 2
	if said=$("$@" 2>&1); then
		fail "$name: the tool found nothing"
	elif grep -qE -- "$pattern" <<<"$said"; then
		pass "$name"
	else
		echo "$said" | tail -n 20
		fail "$name: failed, but without /$pattern/"
	fi
}
