# Warnings, sanitizers and ccache, for everything that this project compiles itself.

if(PROJECT_IS_TOP_LEVEL)
  add_compile_options(-Wall -Wextra -Wpedantic)
  # g++ 12 sees an overlap in "text" + std::string that is not there (GCC bug 105651).
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
  if(TENON_WERROR)
    add_compile_options(-Werror)
  endif()
endif()

# One flag for the whole build: a sanitizer that sees only some of the code reports what is not so.
set(TENON_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined or thread")
if(TENON_SANITIZE)
  add_compile_options(-fsanitize=${TENON_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TENON_SANITIZE})
endif()

if(TENON_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(TENON_CCACHE_PROGRAM ccache)
  mark_as_advanced(TENON_CCACHE_PROGRAM)
  if(TENON_CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${TENON_CCACHE_PROGRAM}")
  endif()
endif()
