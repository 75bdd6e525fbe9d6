# SPDX-License-Identifier: MIT OR Apache-2.0
# Run at every build: writes the source file OUTPUT, which defines `kCommit` of cli/bench/commit.hpp,
# if the commit of the tree SOURCE has changed.

set(commit "")
find_program(git git)
if(git)
    execute_process(
        COMMAND
            "${git}" -c "safe.directory=${SOURCE}" -C "${SOURCE}" describe --always --dirty
            --exclude=*
        OUTPUT_VARIABLE commit
        OUTPUT_STRIP_TRAILING_WHITESPACE
        ERROR_QUIET
    )
endif()
file(
    CONFIGURE
    OUTPUT "${OUTPUT}"
    CONTENT
        [[
// Written by cmake/RonbusCommit.cmake.
#include "cli/bench/commit.hpp"

namespace ron::cli::bench {

const char* const kCommit = "@commit@";

}  // namespace ron::cli::bench
]]
    @ONLY
)
