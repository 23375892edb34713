#!/bin/sh
# expect.sh CODE TEXT COMMAND...: the command must exit with CODE and print TEXT (an extended regular expression).
code=$1 text=$2
shift 2
output=$("$@" 2>&1)
got=$?
printf '%s\n' "$output"
[ "$got" -eq "$code" ] || { echo "expected exit code $code, got $got"; exit 1; }
printf '%s\n' "$output" | grep -Eq -- "$text" || { echo "expected: $text"; exit 1; }
