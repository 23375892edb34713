#pragma once
// Datasets and batches.
#include <tenon/data/data_loader.h>
#include <tenon/data/dataset.h>
#include <tenon/data/fashion_mnist.h>
#include <tenon/data/idx.h>
