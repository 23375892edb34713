#pragma once
// What a model reaches, gathered over the batches of a pass.
#include <tenon/metrics/classification.h>
#include <tenon/metrics/mean.h>
