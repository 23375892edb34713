#!/bin/bash
# usage: main_job.sh PROGRAM
# The main job in two processes, of which one is killed at several points: the job ends, and mpirun started again goes on from the
# checkpoint that was left, to the very checkpoint and the very losses of a job that was not stopped.
set -eu
program=$1
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../examples/small_data.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

mkdir whole part
make_data
job=("$here/mpirun.sh" 2 "$program" --data data --threads 1 --scheduler cosine --checkpoint-every 1)
"${job[@]}" --save whole/run.pt >whole.txt
[ "$(results whole.txt | wc -l)" = 3 ]  # one process speaks

for checkpoints in 1 4 6 11; do
  mkfifo lines
  "${job[@]}" --save part/run.pt >lines 2>said.txt &
  pid=$!
  exec 3<lines
  read_checkpoints $checkpoints
  kill -9 "$(pgrep -P $pid -f "$program" | tail -n 1)"
  cat <&3 >/dev/null
  exec 3<&-
  if wait $pid; then
    echo "the job has not noticed that a process was killed"
    exit 1
  fi
  rm lines
  "${job[@]}" --resume part/run.pt --save part/run.pt >rest.txt
  cmp whole/run.pt part/run.pt
  same_results rest.txt whole.txt
  rm -f part/run.pt
done
