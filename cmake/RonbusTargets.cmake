# SPDX-License-Identifier: MIT OR Apache-2.0
# Helpers for the targets of this project.

# ronbus_warnings(<target>): the warnings every target of this project compiles without.
#
# Left out on purpose, because g++ 12 reports them where nothing is wrong once templates are
# inlined: -Wnull-dereference; and, with sanitizers, -Wmaybe-uninitialized.
function(ronbus_warnings target)
    target_compile_options(
        ${target}
        PRIVATE
            -Wall
            -Wextra
            -Wpedantic
            -Wconversion
            -Wsign-conversion
            -Wshadow
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wold-style-cast
            -Wcast-align
            -Wcast-qual
            -Wextra-semi
            -Wimplicit-fallthrough
            -Wformat=2
            -Wundef
            -Werror
            $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
            $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
            $<$<CXX_COMPILER_ID:Clang>:-Wshadow-all>
            $<$<CXX_COMPILER_ID:Clang>:-Wunreachable-code>
    )
    if(RONBUS_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
    endif()
endfunction()

# ronbus_unity(<target> <files>): compiles so many sources of the target as one, because most of the
# time goes into headers that all of them share. Names in anonymous namespaces have to differ then.
function(ronbus_unity target files)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${files})
endfunction()

# ronbus_all_headers_check(): compiles one file that includes every header of the library, with
# all warnings. The verification of header sets shows that each header stands alone, but without
# our warnings; this shows that all of them are clean, and is what clang-tidy reads.
function(ronbus_all_headers_check)
    set(includes "")
    foreach(header IN LISTS RONBUS_HEADERS)
        file(RELATIVE_PATH name "${PROJECT_SOURCE_DIR}/include" "${header}")
        string(APPEND includes "#include <${name}>  // IWYU pragma: keep\n")
    endforeach()
    file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/all_headers.cpp" CONTENT "${includes}" @ONLY)
    add_library(ronbus_all_headers OBJECT "${PROJECT_BINARY_DIR}/all_headers.cpp")
    target_include_directories(ronbus_all_headers PRIVATE "${PROJECT_SOURCE_DIR}/include")
    target_compile_features(ronbus_all_headers PRIVATE cxx_std_23)
    ronbus_warnings(ronbus_all_headers)
endfunction()

# ronbus_test(<name> SOURCES <file>... [LIBRARIES <target>...] [LABELS <label>...]
#             [TIMEOUT <seconds>] [HOOKS] [QUICK])
#
# A GoogleTest program, linked with the library, GoogleMock and GoogleTest's main, as one ctest
# entry. TIMEOUT (120 s unless told) is for an optimised build; sanitizers get four times that,
# and all of them RONBUS_PATIENCE times.
# HOOKS links the library compiled with RONBUS_TEST_HOOKS instead of the plain one. QUICK is for what
# an optimised build need not optimise to the full: it compiles in two thirds of the time.
# Its cases are written to test-results/<name>.xml, where scripts/test counts them.
function(ronbus_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "HOOKS;QUICK" "TIMEOUT" "SOURCES;LIBRARIES;LABELS")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "ronbus_test(${name}): what is '${arg_UNPARSED_ARGUMENTS}'?")
    endif()
    if(NOT arg_SOURCES)
        message(FATAL_ERROR "ronbus_test(${name}): SOURCES is missing")
    endif()
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 120)
    endif()
    if(RONBUS_SANITIZE)
        math(EXPR arg_TIMEOUT "4 * ${arg_TIMEOUT}")
    endif()
    math(EXPR arg_TIMEOUT "${RONBUS_PATIENCE} * ${arg_TIMEOUT}")

    if(NOT TARGET GTest::gmock)
        find_package(GTest REQUIRED)
    endif()
    add_executable(${name} ${arg_SOURCES})
    if(arg_HOOKS)
        set(library ronbus_hooked)
    else()
        set(library ronbus::ronbus)
    endif()
    target_link_libraries(
        ${name}
        PRIVATE ${library} ${arg_LIBRARIES} GTest::gmock GTest::gtest_main
    )
    ronbus_warnings(${name})
    if(arg_QUICK)
        target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
    endif()

    set(results "${PROJECT_BINARY_DIR}/test-results/${name}.xml")
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(
        ${name}
        PROPERTIES
            LABELS "${arg_LABELS}"
            TIMEOUT ${arg_TIMEOUT}
            ENVIRONMENT "GTEST_OUTPUT=xml:${results}"
    )
endfunction()

# ronbus_embed(<target> <header> <namespace> <file>...)
#
# Puts text files into a target: for each file x.css a function `std::string_view x_css()` of the
# namespace, declared in the header. Changed files are read again by the next build.
function(ronbus_embed target header namespace)
    set(functions "")
    foreach(file IN LISTS ARGN)
        cmake_path(ABSOLUTE_PATH file OUTPUT_VARIABLE path)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
        file(READ "${path}" text)
        cmake_path(GET file FILENAME name)
        string(MAKE_C_IDENTIFIER "${name}" name)
        string(TOLOWER "${name}" name)
        string(APPEND functions "std::string_view ${name}() { return R\"embedded(${text})embedded\"; }\n")
    endforeach()
    cmake_path(ABSOLUTE_PATH header)
    set(source "${CMAKE_CURRENT_BINARY_DIR}/${target}_embedded.cpp")
    file(
        GENERATE
        OUTPUT "${source}"
        CONTENT "#include \"${header}\"\n\nnamespace ${namespace} {\n\n${functions}\n}\n"
    )
    target_sources(${target} PRIVATE "${source}")
endfunction()

# ronbus_asio_coroutines(<target>): Asio 1.22 does not recognise by itself that clang 19 has
# coroutines.
function(ronbus_asio_coroutines target)
    target_compile_definitions(
        ${target}
        PRIVATE $<$<CXX_COMPILER_ID:Clang>:ASIO_HAS_CO_AWAIT ASIO_HAS_STD_COROUTINE>
    )
endfunction()

# ronbus_fuzz(<name> <library>...): the fuzz target fuzz/<name>.cpp, as part of the target `fuzz`.
function(ronbus_fuzz name)
    add_executable(fuzz_${name} "${PROJECT_SOURCE_DIR}/fuzz/${name}.cpp")
    target_include_directories(
        fuzz_${name}
        PRIVATE "${PROJECT_SOURCE_DIR}/fuzz" "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/tests"
    )
    target_link_libraries(fuzz_${name} PRIVATE ronbus::ronbus ${ARGN})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    set_target_properties(
        fuzz_${name}
        PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fuzz"
    )
    ronbus_warnings(fuzz_${name})
    if(NOT TARGET fuzz)
        add_custom_target(fuzz)
    endif()
    add_dependencies(fuzz fuzz_${name})
endfunction()
