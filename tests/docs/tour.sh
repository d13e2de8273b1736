#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tour.sh: the tour of docs/SOLO.md, run on a terminal of its own and compared with what the page
# says.  Words, ids, times and paths are masked on both sides; everything else must agree.
#
#   tests/docs/tour.sh              compare
#   tests/docs/tour.sh --print      say the tour as it ran
#   tests/docs/tour.sh --write      put it into docs/SOLO.md, after a look at what changed
#
# A tour is the indented blocks between "<!-- tour -->" and "<!-- end of tour -->": a line with
# "$ " is a command, what follows it is what the terminal showed.  All commands run in one shell,
# in an empty directory; expect(1) types the passphrase and the recovery code.
# README and TOUR_TREE may be set, by the test of this test.
. "$(dirname "$0")/../../tools/lib.sh"
page=${README:-$TOP/docs/SOLO.md}
tree=${TOUR_TREE:-$BUILD/release}
name="the tour of one person prints what docs/SOLO.md says"
if ! expect -c 'spawn true; expect eof' >/dev/null 2>&1; then
	skip "$name" "expect is not installed, or there is no pseudo-terminal here"
	exit 0
fi
if ! [ -x "$tree/src/valise/valise" ]; then
	fail "$name: no program in $tree"
	suite_end
fi
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir -m 700 "$place/run" "$place/ana" "$place/desk"

# The blocks, without their indent.
sed -n '/^<!-- tour -->/,/^<!-- end of tour -->/{s/^    //p}' "$page" >"$place/wanted"
if ! grep -q '^\$ ' "$place/wanted"; then
	fail "$page has no tour"
	suite_end
fi

# One script of all commands.  $? is that of the command before, as on a terminal.
{
	echo 'status=0'
	sed -n 's/^\$ //p' "$place/wanted" | while IFS= read -r command; do
		printf 'printf "%%s\\n" %q\n(exit $status)\n%s\nstatus=$?\n' "\$ $command" "$command"
	done
} >"$place/session"
cat >"$place/type.exp" <<'X'
set timeout 60
set stty_init "cols 100 rows 50"
log_user 0
log_file -a -noappend $env(PLACE)/shown
set seen ""
spawn -noecho bash $env(PLACE)/session
expect {
	-re {(?:New passphrase|Once more|Passphrase): $} {
		append seen $expect_out(buffer)
		send "a passphrase of some length\r"
		exp_continue
	}
	-re {Recovery code \(24 words\): $} {
		set words {}
		foreach {all word} [regexp -all -inline {\m\d{1,2} ([a-z]+)} $seen] { lappend words $word }
		send "[join [lrange $words 0 23]]\r"
		exp_continue
	}
	timeout { send_error "a command waits for something\n"; exit 1 }
	eof
}
X
if ! (cd "$place/desk" && env -u VALISE_PASSPHRASE -u VALISE_DIR -u XDG_DATA_HOME -u NO_COLOR \
	PLACE="$place" HOME="$place/ana" XDG_RUNTIME_DIR="$place/run" LC_ALL=C.UTF-8 TERM=dumb \
	PATH="$tree/src/valise:$tree/src/valise-agent:$PATH" expect "$place/type.exp" >"$place/said" 2>&1); then
	cat "$place/said"
	fail "$name"
fi
sed -i 's/\r//g; s/[[:space:]]*$//' "$place/shown"
sed "s|$place/ana|/home/ana|g; /^spawn /d" "$place/shown" >"$place/ran"
case ${1:-} in
--print)
	cat "$place/ran"
	exit
	;;
--write)
	# Under each command of the page what it printed; the prose between stays.
	awk -v page="$page" '
		FNR == NR && FILENAME != page { ran[++count] = $0; next }
		/^<!-- tour -->/ { on = 1; at = 1 }
		/^<!-- end of tour -->/ { on = 0 }
		on && /^    \$ / {
			if (gap) { print ""; gap = 0 }
			while (at <= count && ran[at] != substr($0, 5)) at++
			print; at++; below = 1
			# Up to the next line that is a command of the page.
			while (at <= count && ran[at] !~ /^\$ /) { print ran[at] == "" ? "" : "    " ran[at]; at++ }
			next
		}
		on && below && (/^    / || /^$/) { gap = /^$/; next }
		{ if (gap) print ""; gap = below = 0; print }
	' "$place/ran" "$page" >"$place/page" && cat "$place/page" >"$page"
	exit
	;;
esac

mask() {
	sed -E '
		s/[[:space:]]*$//; /^$/d
		s/(Your words:|Signer  )( +[a-z]+){12}$/\1 WORDS/
		s/^( +[0-9]+ [a-z]+ *)+$/NUMBERED WORDS/
		s/\b[0-9a-f]{32,64}\b/HEX/g
		s/\b[0-9]{6}Z [A-Z]{3} [0-9]{2}\b/DTG/g
		s/\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z/TIME/g
		s/ in [0-9.]+ m?s\b/ in SPAN/g' "$1"
}
mask "$place/wanted" >"$place/wanted.masked"
mask "$place/ran" >"$place/ran.masked"
diff -u --label docs/SOLO.md --label "as it ran" "$place/wanted.masked" "$place/ran.masked" >"$place/diff"
clean "$name" "$place/diff"
suite_end
