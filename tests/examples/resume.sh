#!/bin/bash
# usage: resume.sh PROGRAM
# Kills the main job at 20 points, each time goes on from the checkpoint that was left, and expects the very checkpoint and the very losses
# of a run that was not stopped.
set -eu
program=$1
source "$(dirname "$0")/small_data.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

mkdir whole part  # a file's name is in the archive, so that both have the same
make_data
job=("$program" --data data --threads 1 --scheduler cosine --checkpoint-every 1)
"${job[@]}" --save whole/run.pt >whole.txt

for i in $(seq 20); do
  mkfifo lines
  "${job[@]}" --save part/run.pt >lines &
  pid=$!
  exec 3<lines
  read_checkpoints $((i * 3 / 2))
  kill -9 $pid
  exec 3<&-
  wait $pid 2>/dev/null || true
  rm lines
  "${job[@]}" --resume part/run.pt --save part/run.pt >rest.txt
  cmp whole/run.pt part/run.pt
  same_results rest.txt whole.txt
  rm -f part/run.pt
done
