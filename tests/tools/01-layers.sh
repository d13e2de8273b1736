#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tools/check-layers finds each kind of fault, and nothing in a good tree.
. "$(dirname "$0")/lib.sh"
layers=("$TOP/tools/check-layers" --tree "$plot")
spdx='/* SPDX-License-Identifier: Apache-2.0 */
'
fresh() {
	rm -rf "${plot:?}"/*
	plant src/base/fail.h "$spdx#define MUST
"
	plant src/base/mem.c "$spdx#include <stdlib.h>
#include \"base/fail.h\"
void mem_free(void *p) { free(p); }
"
	plant src/label/label.h "$spdx#include \"base/fail.h\"
int label_open(int read); /* never call open( or malloc( here */
"
	plant src/log/tree.h "$spdx#include \"base/fail.h\"
"
	plant src/valise/main.c "$spdx#include <unistd.h>
#include \"label/label.h\"
int main(void) { return close(0); }
"
}
# one NAME FILE TEXT PATTERN
one() {
	fresh
	plant "$2" "$spdx$3
"
	caught "layers: $1" "$4" "${layers[@]}"
}

fresh
good "layers: a good tree passes" "${layers[@]}"
one "upwards" src/base/up.c '#include "label/label.h"' 'base may not include label'
one "siblings" src/label/sibling.c '#include "log/tree.h"' 'label may not include log'
one "two programs" src/valise-agent/main.c '#include "valise/verb.h"' 'valise-agent may not include valise/'
one "unknown room" src/util/x.c 'int x;' 'room util is not in the order'
one "no path" src/label/near.c '#include "label.h"' 'write "label/label.h"'
one "sys from below" src/envelope/disk.c '#include "sys/disk.h"' 'envelope may not include sys'
one "crypto header" src/label/hash.c '#include <openssl/evp.h>' 'belongs in crypto'
one "world header" src/label/world.c '#include <sys/socket.h>' 'touches the world'
one "clock header" src/envelope/clock.c '#include <time.h>' 'touches the world'
one "malloc" src/valise/m.c 'void *f(void) { return malloc(1); }' 'malloc\(\) belongs in base/mem.c'
one "strdup at the margin" src/sys/m.c 'char *f(void) { return
strdup("x"); }' 'strdup\(\) belongs in base/mem.c'
one "printf in a room" src/label/p.c 'void f(void) { printf("x"); }' 'printf\(\) touches the world'
one "getrandom in crypto" src/crypto/r.c 'void f(void) { getrandom(0, 0, 0); }' 'getrandom\(\) touches'
one "header not alone" src/label/lone.h 'uint8_t x;' 'does not compile alone'
fresh
plant src/label/a.h "$spdx#ifndef A
#define A
#include \"label/b.h\"
#endif
"
plant src/label/b.h "$spdx#ifndef B
#define B
#include \"label/a.h\"
#endif
"
caught "layers: headers in a circle" 'include one another' "${layers[@]}"
suite_end
