#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/check-style finds each kind of fault, and nothing in a good tree.
. "$(dirname "$0")/lib.sh"
style=("$TOP/tools/check-style" --tree "$plot")
spdx='/* SPDX-License-Identifier: Apache-2.0 */
'
story='#ifndef BASE_X_H
#define BASE_X_H
/* x: nothing. */
int x_get(void);
#endif
'
fresh() {
	rm -rf "${plot:?}"/*
	cp "$TOP/.clang-format" "$plot"
	plant src/base/x.h "$spdx$story"
	plant src/base/x.c "$spdx#include \"base/x.h\"

int
x_get(void)
{
	return 1; /* strcpy() and system() are words here */
}
"
	plant tool.sh '#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
exit 0
'
}
one() {
	fresh
	plant "$3" "$4"
	caught "style: $1" "$5" "${style[@]}" "$2"
}
repeat() { printf "%.0s$1" $(seq "$2"); }

fresh
good "style: a good tree passes" "${style[@]}"
if command -v clang-format-14 >/dev/null; then
	one "layout" format src/base/y.c "${spdx}int y( void ){return 1;}
" 'y.c: not laid out'
else
	skip "style: layout" "clang-format 14 is not here"
fi
one "601 lines" lengths src/base/y.c "$spdx$(repeat '/* a */\n' 601)
" 'y.c: 60[0-9] lines'
one "71 lines in a function" complexity src/base/y.c "${spdx}int
y(int a)
{
$(repeat '\ta++;\n' 80)
	return a;
}
" 'y has .* lines'
one "13 branches" complexity src/base/y.c "${spdx}int
y(int a)
{
$(repeat '\tif (a) a++;\n' 13)
	return a;
}
" 'complexity 14'
one "strcpy" functions src/base/y.c "${spdx}void y(char *a) { strcpy(a, \"x\"); }
" 'strcpy\(\) is not used'
one "unfinished" words docs/y.md "This is a place""holder.
" 'y.md:1'
one "no licence" spdx src/base/y.c 'int y;
' 'y.c: the first line'
one "script without licence" spdx run.sh '#!/bin/sh
exit 0
' 'run.sh: no SPDX'
one "line comment" comments src/base/y.c "$spdx	// int old;
" 'no line comments'
one "header without a story" comments src/base/y.h "${spdx}int y;
" 'no header comment'
if command -v shellcheck >/dev/null; then
	one "shell" shell run.sh '#!/bin/sh
cd nowhere
' 'SC2164'
fi
one "path of a machine" paths docs/y.md "see /wo""rk/main
" 'y.md:1'
suite_end
