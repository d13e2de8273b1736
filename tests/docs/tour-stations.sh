#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tour-stations.sh: the tour of two organisations in README.md, run over two stations, each person
# on a terminal and with keys of the own, and compared with what README.md says.
#
#   tests/docs/tour-stations.sh            compare
#   tests/docs/tour-stations.sh --print    say the tour as it ran
#   tests/docs/tour-stations.sh --write    put it into README.md, after a look at what changed
#
# The tour is the indented blocks between "<!-- tour of two -->" and "<!-- end of tour -->".  A line
# "r@pt$ valise ..." is what Rita of PT types, what follows is what she saw.  Lines in a comment
# "<!-- not shown" run as well.  Everybody works in one folder, which stands for the mail; words are
# "read on the telephone": whoever is asked for three of twelve gets them from the other's screen.
# pt.example:7443 and cy.example:7443 are ports of this machine.
# README and TOUR_TREE may be set, by the test of this test.
. "$(dirname "$0")/../../tools/lib.sh"
page=${README:-$TOP/README.md}
tree=${TOUR_TREE:-$BUILD/release}
name="README's tour of two organisations prints what README says"
if ! expect -c 'spawn true; expect eof' >/dev/null 2>&1; then
	skip "$name" "expect is not installed, or there is no pseudo-terminal here"
	exit 0
fi
if ! [ -x "$tree/src/valised/valised" ]; then
	fail "$name: no program in $tree"
	suite_end
fi
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir -m 700 "$place/run" "$place/mail"
sed -n '/^<!-- tour of two -->/,/^<!-- end of tour -->/p' "$page" >"$place/page"
grep -E '^(    )?[a-z]@[a-z]+\$ ' "$place/page" | sed 's/^    /shown /; t; s/^/hidden /' >"$place/commands"
if ! [ -s "$place/commands" ]; then
	fail "$page has no tour of two"
	suite_end
fi

cat >"$place/tour.exp" <<'X'
set timeout 60
set stty_init "cols 100 rows 50"
log_user 0
set ports [list pt.example:7443 127.0.0.1:$env(PORT_PT) cy.example:7443 127.0.0.1:$env(PORT_CY)]
set back [list 127.0.0.1:$env(PORT_PT) pt.example:7443 127.0.0.1:$env(PORT_CY) cy.example:7443 \
	0.0.0.0:$env(PORT_PT) 0.0.0.0:7443 0.0.0.0:$env(PORT_CY) 0.0.0.0:7443]
array set words {}
set out [open $env(PLACE)/ran w]

