// SPDX-License-Identifier: MIT OR Apache-2.0
#include "line_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include <unistd.h>

namespace ron::cli::tee {
namespace {

/// Less room than this at the end of a block is left unused.
constexpr std::size_t kLeastRoom = std::size_t{4} << 10;

}  // namespace

LineReader::Result LineReader::read() {
  make_room();
  char* const data = block_->data.get();
  ssize_t got = 0;
  do {
    got = ::read(descriptor_, data + filled_, std::min(block_->size - filled_, kReadSize));
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return {};
  if (got <= 0) {
    const int error = got < 0 ? errno : 0;
    return {.lines = take_until(filled_), .ended = true, .error = error};
  }

  const auto size = static_cast<std::size_t>(got);
  const void* const newline = ::memrchr(data + filled_, '\n', size);
  filled_ += size;
  if (newline == nullptr) return {};
  return {.lines =
              take_until(static_cast<std::size_t>(static_cast<const char*>(newline) - data) + 1)};
}

/// Goes on in a fresh block where the present one is full, or was made for a long line that is
/// handed out by now.
void LineReader::make_room() {
  const std::size_t carry = filled_ - begin_;
  if (block_ != nullptr && block_->size - filled_ >= kLeastRoom) {
    const bool outgrown =
        block_->size > BlockPool::kUsualSize && begin_ > 0 && carry <= BlockPool::kUsualSize / 2;
    if (!outgrown) return;
  }
  // Twice the line so far: a line of any length is copied about once.
  std::shared_ptr<Block> fresh = pool_.take(2 * carry);
  if (carry > 0) std::memcpy(fresh->data.get(), block_->data.get() + begin_, carry);
  block_ = std::move(fresh);
  begin_ = 0;
  filled_ = carry;
}

SharedBytes LineReader::take_until(std::size_t end) {
  if (end == begin_) return {};
  const std::span<const char> text{block_->data.get() + begin_, end - begin_};
  begin_ = end;
  return {block_, std::as_bytes(text)};
}

}  // namespace ron::cli::tee
