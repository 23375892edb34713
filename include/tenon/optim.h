#pragma once
// Optimizers and learning rate schedulers.
#include <tenon/optim/adam.h>
#include <tenon/optim/averaged_model.h>
#include <tenon/optim/grad_scaler.h>
#include <tenon/optim/lr_scheduler.h>
#include <tenon/optim/rmsprop.h>
#include <tenon/optim/sgd.h>
