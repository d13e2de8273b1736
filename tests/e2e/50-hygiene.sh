#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Secrets do not lie about: core dumps of every process but the agent are searched for them.
. "$(dirname "$0")/lib.sh"

begin "fixtures"
new_home
unlock
printf 'canary-of-the-passphrase-52713' >canary
(umask 077 && cp canary "$e2e/canary")

begin "the passphrase is gone from memory once it has been used"
if ! command -v gcore >/dev/null; then
	skip_case "gcore (gdb) is not installed"
elif ! is_root; then
	skip_case "a hardened process gives its memory to root only"
else
	VALISE_DIR=$e2e/keys-canary must valise init --solo --passphrase-file "$e2e/canary"
	mkfifo pipe
	VALISE_DIR=$e2e/keys-canary valise seal --passphrase-file "$e2e/canary" --out out.valise - <pipe &
	sealing=$!
	exec 8>pipe
	printf 'open-text-in-the-pipe-90881' >&8
	# The pipe has been read when the key has been opened.
	wait_until 20 bash -c "grep -q 'rchar: [0-9]' /proc/$sealing/io && [ \$(awk '/^rchar/ { print \$2 }' /proc/$sealing/io) -gt 0 ] && ! grep -q 'R (running)' /proc/$sealing/status"
	gcore -o core $sealing >/dev/null 2>&1
	exec 8>&-
	wait $sealing || complain "sealing failed"
	core=$(find . -name 'core.*' | head -n 1)
	if [ -z "$core" ]; then
		complain "no core was taken"
	else
		# The planted success: the text in the pipe must be there, or the search proves nothing.
		! grep -aqF canary-of-the-passphrase "$core" || complain "the passphrase is in the core"
		grep -aqF valise "$core" || complain "the core is empty"
		rm -f "$core"
	fi
fi

begin "a process that holds keys writes no core of its own and refuses a debugger"
mkfifo pipe2
valise seal --passphrase-file "$e2e/passphrase" --out two.valise - <pipe2 &
sealing=$!
exec 8>pipe2
wait_until 10 grep -q 'Max core file size *0 ' /proc/$sealing/limits
exec 8>&-
wait $sealing || complain "sealing failed"

begin "words on stderr hold no control characters of a file's name"
printf 'x' >"$(printf 'bad\033[31mname')"
run valise open --out back "$(printf 'bad\033[31mname')"
[ $status -eq 3 ] || complain "exit $status"
! grep -q $'\033' <<<"$err" || complain "an escape sequence reached the terminal"
end_of_tests
