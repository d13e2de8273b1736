#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The agent from outside: start, use, wrong user, death, expiry, what it may do, what it leaks.
# usage: agent.sh KEYS_TOOL VALISE_AGENT
set -u
tool=$1
agent_dir=$(cd "$(dirname "$2")" && pwd)
PATH=$agent_dir:$PATH
VALISE_PASSPHRASE='canary-passphrase-of-the-test'
export PATH VALISE_PASSPHRASE
base=$(mktemp -d)
chmod 755 "$base"
XDG_RUNTIME_DIR=$base/run
export XDG_RUNTIME_DIR
mkdir -m 700 "$XDG_RUNTIME_DIR"
dir=$base/keys
passed=0 failed=0 skipped=0

ok() { passed=$((passed + 1)); echo "ok   $1"; }
bad() { failed=$((failed + 1)); echo "FAIL $1"; }
skip() { skipped=$((skipped + 1)); echo "SKIP $1"; }

# The status of a command is what it must be.
expect() {
	want=$1 what=$2
	shift 2
	"$@" >"$base/out" 2>"$base/err"
	got=$?
	if [ "$got" -eq "$want" ]; then ok "$what"; else bad "$what: $got, not $want: $(cat "$base/err")"; fi
}

agent_pid() {
	for proc in /proc/[0-9]*; do
		if cat "$proc/cmdline" 2>/dev/null | tr "\0" " " | grep -q "valise-agent $dir/key "; then
			echo "${proc#/proc/}"
			return
		fi
	done
}

finish() {
	pid=$(agent_pid)
	[ -n "$pid" ] && kill -9 "$pid"
	rm -rf "$base"
}
trap finish EXIT

expect 0 'a key directory is made' "$tool" "$dir" make
expect 14 'a second one in the same place is refused' "$tool" "$dir" make
expect 22 'no agent: the key is locked' "$tool" "$dir" sign 1
VALISE_PASSPHRASE=wrong expect 12 'a wrong passphrase starts nothing' "$tool" "$dir" unlock 60
expect 22 'the dead socket of that is no agent' "$tool" "$dir" sign 1
expect 0 'unlock' "$tool" "$dir" unlock 60
expect 0 'sign and unwrap through the agent' "$tool" "$dir" sign 100
expect 0 'the same keys in this process' "$tool" "$dir" local 100
expect 14 'a second agent is refused' "$tool" "$dir" unlock 60
expect 0 'and the first one goes on' "$tool" "$dir" sign 1

pid=$(agent_pid)
socket=$("$tool" "$dir" path)
[ "$(stat -c %a "$socket")" = 600 ] && ok 'the socket is 0600' || bad 'mode of the socket'
if [ "$(grep -c '^Seccomp:.*2$' "/proc/$pid/status")" = 1 ] &&
	[ "$(grep -c '^NoNewPrivs:.*1$' "/proc/$pid/status")" = 1 ]; then
	ok 'the agent runs under seccomp, without new privileges'
else
	bad 'the agent is not locked in'
fi
case $(tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null; tr '\0' ' ' <"/proc/$pid/cmdline") in
*canary-passphrase*) bad 'the passphrase is in environment or arguments of the agent' ;;
*) ok 'no passphrase in environment and arguments of the agent' ;;
esac

# Garbage ends that connection and no other.  (Frames are a length and that many bytes.)
if command -v python3 >/dev/null; then
	python3 - "$socket" <<'PY' && ok 'garbage ends one connection only' || bad 'garbage'
import os, socket, struct, sys
def connect():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(5)
    s.connect(sys.argv[1])
    return s
hello = struct.pack('>IBH', 3, 1, 2)
good = connect()
good.sendall(hello)
assert good.recv(99) == struct.pack('>IBHB', 4, 129, 2, 1)
for junk in (struct.pack('>I', 0), struct.pack('>I', 1 << 31), struct.pack('>IB', 1, 99),
             struct.pack('>IB', 1, 2), hello + hello, hello + struct.pack('>IB', 1, 3),
             hello + struct.pack('>IBB', 2, 6, 0)):
    s = connect()
    s.sendall(junk)
    left = b''
    while True:
        try:
            got = s.recv(999)
        except ConnectionResetError:
            break
        if not got:
            break
        left += got
    assert left in (b'', struct.pack('>IBHB', 4, 129, 2, 1)), left
# A byte at a time, and 100 connections that come and go.
for b in struct.pack('>IB', 1, 5):
    good.sendall(bytes([b]))
assert len(good.recv(99)) == 13
for i in range(100):
    connect().close()
good.sendall(struct.pack('>IB', 1, 5))
assert len(good.recv(99)) == 13
PY
else
	skip 'garbage (no python3)'
