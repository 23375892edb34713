#pragma once
// Images made ready for a model, and varied for training; what torchvision.transforms.v2 has under the same names.
#include <tenon/data/transforms/color.h>
#include <tenon/data/transforms/compose.h>
#include <tenon/data/transforms/geometry.h>
#include <tenon/data/transforms/values.h>
