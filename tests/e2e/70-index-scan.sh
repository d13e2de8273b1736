#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Registered texts are found again, in many disguises and containers; an index survives kills.
. "$(dirname "$0")/lib.sh"

# Prose of this project, made up; no phrase of one letter stands in another.
letter() {
	local i words=(minister harbour agreement patrol vessel customs delegate reply northern \
		refused promised ration quarter signal winter convoy treaty ledger copper bridge)
	RANDOM=$1
	for ((i = 0; i < 220; i++)); do
		printf '%s%s' "${words[RANDOM % 20]}" "${words[RANDOM % 20]:0:$((RANDOM % 5))}"
		case $((RANDOM % 12)) in 0) printf '. ' ;; 1) printf ', ' ;; *) printf ' ' ;; esac
	done
}

begin "documents are registered from files, folders and .jsonl"
mkdir letters
for i in 1 2 3 4 5 6; do letter $i >"letters/$i.txt"; done
for i in 7 8; do printf '{"id": "line/%d", "body": "%s"}\n' $i "$(letter $i)"; done >lines.jsonl
must valise index add --index idx letters lines.jsonl
must valise index list --index idx
[ "$(wc -l <<<"$out")" -eq 8 ] || complain "not 8 documents: $out"
grep -q ' line/7$' <<<"$out" || complain "the id of a line is missing"
[ "$(stat -c %a idx)" = 700 ] || complain "the index is open to others"
must valise index verify --index idx
must valise index stats --index idx
grep -q 'if stolen' <<<"$out" || complain "stats do not say what a theft gives away"
must valise index stats --json --index idx
[ "$(jq .documents <<<"$out")" = 8 ] || complain "stats --json: $out"

begin "registering again changes nothing, another text replaces"
must valise index add --json --index idx letters
[ "$(jq -c '[.added,.unchanged]' <<<"$out")" = '[0,6]' ] || complain "$out"
letter 99 >letters/6.txt
must valise index add --json --index idx letters
[ "$(jq -c '[.replaced,.unchanged]' <<<"$out")" = '[1,5]' ] || complain "$out"
letter 6 >old-six.txt
must valise scan --index idx --json old-six.txt
! grep -q '"doc"' <<<"$out" || complain "the old text is still found"

# any CONDITION [ARGS]: some line of the last scan is so.
any() { jq -se "${@:2}" "any(.[]; $1)" <<<"$out" >/dev/null; }
# found FILE DOC: the last scan's lines name this document in this file.
found() { any '.path==$p and .doc==$d' --arg p "$1" --arg d "$2" || complain "$2 was not found in $1"; }

