#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The world is unkind: disk full, no permission, read errors, files that change, signals.
. "$(dirname "$0")/lib.sh"

begin "fixtures"
new_home
unlock
random_file body 3000000
must valise seal --out body.valise body

begin "disk full: nothing is left, and with space it works"
mkdir small
if is_root && mount -t tmpfs -o size=1m tmpfs small 2>/dev/null; then
	at_end+=("umount '$PWD/small'")
	must_fail 1 'body.*no space.*(free|choose)' valise seal --out small/full body
	must_hold_only small
	must_fail 1 'body.*no space.*(free|choose)' valise open --out small/full body.valise
	must_hold_only small
	mkdir pieces
	split -b 300000 body pieces/
	must_fail 1 'space|full' valise seal --out-dir small pieces/*
	[ "$(find small -name '.*' -type f | wc -l)" -eq 0 ] || complain "temporary files are left"
	umount small
	must valise seal --out small/full body
	rm small/full
else
	skip_case "mounting a small tmpfs needs root"
fi

begin "a file size limit is a full disk"
run bash -c 'ulimit -f 512; exec valise seal --out limited body'
[ $status -eq 1 ] || complain "exit $status: $err"
must_not_exist limited

begin "no permission, no such folder"
must_fail 1 '/sys/kernel/valise' valise seal --out /sys/kernel/valise body
must_fail 1 'nowhere' valise seal --out nowhere/body.valise body
must_fail 1 'nowhere' valise seal --out-dir nowhere body
if ! is_root; then
	mkdir closed && chmod 555 closed
	must_fail 1 'closed' valise seal --out closed/body.valise body
fi

begin "OUT on another disk than IN"
other=$(mktemp -d /dev/shm/e2e.XXXXXX 2>/dev/null || mktemp -d /var/tmp/e2e.XXXXXX)
at_end+=("rm -rf '$other'")
must valise seal --out "$other/body.valise" body
must valise open --out "$other/back" "$other/body.valise"
must_be_same body "$other/back"

begin "a read error is told, with the file's name"
must_fail 1 '/proc/self/mem' valise seal --out broken /proc/self/mem
must_fail 1 '/proc/self/mem' valise open --out broken /proc/self/mem
must_not_exist broken

begin "IN changes while it is read"
head -c 200000000 /dev/zero >growing
valise seal --out grown growing 2>"$e2e/grown.err" &
sealing=$!
while kill -0 $sealing 2>/dev/null; do printf x >>growing; done
wait $sealing
status=$?
[ $status -eq 1 ] || complain "exit $status: $(cat "$e2e/grown.err")"
grep -qE 'growing.*chang' "$e2e/grown.err" || complain "$(cat "$e2e/grown.err")"
must_not_exist grown
rm -f growing

begin "IN and OUT are the same file"
cp body same
must_fail 1 'same' valise seal --out same same
must_be_same body same

begin "interrupted: nothing is left"
mkfifo pipe
for signal in INT TERM HUP KILL; do
	# The shell makes what it starts in the background deaf to INT; env(1) undoes that.
	env --default-signal=INT,TERM,HUP valise seal --out interrupted - <pipe 2>/dev/null &
	sealing=$!
	exec 8>pipe
	head -c 1000000 /dev/zero >&8
	kill -$signal $sealing
	wait $sealing 2>/dev/null && complain "$signal did not end it"
	exec 8>&-
	must_not_exist interrupted
done
leftover=$(find . -name '.valise-*')
[ -z "$leftover" ] || complain "left behind: $leftover"

begin "nobody reads the other end of the pipe"
must_fail 1 '.' bash -c 'set -o pipefail; valise seal --out - body | true'
end_of_tests
