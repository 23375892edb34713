#pragma once
// Where the tests' own files are. Its value is compiled by itself, so that a compiler cache serves every clone.
#include <string>

namespace tenon::test {

/// The folder tests/.
const std::string& tests_folder();

}  // namespace tenon::test
