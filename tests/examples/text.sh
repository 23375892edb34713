#!/bin/bash
# usage: text.sh TRAIN_GPT TRAIN_TAGGER
# The examples that learn from text, on a little of it.
set -eu
source "$(dirname "$0")/trains.sh"
for i in $(seq 40); do
  echo "The Cat sat on mat number $i. It was Happy there."
  echo %
done >text
trains '^Epoch 2/2  train loss [0-9.]+  test loss [0-9.]+  perplexity [0-9.]+' '' \
  "$1" --text text --epochs 2 --context 16 --write 40
trains '^The Cat$' '' "$2" --text text --epochs 20 --sentence 'the cat'
code=0
"$1" --text none >out 2>&1 || code=$?
[[ $code == 1 ]] && grep -q 'none cannot be read: apt-get install fortunes' out
