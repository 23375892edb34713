#pragma once
// Where the tests' own files are. The value is compiled by itself: the rest is the same in every clone.
#include <string>

namespace tenon::test {

/// The folder tests/.
const std::string& tests_folder();

}  // namespace tenon::test
