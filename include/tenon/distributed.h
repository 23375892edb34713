#pragma once
// Training by several processes, on one machine or many: a library of its own, tenon::distributed, on MPI.
#include <tenon/distributed/collectives.h>
#include <tenon/distributed/data_parallel.h>
#include <tenon/distributed/fully_shard.h>
#include <tenon/distributed/metrics.h>
#include <tenon/distributed/objects.h>
#include <tenon/distributed/sharded_checkpoint.h>
#include <tenon/distributed/sync_batchnorm.h>
#include <tenon/distributed/world.h>
#include <tenon/distributed/zero_redundancy_optimizer.h>