fi

if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	chmod 755 "$XDG_RUNTIME_DIR" "$XDG_RUNTIME_DIR/valise" "$dir"
	chmod 666 "$socket"
	python3 - "$socket" <<'PY' && ok 'another user is not answered' || bad 'another user'
import os, socket, struct, sys
os.setgid(65534)
os.setuid(65534)
s = socket.socket(socket.AF_UNIX)
s.settimeout(5)
s.connect(sys.argv[1])
try:
    s.sendall(struct.pack('>IBH', 3, 1, 2))
    got = s.recv(99)
except (ConnectionResetError, BrokenPipeError):
    got = b''
sys.exit(got != b'')
PY
	expect 26 'a client refuses a directory that others may enter' "$tool" "$dir" sign 1
	chmod 700 "$XDG_RUNTIME_DIR/valise"
	chmod 600 "$socket"
	expect 0 'and takes it again when it is private' "$tool" "$dir" sign 1
else
	skip 'another user (not root)'
fi

# The client's memory after use: no key, no passphrase.  The planted hole: the agent's memory,
# where the signing seed must be found, so that the search itself is known to work.
# A sanitizer keeps a copy of the environment for itself: that is not the program's doing.
if command -v python3 >/dev/null && [ "$(id -u)" = 0 ] && ! grep -aq __asan_init "$tool"; then
	"$tool" "$dir" hold 10 >"$base/held" &
	client=$!
	tries=0
	while ! grep -q ready "$base/held" && [ $tries -lt 100 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
	cat >"$base/search.py" <<'PY'
import hashlib, hmac, re, sys
def expand(prk, info):
    return hmac.new(prk, info + b'\x01', hashlib.sha256).digest()
prk = hmac.new(b'valise/v1', b'canary-of-the-recovery-secret-00', hashlib.sha256).digest()
needles = {'signing seed': expand(prk, b'valise/v1 solo sign\x00\x01'),
           'custody seed': expand(prk, b'valise/v1 solo custody\x00\x01'),
           'wrapped key': hashlib.sha256(b'canary of the wrapped key').digest(),
           'passphrase': b'canary-passphrase-of-the-test'}
pid, found = sys.argv[1], []
with open(f'/proc/{pid}/maps') as maps, open(f'/proc/{pid}/mem', 'rb') as mem:
    for line in maps:
        low, high, mode = re.match(r'(\w+)-(\w+) (\S+)', line).groups()
        if 'r' not in mode or '[v' in line:
            continue
        mem.seek(int(low, 16))
        try:
            data = mem.read(int(high, 16) - int(low, 16))
        except (OSError, MemoryError, OverflowError):  # the map of a sanitizer is no memory
            continue
        found += [name for name, needle in needles.items() if needle in data]
print(*sorted(set(found)), sep=', ')
PY
	got=$(python3 "$base/search.py" "$client")
	[ -z "$got" ] && ok 'nothing of the keys in a client' || bad "in the client's memory: $got"
	kill "$client"
	wait "$client" 2>/dev/null
	got=$(python3 "$base/search.py" "$pid")
	case $got in
	*passphrase*) bad "the agent kept the passphrase" ;;
	*'signing seed'*) ok 'the search finds the seed where it must be, in the agent' ;;
	*) bad "the search finds nothing, not even in the agent: '$got'" ;;
	esac
	"$tool" "$dir" local 10 >/dev/null
else
	skip 'memory (not root, or no python3, or a sanitizer)'
fi

expect 0 'lock' "$tool" "$dir" lock
[ -z "$(agent_pid)" ] && ok 'the agent has gone' || bad 'the agent is still there'
[ -e "$socket" ] && bad 'the socket is left' || ok 'the socket is removed'
expect 22 'lock again: nothing to lock' "$tool" "$dir" lock

expect 0 'unlock for two seconds' "$tool" "$dir" unlock 2
expect 0 'in time' "$tool" "$dir" sign 1
sleep 2.5
expect 22 'out of time: locked' "$tool" "$dir" sign 1

expect 0 'unlock' "$tool" "$dir" unlock 60
"$tool" "$dir" sign 1000000 >/dev/null 2>"$base/err" &
client=$!
sleep 0.3
kill -9 "$(agent_pid)"
wait "$client"
got=$?
[ "$got" = 21 ] && ok 'agent killed: the client hears it at once' || bad "agent killed: $got"
expect 22 'and the key is locked' "$tool" "$dir" sign 1
expect 0 'a dead socket is no hindrance' "$tool" "$dir" unlock 60
kill -TERM "$(agent_pid)"
sleep 0.2
[ -z "$(agent_pid)" ] && ok 'SIGTERM ends it' || bad 'SIGTERM'

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
