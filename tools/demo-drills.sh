# SPDX-License-Identifier: Apache-2.0
# demo-drills.sh: a disk is stolen, an administrator is bought.  Source it after
# demo-traffic.sh; $burglar and $mole are the attackers' tools.
#
# Each drill has a control: the same attempt with what the attacker should not have opens.

# disk_drill: the disks of all four are copied as they are when their stations are down.  CY's
# copy is attacked without any passphrase, first with the key files of CY's people, then
# without; the control has the passphrases of all stations and of CY's people.
disk_drill() {
	local copies=$dir/copies m
	for m in "${members[@]}"; do station_stop "$dir/$m"; done
	mkdir -p "$copies/alone" "$copies/people" "$copies/all"
	cp -a "$dir/CY/station" "$copies/alone/"
	cp -a "$dir/CY/station" "$dir/CY/people" "$copies/people/"
	for m in "${members[@]}"; do
		mkdir -p "$copies/all/$m"
		cp -a "$dir/$m/station" "$dir/$m/people" "$dir/$m/unlock" "$copies/all/$m/"
	done
	if [ $keep = yes ]; then
		for m in "${members[@]}"; do station_start "$m"; done
	fi
	say "Stolen disk: CY's station and its people's key files, without a passphrase"
	burglary people "$copies/people/station" --people "$copies/people/people" --plain "$plan/text"
	say "Stolen disk: CY's station alone"
	burglary alone "$copies/alone/station" --plain "$plan/text"
	restart_stolen "$copies/alone/station"
	say "Control: every passphrase given"
	VALISE_PASSPHRASE=$officers_passphrase burglary control "$copies/all/CY/station" \
		--people "$copies/all/CY/people" --own "$copies/all/CY" --own "$copies/all/PT" \
		--own "$copies/all/FR" --own "$copies/all/EU"
	disk_tried=$(found people envelopes)
	disk_wanted=$(LC_ALL=C sort -u "$plan/at" | grep -c "$(printf '\t')CY$")
	disk_opened=$(($(found people opened) + $(found alone opened) + restarted))
	disk_control=$(found control opened)
	disk_control_wanted=$disk_wanted
	rm -rf "$copies"
}
# burglary NAME ARGUMENT...
burglary() {
	local name=$1
	shift
	"$burglar" "$@" >"$plan/burglar.$name" || stop "the burglar's tool failed."
}
found() { jq -r ".$2" "$plan/burglar.$1"; }

# Eighth way: the rows are given to a fresh station, whose key the burglar made.
restart_stolen() {
	local copy=$1 fresh=$1.fresh
	restarted=0
	mkdir -p "$fresh"
	echo 'the burglar knows this one' >"$fresh.unlock"
	chmod 600 "$fresh.unlock"
	VALISE_DIR=$fresh valise init CY --domain cy.example --url https://127.0.0.1:9 \
		--passphrase-file "$fresh.unlock" >/dev/null 2>&1
	cp "$fresh/key" "$copy/key"
	sed -i "s|^unlock .*|unlock file $fresh.unlock|; s|^listen .*|listen 127.0.0.1:0|" "$copy/valise.conf"
	if timeout 5 valised --dir "$copy" >"$fresh.out" 2>"$fresh.err"; then :; fi
	if grep -q ' serves ' "$fresh.out"; then
		restarted=1
	fi
	say "  the rows given to a station with a fresh key: $([ $restarted = 0 ] && echo 'it does not start' || echo 'IT STARTS')"
}

