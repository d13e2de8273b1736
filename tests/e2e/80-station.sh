#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One station as a program: its configuration, its start and end, and what happens when a
# process of it is killed.
. "$(dirname "$0")/lib.sh"
export PATH="$TREE_UNDER_TEST/src/valised:$PATH"
dir=$e2e/keys
(umask 077 && printf '%s\n' "$passphrase" >"$e2e/passphrase")

# start: $main is its process; its log $e2e/log, what it prints $e2e/out1.
start() {
	: >"$e2e/log"
	valised --dir "$dir" >"$e2e/out1" 2>"$e2e/log" &
	main=$!
	at_end+=("kill $main")
	wait_until 10 serves || complain "$(tail -n 3 "$e2e/log")"
}
serves() { grep -q '^valised: PT serves 127.0.0.1:' "$e2e/out1"; }
# ended: its exit status into $status.
ended() {
	wait "$main"
	status=$?
}
stop() {
	kill "$main"
	ended
	[ $status -eq 0 ] || complain "exit $status after SIGTERM: $(tail -n 3 "$e2e/log")"
}
# The newest process of a role, as the log says.
role() { sed -n "s/.*role-started role=$1 pid=//p" "$e2e/log" | tail -n 1; }
answers() { valise status --dir "$dir" --json | jq -e '.running and .locked_in'; }
told() { grep -qE -- "$1" "$e2e/log"; }
# configure LINE...: the three lines that must be there, and these.
configure() {
	printf '%s\n' 'member PT' 'listen 127.0.0.1:0' 'url https://127.0.0.1:7443' "$@" >"$dir/valise.conf"
}

begin "a station is made, and its configuration understood"
must valise init PT --domain pt.example --url https://127.0.0.1:7443 --listen 127.0.0.1:0 \
	--passphrase-file "$e2e/passphrase"
[ "$(stat -c %a "$dir/key" "$dir/valise.conf" | sort -u)" = 600 ] || complain "$(ls -l "$dir")"
must valised -n --dir "$dir"
must_say '^member PT$'
must_say '^unlock passphrase$'

begin "every kind of wrong line is told with its number"
while IFS='|' read -r line wanted; do
	configure "$line"
	must_fail 2 "valise.conf:4: .*$wanted" valised -n --dir "$dir"
	[ -z "$out" ] || complain "it printed: $out"
done <<-'LINES'
	colour red|no key 'colour'; known are member, listen
	member FR|twice
	retry-max|needs a value
	retry-max 10|cannot be '10'
	retry-max 2d|1s to 1d
	due-flash 5 minutes|such as 30min
	unlock|passphrase
	unlock me|file PATH
	unlock command tool|command /PATH
	notify bell|absolute path
	sandbox maybe|.off.
LINES
printf 'member PT\n' >"$dir/valise.conf"
must_fail 2 "'listen' is missing" valised -n --dir "$dir"
printf 'member PT\r\n' >"$dir/valise.conf"
must_fail 2 'valise.conf:1: .*no text' valised -n --dir "$dir"
must_fail 2 'cannot read .*nowhere' valised -n --dir "$dir" --config "$dir/nowhere"
must_fail 2 'there is no directory' valised --dir "$e2e/nowhere"
must_fail 2 "what is 'now'" valised now
must_fail 2 '' valised --loud

begin "nothing runs: status says so, and what to do"
configure "unlock file $e2e/passphrase"
must_fail 75 'does not run.*valised --dir' valise status --dir "$dir"
must_fail 1 '' valise doctor --dir "$dir"
must_say 'BAD +station .*does not answer'
must_say 'good +key-file'

begin "it starts with three locked-in processes, says how it does, and stops"
start
wait_until 5 answers
must valise status --dir "$dir"
must_say 'the three roles are locked in'
must_say '! keys +unlocked from a file: a stolen disk is a stolen station'
must_say 'not yet witnessed'
for name in front store custody; do
	grep -q '^Seccomp:.2$' "/proc/$(role $name)/status" || complain "$name is not locked in"
	grep -q '^NoNewPrivs:.1$' "/proc/$(role $name)/status" || complain "$name may gain rights"
done
must_fail 1 '' valise doctor --dir "$dir"
must_say 'BAD +unlock'
must_say 'good +locks'
must_say 'BAD +roster'
must_fail 1 'already runs in this directory' valised --dir "$dir"
stop
must_hold_only "$dir/run"
[ -z "$(pgrep -P $$ valised)" ] || complain "something still runs"

