# SPDX-License-Identifier: MIT OR Apache-2.0
# What `cmake --install` puts in place: library, headers, CMake package and pkg-config file.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(ronbus_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/ronbus")

install(
    TARGETS ronbus ronbus_asio
    EXPORT ronbus-targets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
)
if(TARGET ronbus_prometheus)
    # Apart, so that only those who ask for it need prometheus-cpp.
    install(
        TARGETS ronbus_prometheus
        EXPORT ronbus-prometheus-targets
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
        FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    )
    install(
        EXPORT ronbus-prometheus-targets
        NAMESPACE ronbus::
        DESTINATION "${ronbus_package_dir}"
    )
endif()
install(EXPORT ronbus-targets NAMESPACE ronbus:: DESTINATION "${ronbus_package_dir}")

configure_package_config_file(
    "${PROJECT_SOURCE_DIR}/cmake/ronbus-config.cmake.in"
    "${PROJECT_BINARY_DIR}/ronbus-config.cmake"
    INSTALL_DESTINATION "${ronbus_package_dir}"
)
write_basic_package_version_file(
    "${PROJECT_BINARY_DIR}/ronbus-config-version.cmake"
    COMPATIBILITY SameMinorVersion
)
install(
    FILES
        "${PROJECT_BINARY_DIR}/ronbus-config.cmake"
        "${PROJECT_BINARY_DIR}/ronbus-config-version.cmake"
    DESTINATION "${ronbus_package_dir}"
)

# The prefix is found from where the .pc file lies, so that the installed tree may be moved.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}" OR IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
    set(RONBUS_PC_PREFIX "${CMAKE_INSTALL_PREFIX}")
else()
    file(RELATIVE_PATH ronbus_pc_up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
    string(REGEX REPLACE "/$" "" ronbus_pc_up "${ronbus_pc_up}")
    set(RONBUS_PC_PREFIX "\${pcfiledir}/${ronbus_pc_up}")
endif()
set(RONBUS_PC_DEFINITIONS "${RONBUS_DEFINITIONS}")
list(TRANSFORM RONBUS_PC_DEFINITIONS PREPEND " -D")
list(JOIN RONBUS_PC_DEFINITIONS "" RONBUS_PC_DEFINITIONS)
cmake_path(APPEND RONBUS_PC_LIBDIR "\${prefix}" "${CMAKE_INSTALL_LIBDIR}")
cmake_path(APPEND RONBUS_PC_INCLUDEDIR "\${prefix}" "${CMAKE_INSTALL_INCLUDEDIR}")
configure_file(
    "${PROJECT_SOURCE_DIR}/cmake/ronbus.pc.in"
    "${PROJECT_BINARY_DIR}/ronbus.pc"
    @ONLY
)
install(FILES "${PROJECT_BINARY_DIR}/ronbus.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
