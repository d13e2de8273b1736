#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two members over running stations, from nothing to joined with desks: stations are made and
# started, officers enrol over the wire, sign for one another, join a community; then what must
# be refused, and what a security officer may order.  Words are read "on the telephone" by
# taking them from one side's output and giving them to the other side.
. "$(dirname "$0")/lib.sh"
export PATH="$TREE_UNDER_TEST/src/valised:$PATH"
(umask 077 && printf '%s\n' "$passphrase" >"$e2e/passphrase")

declare -A port words stations
# A port that nobody listens on now.
free_port() {
	local p
	while p=$((20000 + RANDOM % 12000)); do
		(: <>"/dev/tcp/127.0.0.1/$p") 2>/dev/null || break
	done
	echo "$p"
}
# as WHO VERB...: that person's machine, or with a capital the station's.
as() {
	local who=$1
	shift
	VALISE_DIR=$e2e/keys-$who valise "$@" --passphrase-file "$e2e/passphrase"
}
# said: the words of the last --json answer.
said() { jq -r .words <<<"$out"; }
url() { echo "https://127.0.0.1:${port[$1]}"; }
serves() { grep -q "^valised: $1 serves" "$e2e/$1.out"; }
start() {
	valised --dir "$e2e/keys-$1" >"$e2e/$1.out" 2>>"$e2e/$1.log" &
	stations[$1]=$!
	at_end+=("kill ${stations[$1]}")
	wait_until 10 serves "$1" || complain "$1: $(tail -n 3 "$e2e/$1.log")"
}
stop() {
	kill "${stations[$1]}"
	wait "${stations[$1]}" 2>/dev/null
}
# make MEMBER: keys and configuration of its station, which starts by itself.
make() {
	port[$1]=$(free_port)
	must as "$1" init "$1" --domain "${1,,}.example" --url "$(url "$1")" \
		--listen "127.0.0.1:${port[$1]}" --json
	words[$1]=$(said)
	sed -i '/^unlock/d' "$e2e/keys-$1/valise.conf"
	echo "unlock file $e2e/passphrase" >>"$e2e/keys-$1/valise.conf"
	start "$1"
}
# enrol MEMBER NAME [OPTION...]: the person's words and machine are called by the name.
enrol() {
	local member=$1 name=$2
	shift 2
	must as "$name" enrol "$member" "$(url "$member")" --as "$name" --words "${words[$member]}" --json "$@"
	words[$name]=$(said)
}

begin "a station is made and serves"
make PT
must_exist "$e2e/keys-PT/valise.conf"
must valised -n --dir "$e2e/keys-PT"

begin "two enrolment officers ask, and compare the station's words"
enrol PT rita --kind registrar
enrol PT sergio --kind security-officer
must as rita enrol PT "$(url PT)" --as rita --kind registrar --json
[ "$(jq -r '.words, .station_words' <<<"$out")" = "${words[rita]}"$'\n'"${words[PT]}" ] ||
	complain "asked again, something else: $out"
must_fail 3 'not its words' as ana enrol PT "$(url PT)" --as ana --words "${words[rita]}"
must_not_exist "$e2e/keys-ana/key"
must_fail 3 'another member' as ana enrol CY "$(url PT)" --as ana
must_fail 1 'other name' as rita enrol PT "$(url PT)" --as ana

begin "keys that asked in a file ask at the station"
must as vera enrol PT --as vera --out vera.request
words[vera]=$(valise officer show --json vera.request | jq -r .words)
must as vera enrol PT "$(url PT)" --as vera --json
[ "$(said)" = "${words[vera]}" ] || complain "other keys: $out"
must_fail 1 'other name' as vera enrol PT "$(url PT)" --as victor

begin "before the member is founded nobody signs"
must_fail 3 'PT|founded|401|proven|unknown' as rita officer sign rita --clearance SECRET

begin "the administrator names them, after the telephone"
must_fail 1 'No such request' as PT officer found rita nobody --words "${words[rita]}"
must_fail 3 'not its words' as PT officer found rita sergio --words "${words[sergio]}" --words "${words[sergio]}"
must as PT officer found rita sergio --clearance SECRET --words "${words[rita]}" --words "${words[sergio]}" --json
words[PT-founding]=$(said)
must_exist "$e2e/keys-PT/founding"
must as PT join --request --out early.member
grep -q 'not enrolled yet.*enrol-delay' <<<"$err" || complain "nothing said: $err"
grep -q '^first-directory none$' early.member || complain "$(cat early.member)"

