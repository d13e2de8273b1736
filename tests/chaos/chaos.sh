#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# chaos: a bad network between two stations; every message arrives once.
#
#   tests/chaos/chaos.sh MESSAGES SEED [TROUBLE_PERCENT]
#
# PT and CY know each other by ports of chaos_proxy, which delays, reorders, slows, cuts and
# swallows; their officers reach them directly.  Each sends the other half of the messages.
# Prints "messages=N arrived=N twice=N delivered=N" and what the network did; exit 0 when all
# arrived, none twice, and each sender holds a signed receipt for each.
set -uo pipefail
. "$(dirname "$0")/../../tools/lib.sh"
. "$TOP/tools/demo-people.sh"
messages=${1:?} seed=${2:?} percent=${3:-50}
RANDOM=$seed
say() { echo "$*" >&2; }
stop() {
	say "chaos: $*"
	exit 1
}
tree=$BUILD/release
export PATH="$tree/src/valise:$tree/src/valised:$tree/src/valise-agent:$PATH" LC_ALL=C.UTF-8 NO_COLOR=1
unset VALISE_PASSPHRASE VALISE_DIR
members=(PT CY) due_settings=("retry-max 1s")
officers_passphrase='a passphrase for a bad network'
dir=$(mktemp -d "${TMPDIR:-/tmp}/valise-chaos.XXXXXX") || exit 1
export XDG_RUNTIME_DIR=$dir/run
mkdir -m 700 "$dir/run"
mkdir "$dir/load"
never=$dir/run/never
mkfifo "$never"
proxy=''
finish() {
	community_stop "$dir"
	[ -z "$proxy" ] || kill "$proxy" 2>/dev/null
	if [ -n "${KEEP:-}" ]; then say "kept: $dir"; else rm -rf "$dir"; fi
}
trap finish EXIT
trap 'exit 130' INT TERM

choose_ports PT-door CY-door
doors=([PT]=${ports[PT-door]} [CY]=${ports[CY-door]})
between() {
	"$tree/tests/chaos/chaos_proxy" --seed "$seed" --trouble "$percent" \
		"${ports[PT]}=${doors[PT]}" "${ports[CY]}=${doors[CY]}" >"$dir/load/proxy" &
	proxy=$!
}
say "Founding PT and CY behind a bad network"
before_stations=between
community_make "$dir"

send_half() {
	local m=$1 who=$2 other=$3 n files=()
	for ((n = 1; n <= messages / 2; n++)); do
		printf 'To: %s/policy\nLabel: CONCORD SECRET\nSubject: %s %s\n\nMessage %s of %s.\n' \
			"$other" "$m" $n $n "$m" >"$dir/load/$m.$n"
		files+=("$dir/load/$m.$n")
	done
	for ((n = 0; n < ${#files[@]}; n += 100)); do
		as "$m" "$who" send --json "${files[@]:n:100}" >>"$dir/load/sent.$m" 2>>"$dir/load/err.$m"
	done
}
say "Sending $messages messages"
send_half PT ana.silva CY &
first=$!
send_half CY eleni.kosta PT &
wait $first $!

inbox() { as "$1" "$2" inbox --all --json 2>/dev/null | jq -r .document_id >"$dir/load/inbox.$1"; }
register() {
	as "$1" "$2" inbox --sent --all --json 2>/dev/null |
		jq -r 'select(.addressees | all(.state == "delivered")) | .document_id' >"$dir/load/delivered.$1"
}
count() { cat "$dir/load/$1.PT" "$dir/load/$1.CY" 2>/dev/null | LC_ALL=C sort -u | wc -l; }
all_there() {
	inbox PT ana.silva
	inbox CY eleni.kosta
	register PT ana.silva
	register CY eleni.kosta
	[ "$(count inbox)" -ge "$messages" ] && [ "$(count delivered)" -ge "$messages" ]
}
wait_for 240 all_there || tail -n 3 "$dir"/load/err.* >&2
twice=$(cat "$dir/load/inbox.PT" "$dir/load/inbox.CY" | sort | uniq -d | wc -l)
tail -n 1 "$dir/load/proxy"
echo "messages=$messages arrived=$(count inbox) twice=$twice delivered=$(count delivered)"
[ "$(count inbox)" = "$messages" ] && [ "$twice" = 0 ] && [ "$(count delivered)" = "$messages" ]
