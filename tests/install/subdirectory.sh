#!/bin/sh
# usage: subdirectory.sh BUILD_DIRECTORY SOURCE_DIRECTORY COMPILER
# Builds a stranger's project that takes Tenon in by add_subdirectory, with libraries of its own that stay what they are. Compiling
# Tenon again would take minutes: its archive is made of the objects that BUILD_DIRECTORY has. All else is the stranger's build.
set -eu
build=$1
source=$2
compiler=$3
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/project"
cp "$here"/parent/* "$here/border.cpp" "$work/project"

says() {  # TEXT: the last configuration says this
  grep -qF -- "$1" "$work/log" || { echo "the configuration does not say: $1"; cat "$work/log"; exit 1; }
}

configure() {  # DIRECTORY OPTION
  cmake -S "$work/project" -B "$work/$1" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" -DTENON="$source" \
    -DCMAKE_OPTIMIZE_DEPENDENCIES=ON "$2" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
}

echo "--- libraries are shared where the parent says so"
configure shared -DBUILD_SHARED_LIBS=ON
says "own: SHARED_LIBRARY"
says "tenon: SHARED_LIBRARY"

echo "--- Tenon is installed with the parent where the parent says so"
configure installed -DTENON_INSTALL=ON
grep -q tenon-config.cmake "$work/installed/tenon/cmake_install.cmake"
grep -q '^if("STATIC_LIBRARY" STREQUAL' "$work/installed/tenon/tenon-config.cmake"
grep -q '^Requires: fmt >= 9, libhwy, libjpeg, libpcre2-8, libpng, zlib$' "$work/installed/tenon/tenon.pc"  # an archive's users link them

echo "--- libraries are static where it says nothing; nothing else of the parent's is changed"
configure static -DCMAKE_BUILD_TYPE=
says "own: STATIC_LIBRARY"
says "tenon: STATIC_LIBRARY"
says "shared: '', type: '', through: '', options: ''"
cd "$work/static"
ctest -N | grep -q '^Total Tests: 0$'

echo "--- the parent builds, by what tenon::tenon asks for alone"
find "$build/CMakeFiles/tenon.dir/src" -name '*.o' -exec ar qc tenon/libtenon.a {} +
ninja CMakeFiles/app.dir/border.cpp.o libown.a
sh -c "$(ninja -t commands app | tail -n 1)"
./app

echo "--- installing the parent installs the parent alone"
cmake --install . --prefix "$work/prefix" >/dev/null
[ "$(cd "$work/prefix" && find . -type f | sort | tr '\n' ' ')" = "./bin/app ./lib/libown.a " ]
