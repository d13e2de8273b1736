#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# pages.sh: what the pages of docs/ say about the tree is so.
#
#   ARCHITECTURE.md   every room of src/ is drawn, none that is there is said to come; the
#                     functions of "Where is the code" stand in the files named
#   THREATS.md        each row names a test that exists, or says that it does not hold yet
#   GUARANTEES.md     each row names a command, and how it can fail or that this is not yet shown
#   decisions         each page is in the index
#   docs/README.md    leads to every page, and README.md leads there; ./demo says what README shows
#
# Links and commands are the docs suite's own.  DOCS_TREE may name another tree, for the test of
# this test.
. "$(dirname "$0")/../../tools/lib.sh"
cd "${DOCS_TREE:-$TOP}" || exit
bad=$(mktemp)
trap 'rm -f "$bad"' EXIT

# The rows of the tables of a page, without heads: from the first line after |---|.
rows() { awk '!/^\|/ { on = 0 } on { print FNR "\t" $0 } /^\|[ -]*-[-| ]*$/ { on = 1 }' "$1"; }
spans() { grep -oE '`[^`]+`' | tr -d '`'; }

page=docs/ARCHITECTURE.md
drawing=$(sed -n '/^## Rooms/,/^## Processes/p' "$page")
coming=$(sed -n 's/^    still to come: *//p' <<<"$drawing" | tr -d ',;')
{
	for room in src/*/; do
		room=${room#src/} room=${room%/}
		grep -v 'still to come' <<<"$drawing" | grep -qE "(^|[^a-z-])$room([^a-z-]|\$)" ||
			echo "$page: the room $room is not drawn"
	done
	for room in ${coming%% more of*}; do
		[ ! -d "src/$room" ] || echo "$page: $room is there, and said to be still to come"
	done
} >"$bad"
clean "every room is drawn" "$bad"

rows "$page" | while IFS='|' read -r number question file functions _; do
	file=$(spans <<<"$file")
	case $file in src/*) ;; *) continue ;; esac
	first=yes
	while read -r name; do
		case $name in *[!a-z0-9_]* | '') continue ;; esac
		where=$file
		[ $first = yes ] || where=src
		grep -rqE "^$name\(|^} $name\[|[ *]$name\[[A-Za-z_]*\]|^} $name\[" "$where" ||
			echo "$page: \"${question# }\": there is no $name in $where"
		first=no
	done < <(spans <<<"$functions")
	[ $first = no ] || echo "$page: line ${number%%	*}: names no function"
done >"$bad"
clean "the code that decides is where ARCHITECTURE says" "$bad"

page=docs/THREATS.md
rows "$page" | while IFS=$'\t' read -r number row; do
	last=$(awk -F '|' '{ print $(NF - 1) }' <<<"$row")
	found=no
	while read -r name; do
		case $name in tests/* | fuzz/* | bench/*) ;; *) continue ;; esac
		[ -e "${name%% *}" ] || echo "$page:$number: there is no $name"
		found=yes
	done < <(spans <<<"$last")
	[ $found = yes ] || grep -qE 'not hold yet|not claimed|limit by design' <<<"$row" ||
		echo "$page:$number: names no test and does not say that it does not hold yet"
done >"$bad"
clean "each threat has its test, or says that it does not hold yet" "$bad"

page=docs/GUARANTEES.md
rows "$page" | while IFS=$'\t' read -r number row; do
	shown=$(awk -F '|' '{ print $5 }' <<<"$row") fails=$(awk -F '|' '{ print $6 }' <<<"$row")
	spans <<<"$shown" | grep -qE '^(\./|tests/|bench/)' || echo "$page:$number: names no command"
	while read -r name; do
		case $name in tests/* | fuzz/* | bench/*) [ -e "$name" ] || echo "$page:$number: there is no $name" ;; esac
	done < <(spans <<<"$shown$fails")
	grep -q '[a-z]' <<<"$fails" || echo "$page:$number: does not say how its harness can fail"
done >"$bad"
clean "each guarantee has its command and its planted fault" "$bad"

# Each "planted: NAME" of GUARANTEES.md that names no test of its own is a row of plants.tsv.
if [ -f tests/tools/plants.tsv ]; then
	rows "$page" | awk -F '|' '{ print $6 }' | sed -n 's/.*planted: //p' | tr ';' '\n' |
		grep -v '`' | sed 's/\. .*//; s/^ *//; s/ *$//' | while read -r name; do
		cut -f 1 tests/tools/plants.tsv | grep -qxF -- "$name" || echo "$page: plants.tsv has no \"$name\""
	done >"$bad"
	clean "each planted fault is planted" "$bad"
fi

for file in docs/decisions/[0-9]*.md; do
	grep -q "(${file##*/})" docs/decisions/README.md || echo "docs/decisions/README.md: leaves out ${file##*/}"
done >"$bad"
clean "each decision is in the index" "$bad"

{
	grep -qF '(docs/README.md)' README.md || echo "README.md: has no link to docs/README.md"
	find docs -name '*.md' ! -path 'docs/decisions/[0-9]*' ! -path docs/README.md | sort | while read -r file; do
		grep -qF "(${file#docs/})" docs/README.md || echo "docs/README.md: has no link to ${file#docs/}"
	done
} >"$bad"
clean "docs/README.md leads to every page" "$bad"

# The table that README shows of ./demo: its rows are the program's.
sed -n '/^<!-- demo -->/,/^<!-- end of demo -->/{s/^    //p}' README.md | sed -E 's/ {2,}([0-9]|yes).*//; s/^ *//' |
	while read -r row; do
		case $row in '' | '$ '* | found*) continue ;; esac
		grep -qF -- "$row" demo || echo "README.md: ./demo does not say \"$row\""
	done >"$bad"
clean "./demo says what README shows" "$bad"
suite_end
