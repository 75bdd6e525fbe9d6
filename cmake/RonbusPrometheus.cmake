# SPDX-License-Identifier: MIT OR Apache-2.0
# The target ronbus::prometheus, if RONBUS_PROMETHEUS asks for it; nothing else depends on it.

if(RONBUS_PROMETHEUS STREQUAL "AUTO")
    find_package(prometheus-cpp CONFIG QUIET)
elseif(RONBUS_PROMETHEUS)
    find_package(prometheus-cpp CONFIG REQUIRED)
endif()
if(NOT RONBUS_PROMETHEUS OR NOT prometheus-cpp_FOUND)
    return()
endif()

add_library(
    ronbus_prometheus STATIC
    src/prometheus/collector.cpp
    src/prometheus/exposition.cpp
    src/prometheus/http/address.cpp
    src/prometheus/http/connection.cpp
    src/prometheus/http/message.cpp
    src/prometheus/http/server.cpp
    src/prometheus/label_value.cpp
    src/prometheus/page/page.cpp
    src/prometheus/server.cpp
    src/prometheus/subscriber_series.cpp
)
add_library(ronbus::prometheus ALIAS ronbus_prometheus)
target_sources(
    ronbus_prometheus
    PUBLIC
        FILE_SET HEADERS
        BASE_DIRS "${PROJECT_SOURCE_DIR}/include"
        FILES ${RONBUS_PROMETHEUS_HEADERS}
)
target_include_directories(ronbus_prometheus PRIVATE "${PROJECT_SOURCE_DIR}")
target_compile_definitions(ronbus_prometheus PRIVATE RONBUS_VERSION="${PROJECT_VERSION}")
target_link_libraries(ronbus_prometheus PUBLIC ronbus prometheus-cpp::core)
ronbus_embed(
    ronbus_prometheus src/prometheus/page/embedded.hpp ron::prometheus::page::embedded
    src/prometheus/page/chart.js
    src/prometheus/page/exposition.js
    src/prometheus/page/history.js
    src/prometheus/page/index.html
    src/prometheus/page/numbers.js
    src/prometheus/page/page.css
    src/prometheus/page/page.js
    src/prometheus/page/table.js
    third_party/uplot/LICENSE
    third_party/uplot/uPlot.iife.min.js
    third_party/uplot/uPlot.min.css
)
set_target_properties(
    ronbus_prometheus
    PROPERTIES
        EXPORT_NAME prometheus
        CXX_EXTENSIONS OFF
        POSITION_INDEPENDENT_CODE ON
        VERIFY_INTERFACE_HEADER_SETS ${RONBUS_DEV}
)
if(RONBUS_DEV)
    if(NOT RONBUS_PROGRAM)
        # Nothing in this build uses it; its sources are still known to clang-tidy.
        set_target_properties(ronbus_prometheus PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()
    ronbus_warnings(ronbus_prometheus)
    ronbus_unity(ronbus_prometheus 15)
endif()
