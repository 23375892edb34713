#!/bin/bash
# usage: classifiers.sh TRAIN_CNN TRAIN_VIT
# The classifiers' examples on a few images.
set -eu
source "$(dirname "$0")/small_data.sh"
source "$(dirname "$0")/trains.sh"
make_data
for program in "$@"; do
  trains '^Epoch 2/2  train loss [0-9.]+  test loss [0-9.]+  accuracy [0-9.]+' --mistakes \
    "$program" --data data --epochs 2
done
