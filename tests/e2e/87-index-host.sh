#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An index host of PT: what officers send is sealed to it at `send`, waits at the station, comes
# into the index by `index receive`, and is found again in what leaked.  The station is killed in
# between, a blob is altered, somebody else asks for it, a document is destroyed.
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
people_PT='rita.costa sergio.lopes ana.silva:policy:TOP_SECRET'
people_CY='maria.christou nikos.georgiou eleni.kosta:policy:TOP_SECRET'
members=(PT CY)
at_end+=("community_stop $e2e/c")
database=$e2e/c/PT/station/store/station.db

# text SEED: three paragraphs that nobody else wrote.
text() {
	printf %s "$1" | openssl md5 -r | cut -c 1-32 | awk '{
		for (k = 1; k <= 32; k++) seed = (seed * 31 + index("0123456789abcdef", substr($0, k, 1))) % 1000003
		srand(seed)
		for (i = 0; i < 3; i++) {
			for (j = 0; j < 60; j++) {
				word = ""
				for (k = 0; k < 7; k++) word = word sprintf("%c", 97 + int(26 * rand()))
				printf "%s ", word
			}
			printf "\n\n"
		}
	}'
}
# cable TITLE [HEADER...]: a cable to CY with a text of its own.
cable() {
	local title=$1
	shift
	printf 'To: CY/policy\nLabel: SECRET\nTitle: %s\nSubject: About %s\n' "$title" "$title" >"$title.cable"
	[ $# -eq 0 ] || printf '%s\n' "$@" >>"$title.cable"
	(echo && text "$title") >>"$title.cable"
}
sent() { as PT ana.silva inbox --sent --json | jq -r --arg t "$1" 'select(.title == $t) | '"$2"; }
waiting() { at PT status --json 2>/dev/null | jq .index.waiting; }
host() { as PT indice "$@" --index "$e2e/index"; }
station_kill() {
	local pid
	pid=$(cat "$root/PT/pid")
	kill -9 "$pid"
	wait "$pid" 2>/dev/null
}
# leak FILE NAME: a passage of it, wrapped anew, in a zip beside something harmless.
leak() {
	sed '1,/^$/d' "$1" | head -n 1 | fold -s -w 33 >passage.txt
	text nobody >other.txt
	rm -f "$2"
	python3 -c 'import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z:
	[z.write(n) for n in sys.argv[2:]]' "$2" passage.txt other.txt
}
found() { valise scan --index "$e2e/index" --json "$1" | jq -r 'select(.doc) | .doc' | sort -u; }

begin "two members, and an index host that two officers of PT sign"
community_make "$e2e/c"
root=$e2e/c
enrol PT indice --kind index-host
try "sign the index host" as PT rita.costa officer sign indice --clearance 'TOP SECRET' --words "$(words_of PT indice)"
try "sign the index host again" as PT sergio.lopes officer sign indice --words "$(words_of PT indice)"

begin "three cables leave, one with a letter and a picture attached"
cable Alpha
cable Bravo
text letter >letter.txt
printf 'From: a@pt.example\nTo: b@pt.example\nSubject: Letter\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n%s\n' \
	"$(base64 <letter.txt)" >letter.eml
# A zip whose only member says that it is encrypted.
text inside >inside.txt
python3 -c 'import zipfile
with zipfile.ZipFile("locked.zip", "w") as z: z.write("inside.txt")
b = bytearray(open("locked.zip", "rb").read())
b[6] |= 1
b[b.index(b"PK\1\2") + 8] |= 1
open("locked.zip", "wb").write(b)'
cable Charlie 'Attach: letter.eml' 'Attach: locked.zip'
must as PT ana.silva send --json Alpha.cable Bravo.cable Charlie.cable
[ "$(waiting)" = 3 ] || complain "$(waiting) blobs wait"
must at PT status
must_say '3 blobs wait for .valise index receive'
ls "$root"/PT/people/ana.silva/outbox/*.grams 2>/dev/null && complain "left in the outbox"
one=$(sed -n 6p Alpha.cable | cut -c 1-40)
grep -qF "$one" Alpha.cable || complain "no text"
grep -rqF "$one" "$root/PT/station" && complain "in clear at the station"

begin "nobody but the host gets anything"
must_fail 4 'index host' as PT ana.silva index receive --index "$e2e/other"
must_fail 4 'index host' as CY eleni.kosta index receive --index "$e2e/other"
must_not_exist "$e2e/other"

begin "the station is killed; the host takes all, once"
station_kill
must_fail 75 'does not answer' host index receive
station_start PT
must host index receive --json
must_say '"documents":3,"added":4,"replaced":0,"unchanged":0,.*"refused":0,"removed":0'
must_say '"unread":1'
grep -q '/0003#locked.zip: not .*read by its sender: encrypted' <<<"$err" || complain "nothing said of locked.zip: $err"
[ "$(waiting)" = 0 ] || complain "$(waiting) blobs still wait"
must host index receive --json
must_say '"documents":0,"added":0'
must valise index list --index "$e2e/index"
year=$(date -u +%Y)
must_say "PT/$year/0001\$"
must_say "PT/$year/0003#letter.eml\$"

begin "a passage that leaked is found under its reference"
leak Bravo.cable leaked.zip
[ "$(found leaked.zip)" = "PT/$year/0002" ] || complain "found: $(found leaked.zip)"
sed -n 3p letter.txt | fold -s -w 40 >part.txt
[ "$(found part.txt)" = "PT/$year/0003#letter.eml" ] || complain "found: $(found part.txt)"
[ -z "$(found other.txt)" ] || complain "found in what is not ours"

begin "an ally that may not read it finds it by a sparse set, and has it confirmed over the stations"
printf 'To: CY/policy\nLabel: SECRET\nTitle: Long\nSubject: Long\n\n' >Long.cable
for n in $(seq 12); do text "Long$n"; done >>Long.cable
must as PT ana.silva send Long.cable
must host index receive
must valise index export --index "$e2e/index" --ally CY --out cy.sparse --compartment north
{ text before && sed -n '12,30p' Long.cable && text after; } >dump.txt
must valise scan --sparse cy.sparse --query yes.query dump.txt
must_exist yes.query
must_fail 1 'no other member' as CY eleni.kosta sightings confirm --to PT2 --out yes.answer yes.query
must_fail 75 'not answered yet' as CY eleni.kosta sightings confirm --to PT --wait 1s --out yes.answer yes.query
must_not_exist yes.answer
station_kill
station_start PT
must_fail 4 'index host' as PT ana.silva index confirm --poll --index "$e2e/index"
must host index confirm --poll --originator PT/nso --releasability 'REL ALL'
must_say "^yes  CY asks.*PT/$year/0004\$"
must as CY eleni.kosta sightings confirm --to PT --out yes.answer yes.query
must valise scan --sparse cy.sparse --answer yes.answer
[ "$(jq -r '[.answer, .originator, .releasability] | join(",")' <<<"$out")" = 'yes,PT/nso,REL ALL' ] || complain "$out"
must host index confirm --poll
[ -z "$out" ] || complain "answered again: $out"
# One that no set of ours has made is answered with nothing; the next is answered all the same.
flip yes.query 900 bad.query
must_fail 75 'not answered yet' as CY eleni.kosta sightings confirm --to PT --wait 1s --out bad.answer bad.query
run host index confirm --poll
grep -q 'a query from CY.*altered' <<<"$err" || complain "nothing said: $err"
must_fail 4 'knows no set' as CY eleni.kosta sightings confirm --to PT --out bad.answer bad.query
# Nobody else gets the answer: a member without the ally key, or without having asked.
must_fail 1 'no other member' as PT ana.silva sightings confirm --to PT --out bad.answer yes.query
must_fail 4 'no index host' as PT ana.silva sightings confirm --to CY --out bad.answer yes.query

begin "killed anywhere, it loses nothing and takes nothing twice"
for n in $(seq 12); do cable "Kill$n"; done
must as PT ana.silva send Kill*.cable
for delay in 0.01 0.02 0.03 0.05 0.08; do
	(VALISE_DIR=$root/PT/people/indice timeout -s KILL $delay valise index receive --index "$e2e/index" || true) >killed 2>&1
done
must host index receive
must valise index verify --index "$e2e/index"
[ "$(valise index list --index "$e2e/index" | wc -l)" = 17 ] || complain "$(valise index list --index "$e2e/index")"
leak Kill7.cable killed.zip
[ "$(found killed.zip)" = "$(sent Kill7 .reference)" ] || complain "Kill7 is not found: $(found killed.zip)"
[ "$(waiting)" = 0 ] || complain "$(waiting) blobs still wait"

begin "a blob that was altered at the station is refused by name; the others are taken"
cable Altered
cable Whole
must as PT ana.silva send Altered.cable Whole.cable
id=$(sent Altered .document_id)
station_stop "$root/PT"
python3 - "$database" "$id" <<'X' || complain "cannot alter"
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
row, blob = db.execute("SELECT id, bytes FROM grams WHERE document_id = ?", (bytes.fromhex(sys.argv[2]),)).fetchone()
blob = bytearray(blob)
blob[-40] ^= 1
db.execute("UPDATE grams SET bytes = ? WHERE id = ?", (bytes(blob), row))
db.commit()
X
station_start PT
must_fail 3 "$id.*altered" host index receive
leak Whole.cable whole.zip
[ "$(found whole.zip)" = "$(sent Whole .reference)" ] || complain "Whole is not found"
leak Altered.cable altered.zip
[ -z "$(found altered.zip)" ] || complain "what was refused is in the index"
[ "$(waiting)" = 1 ] || complain "$(waiting) blobs wait"

begin "a text of 3 MB travels in pieces"
for n in $(seq 24); do text "Book$n"; done >chapter.txt
random_file book 1600000
{ base64 -w 70 book | tr '0-9+/=' 'a-j   ' && cat chapter.txt && base64 -w 70 book | rev | tr '0-9+/=' 'k-t   '; } >book.txt
before=$(waiting)
cable Book 'Attach: book.txt'
must as PT ana.silva send Book.cable
[ "$(waiting)" -ge $((before + 4)) ] || complain "$(waiting) blobs wait, $before before"
run host index receive
sed -n 31p chapter.txt | fold -s -w 50 >chapter
[ "$(found chapter)" = "$(sent Book .reference)#book.txt" ] || complain "not found: $(found chapter)"
[ "$(waiting)" = "$before" ] || complain "$(waiting) blobs wait"

begin "what was recalled stays, what was destroyed leaves"
must as PT ana.silva recall "$(sent Alpha .number)"
must as PT ana.silva destroy --yes "$(sent Charlie .number)"
must as PT ana.silva destroy --yes "$(sent Altered .number)"
[ "$(waiting)" = 0 ] || complain "the destroyed one still waits"
must host index receive
grep -q "PT/$year/0003 was destroyed" <<<"$err" || complain "$err"
must valise index list --index "$e2e/index"
must_say "PT/$year/0001\$"
grep -q "/0003" <<<"$out" && complain "still in the index: $out"
[ -z "$(found part.txt)" ] || complain "still found"

begin "the station is away at send: the host's part goes later, too"
station_stop "$root/PT"
cable Later
must_fail 75 'does not answer' as PT ana.silva send Later.cable
later=$(echo "$root"/PT/people/ana.silva/outbox/*.valise)
must_exist "${later%.valise}.grams"
station_start PT
must as PT ana.silva send "$later"
must_not_exist "${later%.valise}.grams"
must host index receive --json
must_say '"documents":1,"added":1'
leak Later.cable later.zip
[ -n "$(found later.zip)" ] || complain "Later is not found"

begin "a member without an index host sends as before"
printf 'To: PT/policy\nLabel: SECRET\nTitle: Back\nSubject: Back\n\nText.\n' >Back.cable
must as CY eleni.kosta send Back.cable
ls "$root"/CY/people/eleni.kosta/outbox/*.grams 2>/dev/null && complain "grams for nobody"
[ "$(at CY status --json | jq .index.waiting)" = 0 ] || complain "something waits at CY"

begin "a revoked host gets no more"
must as PT sergio.lopes officer revoke indice --reason lost
must_fail 3 'revoked|credential|proven' host index receive
cable After
must as PT ana.silva send After.cable
[ "$(waiting)" = 0 ] || complain "sealed to a revoked host"
end_of_tests
