#!/bin/bash
# usage: images.sh TRAIN_VAE TRAIN_FINE_TUNING
# The autoencoder's and the fine-tuning's example on a few images.
set -eu
source "$(dirname "$0")/small_data.sh"
source "$(dirname "$0")/trains.sh"
make_data
trains '^Epoch 2/2  train loss [0-9.]+  test loss [0-9.]+' --samples "$1" --data data --epochs 2
trains '^then all, layer-wise rates .* accuracy [0-9.]+' '' "$2" --data data --passes 3