begin "a paragraph is found in every disguise"
mkdir disguises
text=$(cut -d' ' -f 40-140 letters/1.txt)
printf '%s' "$text" >disguises/plain.txt
fold -s -w 40 <<<"$text" | sed 's/^/> /' >disguises/wrapped.txt
tr a-z A-Z <<<"$text" | sed 's/\./ STOP/g; s/,/ COMMA/g' >disguises/telegram.txt
tr -d '.,' <<<"$text" >disguises/bare.txt
sed 's/a/а/g; s/e/е/g; s/o/о/g' <<<"$text" >disguises/look-alikes.txt
sed 's/r/r\xe2\x80\x8b/g' <<<"$text" >disguises/zero-width.txt
sed 's/\([a-z]\{4\}\)\([a-z]\{4\}\)/\1-\n\2/g' <<<"$text" >disguises/hyphens.txt
iconv -t UTF-16LE <<<"$text" >disguises/utf16.txt
awk '{for (i = 1; i <= NF; i++) printf "%s ", i % 6 == 0 ? "matter" : $i}' <<<"$text" >disguises/edited.txt
sed 's/0/o/; s/l/1/g; s/o/0/g; s/s/5/g' <<<"$text" >disguises/recognised.txt
gzip -c disguises/plain.txt >disguises/packed.gz
must valise scan --index idx --json disguises
for f in disguises/*; do
	name=${f#disguises/}
	case $name in *.gz) continue ;; esac
	found "$name" 1.txt
done
any '(.path // "" | startswith("packed.gz")) and .doc' || complain "not found in packed.gz"
tail -n 1 <<<"$out" | jq -e .summary >/dev/null || complain "no summary at the end"

begin "a quotation of 15 words is found in a long letter, scraps are not"
{ letter 200; cut -d' ' -f 100-114 letters/2.txt; letter 201; } >quoting.txt
{ letter 202; cut -d' ' -f 100-104 letters/3.txt; letter 203; } >scrap.txt
must valise scan --index idx --json quoting.txt scrap.txt
found quoting.txt 2.txt
! any '.doc=="3.txt"' || complain "five words were reported"
must_fail 4 '' valise scan --index idx --quiet --fail-on-hit quoting.txt
must valise scan --index idx --quiet --fail-on-hit scrap.txt

begin "passages lead back to the bytes"
must valise scan --index idx --json disguises/plain.txt
read -r from to <<<"$(jq -r 'select(.doc) | .passages[0] | "\(.from) \(.to)"' <<<"$out")"
[ "$from" -lt 20 ] && [ "$to" -gt $(($(stat -c %s disguises/plain.txt) - 20)) ] ||
	complain "passage $from-$to"

begin "words for people, without control characters, coloured only on a terminal"
printf 'x\033[31m%s' "$text" >escape.txt
must valise scan --index idx escape.txt
grep -q '1.txt' <<<"$out" || complain "not found"
! grep -q $'\033' <<<"$out" || complain "an escape sequence came through"

begin "the output is the same for any number of threads, shards and from stdin"
must valise scan --index idx --json --jobs 1 disguises
one=$out
must valise scan --index idx --json --jobs 4 disguises
[ "$out" = "$one" ] || complain "--jobs 4 says something else"
shards=$(for i in 1 2 3; do valise scan --index idx --json --shard $i/3 disguises | grep -v summary; done)
[ "$shards" = "$(grep -v summary <<<"$one")" ] || complain "shards say something else"
for i in 1 2 3; do valise scan --index idx --json --shard $i/3 disguises >part$i; done
must valise scan --join part1 part2 part3
[ "$out" = "$one" ] || complain "joined shards differ from one run"
head -n 1 part2 >stump
must_fail 3 'whole' valise scan --join part1 stump part3
# shellcheck disable=SC2016 # the inner shell expands
find disguises -type f -printf '%P\0' | xargs -0 -P 4 -I{} sh -c 'cd disguises && valise scan --index ../idx --jobs 1 --json "$1" | grep -v summary >"../one.$1"' - {}
[ "$(cat one.*)" = "$(grep -v summary <<<"$one")" ] || complain "one process a file says something else"
must bash -c 'valise scan --index idx --json - <disguises/plain.txt'
found - 1.txt

begin "a resumed scan goes on where it was"
head -n 3 <(ls disguises) >state
must valise scan --index idx --json --resume state disguises
printf '%s\n' "$out" | grep -v summary >rest
[ "$(wc -l <state)" -eq "$(ls disguises | wc -l)" ] || complain "state does not name all files"
must valise scan --index idx --json --resume state disguises
[ "$(wc -l <<<"$out")" -eq 1 ] || complain "a finished scan did something"

begin "what cannot be examined is said"
ln -s nowhere disguises/link
mkfifo disguises/fifo
must valise scan --index idx --json disguises
for name in link fifo; do
	any '.path==$p and .skipped' --arg p $name || complain "$name is not listed"
done
rm disguises/link disguises/fifo

begin "removed documents are silent; a merge equals a new index"
must valise index remove --index idx line/8
must_fail 1 'line/8' valise index remove --index idx line/8
must valise scan --index idx --json lines.jsonl
! any '.doc=="line/8"' || complain "a removed document was found"
must valise index merge --index idx
must valise index verify --index idx
cp -r idx again && rm again/manifest again/seg-*
head -n 1 lines.jsonl >first.jsonl
(cd letters && valise index add --quiet --index ../again {1,2,3,4,5}.txt ../first.jsonl 6.txt) ||
	complain "cannot build the other index"
must valise index merge --index again
cmp -s idx/seg-* again/seg-* || complain "merged and newly built segments differ"

begin "damage is an error, never a miss"
for part in manifest key $(basename idx/seg-*); do
	rm -rf hurt && cp -r idx hurt
	flip "hurt/$part" $(($(stat -c %s "hurt/$part") / 2))
	must_fail 3 'damaged|not' valise index verify --index hurt
	must_fail 3 'damaged|not' valise scan --index hurt quoting.txt
done

begin "killed at any moment, the index is that of before or after"
rm -rf killed && cp -r idx killed
before=$(valise index list --index killed | wc -l)
for i in $(seq 1 40); do
	letter $((1000 + i)) >"new-$i.txt"
	timeout -s KILL "0.0$((i % 9 + 1))" valise index add --quiet --index killed "new-$i.txt" 2>/dev/null
	[ $((i % 5)) -ne 0 ] || timeout -s KILL "0.0$((i % 7 + 1))" valise index merge --quiet --index killed 2>/dev/null
	run valise index verify --index killed
	[ $status -eq 0 ] || { complain "damaged after kill $i: $err" && break; }
	count=$(valise index list --index killed | wc -l)
	[ "$count" -ge "$before" ] || complain "lost documents at kill $i: $count of $before"
	before=$count
done 2>/dev/null
must valise index add --index killed new-1.txt
# The next writer has swept what no manifest names.
[ "$(ls killed/seg-* | wc -l)" -le 4 ] || complain "left behind: $(ls killed)"

begin "one writer at a time"
must bash -c 'exec 9>>killed/lock && flock 9 && { valise index merge --index killed; [ $? -eq 75 ]; }'
end_of_tests
