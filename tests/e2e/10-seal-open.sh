#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What is sealed opens again, of every size, from files and pipes, one and many.
. "$(dirname "$0")/lib.sh"

begin "keys are made once, and never over others"
new_home
must_fail 1 'already|exists' valise init --solo --passphrase-file "$e2e/passphrase"
[ "$(stat -c %a "$e2e/keys")" = 700 ] || complain "the key directory is open to others"
for key in "$e2e"/keys/*; do
	[ "$(stat -c %a "$key")" = 600 ] || complain "$key is open to others"
done
unlock

begin "bodies around every limit come back byte by byte"
for size in 0 1 100 65535 65536 65537 131072 1000000 5000001; do
	random_file body $size
	must valise seal --out body.valise body
	must valise open --out back body.valise
	must_be_same body back
	rm -f body body.valise back
done

begin "pipes in, pipes out"
random_file body 300000
must bash -c 'cat body | valise seal --out - - >piped.valise'
must valise open --out back piped.valise
must_be_same body back
must bash -c 'cat piped.valise | valise open --out back2 -'
must_be_same body back2
must bash -c 'cat piped.valise | valise open --unverified-stream --out - - >back3'
must_be_same body back3
must bash -c ': | valise seal --out nothing.valise - && valise open --out nothing nothing.valise'
[ -f nothing ] && [ ! -s nothing ] || complain "an empty pipe did not come back empty"

begin "to a pipe only with --unverified-stream"
must_fail 2 'unverified-stream' valise open --out - piped.valise
[ -z "$out" ] || complain "something was written all the same"

begin "what is there is kept without --force"
printf keep >taken
must_fail 1 'taken.*--force' valise seal --out taken body
must_fail 1 'taken.*--force' valise open --out taken piped.valise
[ "$(cat taken)" = keep ] || complain "taken was changed"
must valise seal --force --out taken body
must valise open --force --out body2 taken
must_be_same body body2
[ "$(stat -c %a taken)" = 600 ] || complain "an envelope is written for everybody to read"

begin "a folder of files in one call"
mkdir many sealed opened
for i in $(seq 1 600); do printf 'letter %d\n' "$i" >"many/$i.txt"; done
must valise seal --out-dir sealed many/*
[ "$(find sealed -name '*.txt.valise' | wc -l)" -eq 600 ] || complain "not 600 envelopes"
must valise open --out-dir opened sealed/*
must diff -r many opened
must_fail 1 'force' valise seal --out-dir sealed many/1.txt
must valise seal --force --out-dir sealed many/1.txt

begin "addresses, label, precedence and title are in the envelope, the subject is not"
printf 'text\n' >cable
must valise seal --to PT/defence-policy,FR/europe --info CY/duty --label 'TLP:AMBER' --prec FLASH \
	--type exercise:GREY-HERON --title 'A title' --subject 'The hidden subject' --out cable.valise cable
must valise inspect cable.valise
for words in PT/defence-policy FR/europe CY/duty AMBER FLASH GREY-HERON 'A title'; do must_say "$words"; done
! grep -q 'hidden' <<<"$out" || complain "inspect shows the subject"
! grep -aq 'hidden' cable.valise || complain "the subject stands in the envelope"
must valise inspect --json cable.valise
jq -e . >/dev/null <<<"$out" || complain "inspect --json is no JSON: $out"

begin "an envelope says that it is solo"
must valise inspect cable.valise
must_say 'solo'

begin "--json: one object, names that programs may rely on"
must valise seal --json --force --out cable.valise cable
jq -e '.in == "cable" and .out == "cable.valise" and (.document_id | length == 32)
	and (.envelope_hash | length == 64) and .size >= 5' >/dev/null <<<"$out" || complain "$out"

begin "helpers are found, and nothing is left in the runtime directory after lock"
must valise lock
must_fail 1 'lock|unlock' valise lock
[ -z "$(find "$XDG_RUNTIME_DIR" -type s)" ] || complain "a socket is left"
end_of_tests
