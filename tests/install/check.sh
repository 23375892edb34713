#!/bin/sh
# usage: check.sh BUILD_DIRECTORY LIBDIR COMPILER
# Installs a build into a folder of its own, and tries README's first screen against it as a new user would: the program there is built in
# the two ways that it names, and must print what stands there.
set -eu
build=$1
libdir=$2
compiler=$3
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work/home  # README installs into a folder there
prefix=$HOME/tenon

block() {  # LANGUAGE: README's first block of it
  awk -v fence='```'"$1" '$0 == fence { inside = 1; next } /^```/ && inside { exit } inside' "$here/../../README.md"
}

cmake --install "$build" --prefix "$prefix"
mkdir "$work/consumer"
cp "$here/consumer/CMakeLists.txt" "$work/consumer"
block cpp >"$work/consumer/main.cpp"
block text >"$work/expected"
version=$(PKG_CONFIG_PATH="$prefix/$libdir/pkgconfig" pkg-config --modversion tenon)

echo "--- find_package(tenon)"
cmake -S "$work/consumer" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler"
cmake --build "$work/build"
"$work/build/consumer" | diff "$work/expected" -

if [ -e "$prefix/$libdir/libtenon.so" ]; then  # with an archive the line would name all that the archive uses
  echo "--- one compile line"
  line=$(block sh | sed -n "s|tenon/lib|tenon/$libdir|g; s|^g++ |\"\$1\" |p")
  (cd "$work/consumer" && sh -c "$line" sh "$compiler")
  "$work/consumer/a.out" | diff "$work/expected" -

  echo "--- opened by a running program"
  "$compiler" -std=c++20 "$here/late.cpp" -o "$work/late"
  "$work/late" "$prefix/$libdir/libtenon.so.${version%.*}"  # the name that programs ask for: 0.x may break with each x
fi

echo "--- pkg-config, after the installation was moved"
mv "$prefix" "$work/moved"
[ -s "$work/moved/share/doc/tenon/LICENSE" ]
export PKG_CONFIG_PATH="$work/moved/$libdir/pkgconfig"
"$compiler" -std=c++20 -Wall -Wextra -Wpedantic -Werror -fvisibility=hidden "$here/border.cpp" -o "$work/border" \
  $(pkg-config --cflags --libs tenon) -Wl,-rpath,"$work/moved/$libdir"
[ "$("$work/border")" = "$version" ]
