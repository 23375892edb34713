# Library, headers, licence, and how a build finds them.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS tenon EXPORT tenon-targets INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY include/tenon DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" PATTERN "tenon/distributed*" EXCLUDE)
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")

# --- find_package(tenon)
set(TENON_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/tenon")
install(EXPORT tenon-targets NAMESPACE tenon:: DESTINATION "${TENON_CMAKE_DIR}")
if(TARGET tenon_distributed)  # find_package(tenon COMPONENTS distributed)
  install(TARGETS tenon_distributed EXPORT tenon-distributed-targets)
  install(DIRECTORY include/tenon/distributed DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/tenon")
  install(FILES include/tenon/distributed.h DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/tenon")
  install(EXPORT tenon-distributed-targets NAMESPACE tenon:: DESTINATION "${TENON_CMAKE_DIR}")
endif()
configure_package_config_file(cmake/tenon-config.cmake.in tenon-config.cmake INSTALL_DESTINATION "${TENON_CMAKE_DIR}")
write_basic_package_version_file(tenon-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/tenon-config.cmake" "${CMAKE_CURRENT_BINARY_DIR}/tenon-config-version.cmake"
        DESTINATION "${TENON_CMAKE_DIR}")

# --- pkg-config tenon. Everything is named from where the file itself lies, so that the installation can be moved.
file(RELATIVE_PATH TENON_PC_PREFIX "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
set(TENON_PC_REQUIRES "fmt >= 9")
set(TENON_PC_LIBS -ltenon)

if(TENON_TYPE STREQUAL "STATIC_LIBRARY")
  # Whoever links the archive links what it uses, and finds it in the same way.
  install(FILES cmake/TenonPrivateDependencies.cmake cmake/FindPCRE2.cmake DESTINATION "${TENON_CMAKE_DIR}")
  string(APPEND TENON_PC_REQUIRES ", libhwy, libjpeg, libpcre2-8, libpng, zlib")
  list(TRANSFORM CMAKE_DL_LIBS PREPEND -l OUTPUT_VARIABLE dl)
  list(APPEND TENON_PC_LIBS ${OpenMP_CXX_FLAGS} ${dl})
endif()
list(JOIN TENON_PC_LIBS " " TENON_PC_LIBS)
configure_file(cmake/tenon.pc.in tenon.pc @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/tenon.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
