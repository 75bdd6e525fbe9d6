// SPDX-License-Identifier: MIT OR Apache-2.0
//
// What `ronbus tee` reads, arriving in pieces of any size: each line comes out once, whole, in
// order. Input: a byte tells the size of the next piece (or 64 times as much), then its bytes; the
// largest are repeated up to more than a block.
#include <cstddef>
#include <cstdint>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "cli/tee/block_pool.hpp"
#include "cli/tee/line_reader.hpp"
#include "input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using ron::fuzz::require;
  constexpr std::size_t kMost = std::size_t{4} << 20;
  ron::fuzz::Input input{data, size};
  int ends[2];
  require(::pipe2(ends, O_NONBLOCK) == 0);
  std::string sent;
  std::string got;
  {
    ron::cli::tee::BlockPool pool;
    ron::cli::tee::LineReader reader{ends[0], pool};
    const auto take = [&](const ron::cli::tee::LineReader::Result& result) {
      const auto bytes = result.lines.bytes();
      const std::string lines{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
      require(result.error == 0);
      require(lines.empty() || result.ended || lines.back() == '\n');
      got += lines;
    };
    while (!input.empty() && sent.size() < kMost) {
      const unsigned header = input.byte();
      std::string piece;
      for (unsigned i = 0; i < header % 32; ++i) piece += static_cast<char>(input.byte());
      for (unsigned doubled = 0; doubled < header / 32; ++doubled) {
        if (piece.size() < 60000) piece += piece;
      }
      if (piece.empty()) continue;
      if (piece.size() > 60000) piece.resize(60000);
      require(::write(ends[1], piece.data(), piece.size()) == static_cast<ssize_t>(piece.size()));
      sent += piece;
      take(reader.read());
      if (header % 2 == 0) take(reader.read());
      // Nothing may be kept back but the line that has begun.
      require(sent.starts_with(got));
    }
    for (int i = 0; i < 8; ++i) take(reader.read());
    const std::size_t last = sent.rfind('\n');
    require(got.size() == (last == std::string::npos ? 0 : last + 1));
    ::close(ends[1]);
    ron::cli::tee::LineReader::Result result;
    do {
      result = reader.read();
      take(result);
    } while (!result.ended);
    require(got == sent);
  }
  ::close(ends[0]);
  return 0;
}
