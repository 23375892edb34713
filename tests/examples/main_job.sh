#!/bin/bash
# usage: main_job.sh PROGRAM
# What the main job says and how it exits, where not everything goes well.
set -eu
program=$1
source "$(dirname "$0")/small_data.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
make_data
job=("$program" --data data --threads 1)
one=("${job[@]}" --epochs 1)

expect() {  # CODE TEXT COMMAND...: text is an extended regular expression
  local code=$1 text=$2 got=0
  shift 2
  "$@" >out 2>&1 || got=$?
  [[ $got == "$code" ]] || { echo "$*: exit code $got instead of $code"; cat out; exit 1; }
  grep -Eq -- "$text" out || { echo "$*: nothing like '$text' in"; cat out; exit 1; }
}

# Wrong usage is told in a few words.
for option in --epochs --batch --threads; do
  expect 2 "$option: expected a number from 1 on, got 0" "$program" "$option" 0
done
expect 2 'from 0 on, got -1' "$program" --lr -1
expect 2 'from 1 on, got many' "$program" --epochs many
[[ $(wc -c <out) -lt 300 ]]

# A place that cannot be written to is found out before the first epoch.
expect 1 'there is no folder none' "${one[@]}" --save none/run.pt
if grep -q Parameters out; then exit 1; fi  # it had not begun
mkdir folder
expect 1 'is a folder' "${one[@]}" --save folder

# A run that is finished says so.
expect 0 'Epoch 1/1' "${one[@]}" --save run.pt
expect 0 'run.pt has all of its 1 epochs.*--epochs 2' "${one[@]}" --resume run.pt
expect 0 'Epoch 2/2' "${job[@]}" --epochs 2 --resume run.pt

# Ctrl-C and SIGTERM: it saves at the step's end, says so, and goes on as if nothing had been.
expect 0 'Epoch 3/3' "${job[@]}" --batch 1 --epochs 3 --save whole.pt
for signal in INT:130 TERM:143; do
  rm -f part.pt
  "${job[@]}" --batch 1 --epochs 3 --save part.pt --checkpoint-every 10 >out 2>&1 &
  until [[ -e part.pt ]]; do :; done
  kill -s "${signal%:*}" $!
  code=0
  wait $! || code=$?
  [[ $code == "${signal#*:}" ]] || { echo "SIG${signal%:*}: exit code $code"; cat out; exit 1; }
  grep -Eq 'stopped after [0-9,]+ images: --resume part.pt goes on' out || { cat out; exit 1; }
  expect 0 'Epoch 3/3' "${job[@]}" --batch 1 --epochs 3 --resume part.pt --save part.pt
  grep -o 'Epoch 3/3 .*accuracy [0-9.]*' out >again
  "${job[@]}" --batch 1 --epochs 3 >out
  grep -o 'Epoch 3/3 .*accuracy [0-9.]*' out | cmp - again
done

# A checkpoint that cannot be written does not end the training.
limited() {  # files of 512 KB at most
  trap '' XFSZ
  ulimit -f 512
  "$@"
}
expect 1 'Epoch 2/2' limited "${job[@]}" --epochs 2 --save large.pt
grep -q 'no checkpoint' out

# A loss that is no number says where; with --detect-nan, in which module.
expect 1 'the loss is (-?nan|inf) in Epoch 1/1, batch [0-9]+' "${one[@]}" --optimizer sgd --lr 1e30
expect 1 'fc[12] \(Linear\): \[DetectNan\] Linear made' "${one[@]}" --optimizer sgd --lr 1e30 --detect-nan

# What cannot be written is an error.
for arguments in '' '--help'; do
  code=0
  "${one[@]}" $arguments >/dev/full 2>error || code=$?
  [[ $code == 1 ]] || { echo "a full disk: exit code $code"; exit 1; }
done

# On a narrow terminal nothing is cut in its midst, and a line ends before the shell goes on.
command -v script >/dev/null || exit 0
export TERM=xterm
script -qec "stty cols 26; $(printf '%q ' "${one[@]}") --batch 1" /dev/null >out </dev/null
tr '\r' '\n' <out | sed 's/\x1b\[K//' | grep '%' >lines
if grep -Evx ' *[0-9]+ %(  loss [0-9]+\.[0-9]{4})?|Epoch 1/1  +[0-9]+ %  loss [0-9]+\.[0-9]{4}' lines; then exit 1; fi
script -qec "timeout --foreground -s INT 2 $(printf '%q ' "${job[@]}") --batch 1 --epochs 1000; printf end" /dev/null >out </dev/null
tr '\r' '\n' <out | grep -qx end
