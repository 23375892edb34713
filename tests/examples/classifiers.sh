#!/bin/bash
# usage: train_cnn.sh PROGRAM
# The convolutional network's example on a few images: it trains, saves, and gives the same with any number of threads.
set -eu
program=$1
source "$(dirname "$0")/small_data.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
make_data
mkdir 1 2  # the name of a file is in it
for threads in 1 2; do
  "$program" --data data --epochs 2 --threads "$threads" --save "$threads/model.pt" >out
  grep -q '^Epoch 2/2  train loss [0-9.]*  test loss [0-9.]*  accuracy [0-9.]*' out || { cat out; exit 1; }
  grep -o 'train loss.*accuracy [0-9.]*' out >"losses.$threads"
done
cmp losses.1 losses.2
cmp 1/model.pt 2/model.pt
