#!/bin/sh
# usage: check.sh BUILD_DIRECTORY LIBDIR COMPILER
# Installs a build into a folder of its own, and tries README's first screen and docs/installing.md against it as a new user would: the
# program is built in the ways that they name, and must print what stands there.
set -eu
build=$1
libdir=$2
compiler=$3
here=$(dirname "$0")
sources=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work/home  # README installs into a folder there
prefix=$HOME/tenon

block() {  # PAGE LANGUAGE N: the page's N-th block of the language
  awk -v fence='```'"$2" -v n="$3" '
    inside && /^```/ { exit }
    inside
    $0 == fence { inside = ++count == n }' "$sources/$1"
}
project() {  # FOLDER N…: a project of README's program with these blocks of docs/installing.md
  mkdir "$work/$1"
  block README.md cpp 1 >"$work/$1/main.cpp"
  (
    printf 'cmake_minimum_required(VERSION 3.25)\nproject(app LANGUAGES CXX)\nadd_executable(app main.cpp)\n'
    shift
    for n in "$@"; do block docs/installing.md cmake "$n" | sed "s|/path/to/tenon|$sources|"; done
    echo 'install(TARGETS app)'
  ) >"$work/$1/CMakeLists.txt"
}
configure() {  # FOLDER [OPTION…]
  folder=$work/$1
  shift
  cmake -S "$folder" -B "$folder/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER="$compiler" "$@"
}

cmake --install "$build" --prefix "$prefix"
mkdir "$work/consumer"
cp "$here/consumer/CMakeLists.txt" "$work/consumer"
block README.md cpp 1 >"$work/consumer/main.cpp"
block README.md text 1 >"$work/expected"
version=$(PKG_CONFIG_PATH="$prefix/$libdir/pkgconfig" pkg-config --modversion tenon)

echo "--- find_package(tenon)"
configure consumer -DCMAKE_PREFIX_PATH="$prefix"
cmake --build "$work/consumer/build"
"$work/consumer/build/consumer" | diff "$work/expected" -

if [ -e "$prefix/include/tenon/distributed.h" ]; then
  echo "--- find_package(tenon COMPONENTS distributed): of a process by itself"
  mkdir "$work/many"
  cat >"$work/many/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(app LANGUAGES CXX)
add_executable(app main.cpp)
find_package(tenon REQUIRED COMPONENTS distributed)
target_link_libraries(app PRIVATE tenon::distributed)
END
  cat >"$work/many/main.cpp" <<'END'
#include <tenon/distributed.h>
#include <tenon/tenon.h>
int main() {
  tenon::distributed::init();
  tenon::distributed::DistributedDataParallel model{tenon::nn::Sequential{tenon::nn::Linear(3, 2)}};
  model(tenon::ones({1, 3})).sum().backward();
  return tenon::distributed::world_size() == 1 && model.module.parameters()[0].grad().defined() ? 0 : 1;
}
END
  configure many -DCMAKE_PREFIX_PATH="$prefix"
  cmake --build "$work/many/build"
  "$work/many/build/app"
fi

echo "--- as a subproject: what is this library's own is left out"
project fetched 2
configure fetched
if cmake --build "$work/fetched/build" --target help | grep -E 'tenon_tests|workloads|tenon_tool'; then exit 1; fi

if [ -e "$prefix/$libdir/libtenon.so" ]; then
  echo "--- one compile line"  # with an archive it would name all that the archive uses
  for page in README.md docs/installing.md; do
    line=$(sed -n "s|tenon/lib|tenon/$libdir|g; s|^g++ |\"\$1\" |p" "$sources/$page")
    (cd "$work/consumer" && rm -f a.out && sh -c "$line" sh "$compiler")
    "$work/consumer/a.out" | diff "$work/expected" -
  done

  echo "--- shipped with the library beside it"
  project shipped 1 3
  configure shipped -DCMAKE_PREFIX_PATH="$prefix"
  cmake --build "$work/shipped/build"
  cmake --install "$work/shipped/build" --prefix "$work/shipped/to"
  mkdir "$work/shipped/to/lib"
  cp -a "$prefix/$libdir"/libtenon.so* "$work/shipped/to/lib"
  mv "$prefix/$libdir" "$prefix/elsewhere"
  "$work/shipped/to/bin/app" | diff "$work/expected" -
  mv "$prefix/elsewhere" "$prefix/$libdir"

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