begin "killed with -9, each role is back within 3 seconds"
start
for name in front store custody front; do
	wait_until 5 answers
	old=$(role $name)
	# It counts as steady after two seconds.
	wait_until 5 test "$(ps -o etimes= -p "$old" | tr -d ' ')" -ge 0
	read -r -t 2.2 <>"$e2e/never" || true
	before=${EPOCHREALTIME/[.,]/}
	kill -9 "$old"
	wait_until 5 told "role-ended role=$name signal=9"
	gone() { [ "$(role $name)" != "$old" ]; }
	wait_until 5 gone
	wait_until 5 answers
	took=$(((${EPOCHREALTIME/[.,]/} - before) / 1000))
	[ $took -le 3000 ] || complain "$name: $took ms"
	[ "$(grep -c "role-ended role=$name signal=9" "$e2e/log")" -ge 1 ] || complain "no line for $name"
	! told 'role-ended role=[a-z]* status' || complain "$(grep role-ended "$e2e/log")"
done
stop

begin "the parent killed with -9 takes the roles with it, and nothing is in the way of the next"
start
wait_until 5 answers
roles="$(role front) $(role store) $(role custody)"
kill -9 "$main"
ended 2>/dev/null
for pid in $roles; do
	wait_until 5 test ! -e "/proc/$pid"
done
must_exist "$dir/run/admin"
start
wait_until 5 answers
stop

begin "a typed passphrase is not asked for again: the station ends, and says what to do"
configure
export VALISE_PASSPHRASE=$passphrase
start
unset VALISE_PASSPHRASE
wait_until 5 answers
! grep -qaF "$passphrase" "/proc/$(role store)/environ" || complain "store knows the passphrase"
kill -9 "$(role store)"
ended
[ $status -eq 1 ] || complain "exit $status"
told 'typed and is gone: start it again' || complain "$(tail -n 3 "$e2e/log")"

begin "what would fail again is not tried again"
export VALISE_PASSPHRASE=wrong
must_fail 1 'wrong passphrase' timeout 20 valised --dir "$dir"
export VALISE_PASSPHRASE=$passphrase
sed -i 's/^member PT/member FR/' "$dir/valise.conf"
must_fail 1 'member=FR why=.the key file is of another member' timeout 20 valised --dir "$dir"
unset VALISE_PASSPHRASE
configure "unlock file $e2e/nowhere"
must_fail 1 'no key file, or no unlock file' timeout 20 valised --dir "$dir"
chmod 644 "$e2e/passphrase"
configure "unlock file $e2e/passphrase"
must_fail 1 'unlock file is not this user.s alone' timeout 20 valised --dir "$dir"
configure
must_fail 1 'no terminal to ask at' setsid -w timeout 20 valised --dir "$dir"
chmod 600 "$e2e/passphrase"

begin "a port that is taken, an address that is not ours"
configure "unlock file $e2e/passphrase"
start
wait_until 5 answers
taken=$(sed -n 's/.*serves 127.0.0.1://p' "$e2e/out1")
mkdir -m 700 "$e2e/keys-other"
cp -a "$dir/key" "$dir/valise.conf" "$e2e/keys-other/"
sed -i "s/^listen.*/listen 127.0.0.1:$taken/" "$e2e/keys-other/valise.conf"
must_fail 1 'another program has the port' timeout 20 valised --dir "$e2e/keys-other"
sed -i 's/^listen.*/listen 192.0.2.1:7443/' "$e2e/keys-other/valise.conf"
must_fail 1 'change .listen.' timeout 20 valised --dir "$e2e/keys-other"
stop

begin "a second copy of keys is kept elsewhere; where it cannot be, the station serves all the same"
configure "unlock file $e2e/passphrase" 'second-holder ../second'
start
wait_until 5 answers
must valise status --dir "$dir" --json
[ "$(jq .second_holder <<<"$out")" = true ] || complain "$out"
must_exist "$e2e/second"
stop
configure "unlock file $e2e/passphrase" 'second-holder /dev/null/second'
start
wait_until 5 answers
told 'warning second-holder state=missing' || complain "$(tail -n 5 "$e2e/log")"
stop

begin "the locks can be left off, and every status says so"
configure "unlock command /bin/cat $e2e/passphrase" 'sandbox off'
start
unlocked() { valise status --dir "$dir" --json | jq -e '.running'; }
wait_until 5 unlocked
must valise status --dir "$dir"
must_say '! locks +off'
must_say 'unlocked by a program'
told 'sandbox=off' || complain "the log does not say so"
stop

end_of_tests
