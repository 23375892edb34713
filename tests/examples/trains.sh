# For the tests of the examples that train: a folder of their own, and what they all must do.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# The same weights, curves and picture, where it draws one, with any number of threads.
trains() {  # PATTERN OF A LINE, OPTION OF THE PICTURE OR '', PROGRAM ARGUMENTS...
  local pattern=$1 picture=$2 threads
  shift 2
  rm -rf 1 2
  mkdir 1 2  # the name of a file is in it
  for threads in 1 2; do
    "$@" --threads "$threads" --save "$threads/model.pt" --chart "$threads/chart.svg" \
      ${picture:+"$picture" "$threads/picture.png"} >out
    grep -Eq "$pattern" out || { echo "$*: nothing like '$pattern' in"; cat out; exit 1; }
  done
  diff -r 1 2
  grep -q '<svg' 1/chart.svg
  [[ -z $picture ]] || [[ $(head -c 4 1/picture.png | tail -c 3) == PNG ]]
}
