# SPDX-License-Identifier: MIT OR Apache-2.0
# Settings of a development build, for every target of this project: sanitizers, and a compiler
# cache and a fast linker where the machine has them.

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

if(RONBUS_SANITIZE)
    foreach(sanitizer IN LISTS RONBUS_SANITIZE)
        if(NOT sanitizer MATCHES "^(address|thread|undefined)$")
            message(
                FATAL_ERROR
                "RONBUS_SANITIZE: '${sanitizer}' is none of address, thread, undefined"
            )
        endif()
    endforeach()
    if("address" IN_LIST RONBUS_SANITIZE AND "thread" IN_LIST RONBUS_SANITIZE)
        message(FATAL_ERROR "RONBUS_SANITIZE: address and thread exclude each other")
    endif()
    list(JOIN RONBUS_SANITIZE "," ronbus_sanitizers)
    add_compile_options(
        -fsanitize=${ronbus_sanitizers}
        -fno-sanitize-recover=all
        -fno-omit-frame-pointer
    )
    add_link_options(-fsanitize=${ronbus_sanitizers})
endif()

if(RONBUS_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(RONBUS_CCACHE ccache)
if(RONBUS_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${RONBUS_CCACHE}")
endif()

find_program(RONBUS_MOLD mold)
# Cross compilers look for linkers among their own only.
if(RONBUS_MOLD AND NOT CMAKE_CROSSCOMPILING)
    add_link_options(-fuse-ld=mold)
endif()
