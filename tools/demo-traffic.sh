# SPDX-License-Identifier: Apache-2.0
# demo-traffic.sh: cables are sent round, delivered, read, acknowledged, forwarded, recalled.
# Source it after demo-people.sh.
#
# $plan holds what tools/demo-plan made.  Nothing is counted by what was asked for: each figure
# comes from what the programs say, and from whether the text that was read is the one sent.
#   $plan/sent.json      a line a cable as `send` said it; $plan/ids: document_id NNNNN
#   $plan/read.got, acked.got        NNNNN MEMBER/officer, sorted
#   $plan/register.json  the authors' own registers at the end

BATCH=100

desk_officers() {
	local m person
	for m in "${members[@]}"; do
		for person in $(people_of "$m" | cut -d ' ' -f 3-); do echo "$m ${person%%:*}"; done
	done
}
# each_officer FUNCTION: FUNCTION MEMBER OFFICER for every desk officer, two at a time.
# The stations are jobs of this shell as well: only what is begun here is waited for.
each_officer() {
	local m who began=()
	while read -r m who; do
		[ ${#began[@]} -lt 2 ] || wait "${began[-2]}"
		"$1" "$m" "$who" </dev/null &
		began+=($!)
	done < <(desk_officers)
	wait "${began[@]}"
}
# in_batches FILE COMMAND...: the command with the lines of FILE as further arguments.
in_batches() {
	local file=$1 lines status=0
	shift
	while mapfile -t -n "$BATCH" lines && [ ${#lines[@]} -gt 0 ]; do
		"$@" "${lines[@]}" || status=$?
	done <"$file"
	return $status
}
complain() {
	echo "$*: $(tail -n 2 "$plan/$3.err" 2>/dev/null)" >>"$plan/complaints"
}

# send_of SPECIAL MEMBER OFFICER: what the plan lets this officer send; late ones, or the others.
send_of() {
	local which=$1 m=$2 who=$3 list=$plan/send.$3
	awk -F'\t' -v m="$m" -v who="$who" -v late="$([ "$which" = late ] && echo 1 || echo 0)" -v dir="$plan" \
		'$2 == m && $3 == who && ($6 == "late") == late { print dir "/" $1 ".cable" }' \
		"$plan/plan.tsv" >"$list"
	[ -s "$list" ] || return 0
	in_batches "$list" as "$m" "$who" send --json >>"$plan/sent.$m.$who" 2>>"$plan/$who.err" ||
		complain "$m/$who" "cannot send all" "$who"
}
send_early() { send_of early "$@"; }
send_late() { send_of late "$@"; }

# register_of MEMBER OFFICER: what he sent and how far each addressee is.
register_of() {
	as "$1" "$2" inbox --sent --all --json >"$plan/register.$1.$2" 2>>"$plan/$2.err" ||
		complain "$1/$2" "no register" "$2"
}
register_all() {
	each_officer register_of
	cat "$plan"/register.*.* >"$plan/register.json"
}
# ids: document_id NNNNN of what has been sent so far.
ids_make() {
	cat "$plan"/sent.*.* 2>/dev/null >"$plan/sent.json"
	jq -r '[.document_id, (.file | sub(".*/"; "") | sub("[.]cable$"; ""))] | @tsv' \
		"$plan/sent.json" | LC_ALL=C sort >"$plan/ids"
}
id_of() { awk -F'\t' -v n="$1" '$2 == n { print $1 }' "$plan/ids"; }
special_of() { awk -F'\t' -v s="$1" '$6 == s { print $1 "\t" $2 "\t" $3 }' "$plan/plan.tsv"; }

# states ID: "address state" of each addressee, as the author's register says.
states() {
	jq -r --arg id "$1" 'select(.document_id == $id) | .addressees[] | .address + " " + .state' \
		"$plan/register.json"
}
# delivered [STATE]: how many cables have a signed answer of each organisation addressed.  One
# that is due and was not read in time is in the state non-receipt until it is read.
delivered() {
	jq -s '[unique_by(.document_id)[] | select(.addressees | group_by(.address | sub("/.*"; ""))
		| all(any(.state | . == "delivered" or . == "read" or . == "acknowledged"
			or . == "recalled" or . == "'"${1:-delivered}"'")))] | length' "$plan/register.json"
}
refused() {
	jq -s '[unique_by(.document_id)[] | select(any(.addressees[]; .state == "refused"))] | length' \
		"$plan/register.json"
}
kept() {
	jq -s '[unique_by(.document_id)[] | select([.addressees[].state] | any(. != "draft"
		and . != "queued" and . != "sent" and . != "not kept"))] | length' "$plan/register.json"
}
# has_state ID MEMBER OFFICER STATE [NUMBER]: some addressee of a document is in that state; of
# one that is not among the newest its number is given.
has_state() {
	as "$2" "$3" inbox --sent --json ${5:+--before $(($5 + 1))} >"$plan/register.now" || return
	jq --arg id "$1" --arg state "$4" 'select(.document_id == $id)
		| any(.addressees[]; .state == $state)' "$plan/register.now" | grep -q true
}

