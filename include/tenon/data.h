#pragma once
// Datasets, batches, and transforms of images.
#include <tenon/data/byte_pair_tokenizer.h>
#include <tenon/data/cifar.h>
#include <tenon/data/collate.h>
#include <tenon/data/csv.h>
#include <tenon/data/data_loader.h>
#include <tenon/data/dataset.h>
#include <tenon/data/fashion_mnist.h>
#include <tenon/data/idx.h>
#include <tenon/data/image.h>
#include <tenon/data/image_folder.h>
#include <tenon/data/mnist.h>
#include <tenon/data/numpy.h>
#include <tenon/data/sampler.h>
#include <tenon/data/subset.h>
#include <tenon/data/text_lines.h>
#include <tenon/data/transforms.h>
