// A program that is already running opens the library, as a plugin's host or Python does, and finds room for its
// thread-local data.
#include <dlfcn.h>

#include <cstdio>

int main(int, char** argv) {
  if (dlopen(argv[1], RTLD_NOW)) return 0;
  std::fprintf(stderr, "%s\n", dlerror());
  return 1;
}
