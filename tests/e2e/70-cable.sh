#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Cables: written in an editor, checked, sealed and written again.
. "$(dirname "$0")/lib.sh"

begin "fixtures"
new_home
unlock
mkdir -p folder/maps
printf 'port\n' >folder/maps/port.pdf
: >folder/empty.txt
printf 'To: PT/defence-policy,\r\n   FR/ana.silva\r\ninfo: CY/duty\r\nlabel: secret rel to pt, fr\r\n' >folder/letter.cable
printf 'prec: O/R\r\nsubject: Readiness in winter\r\nTitle: Northern port\r\nSIC: ABC,D1E\r\n' >>folder/letter.cable
printf 'Reply-by: 2030-01-02T03:04:00Z\r\nExpires: 2031-01-01T00:00:00Z\r\nControl: orcon\r\n' >>folder/letter.cable
printf 'Type: exercise : GREY HERON\r\nRefers-to: id:000102030405060708090a0b0c0d0e0f our last\r\n' >>folder/letter.cable
printf 'Attach: maps/port.pdf\r\nAttach: empty.txt\r\n\r\nFirst line.\r\n\r\n\tSecond, no end' >>folder/letter.cable
cat >canonical <<'EOF'
To: PT/defence-policy, FR/ana.silva
Info: CY/duty
Prec: IMMEDIATE/ROUTINE
Label: CONCORD:SECRET REL TO FR, PT
Title: Northern port
Subject: Readiness in winter
SIC: ABC, D1E
Refers-to: id:000102030405060708090a0b0c0d0e0f our last
Reply-by: 020304Z JAN 30
Expires: 010000Z JAN 31
Control: ORCON
Type: exercise: GREY HERON
Attach: port.pdf
Attach: empty.txt

First line.

	Second, no end
EOF
sed '1,/^$/d' canonical >text
must_exist canonical

begin "check says what can be said without a station"
must valise check folder/letter.cable
for words in 'CONCORD SECRET REL TO FR, PT' '2 action, 1 info' 'IMMEDIATE, info ROUTINE' '30 min left' 'port.pdf  5 B'; do
	must_say "$words"
done
must valise check --json folder/letter.cable
jq -e '.good and .action == 2 and .label == "CONCORD:SECRET REL TO FR, PT" and (.attachments | length == 2)
	and .attachments[0].problem == null and .warnings == []' >/dev/null <<<"$out" || complain "$out"
must bash -c 'valise check - <canonical; test $? = 1'

begin "check tells programs where the fault is"
printf 'To: PT/a\nLabel: SECRET\nPrec: URGENT\n' >fault.cable
must_fail 1 'line 3: Prec' valise check --json fault.cable
jq -e '.good == false and .fault.line == 3 and .fault.header == "Prec" and .fault.value == "URGENT"
	and (.fault.remedy | test("FLASH"))' >/dev/null <<<"$out" || complain "$out"

begin "sealed from headers, opened as text, as a cable, with attachments"
must valise seal --cable --out letter.valise folder/letter.cable
must valise open --out text.again letter.valise
must_be_same text text.again
mkdir attachments
must valise open --cable --attachments attachments --out canonical.again letter.valise
must_be_same canonical canonical.again
must_be_same folder/maps/port.pdf attachments/port.pdf
must_be_same folder/empty.txt attachments/empty.txt
# What was written again seals and opens to the same.
cp canonical.again attachments/again.cable
must valise seal --cable --out again.valise attachments/again.cable
must valise open --cable --out canonical.third again.valise
must_be_same canonical canonical.third

begin "the envelope says what the headers said, and not the subject"
must valise inspect letter.valise
for words in FR/ana.silva CY/duty 'Northern port' GREY 'info ROUTINE' 'JAN 30' 'JAN 31' 'consent' 'D1E' \
	'Refers to +000102030405060708090a0b0c0d0e0f our last'; do
	must_say "$words"
