# What the library uses inside: in no public header, and for a shared library nothing that its users see.
# A static library's package includes this file too.

include(CMakeFindDependencyMacro)
list(PREPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")
find_dependency(DNNL MODULE)              # f32 and bf16 matmul, convolution, pooling
find_dependency(OpenMP COMPONENTS CXX)    # threads, the runtime that oneDNN and OpenBLAS use
find_dependency(hwy CONFIG)               # SIMD, chosen at run time
find_dependency(ZLIB)
list(POP_FRONT CMAKE_MODULE_PATH)
set(TENON_PRIVATE_DEPENDENCIES DNNL::dnnl OpenMP::OpenMP_CXX hwy::hwy ZLIB::ZLIB ${CMAKE_DL_LIBS})
