#!/bin/sh
# run.sh SET CAPABILITY COMMAND...: the command with kernels for no more than SET. Where this processor has no such set it
# exits with 77, which ctest calls skipped.
export TENON_SIMD="$1"
capability=$2
shift 2
# OpenBLAS follows, unless it is told otherwise.
unset OPENBLAS_CORETYPE
if ! said=$("$capability"); then
  printf '%s\n' "$said"
  case $said in *"this processor has no"*) exit 77 ;; esac
  exit 1
fi
echo "kernels: $said"
exec "$@"
