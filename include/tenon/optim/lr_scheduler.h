#pragma once
// Learning rates that change over the epochs. Source: torch.optim.lr_scheduler.
#include <tenon/optim/lr_scheduler/constant_lr.h>
#include <tenon/optim/lr_scheduler/cosine_annealing_lr.h>
#include <tenon/optim/lr_scheduler/cosine_annealing_warm_restarts.h>
#include <tenon/optim/lr_scheduler/cyclic_lr.h>
#include <tenon/optim/lr_scheduler/exponential_lr.h>
#include <tenon/optim/lr_scheduler/lambda_lr.h>
#include <tenon/optim/lr_scheduler/linear_lr.h>
#include <tenon/optim/lr_scheduler/lr_scheduler.h>
#include <tenon/optim/lr_scheduler/multi_step_lr.h>
#include <tenon/optim/lr_scheduler/one_cycle_lr.h>
#include <tenon/optim/lr_scheduler/per_group.h>
#include <tenon/optim/lr_scheduler/polynomial_lr.h>
#include <tenon/optim/lr_scheduler/reduce_lr_on_plateau.h>
#include <tenon/optim/lr_scheduler/sequential_lr.h>
#include <tenon/optim/lr_scheduler/step_lr.h>
#include <tenon/optim/lr_scheduler/swa_lr.h>
