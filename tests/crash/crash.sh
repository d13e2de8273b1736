#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# crash: processes of two stations are killed under load; nothing acknowledged may be lost,
# nothing delivered twice.
#
#   tests/crash/crash.sh KILLS SEED [planted]
#
# PT and CY send each other small cables without a pause.  Meanwhile KILLS times one process of
# one station, drawn from all of them (parent, front, store, custody), gets SIGKILL; a parent
# that was killed is started again, what it had started is started anew by the parent itself.
# Then everything that `send` called accepted must stand once in the sender's register and once
# in the addressee's, and open.
#
#   planted   half-way, PT's rows go back to what they were a while before, as if a disk had
#             dropped what it called synced: the run must find a loss
#
# Prints "kills=N accepted=N lost=N twice=N unread=N"; exit 0 when the last three are 0.
set -uo pipefail
. "$(dirname "$0")/../../tools/lib.sh"
. "$TOP/tools/demo-people.sh"
kills=${1:?} seed=${2:?} planted=${3:-no}
RANDOM=$seed
say() { echo "$*" >&2; }
stop() {
	say "crash: $*"
	exit 1
}
tree=$BUILD/release
export PATH="$tree/src/valise:$tree/src/valised:$tree/src/valise-agent:$PATH" LC_ALL=C.UTF-8 NO_COLOR=1
unset VALISE_PASSPHRASE VALISE_DIR
members=(PT CY) due_settings=("retry-max 1s")
officers_passphrase='a passphrase for crashes'
dir=$(mktemp -d "${TMPDIR:-/tmp}/valise-crash.XXXXXX") || exit 1
export XDG_RUNTIME_DIR=$dir/run
mkdir -m 700 "$dir/run"
mkdir "$dir/load"
never=$dir/run/never
mkfifo "$never"
loads=()
finish() {
	touch "$dir/load/end"
	[ ${#loads[@]} -eq 0 ] || wait "${loads[@]}"
	community_stop "$dir"
	if [ -n "${KEEP:-}" ]; then say "kept: $dir"; else rm -rf "$dir"; fi
}
trap finish EXIT
trap 'exit 130' INT TERM

# load MEMBER OFFICER OTHER: cables without a pause; what is accepted is written down.
load() {
	local m=$1 who=$2 other=$3 n=0 files i
	while [ ! -e "$dir/load/end" ]; do
		files=()
		for i in 1 2 3; do
			n=$((n + 1))
			files+=("$dir/load/$m.$n")
			printf 'To: %s/policy\nLabel: CONCORD SECRET\nSubject: %s %s\n\nCable %s of %s.\n' \
				"$other" "$m" $n $n "$m" >"$dir/load/$m.$n"
		done
		as "$m" "$who" send --json "${files[@]}" >>"$dir/load/sent.$m" 2>>"$dir/load/err.$m" </dev/null
		rm -f "${files[@]}"
	done
}

# The processes of a station, its parent first.
processes() {
	local pid
	pid=$(cat "$root/$1/pid")
	echo "$pid"
	tr ' ' '\n' <"/proc/$pid/task/$pid/children" 2>/dev/null | grep -v '^$'
}
serves() { at "$1" status --json; }
kill_one() {
	local m=${members[RANDOM % 2]} all victim
	mapfile -t all < <(processes "$m")
	victim=${all[RANDOM % ${#all[@]}]}
	echo "$m $victim of ${all[*]}" >>"$dir/load/kills"
	kill -KILL "$victim" 2>/dev/null || return 1
	if [ "$victim" = "${all[0]}" ]; then
		# Its children end when their channels close; the port must be free again.
		wait_for 10 all_gone "${all[@]}" || stop "children of a killed parent go on: ${all[*]}"
		station_start "$m"
	fi
	wait_for 1 serves "$m" && return
	# The parent pauses longer each time before it starts them anew: then it is its turn.
	mapfile -t all < <(processes "$m")
	kill -KILL "${all[0]}" 2>/dev/null
	wait_for 10 all_gone "${all[@]}" || stop "children of a killed parent go on: ${all[*]}"
	station_start "$m"
	wait_for 20 serves "$m" || {
		tail -n 5 "$root/$m/valised.log" >&2
		stop "$m does not serve again after a kill."
	}
}
all_gone() {
	local pid
	for pid; do ! kill -0 "$pid" 2>/dev/null || return 1; done
}
roll_back() {
	station_stop "$root/PT"
	rm -rf "$root/PT/station/store"
	cp -a "$dir/load/store" "$root/PT/station/store"
	station_start PT
}

say "Founding PT and CY"
community_make "$dir"
root=$dir
load PT ana.silva CY &
loads+=($!)
load CY eleni.kosta PT &
loads+=($!)
for ((done = 0; done < kills; )); do
	if [ "$planted" = planted ] && [ $done = $((kills / 2)) ]; then
		station_stop "$root/PT"
		cp -a "$root/PT/station/store" "$dir/load/store"
		station_start PT
		accepted_before=$(wc -l <"$dir/load/sent.PT")
		more() { [ "$(wc -l <"$dir/load/sent.PT")" -gt $((accepted_before + 6)) ]; }
		wait_for 30 more
		roll_back
	fi
	read -r -t "0.$((RANDOM % 4))$((RANDOM % 10))" <>"$never" || true
	! kill_one || done=$((done + 1))
done
touch "$dir/load/end"
wait "${loads[@]}"
loads=()

# inbox MEMBER OFFICER, sent MEMBER OFFICER: document ids.
inbox() { as "$1" "$2" inbox --all --json | jq -r .document_id; }
register() { as "$1" "$2" inbox --sent --all --json | jq -r .document_id; }
arrived() {
	inbox CY eleni.kosta >"$dir/load/inbox.CY" 2>/dev/null
	inbox PT ana.silva >"$dir/load/inbox.PT" 2>/dev/null
	[ -z "$(missing PT CY)$(missing CY PT)" ]
}
accepted() { jq -r 'select(.document_id != null) | .document_id' "$dir/load/sent.$1" 2>/dev/null | LC_ALL=C sort -u; }
missing() { LC_ALL=C comm -23 <(accepted "$1") <(LC_ALL=C sort -u "$dir/load/inbox.$2"); }
wait_for 60 arrived || true
register PT ana.silva >"$dir/load/register.PT"
register CY eleni.kosta >"$dir/load/register.CY"
lost=0 twice=0 unread=0 total=0
for m in PT CY; do
	other=$([ $m = PT ] && echo CY || echo PT)
	who=$([ $m = PT ] && echo eleni.kosta || echo ana.silva)
	total=$((total + $(accepted $m | wc -l)))
	lost=$((lost + $(missing $m $other | wc -l)))
	lost=$((lost + $(LC_ALL=C comm -23 <(accepted $m) <(LC_ALL=C sort -u "$dir/load/register.$m") | wc -l)))
	twice=$((twice + $(sort "$dir/load/inbox.$other" | uniq -d | wc -l)))
	# All of it opens, too: shares and keys are as durable as rows.
	as "$other" "$who" inbox --all --json | jq -r .number >"$dir/load/numbers"
	mapfile -t numbers <"$dir/load/numbers"
	mkdir -p "$dir/load/texts.$other"
	[ ${#numbers[@]} -eq 0 ] ||
		as "$other" "$who" read --json --out "$dir/load/texts.$other" "${numbers[@]}" >"$dir/load/read.$other" 2>>"$dir/load/err.$other"
	unread=$((unread + $(LC_ALL=C comm -23 <(accepted $m) \
		<(jq -r 'select(.opened) | .document_id' "$dir/load/read.$other" | LC_ALL=C sort -u) | wc -l)))
done
echo "kills=$kills accepted=$total lost=$lost twice=$twice unread=$unread"
[ "$total" -gt "$kills" ] || stop "too little was sent for this to say anything."
[ $lost = 0 ] && [ $twice = 0 ] && [ $unread = 0 ]
