# What the library uses inside: in no public header, and for a shared library nothing that its users see.
# A static library's package includes this file too.

include(CMakeFindDependencyMacro)
list(PREPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")
find_dependency(OpenMP COMPONENTS CXX)    # threads, the runtime that OpenBLAS uses too
find_dependency(hwy CONFIG)               # SIMD, chosen at run time
find_dependency(ZLIB)
find_dependency(PCRE2)                    # words of a text, by expressions that know Unicode
find_dependency(PNG)                      # images
find_dependency(JPEG)
list(POP_FRONT CMAKE_MODULE_PATH)
set(TENON_PRIVATE_DEPENDENCIES OpenMP::OpenMP_CXX hwy::hwy ZLIB::ZLIB PCRE2::8BIT PNG::PNG JPEG::JPEG ${CMAKE_DL_LIBS})
