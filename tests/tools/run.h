#pragma once
// The command `tenon`, run as a user runs it.
#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "io/files.h"

namespace tenon::test {

struct Result {
  int code = -1;
  std::string out, error;
};

/// Runs it by a shell, with what stands before it: NO_COLOR=1.
inline Result run(const std::string& arguments, const std::string& before = "") {
  const Folder folder;
  const std::string command =
      before + " " TENON_PROGRAM " " + arguments + " >'" + folder("out") + "' 2>'" + folder("error") + "'";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(folder("out")), read_file(folder("error"))};
}

inline std::string quoted(const std::string& file) { return "'" + file + "'"; }

}  // namespace tenon::test
