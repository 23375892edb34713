#pragma once
// Compares with PyTorch's answers, prints each case that differs, and counts.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <tenon/tensor.h>

#include "bundle.h"

namespace tenon::parity {

/// How far an element may lie from the expected one: relative·|e| + of_largest·max|E| + absolute.
struct Tolerance {
  double relative = 0;
  double absolute = 0;
  double of_largest = 0;
};
// What PyTorch itself keeps between its own kernels.
inline constexpr Tolerance exactly{};
inline constexpr Tolerance outputs{.relative = 1.3e-6, .absolute = 1e-5};
inline constexpr Tolerance gradients{.relative = 1e-4, .absolute = 1e-5, .of_largest = 1e-4};
constexpr Tolerance normals(double std) { return {.relative = 1e-6, .absolute = 2e-6 * std}; }

/// Empty if both agree in shape, data type and elements; otherwise what differs, with the largest difference.
/// NaN agrees with NaN, an infinity only with itself.
std::string difference(const Tensor& actual, const Tensor& expected, const Tolerance& tolerance);

/// One case: it fails by what its comparisons find.
class Case {
 public:
  void compare(const std::string& what, const Tensor& actual, const Tensor& expected, const Tolerance& tolerance);
  void compare(const std::string& what, double actual, double expected, const Tolerance& tolerance);
  void check(bool holds, const std::string& otherwise);

  const std::vector<std::string>& mismatches() const { return mismatches_; }

 private:
  std::vector<std::string> mismatches_;
};

class Report {
 public:
  /// `may_skip`: texts; a case whose name has one in it may be skipped.
  explicit Report(std::vector<std::string> may_skip = {}) : may_skip_(std::move(may_skip)) {}

  /// Runs a case and counts it: passed without mismatches; skipped by NotYet; failed by a mismatch or any other
  /// exception. BadInput ends the program: it says nothing about the library.
  void run(const std::string& name, const std::function<void(Case&)>& body);
  void skip(const std::string& name, const std::string& why);

  /// Prints what was skipped and `N passed, M failed, K skipped`; returns the exit code: 1 where anything failed, was
  /// skipped that may not be, or may be and was not.
  int finish() const;

 private:
  int passed_ = 0, failed_ = 0;
  std::vector<std::pair<std::string, std::string>> skipped_;  // name, why
  std::vector<std::string> may_skip_;
};

}  // namespace tenon::parity
