#!/bin/sh
# usage: failures.sh PROGRAM. Each job must end within ten seconds, as it should and saying why.
set -u
program=$1
here=$(dirname "$0")
failed=0

job() {  # PROCESSES WHAT
  said=$(timeout -k 5 10 "$here/mpirun.sh" "$1" "$program" "$2" 2>&1)
  status=$?
}
expect() {  # WHAT, WHETHER IT FAILS, TEXT…
  what=$1
  fails=$2
  shift 2
  [ "$status" -ne 124 ] || { echo "$what: the job has not ended"; failed=1; }
  [ "$fails" = "$([ "$status" -eq 0 ] && echo no || echo yes)" ] || { echo "$what: ended with $status"; failed=1; }
  for text in "$@"; do
    case $said in *"$text"*) continue ;; esac
    printf '%s: expected "%s" in:\n%s\n' "$what" "$text" "$said"
    failed=1
  done
}

job 3 absent
expect absent yes 'rank 0: [all_reduce] waited 2 s for rank 1, which has not come' \
  'rank 2: [all_reduce] waited 2 s for rank 1, which has not come' \
  'rank 2: [all_reduce] this group has failed before: waited 2 s for rank 1, which has not come'
job 2 ends
expect ends yes 'tenon: rank 1 has ended with status 3: the job ends'
job 2 throws
expect throws yes 'on purpose'
job 2 killed
expect killed yes 'signal 9'
job 2 early
expect early no 'rank 0 has gone on'
exit $failed
