#!/bin/bash
# usage: resume.sh PROGRAM
# Kills the main job at 20 points, each time goes on from the checkpoint that was left, and expects the very checkpoint and the very losses
# of a run that was not stopped.
set -eu
program=$1
source=/usr/share/datasets/fashion-mnist
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# The first images of the real files: 640 to train with, which is ten batches, and 100 to test with.
part() {  # NAME HEADER_BYTES HEADER BYTES_OF_ITEMS
  { printf "$3"; zcat "$source/$1" | tail -c +$(($2 + 1)) | head -c "$4"; } | gzip >"data/$1"
}
mkdir data whole part  # a file's name is in the archive, so that both have the same
part train-images-idx3-ubyte.gz 16 '\0\0\x08\x03\0\0\x02\x80\0\0\0\x1c\0\0\0\x1c' $((640 * 784)) || true  # zcat's pipe breaks
part train-labels-idx1-ubyte.gz 8 '\0\0\x08\x01\0\0\x02\x80' 640
part t10k-images-idx3-ubyte.gz 16 '\0\0\x08\x03\0\0\0\x64\0\0\0\x1c\0\0\0\x1c' $((100 * 784)) || true
part t10k-labels-idx1-ubyte.gz 8 '\0\0\x08\x01\0\0\0\x64' 100

results() {  # of the epochs, without times
  sed -n 's/^\(Epoch .*accuracy [0-9.]*\).*/\1/p' "$1"
}
job=("$program" --data data --threads 1 --scheduler cosine --checkpoint-every 1)
"${job[@]}" --save whole/run.pt >whole.txt

for i in $(seq 20); do
  mkfifo lines
  "${job[@]}" --save part/run.pt >lines &
  pid=$!
  exec 3<lines
  for _ in $(seq $((i * 3 / 2))); do
    while read -r line <&3 && [[ $line != *checkpoint* ]]; do :; done
  done
  kill -9 $pid
  exec 3<&-
  wait $pid 2>/dev/null || true
  rm lines
  "${job[@]}" --resume part/run.pt --save part/run.pt >rest.txt
  cmp whole/run.pt part/run.pt
  results rest.txt | diff <(results whole.txt | tail -n "$(results rest.txt | wc -l)") -
  rm -f part/run.pt
done
