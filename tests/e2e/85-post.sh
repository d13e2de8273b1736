#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Cables between three running stations: sent, listed, read, acknowledged, answered, forwarded,
# recalled, destroyed, carried as a file; and what must be refused, each with its words and its
# exit status.  The community is that of ./demo, smaller.
. "$(dirname "$0")/lib.sh"
export PATH="$TREE_UNDER_TEST/src/valised:$PATH"
never=$e2e/never
say() { echo "# $*"; }
stop() {
	complain "$*"
	end_of_tests
	exit 1
}
. "$TOP/tools/demo-people.sh"
officers_passphrase=$passphrase due_settings=("due-flash 5s")
members=(PT CY EU)
at_end+=("community_stop $e2e/c")

begin "three members found themselves and join"
community_make "$e2e/c"
root=$e2e/c

# number_of MEMBER OFFICER TITLE: the newest of that title in the inbox.
number_of() { as "$1" "$2" inbox --all --json | jq -r --arg t "$3" 'select(.title == $t) | .number' | head -n 1; }
has_title() { [ -n "$(number_of "$@")" ]; }
# arrives MEMBER OFFICER TITLE: wait for it; its number is $n.
arrives() {
	wait_until 20 has_title "$@"
	n=$(number_of "$@")
}
# cable TITLE TO LABEL [HEADER...]: in TITLE.cable
cable() {
	local title=$1
	printf 'To: %s\nLabel: %s\nTitle: %s\nSubject: About %s\n' "$2" "$3" "$title" "$title" >"$title.cable"
	shift 3
	[ $# -eq 0 ] || printf '%s\n' "$@" >>"$title.cable"
	printf '\nThe text of %s.\nIts second line.\n' "$title" >>"$title.cable"
}
text_of() { sed '1,/^$/d' "$1.cable"; }

begin "a cable is sent, kept by others, listed"
cable Port CY/policy SECRET 'Info: EU/duty' 'Prec: PRIORITY'
must as PT ana.silva send Port.cable
must_say '^PT/20[0-9]*/0001  [0-9]{6}Z [A-Z]{3} [0-9]{2}  kept by (CY|EU)(, (CY|EU))?  '
arrives CY eleni.kosta Port
[ "$n" = 1 ] || complain "number $n"
must as CY eleni.kosta inbox
must_say '^ +N  From +DTG +P  Label +Title +Due'
must_say '^ +1  PT/ana.silva +[0-9]{6}Z [A-Z]{3} [0-9]{2}  P  CONCORD SECRET +Port +.*left'
must as CY eleni.kosta inbox --json
must_say '"address":"CY/policy","role":"action","precedence":"PRIORITY"'
must as CY eleni.kosta inbox --before 1
[ -z "$out" ] || complain "something before the first: $out"
must as PT ana.silva inbox --sent --json
must_say '"kept_by":\["(CY|EU)'
must_say '"address":"EU/duty","role":"info"'
must as CY petros.ioannou inbox
[ -z "$out" ] || complain "it came to another desk: $out"

begin "it is read under its marking, and the opening is told"
must as CY eleni.kosta read 1
[ "$(head -n 1 <<<"$out")" = 'CONCORD SECRET' ] && [ "$(tail -n 1 <<<"$out")" = 'CONCORD SECRET' ] ||
	complain "no banners: $out"
must_say '^The text of Port\.$'
grep -q 'Opening authorised by PT, copy 1; shares: .*not yet witnessed' <<<"${err,,}" ||
	grep -qi 'Opening authorised by PT, copy 1; shares: .*not yet witnessed' <<<"$err" || complain "$err"
must as CY eleni.kosta read --json --out texts 1
must_say '"opened":true,.*"kept_copy":true,.*"text_file":"texts/1.txt"'
cmp -s texts/1.txt <(text_of Port) || complain "another text"
must_fail 1 'texts/1.txt.*exists' as CY eleni.kosta read --out texts 1

begin "a kept copy is read without the station, until it is forgotten"
station_stop "$root/CY"
must as CY eleni.kosta read 1
must_say '^The text of Port\.$'
must_fail 75 'does not answer' as CY eleni.kosta inbox
must as CY eleni.kosta read --forget 1
must_fail 75 'does not answer' as CY eleni.kosta read 1
must_fail 1 'does not exist' as CY eleni.kosta read --forget 1
station_start CY
must as CY eleni.kosta read --no-keep 1
must as CY eleni.kosta read --no-keep 1
grep -qi 'authorised by PT, copy 1;' <<<"$err" || complain "another copy number: $err"

begin "nothing of the text lies on the reader's disk"
grep -rqF 'The text of Port' "$root/CY/people/eleni.kosta" "$root"/*/station && complain "in clear on a disk"
must as CY eleni.kosta read 1

begin "the pager keeps its marking, leaves nothing, and does not obey the text"
cable Esc CY/policy SECRET 'Type: exercise:STEADFAST'
printf 'Tab\there.\n' >>Esc.cable
for i in $(seq 200); do echo "line $i" >>Esc.cable; done
must as PT ana.silva send --quiet Esc.cable
arrives CY eleni.kosta Esc
must as CY eleni.kosta read --quiet "$n"
must_say '^EXERCISE STEADFAST$'
export VALISE_DIR=$root/CY/people/eleni.kosta
(sleep 1 && printf ' G/line 150\rq') | env TERM=xterm script -qec "stty rows 24 cols 80; valise read $n" shown >/dev/null
export VALISE_DIR=$e2e/keys
grep -q $'\033\[?1049h' shown && grep -q $'\033\[?1049l' shown || complain "not on the alternate screen"
[ "$(grep -o 'CONCORD SECRET' shown | wc -l)" -ge 6 ] || complain "no banners on each page"
grep -q 'EXERCISE STEADFAST' shown || complain "the exercise is not unmistakable"
grep -q 'line 150' shown || complain "not found by search"
sed 's/.*\x1b\[?1049l//' <(tail -n 1 shown) | grep -q 'line' && complain "text after the end"

begin "what an editor or a reader left behind goes at lock"
(umask 077 && mkdir -p "$XDG_RUNTIME_DIR/valise/draft-stale" "$XDG_RUNTIME_DIR/valise/read-stale")
echo secret >"$XDG_RUNTIME_DIR/valise/draft-stale/draft.cable"
must as CY petros.ioannou lock
must_not_exist "$XDG_RUNTIME_DIR/valise/draft-stale"
must_not_exist "$XDG_RUNTIME_DIR/valise/read-stale"
must as CY petros.ioannou unlock --for 1h

begin "without the originator nothing opens, and nothing is lost"
cable Alone CY/policy SECRET
must as PT ana.silva send Alone.cable
arrives CY eleni.kosta Alone
station_stop "$root/PT"
must_fail 75 'PT does not answer.*again later' as CY eleni.kosta read "$n"
station_start PT
must as CY eleni.kosta read "$n"
must_say '^The text of Alone\.$'

begin "one custodian may be away"
cable Away CY/policy SECRET
station_stop "$root/EU"
must as PT ana.silva send Away.cable
must_say 'kept by CY'
arrives CY eleni.kosta Away
must as CY eleni.kosta read "$n"
station_start EU

begin "an attachment of 20 MB arrives whole; lock wipes it"
random_file big.bin 20000000
cable Big CY/policy SECRET 'Attach: big.bin' 'Attach: Port.cable'
must as PT ana.silva send Big.cable
arrives CY eleni.kosta Big
must as CY eleni.kosta read --attachment 1 "$n"
must_be_same big.bin "$out"
case $out in "$XDG_RUNTIME_DIR"/*) ;; *) complain "not in the runtime directory: $out" ;; esac
private=$out
must_fail 1 'there are 2' as CY eleni.kosta read --attachment 3 "$n"
must as CY eleni.kosta read --attachment 2 --with cat "$n"
must_say '^To: CY/policy'
must as CY eleni.kosta read --out whole "$n"
must_be_same big.bin "whole/$n/big.bin"
must as CY eleni.kosta lock
must_not_exist "$private"
must as CY eleni.kosta unlock --for 1h

begin "it is acknowledged, and the author's register says so"
must as CY eleni.kosta ack 1 --will-comply --text 'At once.' --json
must_say '"number":1,.*"acknowledged":true,"answer":"will comply"'
acknowledged() { as PT ana.silva inbox --sent --json | grep -q '"address":"CY/policy","role":"action","state":"acknowledged"'; }
wait_until 20 acknowledged
must_fail 2 'not both' as CY eleni.kosta ack 1 --will-comply --cannot-comply
must_fail 1 'no such document' as CY eleni.kosta ack 99

begin "a reply goes back with label and reference"
echo 'We will.' >answer
must as CY eleni.kosta reply 1 --text answer
draft=$root/CY/people/eleni.kosta/drafts/1.cable
grep -qx 'To: PT/ana.silva' "$draft" && grep -qx 'Label: CONCORD:SECRET' "$draft" &&
	grep -qx 'Subject: Re: About Port' "$draft" && grep -q '^Refers-to: id:.* PT/' "$draft" || complain "$(cat "$draft")"
must as CY eleni.kosta check 1
must_say 'All addressees will be able to open it'
must as CY eleni.kosta send 1
must_say '^CY/20[0-9]*/0001 '
must_not_exist "$draft"
arrives PT ana.silva 'Re: Port'
must as PT ana.silva read "$n"
must_say '^We will\.$'
must_say '^Refers to PT/20'

begin "who cannot open it is said before it goes"
cable Top 'CY/policy' 'TOP SECRET' 'Info: EU/archive, CY/duty'
must as PT ana.silva check Top.cable
must_say '^EU/archive: its only officer lacks TOP SECRET and will not be able to open it\.'
cable Low 'EU/archive' SECRET
must_fail 4 'EU/archive.*lacks SECRET.*lower label' as PT ana.silva check Low.cable
must_fail 4 'EU/archive.*lacks SECRET' as PT ana.silva send Low.cable
cable Typo 'CY/polici' SECRET
must_fail 1 'CY/polici.*no such desk.*Did you mean CY/policy\?' as PT ana.silva send Typo.cable
cable Member 'CX/policy' SECRET
must_fail 1 'no such member.*Did you mean CY/policy\?' as PT ana.silva send Member.cable
cable Seal EU/policy CONFIDENTIAL 'Attach: secret.valise'
must valise init --solo --dir "$e2e/keys-solo" --passphrase-file <(echo solo)
must valise seal --dir "$e2e/keys-solo" --passphrase-file <(echo solo) --label SECRET --out secret.valise Port.cable
must_fail 4 'secret.valise.*SECRET.*raise' as PT ana.silva send Seal.cable

begin "the receiving station refuses what the directory did not stop"
must as PT ana.silva send --anyway Low.cable
refused() { as PT ana.silva inbox --sent --json | grep '"title":"Low"' | grep -q '"state":"refused"'; }
wait_until 20 refused

begin "a list stands for its addresses"
mkdir -p "$root/PT/people/ana.silva/lists"
printf 'CY/policy\nEU/policy\n' >"$root/PT/people/ana.silva/lists/allies"
cable List @allies SECRET
must as PT ana.silva send --json --wait 20s List.cable
must_say '"address":"CY/policy","role":"action","state":"(delivered|read)"'
must_say '"address":"EU/policy","role":"action","state":"(delivered|read)"'
cable Nolist @enemies SECRET
must_fail 1 'lists/enemies' as PT ana.silva send Nolist.cable

begin "forwarding gives others their own copy"
arrives CY eleni.kosta List
must as CY eleni.kosta forward "$n" --to CY/petros.ioannou,EU/duty
must_say '^CY/petros.ioannou  may read it now'
must_say '^EU/duty  may read it now'
arrives CY petros.ioannou List
must as CY petros.ioannou read "$n"
must_say '^The text of List\.$'
arrives EU tom.claes List
must as EU tom.claes read "$n"
must_say '^The text of List\.$'
must as PT ana.silva holders "$(as PT ana.silva inbox --sent --json | jq -r 'select(.title == "List") | .reference')"
must_say '^PT/ana.silva  wrote it, copy 0'
must_say '^CY/petros.ioannou .*copy [0-9]'
must_say '^EU/tom.claes .*copy [0-9]'
arrives CY eleni.kosta List
must as CY eleni.kosta forward "$n" --to EU/anna.novak
must_say 'may read it already'
must_fail 4 'lacks|clear' as CY eleni.kosta forward "$n" --to EU/archive
must_fail 1 'no such desk' as CY eleni.kosta forward "$n" --to EU/nobody

begin "what is marked ORCON is forwarded by its originator alone"
cable Orcon CY/policy SECRET 'Control: ORCON'
must as PT ana.silva send Orcon.cable
arrives CY eleni.kosta Orcon
must_fail 4 'controls' as CY eleni.kosta forward "$n" --to CY/petros.ioannou
orcon=$n
sent=$(as PT ana.silva inbox --sent --json | jq -r 'select(.title == "Orcon") | .number')
must as PT ana.silva forward "$sent" --to CY/petros.ioannou
arrives CY petros.ioannou Orcon
must as CY petros.ioannou read "$n"
kept=$n

begin "after a recall nobody opens it, and a kept copy goes"
must as CY eleni.kosta read "$orcon"
must as PT ana.silva recall "$sent" --reason 'sent too early'
must_say "^$sent  PT/.*  recalled"
recalled() { as CY eleni.kosta inbox --json | grep '"title":"Orcon"' | grep -q '"state":"recalled"'; }
wait_until 20 recalled
must_fail 4 'recalled.*sent too early' as CY eleni.kosta read "$orcon"
# Another one had it kept, and hears of the recall before he reads it again.
must_exist "$root/CY/people/petros.ioannou/kept/$kept.key"
must_fail 4 'recalled.*removed' as CY petros.ioannou read "$kept"
must_not_exist "$root/CY/people/petros.ioannou/kept/$kept.key"

begin "destroyed is gone for good"
sent=$(as PT ana.silva inbox --sent --json | jq -r 'select(.title == "Port") | .number')
must_fail 2 'takes --yes' as PT ana.silva destroy "$sent"
must as PT ana.silva destroy --yes --json "$sent"
must_say '"done":"destroy","final":"20'
must_fail 4 'destroyed' as EU tom.claes read "$(number_of EU tom.claes Port)"

begin "a cable travels as a file"
station_stop "$root/EU"
cable Parcel EU/policy SECRET
must as PT ana.silva send --to-file parcel Parcel.cable
must_exist parcel
grep -qF 'The text of Parcel' parcel && complain "in clear"
head -c 100 parcel >stump
flip parcel $(($(stat -c %s parcel) - 300)) altered
# Only the file can bring it: PT is away, too.
station_stop "$root/PT"
station_start EU
must_fail 3 'altered' as EU anna.novak receive altered
must as EU anna.novak receive parcel
must_say '^parcel  number [0-9]'
must as EU anna.novak receive parcel
station_start PT
arrives EU anna.novak Parcel
must as EU anna.novak read "$n"
must_say '^The text of Parcel\.$'
must_fail 3 'stump.*copy it again' as EU anna.novak receive stump

begin "the station is away: the sealed file stays and is sent later"
station_stop "$root/PT"
cable Later CY/policy SECRET
must_fail 75 'does not answer' as PT ana.silva send Later.cable
later=$(echo "$root"/PT/people/ana.silva/outbox/*.valise)
must_exist "$later"
station_start PT
must as PT ana.silva send "$later"
arrives CY eleni.kosta Later
must_exist "$later"

begin "keys, words and other people's envelopes"
must_fail 1 'wrong passphrase' env VALISE_DIR="$root/CY/people/petros.ioannou" VALISE_PASSPHRASE=wrong valise inbox
must_fail 3 'not the keys of an officer|other keys|officer' env VALISE_DIR="$e2e/keys-solo" VALISE_PASSPHRASE=solo valise inbox
must_fail 2 'say the number' as CY eleni.kosta read Port
must_fail 2 'which, from 1' as CY eleni.kosta read --attachment x 1
must_fail 4 'solo' as PT ana.silva send secret.valise
must_fail 1 'no such document' as CY petros.ioannou read 1
end_of_tests
