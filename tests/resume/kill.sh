#!/bin/bash
# usage: kill.sh PROGRAM
# Kills the training twenty times, somewhere behind one checkpoint or another, and goes on with other numbers of workers
# and threads; expects the very checkpoint and the very figures of a run that was left alone.
set -eu
program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir whole part  # a file's name is in the archive, so that both have the same

"$program" whole/run.pt 2 1 >whole.txt
for i in $(seq 20); do
  mkfifo lines
  "$program" part/run.pt $((i % 4)) $((1 + i % 2)) >lines &
  pid=$!
  exec 3<lines
  for _ in $(seq $((1 + i % 3))); do read -r _ <&3 || break; done
  kill -9 $pid
  exec 3<&-
  wait $pid 2>/dev/null || true
  rm lines
done
"$program" part/run.pt 1 2 >part.txt
tail -n 1 whole.txt | diff - <(tail -n 1 part.txt)
cmp whole/run.pt part/run.pt
