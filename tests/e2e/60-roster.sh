#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two members, from nothing to a signed roster of serial 2, by files alone: PT begins the
# community, CY joins.  Each person has an own key directory; words are read "on the telephone"
# by taking them from the one side's output and giving them to the other side.
. "$(dirname "$0")/lib.sh"

(umask 077 && printf '%s\n' "$passphrase" >"$e2e/passphrase")
# as NAME VERB...: that person's machine.
as() {
	local who=$1
	shift
	VALISE_DIR=$e2e/keys-$who valise "$@" --passphrase-file "$e2e/passphrase"
}
# words FILE: what its owner reads aloud.
words_of() { valise officer show --json "$1" | jq -r .words; }
# The words of a founding file are told when it is made; a roster's by `show`.
roster_words() { valise roster show --json "$1" | jq -r .words; }

# found MEMBER domain: station keys, two enrolment officers, the founding file.
found() {
	local member=$1 low=${1,,}
	must as "$low-station" init "$member" --domain "$low.example" --url "https://$low.example:7443"
	must as "$low-rita" enrol "$member" --as rita.costa --kind registrar --out "$low-rita.request"
	must as "$low-sergio" enrol "$member" --as sergio.lopes --kind security-officer --out "$low-sergio.request"
	must as "$low-station" officer found "$low-rita.request" "$low-sergio.request" --clearance SECRET \
		--words "$(words_of "$low-rita.request")" --words "$(words_of "$low-sergio.request")" --out "$low.member"
	founding_words=${err##*words: }
}

begin "a member is founded by two enrolment officers"
found PT
must_exist pt.member
grep -q '^security PT/enrol/2+' pt.member || complain "no security officer in $(cat pt.member)"

begin "one of them alone founds nothing, nor one twice, nor with another's words"
rita=$(words_of pt-rita.request) sergio=$(words_of pt-sergio.request)
must_fail 3 'two enrolment officers' as pt-station officer found pt-sergio.request --words "$sergio" --out x
must_fail 3 'each once' as pt-station officer found pt-sergio.request pt-sergio.request --words "$sergio" --words "$sergio" --out x
must_fail 3 'security officer' as pt-station officer found pt-rita.request pt-rita.request --words "$rita" --words "$rita" --out x
must_fail 3 'not its words' as pt-station officer found pt-rita.request pt-sergio.request --words "$sergio" --words "$sergio" --out x
must_fail 1 'terminal.*--words' setsid -w env VALISE_DIR="$e2e/keys-pt-station" valise officer found \
	pt-rita.request pt-sergio.request --passphrase-file "$e2e/passphrase" --out x
must_not_exist x

begin "an officer is enrolled by both"
must as pt-ana enrol PT --as ana.silva --desk defence-policy --out ana.request
ana=$(words_of ana.request)
must as pt-rita officer sign ana.request --clearance 'SECRET REL TO PT' --words "$ana" --out ana.enrol-1
must_fail 1 'signed it already' as pt-rita officer sign ana.enrol-1 --words "$ana" --out x
must as pt-sergio officer sign ana.enrol-1 --words "$ana" --out ana.enrol
must valise officer show --json ana.enrol
[ "$(jq -c '[.signatures, .desks[0], .clearances[0], .words]' <<<"$out")" = \
	"$(jq -nc --arg w "$ana" '[2, "defence-policy", "CONCORD:SECRET REL TO PT", $w]')" ] || complain "$out"

begin "nobody else enrols, and not with other words"
must_fail 4 'registrars and security' as pt-ana officer sign ana.request --clearance SECRET --words "$ana" --out x
must_fail 3 'not its words' as pt-rita officer sign ana.request --clearance SECRET --words "$sergio" --out x
must_fail 2 'colleague has granted' as pt-sergio officer sign ana.enrol-1 --clearance 'TOP SECRET' --words "$ana" --out x
flip ana.request 60 altered.request
must_fail 3 'altered' as pt-rita officer sign altered.request --clearance SECRET --words "$ana" --out x
must_not_exist x

begin "a community of one"
must as pt-rita roster new allies --policy alliance --member pt.member --custody SECRET=1/2 --out allies.roster
must_fail 4 'all its members' valise roster check allies.roster
must_fail 1 'signed it already' as pt-rita roster sign allies.roster
must_fail 4 'not in it' as pt-ana roster sign allies.roster
must as pt-sergio roster sign allies.roster
must valise roster check allies.roster
must_say 'serial 1: good'

begin "CY asks to join, PT adds it after the telephone"
pt_words=$founding_words
found CY
must_fail 3 'not its words' as pt-rita roster add allies.roster cy.member --words "$pt_words" --out x
must as pt-rita roster add allies.roster cy.member --words "$founding_words" --out allies-2.roster
must_fail 4 'too few' valise roster check allies-2.roster --previous allies.roster
must as pt-sergio roster sign allies-2.roster --previous allies.roster
grep -qF "It adds CY, whose words are: $founding_words" <<<"$err" || complain "the second one is not told: $err"
must valise roster check allies-2.roster --previous allies.roster
must_say 'serial 2: good'
words=$(roster_words allies-2.roster)
must valise roster check allies-2.roster --words "$words"
must_fail 3 'not its words' valise roster check allies-2.roster --words "$pt_words"
must_fail 4 'previous' valise roster check allies-2.roster
must valise roster show allies-2.roster
must_say 'quorum +1 of the 1 others; 0 may be absent'
must_say 'CY +https://cy.example:7443, 2 enrolment officers, not signed'
must_fail 1 'member already' as pt-rita roster add allies-2.roster cy.member --words "$founding_words" --out x

begin "stations and signatures from elsewhere do not count"
cp allies.roster fake.roster
must_fail 4 'not in it' as cy-rita roster sign fake.roster
must_be_same allies.roster fake.roster
must_fail 4 'not in it' as cy-rita roster amend allies.roster --threshold 1 --out x

begin "an altered byte"
for at in 30 200 900; do
	flip allies-2.roster $at altered.roster
	must_fail 3 'roster|altered|hash|signature' valise roster check altered.roster --previous allies.roster
done
last=$(($(stat -c %s allies-2.roster) - 20))
flip allies-2.roster $last altered.roster
must_fail 3 'altered|signature|roster' valise roster check altered.roster --previous allies.roster

begin "one enrol key twice is one"
must as pt-rita roster amend allies.roster --enrol-delay 48h --out twice.roster
tail -n 1 twice.roster >>twice.roster
must_fail 4 'too few' valise roster check twice.roster --previous allies.roster

begin "a roster made from another one"
must as pt-rita roster amend allies.roster --enrol-delay 48h --out other.roster
must as pt-sergio roster sign other.roster --previous allies.roster
must valise roster check other.roster --previous allies.roster
must_fail 4 'serial is not the next' valise roster check other.roster --previous allies-2.roster
must as pt-rita roster amend other.roster --enrol-delay 49h --out stale.roster
must_fail 4 'hash differs' as pt-sergio roster sign stale.roster --previous allies-2.roster
must as pt-sergio roster sign stale.roster
must_fail 4 'hash differs' valise roster check stale.roster --previous allies-2.roster

begin "nobody lowers a rule alone, both together do"
must as pt-rita roster amend allies-2.roster --enrol-delay 0 --out lower.roster
must as pt-sergio roster sign lower.roster --previous allies-2.roster
must_fail 4 'lowers a rule' valise roster check lower.roster --previous allies-2.roster
must as cy-rita roster sign lower.roster --previous allies-2.roster
must_fail 4 'lowers a rule' valise roster check lower.roster --previous allies-2.roster
must as cy-sergio roster sign lower.roster --previous allies-2.roster
must valise roster check lower.roster --previous allies-2.roster
must as cy-rita roster amend allies-2.roster --custody RESTRICTED=1/1/internal --out lower2.roster
must as cy-sergio roster sign lower2.roster
must_fail 4 'lowers a rule' valise roster check lower2.roster --previous allies-2.roster

begin "a threshold of two asks two"
must_fail 2 'more than all' as pt-rita roster amend allies-2.roster --threshold 3 --out x
must as pt-rita roster amend allies-2.roster --threshold 2 --out two.roster
must as pt-sergio roster sign two.roster --previous allies-2.roster
must valise roster check two.roster --previous allies-2.roster
must as pt-rita roster amend two.roster --enrol-delay 48h --out three.roster
must as pt-sergio roster sign three.roster --previous two.roster
must_fail 4 'too few' valise roster check three.roster --previous two.roster
must as cy-rita roster sign three.roster --previous two.roster
must as cy-sergio roster sign three.roster --previous two.roster
must valise roster check three.roster --previous two.roster

begin "an officer's keys do not seal by hand"
printf 'A letter.\n' >letter
must_fail 1 'init --solo' as pt-ana seal --out letter.valise letter
must as pt-ana unlock --for 1m
must_fail 1 'init --solo' env VALISE_DIR="$e2e/keys-pt-ana" valise seal --out letter.valise letter
must env VALISE_DIR="$e2e/keys-pt-ana" valise lock
must_fail 3 'keys of a station' as pt-station unlock
must_not_exist letter.valise

begin "typed at the terminal: three of the twelve words"
if command -v expect >/dev/null; then
	cat >type.exp <<'X'
set timeout 20
set words [split $env(WORDS) " "]
spawn valise officer sign ana.request --clearance SECRET --passphrase-file $env(PASSFILE) --out typed.enrol
expect -re {Words ([0-9]+), ([0-9]+) and ([0-9]+)} {
	send "[lindex $words [expr $expect_out(1,string) - 1]] [string range [lindex $words [expr $expect_out(2,string) - 1]] 0 3] [lindex $words [expr $expect_out(3,string) - 1]]\r"
}
expect eof
set result [wait]
exit [lindex $result 3]
X
	VALISE_DIR=$e2e/keys-pt-rita must env WORDS="$ana" PASSFILE="$e2e/passphrase" expect type.exp
	must_exist typed.enrol
	rm -f typed.enrol
	run env VALISE_DIR="$e2e/keys-pt-rita" WORDS="$sergio" PASSFILE="$e2e/passphrase" expect type.exp
	[ "$status" -eq 3 ] || complain "other words: exit $status"
	must_not_exist typed.enrol
else
	skip_case "expect is not installed"
fi
end_of_tests
