#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What scans found is kept once, survives a cut, and merges to the same bytes in any order.
. "$(dirname "$0")/lib.sh"

line() { printf '{"path":"%s","doc":"%s","matched_words":%d,"matched_chars":9,"score":%s,"share":0.5}\n' "$@"; }
{ line dump.zip!a.txt paper/1 40 90.25 && line dump.zip!b.txt paper/2 12 41 &&
	printf '{"path":"c","skipped":"encrypted"}\n{"summary":{}}\n'; } >one.results
line spool/7 paper/1 30 70 >two.results
echo evidence >found.bin

begin "results become sightings, once"
must valise sightings add --file one --source 'market 7' --evidence found.bin --time 2026-11-20T10:00:00Z one.results
must valise sightings add --json --file one --source 'market 7' --evidence found.bin --time 2026-11-20T10:00:00Z one.results
[ "$(jq -c . <<<"$out")" = '{"added":0,"known":2}' ] || complain "$out"
must valise sightings list --json --file one
[ "$(head -n 1 <<<"$out" | jq -r .evidence)" = "$(sha256sum found.bin | cut -d ' ' -f 1)" ] || complain "the evidence: $out"
[ "$(jq -r .score <<<"$out" | sort -n | tr '\n' ' ')" = '41 90 ' ] || complain "$out"
[ "$(stat -c %a one)" = 600 ] || complain "the list is open to others"
id=$(head -n 1 one | jq -r .id)
must valise sightings show --file one "$id"
[ "$(jq -r .id <<<"$out")" = "$id" ] || complain "$out"
must_fail 1 'ffff' valise sightings show --file one ffff

begin "lists merge to the same bytes in any order"
must valise sightings add --file two --source spool --time 2026-11-19T10:00:00Z two.results
must valise sightings merge --out a one two
must valise sightings merge --out b two one two a
cmp a b || complain "they differ"
[ "$(jq -r .path a | tr '\n' ' ')" != '' ] && [ "$(head -n 1 a | jq -r .source)" = spool ] || complain "not sorted by time"
must_fail 1 'exists' valise sightings merge --out a one

begin "a line cut by a crash is passed over, and removed by the next one who adds"
cp one torn && head -c 100 two >>torn
must valise sightings list --file torn
[ "$(wc -l <<<"$out")" -eq 2 ] || complain "$out"
must valise sightings add --file torn --source spool --time 2026-11-19T10:00:00Z two.results
[ "$(wc -l <torn)" -eq 3 ] || complain "not three lines"
must valise sightings list --file torn

begin "an altered line is an error"
sed 's/market 7/market 8/' one >bad
must_fail 3 'altered' valise sightings list --file bad
end_of_tests
