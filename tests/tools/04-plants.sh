#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The tests of the program notice when a protection is missing.  In a copy of the source one
# line is changed at a time, as plants.tsv says; the copy is built, and the named test must fail.
# Before that the same tests must pass on the unchanged copy, or their failing proves nothing.
. "$(dirname "$0")/lib.sh"
table=${PLANTS:-$TOP/tests/tools/plants.tsv}
if [ "$MODE" = quick ]; then
	skip "protections taken away" "it builds a copy; not in --quick"
	exit 0
fi
copy=$plot/source tree=$plot/tree
mkdir -p "$copy"
(cd "$TOP" && tar cf - --exclude-vcs --exclude='./build*' --exclude=./.cache .) | tar xf - -C "$copy"
rows() { sed '/^#/d; /^$/d' "$table"; }

mapfile -t programs < <(rows | cut -f 4 | grep -v '\.sh$' | sort -u)
targets=(src/valise/valise src/valise-agent/valise-agent "${programs[@]}")
# The copy is compiled plainly: it is not what is shipped, and has to be quick.
if ! { meson setup --buildtype=plain "$tree" "$copy" && [ -d "$tree/tests" ]; } >"$plot/setup.log" 2>&1; then
	tail -n 20 "$plot/setup.log"
	fail "the copy is not configured"
	suite_end
fi
if grep -q keys_tool "$tree/build.ninja"; then targets+=(tests/valise-agent/keys_tool); fi
make_copy() { ninja -C "$tree" -j "$JOBS" "${targets[@]}" >"$plot/ninja.log" 2>&1 </dev/null; }

# Run one test on the copy.
try() {
	case $1 in
	tests/e2e/*) TREE_UNDER_TEST=$tree timeout 120 bash "$TOP/$1" ;;
	*/agent.sh) timeout 120 sh "$TOP/$1" "$tree/tests/valise-agent/keys_tool" "$tree/src/valise-agent/valise-agent" ;;
	*) timeout 120 "$tree/$1" ;;
	esac >"$plot/try.log" 2>&1 </dev/null
}

if ! make_copy; then
	tail -n 20 "$plot/ninja.log"
	fail "the copy builds"
	suite_end
fi
while read -r test; do
	if try "$test"; then pass "nothing planted: $test passes"; else
		tail -n 20 "$plot/try.log"
		fail "nothing planted: $test passes"
	fi
done < <(rows | cut -f 4 | sort -u)

while IFS=$'\t' read -r name file expression test; do
	cp "$copy/$file" "$plot/kept"
	sed -i -E "$expression" "$copy/$file"
	if cmp -s "$copy/$file" "$plot/kept"; then
		fail "planted: $name: $file has changed, and the plant no longer fits"
	elif ! make_copy; then
		tail -n 20 "$plot/ninja.log"
		fail "planted: $name: it does not build"
	elif try "$test"; then
		fail "planted: $name: $test found nothing"
	else
		pass "planted: $name: $test finds it"
	fi
	# cp keeps the new time, so that ninja builds the mended file again.
	cp "$plot/kept" "$copy/$file"
done < <(rows)
suite_end
