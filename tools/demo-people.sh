# SPDX-License-Identifier: Apache-2.0
# demo-people.sh: a community from nothing: stations, enrolment, desks, roster.  Source it.
#
# $root is the community's directory; each member has $root/NAME/station and
# $root/NAME/people/OFFICER.  A station's passphrase lies in $root/NAME/unlock, beside the
# station and not in it: who takes the station's disk does not have it.

# MEMBER registrar security-officer, then the desk officers: NAME:DESK:CLEARANCE
people_PT='rita.costa sergio.lopes ana.silva:policy:TOP_SECRET bruno.reis:duty:SECRET'
people_FR='claire.martin denis.roux alice.bernard:policy:TOP_SECRET benoit.faure:duty:SECRET'
people_CY='maria.christou nikos.georgiou eleni.kosta:policy:TOP_SECRET petros.ioannou:duty:SECRET'
people_EU='karin.berg luis.ortega anna.novak:policy:TOP_SECRET tom.claes:duty:SECRET jan.dekker:archive:UNCLASSIFIED'
people_of() {
	local -n said=people_$1
	echo "$said"
}

# as MEMBER OFFICER VERB...: on that officer's machine.
as() {
	local home=$root/$1/people/$2
	shift 2
	VALISE_DIR=$home VALISE_PASSPHRASE=$officers_passphrase valise "$@"
}
# at MEMBER VERB...: the administrator, at the station.
at() {
	local member=$1 verb=$2
	shift 2
	VALISE_DIR=$root/$member/station valise "$verb" "$@" --passphrase-file "$root/$member/unlock"
}
# try WHAT COMMAND...: its words go to a log, and are shown when it fails.
try() {
	local what=$1
	shift
	"$@" >"$root/log/out" 2>"$root/log/err" && return
	tail -n 5 "$root/log/err" >&2
	stop "cannot $what."
}

declare -A ports=() doors=()

# Ports nobody listens on, outside of the range that the system gives to clients.
choose_ports() {
	local taken port name
	taken=" $(awk '$4 == "0A" { print substr($2, index($2, ":") + 1) }' /proc/net/tcp /proc/net/tcp6 \
		2>/dev/null | while read -r port; do printf '%d ' "0x$port"; done)"
	for name; do
		while port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000)); do
			[[ $taken == *" $port "* ]] || break
		done
		taken+="$port "
		ports[$name]=$port
	done
}

# wait_for SECONDS COMMAND...: ask again and again.
wait_for() {
	local limit=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/[.,]/}" -lt $limit ] || return 1
		read -r -t 0.05 <>"$never" || true
	done
}

# It serves, or has ended.
station_answers() { grep -q ' serves ' "$1/valised.out" || ! kill -0 "$(cat "$1/pid")"; }
station_start() {
	local home=$root/$1
	: >"$home/valised.out"
	setsid valised --dir "$home/station" >"$home/valised.out" 2>>"$home/valised.log" </dev/null &
	echo $! >"$home/pid"
	wait_for 20 station_answers "$home"
	grep -q ' serves ' "$home/valised.out" || {
		tail -n 5 "$home/valised.log" >&2
		stop "the station of $1 does not start."
	}
}
# A process id may have been given to somebody else since: look before.
station_runs() {
	local pid
	pid=$(cat "$1/pid" 2>/dev/null) && [ -n "$pid" ] &&
		tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "--dir $1/station"
}
station_is_down() { ! station_runs "$1"; }
# station_stop HOME
station_stop() {
	station_runs "$1" || return 0
	kill -TERM "$(cat "$1/pid")" 2>/dev/null
	wait_for 20 station_is_down "$1" || say "the station in $1 does not end."
	rm -f "$1/pid"
}

# Where the station itself listens: at the port of its URL, unless something stands between.
door_of() { echo "${doors[$1]:-${ports[$1]}}"; }
station_make() {
	local m=$1 home=$root/$1
	mkdir -p "$home/station" "$home/people"
	(umask 077 && head -c 18 /dev/urandom | base64 >"$home/unlock")
	try "make the keys of $m" at "$m" init "$m" --domain "${m,,}.example" \
		--url "https://127.0.0.1:${ports[$m]}" --listen "127.0.0.1:$(door_of "$m")"
	sed -i '/^\(unlock\|due-\|retry-max\)/d' "$home/station/valise.conf"
	printf '%s\n' "unlock file $home/unlock" "${due_settings[@]}" >>"$home/station/valise.conf"
	station_start "$m"
}

