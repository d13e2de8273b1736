#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Days on which something goes wrong: a station is renamed, somebody brings the wrong roster, an
# officer leaves, is revoked, loses a device; a passphrase lies open.  Each time one clear
# message and the exit status of the table, and whatever was under way arrives.
. "$(dirname "$0")/lib.sh"
export PATH="$TREE_UNDER_TEST/src/valised:$PATH"
. "$TOP/tools/demo-people.sh"
say() { :; }
stop() {
	complain "$*"
	end_of_tests
}
never=$e2e/never
members=(PT CY) due_settings=("retry-max 1s")
officers_passphrase=$passphrase
root=$e2e/community
at_end+=('community_stop "$root"')

# cable TEXT ADDRESS: a file c.cable.
cable() { printf 'To: %s\nLabel: CONCORD SECRET\nSubject: %s\n\n%s\n' "$2" "$1" "$1" >c.cable; }
# number_at MEMBER OFFICER SUBSTRING_OF_REFERENCE...: the newest one in the inbox.
newest() { as "$1" "$2" inbox --json | head -n 1 | jq -r .number; }
send() {
	cable "$1" "$2"
	must as PT ana.silva send --json --wait 10s c.cable
	id=$(jq -r .document_id <<<"$out")
}
listed() { as "$1" "$2" inbox --all --json 2>/dev/null | grep -q "$id"; }
# opens MEMBER OFFICER TEXT: the newest is that text.
opens() {
	must as "$1" "$2" read "$(newest "$1" "$2")"
	must_say "$3"
}

begin "two members, a cable"
community_make "$root"
send first CY/policy
opens CY eleni.kosta first

begin "a station under another name does not start"
station_stop "$root/CY"
sed -i 's/^member CY/member XY/' "$root/CY/station/valise.conf"
must_fail 1 'another member' timeout 10 valised --dir "$root/CY/station"
must_not_exist "$root/CY/station/run/admin"
sed -i 's/^member XY/member CY/' "$root/CY/station/valise.conf"

begin "what was sent to it meanwhile arrives when it is back, once"
cable second CY/policy
run as PT ana.silva send --json --wait 1s c.cable
[ $status -eq 0 ] || [ $status -eq 75 ] || complain "exit $status: $err"
station_start CY
register_id() { id=$(as PT ana.silva inbox --sent --json | head -n 1 | jq -r .document_id); }
register_id
wait_until 20 listed CY eleni.kosta
opens CY eleni.kosta second
[ "$(as CY eleni.kosta inbox --all --json | grep -c "$id")" = 1 ] || complain "it came twice"

begin "the roster of another community is refused, and the right one stays"
VALISE_DIR=$root/PT/people/rita.costa VALISE_PASSPHRASE=$passphrase must valise roster new other \
	--policy alliance --member "$root/PT/founding" --out other.roster
must_fail 4 'communit|follow|member' at CY join other.roster --wait 0
cp "$root/roster-2" altered.roster
flip altered.roster 200
must_fail 3 'altered|signature|roster' at CY join altered.roster --wait 0
must_fail 4 'does not name' at CY join "$root/roster-1" --wait 0
send third CY/policy
opens CY eleni.kosta third

begin "a second officer takes over a desk; who leaves gets nothing new, and keeps nothing from the others"
desk_officer CY 'sofia.leon:policy:TOP_SECRET'
send fourth CY/policy
must at CY desk policy --remove eleni.kosta
left() { ! as PT ana.silva who CY/policy 2>/dev/null | grep -q eleni; }
wait_until 20 left
send fifth CY/policy
opens CY sofia.leon fifth
run as CY eleni.kosta read "$(newest CY sofia.leon)"
[ $status -eq 4 ] || [ $status -eq 1 ] || complain "who left the desk reads on: exit $status $out"
! grep -q fifth <<<"$out" || complain "who left the desk read the text"

begin "a revoked officer opens nothing from now on, not even what was sent before"
desk_officer CY 'yannis.m:duty:SECRET'
send sixth CY/yannis.m
must as CY nikos.georgiou officer revoke yannis.m --reason 'left the service'
run as CY yannis.m inbox --json
[ $status -eq 3 ] || [ $status -eq 4 ] || complain "exit $status, not 3 or 4: $err"
grep -qi 'revoked' <<<"$err" || complain "not told why: $err"
run as CY yannis.m read 1
[ $status -eq 3 ] || [ $status -eq 4 ] || complain "exit $status: $err"
send seventh CY/policy
opens CY sofia.leon seventh

begin "only a security officer revokes"
must_fail 4 'security officer' as CY maria.christou officer revoke sofia.leon
opens CY sofia.leon seventh

begin "a lost device: the officer gets a new one, the old one opens nothing"
mkdir -p "$root/CY/people/sofia.new"
must as CY sofia.new enrol CY "https://127.0.0.1:$(door_of CY)" --as sofia.leon --device laptop2 --desk policy --json
new_words=$(jq -r .words <<<"$out")
must as CY maria.christou officer sign sofia.leon --device laptop2 --clearance 'TOP SECRET' --words "$new_words"
must as CY nikos.georgiou officer sign sofia.leon --device laptop2 --words "$new_words"
must as CY nikos.georgiou officer replace sofia.leon
run as CY sofia.leon inbox --json
[ $status -eq 3 ] || [ $status -eq 4 ] || complain "the lost device still lists: exit $status"
at_new() { as PT ana.silva who CY/sofia.leon 2>/dev/null | grep -q .; }
wait_until 20 at_new
send eighth CY/policy
opens CY sofia.new eighth

begin "a passphrase that lies open is told, and one that others may read is not used"
must at CY status --json
grep -qi 'stolen disk is a stolen station' <(at CY status 2>&1) || complain "status does not tell of the unlock file"
station_stop "$root/CY"
chmod 644 "$root/CY/unlock"
run timeout 10 valised --dir "$root/CY/station"
[ $status -ne 0 ] && [ $status -ne 124 ] || complain "exit $status"
grep -qi 'unlock' <<<"$err" || complain "not told why: $err"
chmod 600 "$root/CY/unlock"
echo 'another passphrase' >"$root/CY/unlock.wrong"
chmod 600 "$root/CY/unlock.wrong"
sed -i "s|^unlock file .*|unlock file $root/CY/unlock.wrong|" "$root/CY/station/valise.conf"
run timeout 10 valised --dir "$root/CY/station"
[ $status -ne 0 ] && [ $status -ne 124 ] || complain "exit $status"
grep -qi 'passphrase' <<<"$err" || complain "not told why: $err"
sed -i "s|^unlock file .*|unlock file $root/CY/unlock|" "$root/CY/station/valise.conf"
station_start CY
opens CY sofia.new eighth

end_of_tests