# FR is stopped; what PT sends to it meanwhile is not received in time, which PT's register
# says; FR comes back and gets it.
late_part() {
	local n m who id
	read -r n m who < <(special_of late)
	[ -n "$n" ] || return 0
	say "FR stops; $m sends it a cable that is due in 5 s"
	station_stop "$root/FR"
	send_late "$m" "$who"
	ids_make
	id=$(id_of "$n")
	if wait_for 30 has_state "$id" "$m" "$who" non-receipt; then
		non_receipt=1
		say "  $m's register says: non-receipt"
	fi
	station_start FR
	wait_for 60 has_state "$id" "$m" "$who" delivered || say "  it was not delivered after that."
}

# Everything delivered: asked again and again, as long as the number grows.
all_delivered() {
	local wanted=$1 got=-1 last=-2 still=0
	while :; do
		register_all
		last=$got
		got=$(delivered non-receipt)
		[ "$got" -lt "$wanted" ] || return 0
		[ "$got" -ne "$last" ] && still=0 || still=$((still + 1))
		[ $still -lt 20 ] || return 1
		read -r -t 1 <>"$never" || true
	done
}

recall_part() {
	local n m who number
	read -r n m who < <(special_of recalled)
	[ -n "$n" ] || return 0
	number=$(number_of "$m" "$who" "$(id_of "$n")")
	as "$m" "$who" recall "$number" --reason 'sent too early' \
		>>"$plan/recall.out" 2>>"$plan/$who.err" || complain "$m/$who" "cannot recall" "$who"
	wait_for 30 has_state "$(id_of "$n")" "$m" "$who" recalled "$number" && recalled=1
}
# number_of MEMBER OFFICER ID: the author's own number of a document he sent.
number_of() {
	jq -r --arg id "$3" 'select(.document_id == $id) | .number' "$plan/register.$1.$2" | head -n 1
}

# read_of MEMBER OFFICER: whatever the inbox lists and was not read; the texts go to a directory
# and are compared with what was sent.
read_of() {
	local m=$1 who=$2 out=$plan/texts.$1.$2
	mkdir -p "$out"
	as "$m" "$who" inbox --all --json >"$plan/inbox.$m.$who" 2>>"$plan/$who.err" ||
		complain "$m/$who" "no inbox" "$who"
	touch "$plan/done.$m.$who"
	jq -r 'select(.state != "recalled" and .state != "refused") | .number' "$plan/inbox.$m.$who" |
		LC_ALL=C sort -u | LC_ALL=C comm -23 - "$plan/done.$m.$who" >"$plan/unread.$m.$who"
	[ -s "$plan/unread.$m.$who" ] || return 0
	in_batches "$plan/unread.$m.$who" as "$m" "$who" read --json --out "$out" \
		>>"$plan/said.$m.$who" 2>>"$plan/$who.err" || complain "$m/$who" "cannot read all" "$who"
	cat "$plan/unread.$m.$who" >>"$plan/done.$m.$who"
	LC_ALL=C sort -u -o "$plan/done.$m.$who" "$plan/done.$m.$who"
}
# What was said to be opened, and is the text that was sent.
reads_count() {
	local m who id file n
	while read -r m who; do
		[ -e "$plan/said.$m.$who" ] || continue
		jq -r 'select(.opened) | [.document_id, .text_file] | @tsv' "$plan/said.$m.$who" |
			while IFS=$'\t' read -r id file; do printf '%s\t%s\t%s/%s\n' "$id" "$file" "$m" "$who"; done
	done < <(desk_officers) | LC_ALL=C sort >"$plan/opened"
	LC_ALL=C join -t $'\t' "$plan/opened" "$plan/ids" | while IFS=$'\t' read -r id file who n; do
		if tail -n +1 "$file" | cmp -s - "$plan/text/$n"; then
			printf '%s\t%s\n' "$n" "$who"
		fi
	done | LC_ALL=C sort -u >"$plan/read.got"
}

