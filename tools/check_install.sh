#!/usr/bin/env bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Uses the library the ways others do: installed and found by CMake, also with the components for
# Asio and for Prometheus, installed and found by pkg-config, and as a subdirectory. Ends with the number of ways that work.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >main.cpp <<'END'
#include <ronbus/ronbus.hpp>
int main() {
    auto bus = ron::BusBuilder{}.build<int>();
    if (!bus) return 1;
    auto subscriber = bus->subscribe();
    if (bus->publish(42) != 1) return 2;
    auto value = subscriber.try_recv();
    return value && *value == 42 ? 0 : 3;
}
END

# consumer FOLDER STATEMENT [TARGET]: a project that gets at the library by STATEMENT, built and run.
consumer() {
    mkdir "$1"
    cat >"$1/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES CXX)
$2
add_executable(consumer ../main.cpp)
target_link_libraries(consumer PRIVATE ${3-ronbus::ronbus})
END
    cmake -S "$1" -B "$1/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$work/moved"
    cmake --build "$1/build"
    "$1/build/consumer"
}

echo "== installed without the development targets, then moved"
cmake -S "$root" -B library -G Ninja -DRONBUS_DEV=OFF -DRONBUS_PROMETHEUS=ON \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_UNITY_BUILD=ON
cmake --build library
cmake --install library --prefix "$work/prefix"
mv prefix moved

echo "== find_package"
consumer found "find_package(ronbus 0.1 CONFIG REQUIRED)"

echo "== find_package of a component"
consumer found_asio "find_package(ronbus 0.1 CONFIG REQUIRED COMPONENTS asio)" ronbus::asio
[[ -e moved/include/ronbus/asio.hpp ]]

echo "== find_package of a component that needs prometheus-cpp"
mv main.cpp main.kept
cat >main.cpp <<'END'
#include <ronbus/builder.hpp>
#include <ronbus/prometheus.hpp>
int main() {
    auto bus = ron::BusBuilder{}.build<int>();
    if (!bus) return 1;
    auto collector = std::make_shared<ron::prometheus::Collector>();
    collector->add(*bus);
    auto server = ron::prometheus::Server::start({.address = "127.0.0.1:0"}, collector);
    return server && server->port() != 0 && collector->Collect().size() > 10 ? 0 : 2;
}
END
consumer found_prometheus "find_package(ronbus 0.1 CONFIG REQUIRED COMPONENTS prometheus)" ronbus::prometheus
mv main.kept main.cpp

echo "== pkg-config"
PKG_CONFIG_PATH="$(dirname "$(find "$work/moved" -name ronbus.pc)")"
export PKG_CONFIG_PATH
# shellcheck disable=SC2046  # one word a flag
g++ -std=c++23 main.cpp -o consumer $(pkg-config --cflags --libs ronbus)
./consumer

echo "== add_subdirectory"
consumer nested "add_subdirectory(\"$root\" ronbus)"
if [[ -e nested/build/ronbus/ronbus || -e nested/build/ronbus/CTestTestfile.cmake ]]; then
    echo "tools/check_install.sh: development targets were built in another project" >&2
    exit 1
fi

echo "5 ways work"
