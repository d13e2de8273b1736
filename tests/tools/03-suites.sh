#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The suites of ./check notice what they are there for.
. "$(dirname "$0")/lib.sh"
suites=$TOP/tools/suites

# man: a program of six lines, and a page that fits it, then one that does not.
plant valise '#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
case "$*" in
"help --table") printf "verb\tlist\tlist things\noption\tlist\t--all\t\noption\t*\t--dir\tDIR\n" ;;
"help list") printf "usage: valise list [--all]\n\nLists.\n" ;;
esac
'
chmod +x "$plot/valise"
mkdir -p "$plot/build/release" "$plot/man"
page() {
	plant man/valise.1.scd "valise(1)

# NAME

valise - try

# SYNOPSIS

*valise list* [$1]

# DESCRIPTION

*list* list things

# COMMON OPTIONS

*--dir* _DIR_
	Where.

## valise list

*$1*
	All.

# SEE ALSO

*ls*(1)
"
}
man=(env BUILD="$plot/build" MAN_PAGES="$plot/man" VALISE_PROGRAM="$plot/valise" "$suites/man")
page --all
good "man: a page that fits" "${man[@]}"
page --every
caught "man: an option that the program lacks" 'not ok - list: options' "${man[@]}"
page --all
sed -i 's/## valise list/## valise show/' "$plot/man/valise.1.scd"
caught "man: a verb without a page" 'no page has the heading' "${man[@]}"
caught "man: a page without a verb" 'show: on a page, not in the program' "${man[@]}"

# docs
plant docs/GUARANTEES.md '| promise | shown by |
|---|---|
| it holds | `./check unit` |
'
docs=(env DOCS_TREE="$plot" VALISE_PROGRAM="$plot/valise" "$suites/docs")
caught_in_docs() { # NAME PATTERN: only the line for PATTERN counts; the small tree lacks much else
	local name=$1 pattern=$2
	if "${docs[@]}" 2>&1 | grep -qE -- "$pattern"; then pass "$name"; else fail "$name"; fi
}
plant README.md 'See `valise list`, `./check layers` and [the guarantees](docs/GUARANTEES.md).
'
caught_in_docs "docs: good links and commands pass" '^ok - every command that a document names exists'
caught_in_docs "docs: good guarantees pass" '^ok - each guarantee names the command'
plant README.md 'See `valise vanish`, `./check nothing`, `tools/none` and [this](docs/NOWHERE.md).
'
caught_in_docs "docs: a verb that is not there" 'has no verb vanish'
caught_in_docs "docs: a suite that is not there" 'no suite nothing'
caught_in_docs "docs: a script that is not there" 'there is no tools/none'
caught_in_docs "docs: a link to nowhere" 'docs/NOWHERE.md leads nowhere'
plant docs/GUARANTEES.md '| promise | shown by |
|---|---|
| it holds | trust us |
'
caught_in_docs "docs: a promise without a command" 'GUARANTEES.md:3: names no command'

# static: a double free.
plant src/base/twice.c '#include <stdlib.h>
void twice(int c) { char *p = malloc(10); if (p == NULL || c) return; free(p); free(p); }
'
plant build/release/compile_commands.json "[{\"directory\": \"$plot\", \"command\": \"gcc -O2 -c src/base/twice.c -o x.o\", \"file\": \"$plot/src/base/twice.c\"}]"
caught "static: a block freed twice" 'double-.free.' env TOP="$plot" BUILD="$plot/build" "$suites/static"
plant build/release/compile_commands.json '[]'
caught "static: nothing to analyse is no success" 'no file was analysed' env TOP="$plot" BUILD="$plot/build" "$suites/static"

# check itself counts: a suite that is silent, one that dies, one that fails.
mkdir -p "$plot/house/tools/suites"
cp "$TOP/check" "$plot/house/check"
cp "$TOP/tools/lib.sh" "$plot/house/tools/lib.sh"
for script in setup tools/build; do
	plant "house/$script" '#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
'
	chmod +x "$plot/house/$script"
done
suite() {
	plant "house/tools/suites/$1" "#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
$2
"
	chmod +x "$plot/house/tools/suites/$1"
}
counts() { # NAME LAST_LINE STATUS SUITE...
	local name=$1 last=$2 wanted=$3 said status=0
	shift 3
	said=$(env -u TOP BUILD="$plot/out" "$plot/house/check" "$@" 2>&1) || status=$?
	if [ "$(tail -n 1 <<<"$said")" = "$last" ] && [ $status -eq "$wanted" ]; then
		pass "$name"
	else
		echo "$said (exit $status)"
		fail "$name"
	fi
}
suite layers 'echo "ok - a"; echo "ok - b"; echo "skip - c # no"'
suite style 'echo "ok - a"; echo "not ok - b"; exit 1'
suite unit 'exit 0'
suite ct 'echo "ok - a"; kill -9 $$'
counts "check: passes and skips are counted" '4 passed, 0 failed, 1 skipped' 0 layers
counts "check: a failure fails" '3 passed, 1 failed, 0 skipped' 1 style
counts "check: a silent suite fails" '2 passed, 1 failed, 0 skipped' 1 unit
counts "check: a suite that dies fails" '3 passed, 1 failed, 0 skipped' 1 ct
counts "check: together" '6 passed, 3 failed, 1 skipped' 1 layers style unit ct
suite_end
