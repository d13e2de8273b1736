#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run test_ct under valgrind: it must be silent, and must report the planted bug.
# Exit 77 (skipped) where valgrind is not installed or does not run.
set -eu

program=$1
reported=9

if ! command -v valgrind >/dev/null 2>&1; then
	echo "SKIP: valgrind is not installed"
	exit 77
fi

# It needs /proc, which a bare root may lack, and debugging information that it can read:
# 3.19 cannot read clang's DWARF 5.
if ! valgrind -q "$program" --idle >/dev/null 2>&1; then
	echo "SKIP: valgrind does not run this program here"
	exit 77
fi

if ! valgrind -q --error-exitcode=$reported "$program"; then
	echo "FAIL: a branch or an address depends on a secret (see above)"
	exit 1
fi

status=0
valgrind -q --error-exitcode=$reported "$program" --plant >/dev/null 2>&1 || status=$?
if [ "$status" -ne $reported ]; then
	echo "FAIL: the planted bug was not reported (exit status $status)"
	exit 1
fi
echo "constant time: silent, and the planted bug is reported"