begin "each signs for both: two signatures, and not one's own twice"
must_fail 75 'two signatures|0 of 2|waits' as sergio who
must_fail 3 'not its words' as rita officer sign sergio --clearance SECRET --words "${words[rita]}"
must as rita officer sign rita sergio --clearance SECRET --words "${words[rita]}" --words "${words[sergio]}"
must_fail 3 'not its words' as rita officer sign --all --clearance SECRET --words "${words[rita]}"
must_fail 1 'signed it already' as rita officer sign rita
must as sergio officer sign rita sergio --words "${words[rita]}" --words "${words[sergio]}" --json
[ "$(jq -r .signatures <<<"$out" | sort -u)" = 2 ] || complain "$out"
must as rita officer list --json
[ "$(jq -r 'select(.state == "enrolled") | .officer' <<<"$out" | sort | tr '\n' ' ')" = 'rita sergio ' ] ||
	complain "$out"

begin "an officer asks for a desk, two sign, the desk is there"
enrol PT ana --desk policy
must_fail 75 '0 of 2|waits|signatures' as ana who
must_fail 4 'enrolment officer' as ana officer sign ana --clearance SECRET
must as rita officer sign ana --clearance SECRET --words "${words[ana]}"
must_fail 75 '1 of 2' as ana who
must_fail 2 'colleague has granted' as sergio officer sign ana --clearance 'TOP SECRET' --words "${words[ana]}"
must_fail 3 'not its words' as sergio officer sign ana --words "${words[rita]}"
must as sergio officer sign ana --words "${words[ana]}"
must_not_exist "$e2e/keys-ana/enrol"
must as ana inbox
must_exist "$e2e/keys-ana/enrol"
must as ana who
must_say '^PT/policy +1 officer, CONCORD:SECRET: ana$'
must_exist "$e2e/keys-ana/enrol"

begin "the agent of an officer signs requests"
must as ana unlock --for 10m
must env VALISE_DIR="$e2e/keys-ana" valise who policy --json
[ "$(jq -c '[.address, .officers, .clearances]' <<<"$out")" = '["PT/policy",["ana"],["CONCORD:SECRET"]]' ] ||
	complain "$out"
must env VALISE_DIR="$e2e/keys-ana" valise lock

begin "desks are corrected at the station alone"
must as PT desk policy --hours '24 h'
must as ana who policy
must_say '\(24 h\)'
must_fail 4 'no credential of nobody' as PT desk policy --add nobody
must as PT desk policy --remove ana
must as ana who PT/policy
must_say '^PT/policy .*0 officers'
must as PT desk policy --add ana
must_fail 75 'no station runs' env VALISE_DIR="$e2e/keys-ana" valise desk policy --add ana

begin "CY does the same, and the two join"
make CY
enrol CY eleni --kind registrar
enrol CY nikos --kind security-officer
must as CY officer found eleni nikos --clearance SECRET --words "${words[eleni]}" --words "${words[nikos]}"
must as eleni officer sign --all --clearance SECRET --words "${words[nikos]}"
must as nikos officer sign --all --words "${words[eleni]}"
enrol CY maria --desk duty
must as eleni officer sign maria --clearance SECRET --words "${words[maria]}"
must as nikos officer sign maria --words "${words[maria]}"
must as PT join --request --out pt.member --json
[ "$(said)" != "${words[PT-founding]}" ] || complain "no first directory is named: $out"
grep -q '^first-directory [0-9a-f]\{64\}$' pt.member || complain "no first directory: $(cat pt.member)"
must valise roster show --json pt.member
[ "$(jq -c '[.name, .first_directory]' <<<"$out")" = '["PT",true]' ] || complain "$out"
must as CY join --request --out cy.member --json
words[CY-founding]=$(said)
must as rita roster new allies --policy alliance --member pt.member --out allies.roster
must as sergio roster sign allies.roster
must valise roster show --json allies.roster
one=$(said)
must_fail 3 'not its words' as PT join allies.roster --words "${words[rita]}"
must as PT join allies.roster --words "$one"
must as rita roster add allies.roster cy.member --words "${words[CY-founding]}" --out allies-2.roster
must_fail 4 'too few' as PT join allies-2.roster
must as sergio roster sign allies-2.roster --previous allies.roster
must valise roster show --json allies-2.roster
two=$(said)
must_fail 4 'does not name this member' as CY join allies.roster --words "$one"
must_fail 2 'wait soon' as CY join allies-2.roster --words "$two" --wait soon
must as CY join allies-2.roster --words "$two" --json
must_fail 1 'No such request' as PT officer found rita sergio --clearance CONFIDENTIAL \
	--words "${words[rita]}" --words "${words[sergio]}"