done
must valise inspect --json letter.valise
jq -e '.addressing.references == [{document_id: "000102030405060708090a0b0c0d0e0f", text: "our last"}]' \
	>/dev/null <<<"$out" || complain "$out"
! grep -aq 'Readiness' letter.valise || complain "the subject stands in the envelope"

begin "from a pipe, small and large, and empty"
must bash -c 'printf "To: PT/a\nLabel: tlp:green\n" | valise seal --cable --out empty.valise -'
must valise open --out nothing empty.valise
[ -f nothing ] && [ ! -s nothing ] || complain "no text did not come back as none"
for lines in 1300 1450 20000; do
	(printf 'To: PT/a\nPrec: ROUTINE\nLabel: TLP:GREEN\n\n' && yes 'a line of text that is fifty bytes long, it seems.' | head -n $lines) >big
	must bash -c 'valise seal --force --cable --out big.valise - <big'
	must valise open --force --cable --out big.again big.valise
	must_be_same big big.again
done

begin "options that would answer twice are refused, and files are not cables"
for option in '--to PT/a' '--label SECRET' '--subject x' '--attach canonical' '--prec FLASH'; do
	# shellcheck disable=SC2086
	must_fail 2 "${option%% *} with --cable" valise seal --cable $option --out x folder/letter.cable
done
must valise seal --out file.valise text
must_fail 2 'holds a file.*without --cable' valise open --cable --out x file.valise
must_not_exist x

begin "an attached envelope may not be above the cable"
must valise seal --label 'SECRET LANTERN' --out lantern.valise text
printf 'To: PT/a\nLabel: SECRET\nAttach: lantern.valise\n\ntext\n' >above.cable
must_fail 4 'lantern.valise.*SECRET LANTERN.*raise' valise check above.cable
must_fail 4 'lantern.valise.*SECRET LANTERN.*raise' valise seal --cable --out x above.cable
must_not_exist x
sed -i 's/Label: SECRET/Label: TOP SECRET LANTERN/' above.cable
must valise check above.cable
must valise seal --cable --out x above.cable

begin "notes are no faults"
printf 'To: PT/a\nLabel: SECRET\nExpires: 010000Z JAN 20\n' >notes.cable
must valise check notes.cable
for words in 'no subject' 'no text' 'expired'; do must_say "$words"; done

# An editor for tests: replaces the draft by $NEXT, or on its second call by $NEXT.2.
mkdir bin
cat >bin/pen <<'EOF'
#!/bin/sh
for draft; do :; done
stat -c %a "$draft" >"$SEEN" && stat -c %a "$(dirname "$draft")" >>"$SEEN" && echo "$draft" >>"$SEEN"
cp "$draft" "$SEEN.before"
cp "$draft" "$draft~"
if [ -e "$SEEN.called" ] && [ -e "$NEXT.2" ]; then cat "$NEXT.2" >"$draft"; else cat "$NEXT" >"$draft"; fi
: >"$SEEN.called"
EOF
chmod +x bin/pen
export PATH="$PWD/bin:$PATH" SEEN=$e2e/seen NEXT=$e2e/next
unset VISUAL
nothing_left() {
	[ -z "$(find "$XDG_RUNTIME_DIR" -name '*draft*')" ] || complain "left: $(find "$XDG_RUNTIME_DIR" -name '*draft*')"
}

begin "draft: a template with what is known, saved in its one form"
cp folder/letter.cable "$NEXT"
must env EDITOR='pen --wait' valise draft --to PT/a --to FR/b --label SECRET --subject 'A b' --attach x --attach y --out d.cable
for line in 'To: PT/a, FR/b' 'Info: ' 'Prec: ROUTINE' 'Label: SECRET' 'Subject: A b' 'Attach: x' 'Attach: y'; do
	grep -qx -- "$line" "$SEEN.before" || complain "no '$line' in: $(cat "$SEEN.before")"
