#!/bin/sh
# usage: check.sh BUILD_DIRECTORY LIBDIR COMPILER
# Installs a build into a folder of its own, and builds and runs consumer/ against it in the two ways that users have.
set -eu
build=$1
libdir=$2
compiler=$3
consumer=$(dirname "$0")/consumer
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix

cmake --install "$build" --prefix "$prefix"

echo "--- find_package(tenon)"
cmake -S "$consumer" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler"
cmake --build "$work/build"
"$work/build/consumer"

[ -e "$prefix/$libdir/libtenon.so" ] || exit 0  # with an archive the line would name all that the archive uses
echo "--- one compile line"
"$compiler" -std=c++20 "$consumer/main.cpp" -o "$work/consumer" \
  -I"$prefix/include" -L"$prefix/$libdir" -ltenon -lfmt -Wl,-rpath,"$prefix/$libdir"
"$work/consumer"
