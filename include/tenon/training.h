#pragma once
// What goes along with a training: its end, its records, its faults.
#include <tenon/training/chart.h>
#include <tenon/training/csv_log.h>
#include <tenon/training/detect_nan.h>
#include <tenon/training/early_stopping.h>
#include <tenon/training/progress.h>
#include <tenon/training/stop_signals.h>
#include <tenon/training/summary_writer.h>
