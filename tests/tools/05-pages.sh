#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The tests of the documents (tests/docs) find a page that says what is not so.
. "$(dirname "$0")/lib.sh"
for name in src tests fuzz bench demo; do ln -s "$TOP/$name" "$plot/$name"; done
fresh() {
	rm -rf "$plot/docs"
	cp -r "$TOP/docs" "$TOP/README.md" "$plot/"
}
pages() { DOCS_TREE=$plot bash "$TOP/tests/docs/pages.sh"; }
# wrong NAME PATTERN FILE EXPRESSION: with that change pages.sh must complain.
wrong() {
	fresh
	sed -i -E "$4" "$plot/$3"
	caught "pages: $1" "$2" pages
}
fresh
good "pages: as they are" pages
wrong "a room that is not drawn" 'the room wire is not drawn' docs/ARCHITECTURE.md '/^    said /s/wire/woven/; /^    domain/s/wire//'
wrong "a room that is said to come and is there" 'label is there' docs/ARCHITECTURE.md 's/still to come: /still to come: label,/'
wrong "a function that has moved" 'there is no header_open_sole' docs/ARCHITECTURE.md 's/`header_open_solo`/`header_open_sole`/'
wrong "a function in another file" 'there is no check_signer in src/valise/reader.c' docs/ARCHITECTURE.md \
	'/accepted\?/s|src/valise/opener.c|src/valise/reader.c|'
wrong "a threat without a test" 'names no test' docs/THREATS.md '/^\| \*\*a stop-watch/s/`[^`]*`/-/'
wrong "a threat whose test is gone" 'there is no tests/crypto/ct2.sh' docs/THREATS.md 's|tests/crypto/ct.sh|tests/crypto/ct2.sh|'
wrong "a guarantee without a command" 'names no command' docs/GUARANTEES.md '/^\| G11 /s/`[^`]*check ct`/trust us/'
wrong "a planted fault that nobody plants" 'plants.tsv has no "all is lost"' docs/GUARANTEES.md 's/planted: every signer accepted/planted: all is lost/'
wrong "a decision that the index leaves out" 'leaves out 0001-house.md' docs/decisions/README.md '/0001-house/d'
wrong "a format that no page leads to" 'no link to format/key.md' docs/README.md '/format\/key/d'
wrong "a table that the demo does not print" 'does not say "cables shredded"' README.md 's/^    cables read/    cables shredded/'

# The tour: a word in the output, an exit status, a command that goes another way.
tree=${TREE_UNDER_TEST:-$BUILD/release}
tour() { README=$plot/docs/SOLO.md TOUR_TREE=$tree bash "$TOP/tests/docs/tour.sh"; }
wrong_tour() {
	fresh
	sed -i -E "$2" "$plot/docs/SOLO.md"
	if cmp -s "$plot/docs/SOLO.md" "$TOP/docs/SOLO.md"; then
		fail "tour: $1: the page has changed, and the plant no longer fits"
	else
		caught "tour: $1" '^not ok' tour
	fi
}
if expect -c 'spawn true; expect eof' >/dev/null 2>&1; then
	wrong_tour "another word in the output" 's/^    Locked\.$/    Closed./'
	wrong_tour "another exit status" 's/^    3$/    0/'
	wrong_tour "a command that does something else" 's/^(    \$ valise open --out) false.txt altered/\1 false.txt letter/'
	wrong_tour "a tour without commands" '/^    \$ /d'
else
	skip "tour" "expect is not installed, or there is no pseudo-terminal here"
fi
suite_end