must as PT join allies-2.roster
grep -q 'CY reached in [0-9]' <<<"$err" || complain "not told who answers: $err"
grep -q 'nobody may be absent' <<<"$err" || complain "no quorum told: $err"
must as PT join allies-2.roster

begin "each sees the other's desks"
sees() { as "$1" who "$2" 2>/dev/null | grep -q "^$2 "; }
wait_until 20 sees ana CY/duty
wait_until 20 sees maria PT/policy
must as ana who cy.example
must_say '^CY/duty +1 officer, CONCORD:SECRET: maria'
! grep -q '^PT/' <<<"$out" || complain "PT is not in Cyprus: $out"
must as ana who nowhere
grep -q '^Nobody of CY, PT\.$' <<<"$err" || complain "not said where: $err"

begin "officers of the first directories exchange a cable at once, one enrolled later waits"
printf 'To: %s\nLabel: SECRET\nTitle: Port visit\n\nAt dawn.\n' CY/duty >first.cable
must as ana send first.cable --json
[ "$(jq -r '.addressees[0].state' <<<"$out")" = delivered ] || complain "$out"
must as maria read 1
must_say 'At dawn'
enrol PT nuno
must as rita officer sign nuno --clearance SECRET --words "${words[nuno]}"
must as sergio officer sign nuno --words "${words[nuno]}"
must_fail 75 'counts|enrol-delay|not old enough|from' as nuno send first.cable

begin "a lost device is replaced, and only by a security officer"
must as ana-2 enrol PT "$(url PT)" --as ana --device tablet --desk policy --json
words[ana-2]=$(said)
must_fail 1 'new device' as sergio officer replace ana
must as rita officer sign ana --clearance SECRET --words "${words[ana-2]}"
must as sergio officer sign ana --words "${words[ana-2]}"
must_fail 4 'security officers' as rita officer replace ana
must as sergio officer replace ana --reason 'lost on a train'
must as ana-2 who policy --json
[ "$(jq -c '[.officers, .devices]' <<<"$out")" = '[["ana"],1]' ] || complain "$out"
must_fail 3 'revoked|not proven|registrar' as ana who

begin "a hold is ordered, lifted, and carried as a file to another station"
must as sergio hold CY/duty --reason 'A drill.'
must as sergio hold --lift CY/duty
must as sergio hold CY --out cy.order
must_exist cy.order
must valise hold --file cy.order --at "$(url CY)"
must as sergio hold --lift CY
flip cy.order 30 altered.order
must_fail 3 '.' valise hold --file altered.order --at "$(url CY)"

begin "a revoked officer reads no directory any more"
must as nikos officer revoke maria --reason 'has left'
must_fail 3 'revoked|not proven|registrar' as maria who
wait_until 20 eval '! sees ana CY/maria'

begin "the station is away, and is another one"
stop PT
must_fail 75 'does not answer.*valised' as rita officer list
must as ana-2 who
grep -q 'known before' <<<"$err" || complain "nothing said: $err"
port[XX]=${port[PT]}
rm -rf "$e2e/keys-PT-right" && cp -r "$e2e/keys-PT" "$e2e/keys-PT-right"
must as XX init XX --domain xx.example --url "$(url PT)" --listen "127.0.0.1:${port[PT]}"
sed -i '/^unlock/d' "$e2e/keys-XX/valise.conf"
echo "unlock file $e2e/passphrase" >>"$e2e/keys-XX/valise.conf"
start XX
must_fail 3 'not the station you enrolled at.*Do not go on' as ana-2 who
stop XX
start PT
must as ana-2 who

begin "a clock that is off is told"
if command -v faketime >/dev/null; then
	must_fail 3 'clock' env VALISE_DIR="$e2e/keys-rita" faketime -f +1d valise officer list \
		--passphrase-file "$e2e/passphrase"
else
	skip_case "no faketime"
fi

begin "an old directory does not come back"
cp "$e2e/keys-ana-2/directories/PT" old
must as PT desk policy --hours '8 to 18'
must as ana-2 who
cp old "$e2e/keys-ana-2/directories/PT"
must as ana-2 who policy
must_say '8 to 18'
stop PT
cp old "$e2e/keys-ana-2/directories/PT"
must as ana-2 who
! grep -q '^PT/policy' <<<"$out" || complain "the old directory was believed: $out"

end_of_tests
