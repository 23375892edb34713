# Where OpenBLAS is, as OpenBLAS_RUNTIME: the build for OpenMP, where a system has several. Another one would bring a
# second pool of threads, which fights with the first. Nothing is linked with it: the library loads it when it is needed.

find_library(OpenBLAS_RUNTIME libopenblas.so.0 PATH_SUFFIXES openblas-openmp)
mark_as_advanced(OpenBLAS_RUNTIME)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenBLAS REQUIRED_VARS OpenBLAS_RUNTIME
                                  REASON_FAILURE_MESSAGE "Debian's package is libopenblas0-openmp.")
