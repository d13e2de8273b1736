#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Altered and truncated envelopes through the command: refused with 3, nothing written.  Every
# byte is tried by tests/envelope; here it is a sample, and the whole program.
. "$(dirname "$0")/lib.sh"

begin "fixtures"
new_home
unlock
random_file body 150000
must valise seal --to PT/duty --out good.valise body
size=$(stat -c %s good.valise)
mkdir out

begin "a bit turned over, at 60 places"
step=$((size / 60))
for ((at = 0; at < size; at += step)); do
	flip good.valise $at bad.valise
	run valise open --out out/back bad.valise
	[ $status -ne 0 ] || complain "byte $at altered, and it opened"
	[ $status -eq 3 ] || complain "byte $at altered: exit $status: $err"
	grep -q 'bad.valise' <<<"$err" || complain "byte $at altered: the file is not named: $err"
done
must_hold_only out

begin "cut off at 40 places"
step=$((size / 40))
for ((at = 0; at < size; at += step)); do
	head -c $at good.valise >bad.valise
	run valise open --out out/back bad.valise
	[ $status -eq 3 ] || complain "cut at $at: exit $status: $err"
done
must_hold_only out

begin "a byte too many at the end"
{ cat good.valise && printf x; } >bad.valise
must_fail 3 'bad.valise' valise open --out out/back bad.valise
must_hold_only out

begin "two segments exchanged"
# Segments have one length, so exchanging 64 KiB blocks near the middle moves sealed bytes only.
middle=$((size / 2))
{ head -c $((middle - 66000)) good.valise && tail -c +$((middle + 1)) good.valise | head -c 66000 &&
	tail -c +$((middle - 66000 + 1)) good.valise | head -c 66000 && tail -c +$((middle + 66000 + 1)) good.valise; } >bad.valise
must_fail 3 'bad.valise' valise open --out out/back bad.valise
must_hold_only out

begin "halves of two envelopes"
must valise seal --to PT/duty --out second.valise body
{ head -c $middle good.valise && tail -c +$((middle + 1)) second.valise; } >bad.valise
must_fail 3 'bad.valise' valise open --out out/back bad.valise
must_hold_only out

begin "inspect finds an alteration of what it can prove without keys, and exits 3"
flip good.valise $((size - 20)) bad.valise
must_fail 3 'bad.valise' valise inspect bad.valise

begin "an altered stream with --unverified-stream still ends with 3"
flip good.valise $((size - 20)) bad.valise
run bash -c 'valise open --unverified-stream --out - bad.valise >streamed'
[ $status -eq 3 ] || complain "exit $status: $err"

begin "in a batch the good ones open, the bad ones are named"
mkdir batch opened
cp good.valise batch/one.valise
cp second.valise batch/two.valise
flip good.valise $middle batch/bad.valise
run valise open --out-dir opened batch/*
[ $status -eq 3 ] || complain "exit $status: $err"
grep -q 'bad.valise' <<<"$err" || complain "the bad one is not named: $err"
must_hold_only opened one two
end_of_tests
