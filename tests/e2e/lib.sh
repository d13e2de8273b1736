# SPDX-License-Identifier: Apache-2.0
# lib.sh: what the end-to-end tests share.  A test is a bash script that sources it first:
#
#   . "$(dirname "$0")/lib.sh"
#   begin "a sealed file opens again"
#   must valise seal --out a.valise a.txt
#   must_fail 3 'altered' valise open --out b a.valise
#   end_of_tests
#
# begin NAME opens a case; the case before it passes when none of its demands failed.  The test
# stands in a directory of its own, which is removed at the end, together with every agent
# started in it.  Nobody sleeps: wait_until asks again and again, with a limit.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/../../tools/lib.sh"

TREE_UNDER_TEST=${TREE_UNDER_TEST:-$BUILD/release}
export PATH="$TREE_UNDER_TEST/src/valise:$TREE_UNDER_TEST/src/valise-agent:$TREE_UNDER_TEST/src/valise-unpack:$PATH"
export LC_ALL=C.UTF-8 NO_COLOR=1
unset VALISE_PASSPHRASE

e2e=$(mktemp -d "${TMPDIR:-/tmp}/e2e.XXXXXX") || exit 1
# The agent's sockets live here and not in the user's own runtime directory.
export XDG_RUNTIME_DIR=$e2e/run HOME=$e2e/home VALISE_DIR=$e2e/keys
unset XDG_DATA_HOME
mkdir -m 700 "$XDG_RUNTIME_DIR" "$HOME"
mkdir "$e2e/room" && cd "$e2e/room" || exit 1

at_end=()
clean_up() {
	local deed i
	for ((i = ${#at_end[@]} - 1; i >= 0; i--)); do eval "${at_end[i]}" >/dev/null 2>&1; done
	for deed in "$e2e"/keys*; do
		[ ! -d "$deed" ] || VALISE_DIR=$deed timeout 10 valise lock >/dev/null 2>&1
	done
	cd / && rm -rf "$e2e"
}
trap clean_up EXIT

case_name='' case_failed=no
close_case() {
	[ -n "$case_name" ] || return 0
	if [ $case_failed = yes ]; then fail "$case_name"; else pass "$case_name"; fi
	case_name=''
}
begin() {
	close_case
	case_name=$1 case_failed=no
}
complain() {
	echo "    $case_name: $*"
	case_failed=yes
}
# skip_case WHY: the open case cannot be tried here.
skip_case() {
	skip "$case_name" "$1"
	case_name=''
}
end_of_tests() {
	close_case
	suite_end
}

# The last command's words and status: $out, $err, $status.
run() {
	"$@" >"$e2e/out" 2>"$e2e/err"
	status=$?
	out=$(head -c 100000 "$e2e/out" | tr -d '\0') err=$(head -c 100000 "$e2e/err" | tr -d '\0')
}
must() {
	run "$@"
	[ $status -eq 0 ] || complain "exit $status from: $*"$'\n'"$err"
}
# must_fail STATUS PATTERN COMMAND...: this exit status, and stderr matches (case ignored).
must_fail() {
	local wanted=$1 pattern=$2
	shift 2
	run "$@"
	[ $status -eq "$wanted" ] || complain "exit $status, not $wanted, from: $*"$'\n'"$err"
	grep -qiE -- "$pattern" <<<"$err" || complain "no /$pattern/ in the words of: $*"$'\n'"$err"
	! grep -qE 'AddressSanitizer|runtime error:' <<<"$err" || complain "sanitizer: $*"$'\n'"$err"
}
must_be_same() { cmp -s "$1" "$2" || complain "$1 and $2 differ"; }
must_exist() { [ -e "$1" ] || complain "$1 is not there"; }
must_not_exist() { [ ! -e "$1" ] || complain "$1 is there"; }
must_say() { grep -qiE -- "$1" <<<"$out" || complain "no /$1/ in: $out"; }
# Nothing left behind: DIR holds exactly the names given.
must_hold_only() {
	local dir=$1 found
	shift
	found=$(find "$dir" -mindepth 1 -printf '%P\n' | sort | tr '\n' ' ')
	[ "$found" = "$(printf '%s\n' "$@" | sed '/^$/d' | sort | tr '\n' ' ')" ] ||
		complain "$dir holds: $found"
}

# wait_until SECONDS COMMAND...: until the command succeeds.
wait_until() {
	local limit=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
	shift
	until "$@" >/dev/null 2>&1; do
		if [ "${EPOCHREALTIME/[.,]/}" -gt $limit ]; then
			complain "waited in vain for: $*"
			return 1
		fi
		read -r -t 0.05 <>"$e2e/never" || true
	done
}
mkfifo "$e2e/never"

# A key directory with a passphrase of its own; prints nothing.
passphrase='correct horse battery staple'
new_home() {
	(umask 077 && printf '%s\n' "$passphrase" >"$e2e/passphrase")
	must valise init --solo --passphrase-file "$e2e/passphrase"
}
unlock() { must valise unlock --for "${1:-1h}" --passphrase-file "$e2e/passphrase"; }

# random_file NAME BYTES: the same bytes for the same name and length.
random_file() {
	openssl enc -aes-128-ctr -nosalt -K "$(printf %s "$1" | openssl md5 -r | cut -c1-32)" \
		-iv 00000000000000000000000000000000 </dev/zero 2>/dev/null | head -c "$2" >"$1"
}
# flip FILE OFFSET [OUT]: turn over the lowest bit of one byte.
flip() {
	local byte
	[ $# -lt 3 ] || cp "$1" "$3"
	byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	printf '%b' "\\x$(printf %02x $((byte ^ 1)))" |
		dd of="${3:-$1}" bs=1 seek="$2" conv=notrunc status=none
}
is_root() { [ "$(id -u)" -eq 0 ]; }
