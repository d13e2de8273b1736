#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Where the key is and how one gets at it: agent, passphrase, terminal, recovery code.
. "$(dirname "$0")/lib.sh"

begin "fixtures"
(umask 077 && printf '%s\n' "$passphrase" >"$e2e/passphrase")
must valise init --solo --json --passphrase-file "$e2e/passphrase"
words=$(jq -r .recovery_code <<<"$out")
printf 'A letter.\n' >letter
must valise seal --passphrase-file "$e2e/passphrase" --out letter.valise letter

begin "without agent, passphrase and terminal: the remedy is named"
must_fail 1 'unlock|passphrase' setsid -w valise open --out back letter.valise
must_not_exist back

begin "a passphrase from a file, a descriptor, the environment"
must valise open --passphrase-file "$e2e/passphrase" --out back1 letter.valise
must bash -c "valise open --passphrase-file fd:7 --out back2 letter.valise 7<'$e2e/passphrase'"
must env VALISE_PASSPHRASE="$passphrase" valise open --out back3 letter.valise
for back in back1 back2 back3; do must_be_same letter $back; done

begin "a wrong passphrase"
must_fail 1 'passphrase' env VALISE_PASSPHRASE=wrong valise open --out back letter.valise
must_fail 1 'passphrase' env VALISE_PASSPHRASE=wrong valise unlock
must_not_exist back

begin "unlock, use, lock"
unlock
must valise open --out back4 letter.valise
must_fail 1 'unlocked|already|runs' valise unlock --passphrase-file "$e2e/passphrase"
must valise lock
must_fail 1 'unlock|passphrase' setsid -w valise open --out back letter.valise

begin "the agent forgets when its time is over"
unlock 1s
must valise open --out back5 letter.valise
wait_until 5 bash -c '! setsid -w valise open --force --out back6 letter.valise'
must_fail 1 'unlock|passphrase' setsid -w valise open --out back7 letter.valise

agent_pid() { pgrep -f "valise-agent.*$e2e" | head -n 1; }
begin "the agent is killed while something is being sealed"
unlock
mkfifo pipe
valise seal --out killed.valise - <pipe 2>"$e2e/killed.err" &
sealing=$!
exec 8>pipe
head -c 1000000 /dev/zero >&8
pid=$(agent_pid)
if [ -n "$pid" ]; then
	kill -9 "$pid"
	exec 8>&-
	wait $sealing
	status=$?
	[ $status -eq 1 ] || complain "exit $status: $(cat "$e2e/killed.err")"
	grep -qiE 'agent|unlock' "$e2e/killed.err" || complain "no remedy: $(cat "$e2e/killed.err")"
	must_not_exist killed.valise
	# A socket without an agent behind it is no obstacle.
	must_fail 1 'unlock|agent' setsid -w valise open --out back letter.valise
	unlock
	must valise open --out back8 letter.valise
	must valise lock
else
	exec 8>&-
	wait $sealing
	complain "no agent runs"
fi
must_hold_only . letter letter.valise pipe back1 back2 back3 back4 back5 back6 back8

begin "the recovery code gives the keys back on another machine"
[ "$(wc -w <<<"$words")" -eq 24 ] || complain "no 24 words in: $words"
(umask 077 && printf '%s\n' "$words" >"$e2e/words")
VALISE_DIR=$e2e/keys-second
must valise init --solo --recover --recovery-file "$e2e/words" --passphrase-file "$e2e/passphrase"
must valise open --passphrase-file "$e2e/passphrase" --out back9 letter.valise
must_be_same letter back9

begin "a recovery code with one word changed"
VALISE_DIR=$e2e/keys-third
changed="${words#* } ${words%% *}"
printf '%s\n' "$changed" >"$e2e/words"
must_fail 1 'word' valise init --solo --recover --recovery-file "$e2e/words" --passphrase-file "$e2e/passphrase"
must_not_exist "$e2e/keys-third/key"
VALISE_DIR=$e2e/keys

begin "typed on a terminal, without echo"
if ! command -v expect >/dev/null; then
	skip_case "expect is not installed"
elif ! expect -c 'spawn true; expect eof' >/dev/null 2>&1; then
	skip_case "there is no pseudo-terminal here"
else
	cat >type.exp <<'X'
set timeout 20
spawn valise open --out typed letter.valise
expect -re {[Pp]assphrase} { send "$env(TYPED)\r" }
expect eof
set result [wait]
exit [lindex $result 3]
X
	must env TYPED="$passphrase" expect type.exp
	must_be_same letter typed
	! grep -qF "$passphrase" <<<"$out" || complain "the passphrase is echoed"
	run env TYPED=wrong expect type.exp
	[ $status -ne 0 ] || complain "a wrong passphrase opened it"
fi

begin "the passphrase leaves the environment of the process"
mkfifo pipe2
VALISE_PASSPHRASE=$passphrase valise seal --out env.valise - <pipe2 &
sealing=$!
exec 8>pipe2
head -c 10 /dev/zero >&8
if wait_until 5 bash -c "tr '\0' '\n' </proc/$sealing/environ | grep -q ^PATH="; then
	# It is wiped before anything else is done; give a slow machine its time.
	wait_until 5 bash -c "! grep -aqF '$passphrase' /proc/$sealing/environ"
elif ! is_root; then
	skip_case "environ of a hardened process is root's to read"
fi
exec 8>&-
wait $sealing || complain "sealing failed"
end_of_tests
