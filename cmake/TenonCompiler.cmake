# Warnings, sanitizers, ccache and precompiled headers, for everything that this project compiles itself.

set(TENON_GNU_FLAGS OFF)
if(CMAKE_CXX_COMPILER_ID MATCHES "^(GNU|Clang)$")
  set(TENON_GNU_FLAGS ON)
endif()

if(PROJECT_IS_TOP_LEVEL AND TENON_GNU_FLAGS)
  add_compile_options(-Wall -Wextra -Wpedantic)
  # g++ 12 sees overlaps and ends in "text" + std::string that are not there (GCC bugs 105651 and 105329), with
  # precompiled headers more of them.
  add_compile_options("$<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-stringop-overflow;-Wno-array-bounds>")
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

# clang++ reads every file, and writes none but precompiled headers: what comes after the warnings is left out.
option(TENON_WARNINGS_ONLY "Compile for the warnings alone: the files made are empty (clang++)" OFF)
mark_as_advanced(TENON_WARNINGS_ONLY)
if(TENON_WARNINGS_ONLY)
  # Of the frontend's actions the last one counts: among a precompiled header's flags is its own.
  set(CMAKE_CXX_COMPILE_OBJECT
      "<CMAKE_CXX_COMPILER> <DEFINES> <INCLUDES> -Xclang -fsyntax-only <FLAGS> -o <OBJECT> -c <SOURCE>"
      "<CMAKE_COMMAND> -E touch <OBJECT>")
  foreach(rule IN ITEMS CREATE_SHARED_LIBRARY CREATE_SHARED_MODULE CREATE_STATIC_LIBRARY ARCHIVE_CREATE LINK_EXECUTABLE)
    set(CMAKE_CXX_${rule} "<CMAKE_COMMAND> -E touch <TARGET>")
  endforeach()
  set(CMAKE_CXX_ARCHIVE_FINISH "")
endif()

if(TENON_CCACHE AND NOT TENON_WARNINGS_ONLY AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(TENON_CCACHE_PROGRAM ccache)
  mark_as_advanced(TENON_CCACHE_PROGRAM)
  if(TENON_CCACHE_PROGRAM)
    # What ccache's manual asks of whoever precompiles headers; the times it would look at are those of another build.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime "${TENON_CCACHE_PROGRAM}")
  endif()
endif()

# tenon_precompile(TARGET HEADER...): these are compiled once for all files of the target.
function(tenon_precompile target)
  if(TENON_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${ARGN})
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)  # ccache's condition
  endif()
endfunction()
