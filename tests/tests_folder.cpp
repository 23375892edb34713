#include "tests_folder.h"

namespace tenon::test {

const std::string& tests_folder() {
  static const std::string folder = TENON_TESTS_DIR;
  return folder;
}

}  // namespace tenon::test
