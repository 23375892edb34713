#!/bin/sh
# mpirun.sh PROCESSES PROGRAM [ARGUMENTS]: so many processes, also where there are fewer processors, by whatever user, on
# this machine alone.
processes=$1
shift
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_plm=isolated OMPI_MCA_btl=self,vader
export OMP_NUM_THREADS=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_btl_vader_single_copy_mechanism=none  # where processes may not read each other's memory, as in containers
exec mpirun -np "$processes" "$@"
