#!/bin/sh
# suites.sh EXCEPT PROGRAM FILE-OR-FOLDER...: runs the tests that stand in these files, in one process, but those that match
# EXCEPT.
except=$1
program=$2
shift 2
suites=$(find "$@" -name '*_test.cpp' -exec sed -nE 's/^(TYPED_)?TEST(_F|_P)?\(([A-Za-z0-9]+),.*/\3/p' {} + | sort -u)
[ -n "$suites" ] || { echo "no tests in: $*"; exit 1; }
filter=$(for suite in $suites; do printf '%s.*:%s/*:' "$suite" "$suite"; done)
exec "$program" --gtest_brief=1 --gtest_filter="$filter-$except"