# What the screen showed, as lines, without what was typed.
proc show {kind who command text} {
	global out back
	if {$kind ne "shown"} return
	puts $out "$who\$ $command"
	regsub -all {\r} [string map $back $text] {} text
	regsub -all {\x1b\[[0-9;?]*[a-zA-Z]} $text {} text
	foreach line [split $text "\n"] {
		set line [string trimright $line]
		if {$line ne ""} { puts $out $line }
	}
}

# Words that somebody can read aloud from this screen, by whose they are.
proc listen {command text} {
	global words
	if {[regexp {Your words: ([a-z ]+)} $text all twelve] && [regexp {\-\-as ([a-z.]+)} $command all whose]} {
		set words($whose) [string trim $twelve]
	}
	foreach {all whose twelve} [regexp -all -inline {([A-Za-z]+), serial \d+[^\n]*  Its words: ([a-z ]+)} $text] {
		# Whoever sends a roster reads its words.
		set words(sender) [string trim $twelve]
	}
	if {[regexp {([A-Z]+) founded [^\n]*  Its words: ([a-z ]+)} $text all whose twelve]} {
		set words($whose) [string trim $twelve]
	}
	if {[regexp {read its words[^\n]*\n([a-z ]+)} $text all twelve] && [regexp {VALISE_DIR=\S+@(\S+)} $command all whose]} {
		set words([string toupper $whose]) [string trim $twelve]
	}
}

proc three {whose numbers} {
	global words
	if {![info exists words($whose)]} { send_error "nobody has read the words of $whose\n"; exit 1 }
	set said {}
	foreach n $numbers { lappend said [lindex $words($whose) [expr {$n - 1}]] }
	return [join $said]
}

proc run {kind who command} {
	global ports env spawn_id
	set text ""
	set line [string map $ports $command]
	spawn -noecho env VALISE_DIR=$env(PLACE)/$who sh -c $line
	expect {
		-re {^.*(?:New passphrase|Once more|Passphrase[^\n:]*): $} {
			append text $expect_out(buffer)
			send "a passphrase of some length\r"
			exp_continue
		}
		-re {^.*?([A-Za-z.]+) reads 12 words on the telephone\.  Words (\d+), (\d+) and (\d+) \(not shown\): $} {
			append text $expect_out(buffer)
			set numbers [list $expect_out(2,string) $expect_out(3,string) $expect_out(4,string)]
			send "[three $expect_out(1,string) $numbers]\r"
			exp_continue
		}
		-re {^.*valised: [A-Z]+ serves [^\n]*\n} {
			# It goes on; its terminal stays open.
			append text $expect_out(buffer)
			show $kind $who $command $text
			return
		}
		-re {^.*\(q\)[^\n]*$} {
			append text $expect_out(buffer)
			send "q"
			exp_continue
		}
		timeout { send_error "$who: $command waits for something: $text\n"; exit 1 }
		eof { append text $expect_out(buffer) }
	}
	wait
	listen "VALISE_DIR=$env(PLACE)/$who $command" $text
	show $kind $who $command $text
}

set list [open $env(PLACE)/commands]
while {[gets $list line] >= 0} {
	regexp {^(\S+) (\S+)\$ (.*)$} $line all kind who command
	run $kind $who $command
}
close $out
X
port() {
	local p
	while p=$((20000 + RANDOM % 12000)); do
		(: <>"/dev/tcp/127.0.0.1/$p") 2>/dev/null || break
	done
	echo "$p"
}
PORT_PT=$(port) PORT_CY=$(port)
(cd "$place/mail" && env -u VALISE_PASSPHRASE -u XDG_DATA_HOME -u NO_COLOR \
	PLACE="$place" PORT_PT="$PORT_PT" PORT_CY="$PORT_CY" HOME="$place" XDG_RUNTIME_DIR="$place/run" \
	LC_ALL=C.UTF-8 TERM=dumb \
	PATH="$tree/src/valise:$tree/src/valised:$tree/src/valise-agent:$PATH" \
	expect "$place/tour.exp" >"$place/said" 2>&1) || {
	cat "$place/said"
	fail "$name"
}
for who in "$place"/*@*/; do
	VALISE_DIR=$who XDG_RUNTIME_DIR=$place/run "$tree/src/valise/valise" lock >/dev/null 2>&1
done
touch "$place/ran"
sed -i "s|$place/|/home/|g" "$place/ran"
case ${1:-} in
--print)
	cat "$place/ran"
	exit
	;;
--write)
	# Under each command of the page what it printed; the prose between stays.
	awk -v page="$page" '
		FNR == NR && FILENAME != page { ran[++count] = $0; next }
		/^<!-- tour of two -->/ { on = 1; at = 1 }
		/^<!-- end of tour -->/ { on = 0 }
		on && /^    [a-z]@[a-z]+\$ / {
			if (gap) { print ""; gap = 0 }
			while (at <= count && ran[at] != substr($0, 5)) at++
			print; at++; below = 1
			while (at <= count && ran[at] !~ /^[a-z]@[a-z]+\$ /) { print "    " ran[at]; at++ }
			next
		}
		on && below && (/^    / || /^$/) { gap = /^$/; next }
		{ if (gap) print ""; gap = below = 0; print }
	' "$place/ran" "$page" >"$place/new" && cat "$place/new" >"$page"
	exit
	;;
esac

mask() {
	sed -E '
		s/[[:space:]]*$//; /^$/d
		s/([Ww]ords:|[Ww]ords of serial [0-9]+:|words are:)( +[a-z]+){12}$/\1 WORDS/
		s/^( *)([a-z]+ ){11}[a-z]+$/\1WORDS/
		s/Words [0-9]+, [0-9]+ and [0-9]+ /Words N, N and N /
		s/\b[0-9a-f]{32,64}\b/HEX/g
		s/\b[0-9]{6}Z [A-Z]{3} [0-9]{2}\b/DTG/g
		s/\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z/TIME/g
		s/[A-Z]{2}\/20[0-9]{2}\//PT\/YEAR\//g
		s/[0-9]+ h( [0-9]+ min)? left/LEFT/
		s/\b[0-9.]+ m?s\b/SPAN/g' "$1"
}
sed -n 's/^    //p' "$place/page" | mask /dev/stdin >"$place/wanted.masked"
mask "$place/ran" >"$place/ran.masked"
diff -u --label README.md --label "as it ran" "$place/wanted.masked" "$place/ran.masked" >"$place/diff"
clean "$name" "$place/diff"
suite_end
