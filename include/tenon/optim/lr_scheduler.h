#pragma once
// Learning rates that change over the epochs. Source: torch.optim.lr_scheduler.
#include <tenon/optim/lr_scheduler/cosine_annealing_lr.h>
#include <tenon/optim/lr_scheduler/linear_lr.h>
#include <tenon/optim/lr_scheduler/lr_scheduler.h>
