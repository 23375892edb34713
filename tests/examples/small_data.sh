# For the tests of the main job: make_data writes the folder data/.
results() {  # of the epochs, without times
  sed -n 's/^\(Epoch .*accuracy [0-9.]*\).*/\1/p' "$1"
}
read_checkpoints() {  # N: lines from file 3, until so many of them tell of a checkpoint
  for _ in $(seq "$1"); do
    while read -r line <&3 && [[ $line != *checkpoint* ]]; do :; done
  done
}
same_results() {  # REST WHOLE: a run that was resumed ends as the whole one
  results "$1" | diff <(results "$2" | tail -n "$(results "$1" | wc -l)") -
}
# The first images of the real files: 640 to train with, which is ten batches, and 100 to test with.
part() {  # NAME HEADER_BYTES HEADER BYTES_OF_ITEMS
  { printf "$3"; zcat "$source/$1" | tail -c +$(($2 + 1)) | head -c "$4"; } | gzip >"data/$1"
}
make_data() {
  local source=/usr/share/datasets/fashion-mnist
  mkdir data
  part train-images-idx3-ubyte.gz 16 '\0\0\x08\x03\0\0\x02\x80\0\0\0\x1c\0\0\0\x1c' $((640 * 784)) || true  # zcat's pipe breaks
  part train-labels-idx1-ubyte.gz 8 '\0\0\x08\x01\0\0\x02\x80' 640
  part t10k-images-idx3-ubyte.gz 16 '\0\0\x08\x03\0\0\0\x64\0\0\0\x1c\0\0\0\x1c' $((100 * 784)) || true
  part t10k-labels-idx1-ubyte.gz 8 '\0\0\x08\x01\0\0\0\x64' 100
}
