#!/bin/sh
# usage: sharded_checkpoint.sh PROGRAM. What three processes have saved, any number of them goes on from, to the same
# losses; of several checkpoints in one folder one is left.
set -eu
program=$1
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for saved_by in 1 3; do
  "$here/mpirun.sh" "$saved_by" "$program" save "$work/run" >"$work/expected"
  [ "$(wc -l <"$work/expected")" = 4 ]
  [ "$(ls "$work/run" | wc -l)" = $((saved_by + 1)) ]
  for loaded_by in 1 2 3 4; do
    "$here/mpirun.sh" "$loaded_by" "$program" load "$work/run" >"$work/got"
    diff "$work/expected" "$work/got"
  done
done