# admin_drill: a community of its own, live.  CY's administrator has CY's disk and all its
# passwords.  He forges officers in two ways, puts them on the desk `policy`, and waits for
# PT's next cables to it.  Control: the two enrolment officers left their keys at the station.
admin_drill() {
	local main=$root
	members=(PT CY EU)
	due_settings=()
	say "Bought administrator: a second community, live"
	community_make "$dir/drill"
	admin_tried=0 admin_opened=0
	forge 1 mallory.one
	forge 2 mallory.two
	admin_wanted=2
	planted
	community_stop "$dir/drill"
	root=$main
	members=(PT FR CY EU)
}
# forge WAY NAME: a false officer, then a cable, which he must not open.
forge() {
	local way=$1 name=$2 home=$root/CY/people/$2
	mkdir -p "$home"
	as CY "$name" enrol CY "https://127.0.0.1:$(door_of CY)" --as "$name" --desk policy --json \
		>/dev/null 2>"$root/log/err" || stop "the false officer cannot even ask."
	station_stop "$root/CY"
	"$mole" "$root/CY" "$home/request" eleni.kosta "$way" >"$root/log/mole.$way" ||
		stop "forging failed."
	say "  forged, way $way: $(tr '\n' ';' <"$root/log/mole.$way")"
	station_start CY
	send_to_policy "$way" || say "  PT's client refused to send: $(tail -n 1 "$root/log/err")"
	admin_tried=$((admin_tried + 1))
	! opens "$name" "$way" || admin_opened=$((admin_opened + 1))
}
# A cable to CY/policy, and how far it came: the true officer there reads it.
send_to_policy() {
	printf 'To: CY/policy\nLabel: CONCORD SECRET\nSubject: drill %s\n\nWhat the administrator wants to read, %s.\n' \
		"$1" "$1" >"$root/cable.$1"
	as PT ana.silva send --json --wait 20s "$root/cable.$1" >"$root/log/sent.$1" 2>"$root/log/err"
}
# opens NAME N: by asking as an officer does, or with all of CY's disk.
opens() {
	local name=$1 n numbers
	mapfile -t numbers < <(as CY "$name" inbox --all --json 2>/dev/null | jq -r .number)
	for n in "${numbers[@]}"; do
		as CY "$name" read --json "$n" 2>/dev/null | jq -e 'select(.opened)' >/dev/null && return 0
	done
	station_stop "$root/CY"
	rm -rf "$root/copy" && mkdir -p "$root/copy/people"
	cp -a "$root/CY/station" "$root/CY/unlock" "$root/copy/"
	cp -a "$root/CY/people/$name" "$root/copy/people/"
	station_start CY
	VALISE_PASSPHRASE=$officers_passphrase "$burglar" "$root/copy/station" \
		--people "$root/copy/people" --own "$root/copy" >"$root/log/burglar.$2" 2>/dev/null || return 1
	[ "$(jq -r .opened "$root/log/burglar.$2")" != 0 ]
}
# The planted fault: both enrolment officers' keys lie at the station, with their passphrase.
# The administrator does with them what they would do.
planted() {
	local name=mallory.three registrar security rest signer left=$root/CY/station/left
	admin_control=0 admin_control_wanted=1
	read -r registrar security rest <<<"$(people_of CY)"
	mkdir -p "$left"
	cp -a "$root/CY/people/$registrar" "$root/CY/people/$security" "$left/"
	enrol CY "$name" --desk policy
	VALISE_DIR=$left/$registrar VALISE_PASSPHRASE=$officers_passphrase valise officer sign "$name" \
		--clearance 'TOP SECRET' --words "$(words_of CY "$name")" >/dev/null 2>"$root/log/err" &&
		VALISE_DIR=$left/$security VALISE_PASSPHRASE=$officers_passphrase valise officer sign "$name" \
			--words "$(words_of CY "$name")" >/dev/null 2>"$root/log/err" ||
		say "  the control cannot sign: $(tail -n 1 "$root/log/err")"
	send_to_policy planted
	! opens "$name" planted || admin_control=1
}

drills() {
	burglar=$tree/tools/burglar mole=$tree/tools/mole
	root=$dir
	disk_drill
	declare -gA main_ports
	local m
	for m in "${members[@]}"; do main_ports[$m]=${ports[$m]}; done
	admin_drill
}