# ack_of MEMBER OFFICER: what came to him for action and was read.
ack_of() {
	local m=$1 who=$2
	[ -e "$plan/said.$m.$who" ] || return 0
	jq -r 'select(.opened) | .number' "$plan/said.$m.$who" | LC_ALL=C sort -u >"$plan/was.$m.$who"
	jq -r 'select(.role == "action") | .number' "$plan/inbox.$m.$who" | LC_ALL=C sort -u |
		LC_ALL=C comm -12 - "$plan/was.$m.$who" >"$plan/ack.$m.$who"
	[ -s "$plan/ack.$m.$who" ] || return 0
	in_batches "$plan/ack.$m.$who" as "$m" "$who" ack --json >>"$plan/acks.$m.$who" 2>>"$plan/$who.err" ||
		complain "$m/$who" "cannot acknowledge all" "$who"
}
acks_count() {
	local m who id
	while read -r m who; do
		[ -e "$plan/acks.$m.$who" ] || continue
		jq -r 'select(.acknowledged) | .document_id' "$plan/acks.$m.$who" |
			while read -r id; do printf '%s\t%s/%s\n' "$id" "$m" "$who"; done
	done < <(desk_officers) | LC_ALL=C sort |
		LC_ALL=C join -t $'\t' - "$plan/ids" | awk -F'\t' '{ print $3 "\t" $2 }' |
		LC_ALL=C sort -u >"$plan/acked.got"
}

# Readers at CY pass some on to FR; the officer there reads them, too.
forward_part() {
	local n rest id number
	while read -r n rest; do
		id=$(id_of "$n")
		number=$(jq -r --arg id "$id" 'select(.document_id == $id) | .number' \
			"$plan/inbox.CY.eleni.kosta" | head -n 1)
		as CY eleni.kosta forward "$number" --to FR/alice.bernard >>"$plan/forward.out" \
			2>>"$plan/eleni.kosta.err" || complain CY/eleni.kosta "cannot forward" eleni.kosta
		echo "$id"
	done < <(special_of forwarded) >"$plan/forwarded"
	[ -s "$plan/forwarded" ] || return 0
	wait_for 60 forwards_arrived || say "a forwarded cable did not arrive."
	read_of FR alice.bernard
}
forwards_arrived() {
	local id
	as FR alice.bernard inbox --all --json >"$plan/inbox.now" 2>/dev/null || return
	while read -r id; do
		grep -qF "$id" "$plan/inbox.now" || return
	done <"$plan/forwarded"
}

# The whole of it; the clock runs from the first send to the last count.
traffic() {
	local mapped
	non_receipt=0 recalled=0
	mapped=$(wc -l <"$plan/plan.tsv")
	mkdir -p "$plan/text"
	sed -n 's/\t.*//p' "$plan/plan.tsv" | while read -r n; do
		sed '1,/^$/d' "$plan/$n.cable" >"$plan/text/$n"
	done
	started=${EPOCHREALTIME/[.,]/}
	say "Sending $mapped cables"
	each_officer send_early
	late_part
	ids_make
	all_delivered "$mapped" || say "not everything was delivered."
	recall_part
	say "Reading"
	each_officer read_of
	say "Acknowledging, forwarding"
	each_officer ack_of
	forward_part
	register_all
	reads_count
	acks_count
	took=$((${EPOCHREALTIME/[.,]/} - started))
	seconds=$(printf '%d.%03d' $((took / 1000000)) $((took / 1000 % 1000)))
}