# enrol MEMBER OFFICER OPTION...: keys, a request; an agent holds the keys from now on.
enrol() {
	local m=$1 who=$2
	shift 2
	mkdir -p "$root/$m/people/$who"
	try "enrol $who" as "$m" "$who" enrol "$m" "https://127.0.0.1:$(door_of "$m")" --as "$who" --json "$@"
	jq -r .words "$root/log/out" >"$root/$m/people/$who.words"
	try "unlock $who" as "$m" "$who" unlock --for 8h
}
words_of() { cat "$root/$1/people/$2.words"; }

member_found() {
	local m=$1 registrar security rest
	read -r registrar security rest <<<"$(people_of "$m")"
	enrol "$m" "$registrar" --kind registrar
	enrol "$m" "$security" --kind security-officer
	try "found $m" at "$m" officer found "$registrar" "$security" --clearance 'TOP SECRET' \
		--words "$(words_of "$m" "$registrar")" --words "$(words_of "$m" "$security")"
	try "ask for a place of $m" at "$m" join --request --out "$root/$m/founding" --json
	jq -r .words "$root/log/out" >"$root/$m/founding.words"
}

# desk_officer MEMBER NAME:DESK:CLEARANCE: asks, and two officers sign.
desk_officer() {
	local m=$1 name desk clearance registrar security rest signer
	IFS=: read -r name desk clearance <<<"$2"
	read -r registrar security rest <<<"$(people_of "$m")"
	enrol "$m" "$name" --desk "$desk"
	try "sign $name" as "$m" "$registrar" officer sign "$name" --clearance "${clearance//_/ }" \
		--words "$(words_of "$m" "$name")"
	try "sign $name a second time" as "$m" "$security" officer sign "$name" \
		--words "$(words_of "$m" "$name")"
}

# PT begins, adds the others, each of which has read its words to PT and compares PT's.
community_join() {
	local m roster words=() founding=()
	roster=$root/roster
	try "begin the community" as PT rita.costa roster new demo --policy alliance \
		--member "$root/PT/founding" --enrol-delay 0 --out "$roster-1"
	try "sign the roster" as PT sergio.lopes roster sign "$roster-1"
	try "join" at PT join "$roster-1" --wait 0 --words "$(valise roster show --json "$roster-1" | jq -r .words)"
	for m in "${members[@]:1}"; do
		founding+=("$root/$m/founding") words+=(--words "$(cat "$root/$m/founding.words")")
	done
	try "add members" as PT rita.costa roster add "$roster-1" "${founding[@]}" "${words[@]}" --out "$roster-2"
	try "sign the second roster" as PT sergio.lopes roster sign "$roster-2" --previous "$roster-1"
	for m in "${members[@]}"; do
		try "let $m join" at "$m" join "$roster-2" --wait 0 \
			--words "$(valise roster show --json "$roster-2" | jq -r .words)"
	done
}

# community_make DIR: all of it; ${members[@]} and ${due_settings[@]} are given, and perhaps
# $before_stations, a function to be called when the ports are known.
community_make() {
	local m person
	root=$1
	mkdir -p "$root/log"
	choose_ports "${members[@]}"
	${before_stations:-:}
	for m in "${members[@]}"; do station_make "$m"; done
	for m in "${members[@]}"; do member_found "$m"; done
	community_join
	for m in "${members[@]}"; do
		for person in $(people_of "$m" | cut -d ' ' -f 3-); do desk_officer "$m" "$person"; done
	done
}
# community_stop DIR: its stations and agents.
community_stop() {
	local home
	for home in "$1"/*/; do
		home=${home%/}
		[ -d "$home/station" ] || continue
		station_stop "$home"
	done
	for home in "$1"/*/people/*/; do
		[ -d "$home" ] || continue
		VALISE_DIR=${home%/} timeout 10 valise lock >/dev/null 2>&1
	done
}
