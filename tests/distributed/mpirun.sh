#!/bin/sh
# mpirun.sh PROCESSES PROGRAM [ARGUMENTS]: so many processes, also where there are fewer processors, by whatever user, on
# this machine alone. For Open MPI 4 and 5.
processes=$1
shift
export OMP_NUM_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# No ssh, no network; and no reading of each other's memory, which containers may forbid.
export OMPI_MCA_plm=isolated OMPI_MCA_btl=self,vader OMPI_MCA_btl_vader_single_copy_mechanism=none
# What MPI leaves behind cannot be told from ours by name: its parts are unloaded by the time that leaks are looked for.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
exec mpirun --oversubscribe --bind-to none -np "$processes" "$@"
