#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An ally who may not read us finds our text, asks home, and the budget ends.
. "$(dirname "$0")/lib.sh"

# Prose of this project, made up; no phrase of one letter stands in another.
letter() {
	local i words=(minister harbour agreement patrol vessel customs delegate reply northern \
		refused promised ration quarter signal winter convoy treaty ledger copper bridge)
	RANDOM=$1
	for ((i = 0; i < 700; i++)); do
		printf '%s%s ' "${words[RANDOM % 20]}" "${words[RANDOM % 20]:0:$((RANDOM % 5))}"
	done
}

begin "a set is made, says what it leaks, and holds no id and no text"
for i in 1 2 3 4 5 6; do printf '{"id": "paper/%d", "body": "%s"}\n' $i "$(letter $i)"; done >papers.jsonl
must valise index add --index idx papers.jsonl
must valise index export --index idx --ally Lusitania --out l.sparse --compartment north
grep -q 'before 0.0000, now 0.0500 of 0.1500' <<<"$out" || complain "no budget: $out"
! grep -qa 'paper/' l.sparse || complain "an id is in the set"
[ "$(stat -c %a idx/exports)" = 600 ] || complain "the ledger is open to others"

begin "the ally finds where our text may be"
{ letter 50 && letter 3 && letter 51; } >dump.txt
mkdir found && gzip -c dump.txt >found/dump.gz
must valise scan --sparse l.sparse found
[ "$(jq -r 'select(.window) | .path' <<<"$out")" = 'dump.gz!dump' ] || complain "$out"
[ "$(jq '.summary.windows // empty' <<<"$out")" = 1 ] || complain "$out"
letter 60 >clean.txt
must valise scan --sparse l.sparse --fail-on-hit clean.txt
[ "$(jq '.summary.windows // empty' <<<"$out")" = 0 ] || complain "$out"
must_fail 4 '' valise scan --sparse l.sparse --fail-on-hit dump.txt

begin "home confirms, in an answer as long as a denial, and keeps a record"
must valise scan --sparse l.sparse --query yes.query dump.txt
must valise index confirm --index idx --originator PT/nso --releasability 'REL ALL' --out yes.answer yes.query
grep -q '^yes .*paper/3$' <<<"$out" || complain "$out"
must valise scan --sparse l.sparse --answer yes.answer
[ "$(jq -r '[.answer, .originator, .releasability] | join(",")' <<<"$out")" = 'yes,PT/nso,REL ALL' ] || complain "$out"
must valise index remove --index idx paper/3
must valise index confirm --json --index idx --out no.answer yes.query
[ "$(jq -r .answer <<<"$out")" = no ] || complain "$out"
[ "$(stat -c %s yes.answer)" = "$(stat -c %s no.answer)" ] || complain "the lengths differ"
must valise scan --sparse l.sparse --answer no.answer
[ "$(jq -r '.answer + .case' <<<"$out")" = no ] || complain "$out"
[ "$(stat -c %s idx/queries)" -gt 100 ] || complain "no records"

begin "a query that is altered, or of a set that was never made, is refused"
cp yes.query bad.query && printf 'X' | dd of=bad.query bs=1 seek=900 conv=notrunc status=none
must_fail 3 'altered' valise index confirm --index idx --out bad.answer bad.query
sed 's/Lusitania/Lusitanie/' yes.query >other.query
must_fail 4 'no set was ever made' valise index confirm --index idx --out bad.answer other.query
[ ! -e bad.answer ] || complain "an answer was written"

begin "the budget ends, for good"
must valise index export --index idx --ally Hesperia --out h.sparse
must valise index export --index idx --ally Caledonia --out c.sparse
grep -q 'now 0.1500 of 0.1500' <<<"$out" || complain "$out"
must_fail 4 'budget' valise index export --index idx --ally Lusitania --out l2.sparse
[ ! -e l2.sparse ] || complain "a set was written"
must_fail 2 'first export' valise index export --index idx --ally L --out l2.sparse --sets 6

begin "a damaged set is refused"
printf 'X' | dd of=l.sparse bs=1 seek=300 conv=notrunc status=none
must_fail 3 '' valise scan --sparse l.sparse dump.txt
end_of_tests