done
sed 's,Attach: port.pdf,Attach: maps/port.pdf,' canonical >wanted
must_be_same wanted d.cable
[ "$(stat -c %a d.cable)" = 600 ] || complain "the draft is open to others"
[ "$(head -n 2 "$SEEN" | tr '\n' ' ')" = '600 700 ' ] || complain "not private while edited: $(cat "$SEEN")"
case $(tail -n 1 "$SEEN") in "$XDG_RUNTIME_DIR"/*) ;; *) complain "not in the runtime directory" ;; esac
nothing_left
must env VISUAL=pen EDITOR=false valise draft --json --out d2.cable
jq -e '.out == "d2.cable"' >/dev/null <<<"$out" || complain "$out"

begin "draft: without --out it gets a number, and its attachments stay where they are"
cp folder/letter.cable "$NEXT"
must env EDITOR=pen valise draft --json
jq -e '.number == "1"' >/dev/null <<<"$out" || complain "$out"
grep -qx "Attach: $PWD/maps/port.pdf" "$VALISE_DIR/drafts/1.cable" || complain "$(cat "$VALISE_DIR/drafts/1.cable")"
must_fail 1 "$PWD/maps/port.pdf.*check the name" valise check 1
sed 's/Northern port/Southern port/' "$VALISE_DIR/drafts/1.cable" >"$NEXT"
must env EDITOR=pen valise draft 1
grep -qx 'Title: Southern port' "$VALISE_DIR/drafts/1.cable" || complain "not edited"
echo 'By script.' >given
must valise draft --to PT/a --label SECRET --text given
[ "$(tail -n 1 "$VALISE_DIR/drafts/2.cable")" = 'By script.' ] || complain "$(cat "$VALISE_DIR/drafts/2.cable")"
must bash -c 'echo piped | valise draft --to PT/a --label SECRET --text - --out piped.cable'
grep -qx piped piped.cable || complain "not from the standard input"
nothing_left

begin "draft: a fault is told, and nothing is lost"
printf 'To: PT/a\nLabel: SECRET\nPrec: URGENT\n\nlong work\n' >"$NEXT"
must_fail 1 'line 3.*URGENT' env EDITOR=pen valise draft --out faulty.cable
grep -q 'long work' faulty.cable || complain "the work is lost"
[ "$(stat -c %a faulty.cable)" = 600 ] || complain "open to others"
nothing_left
cp folder/letter.cable "$NEXT"
must env EDITOR=pen valise draft --from faulty.cable --force --out faulty.cable
grep -q URGENT "$SEEN.before" || complain "--from does not show the draft"
must_be_same wanted faulty.cable

begin "draft: edit again on a terminal"
printf 'To: nobody\n' >"$NEXT"
cp folder/letter.cable "$NEXT.2"
rm -f "$SEEN.called" again.cable
must bash -c 'printf "y\n" | env EDITOR=pen script -qec "valise draft --out again.cable" /dev/null'
must_say 'line 1.*nobody'
must_say 'Edit again'
must_be_same wanted again.cable
rm -f "$NEXT.2"
must bash -c 'printf "n\n" | env EDITOR=pen script -qec "valise draft --out left.cable" /dev/null; test $? = 1'
[ "$(cat left.cable)" = 'To: nobody' ] || complain "the draft was not kept"
nothing_left

begin "draft: no shell reads the editor's words"
# shellcheck disable=SC2016
must_fail 1 'touch' env EDITOR='touch;touch $(touch a) b' valise draft --out never.cable
must_not_exist a
must_not_exist never.cable

begin "draft: when it cannot be saved it stays"
cp folder/letter.cable "$NEXT"
must_fail 1 'is kept in' env EDITOR=pen valise draft --out nowhere/d.cable
kept=$(find "$XDG_RUNTIME_DIR" -name draft.cable)
must_be_same folder/letter.cable "${kept:-nothing}"
end_of_tests
