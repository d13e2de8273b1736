#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# errors.sh: errors.tsv, row by row, then whether the table is complete.
#
# A row is  VERB  KIND  COMMAND  STATUS  PATTERN  between tabs.  The command runs in bash, in a
# folder with the fixtures below, without a terminal and without stdin.  It must end with that
# status, and its stderr must match the pattern, which names the thing and the remedy ("&&"
# between two patterns: both).  It must leave the folder as it was.
# A line "#needs VERB KIND..." says which kinds a verb must have rows of; each verb of the
# program needs such a line, and every verb at least the kind "usage".
. "$(dirname "$0")/lib.sh"
table=${ERRORS_TABLE:-$TOP/tests/e2e/errors.tsv}
label=${1:-release}

begin "errors $label: fixtures"
new_home
unlock
printf 'A letter.\n' >letter.txt
printf 'Another.\n' >other.txt
random_file big.bin 300000
must valise seal --out letter.valise letter.txt
must valise seal --out big.valise big.bin
flip letter.valise $(($(stat -c %s letter.valise) / 2)) altered.valise
flip big.valise 150000 altered-big.valise
head -c 200000 big.valise >truncated.valise
head -c 40 letter.valise >stump.valise
: >empty
printf 'not an envelope at all, only text\n' >text.valise
printf 'taken\n' >taken
mkdir folder
mkdir -p "$e2e/keys-none"
# A second person: has keys, is not addressed by the first.
VALISE_DIR=$e2e/keys-other must valise init --solo --passphrase-file "$e2e/passphrase"
printf 'wrong\n' >"$e2e/wrong"
chmod 600 "$e2e/wrong"
: >"$e2e/empty-passphrase"
cp -r "$e2e/keys" "$e2e/keys-damaged"
for key in "$e2e"/keys-damaged/*; do [ ! -s "$key" ] || flip "$key" $(($(stat -c %s "$key") / 2)); done
export P=$e2e/passphrase W=$e2e/wrong E=$e2e/empty-passphrase OUTSIDE=$e2e/outside \
	NONE=$e2e/keys-none OTHER=$e2e/keys-other DAMAGED=$e2e/keys-damaged HOME_DIR=$e2e/keys
close_case

listing() { find . -type f -exec sha256sum {} + | sort -k 2; }
before=$(listing)
row_number=0
while IFS=$'\t' read -r verb kind command status_wanted pattern; do
	row_number=$((row_number + 1))
	case $verb in '#'* | '') continue ;; esac
	begin "errors $label: $verb, $kind: $command"
	rm -rf "$OUTSIDE"
	run setsid -w timeout 20 bash -c "$command" </dev/null
	[ "$status" = "$status_wanted" ] || complain "exit $status, not $status_wanted: $err"
	while read -r one; do
		grep -qiE -- "$one" <<<"$err" || complain "no /$one/ in: $err"
	done < <(sed 's/ *&& */\n/g' <<<"$pattern")
	! grep -qE 'Sanitizer|runtime error:' <<<"$err" || complain "sanitizer: $err"
	after=$(listing)
	if [ "$after" != "$before" ]; then
		complain "left behind: $(diff <(echo "$before") <(echo "$after"))"
		before=$after
	fi
done < <(sed 's/\r$//' "$table")

# Completeness.
begin "errors $label: each verb has rows of each kind it needs"
have=$(awk -F '\t' '!/^#/ && NF { print $1 " " $2 }' "$table" | sort -u)
for verb in $(valise help --table | awk -F '\t' '$1 == "verb" { print $2 }'); do
	needs=$(sed -n "s/^#needs[ 	][ 	]*${verb}[ 	][ 	]*//p" "$table" | tr '\t' ' ')
	[ -n "$needs" ] || complain "errors.tsv has no \"#needs $verb\" line"
	for kind in usage $needs; do
		grep -qx "$verb $kind" <<<"$have" || complain "$verb has no row of the kind $kind"
	done
done
awk -F '\t' '!/^#/ && NF && NF != 5 { print FNR; bad = 1 } END { exit bad }' "$table" >"$e2e/rows" ||
	complain "rows without five columns: $(tr '\n' ' ' <"$e2e/rows")"
end_of_tests
