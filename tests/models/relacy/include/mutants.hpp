// SPDX-License-Identifier: MIT OR Apache-2.0
//
// For scripts/mutants, in whose copy of the sources every order and fence has a number and asks
// here what it is to be in this run.
//
//   RONBUS_MUTANT="12 acquire"   that order is weaker, or that fence is not run
//   RONBUS_SITES=FILE            the numbers that were reached are written there at the end
#pragma once

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace ron::model {

constexpr unsigned kSites = 1024;

class Mutants {
 public:
  Mutants() noexcept {
    if (const char* const mutant = std::getenv("RONBUS_MUTANT")) {
      char* end = nullptr;
      broken_ = static_cast<unsigned>(std::strtoul(mutant, &end, 10));
      order_ = order_named(end + (*end == ' ' ? 1 : 0));
    }
    file_ = std::getenv("RONBUS_SITES");
  }
  Mutants(const Mutants&) = delete;
  Mutants& operator=(const Mutants&) = delete;
  ~Mutants() {
    if (file_ == nullptr) return;
    if (std::FILE* const file = std::fopen(file_, "a")) {
      for (unsigned site = 0; site < kSites; ++site) {
        if (reached_[site].load(std::memory_order_relaxed)) std::fprintf(file, "%u\n", site);
      }
      std::fclose(file);
    }
  }

  [[nodiscard]] std::memory_order order(unsigned site, std::memory_order usual) noexcept {
    reach(site);
    return site == broken_ ? order_ : usual;
  }
  [[nodiscard]] bool keep(unsigned site) noexcept {
    reach(site);
    return site != broken_;
  }

 private:
  static std::memory_order order_named(const char* name) noexcept {
    if (std::strcmp(name, "acq_rel") == 0) return std::memory_order_acq_rel;
    if (std::strcmp(name, "acquire") == 0) return std::memory_order_acquire;
    if (std::strcmp(name, "release") == 0) return std::memory_order_release;
    return std::memory_order_relaxed;
  }
  void reach(unsigned site) noexcept {
    if (file_ != nullptr) reached_[site].store(true, std::memory_order_relaxed);
  }

  unsigned broken_ = 0;
  std::memory_order order_ = std::memory_order_relaxed;
  const char* file_ = nullptr;
  std::atomic<bool> reached_[kSites]{};
};

inline Mutants mutants;

[[nodiscard]] inline std::memory_order order(unsigned site, std::memory_order usual) noexcept {
  return mutants.order(site, usual);
}
/// Whether the fence is run.
[[nodiscard]] inline bool keep(unsigned site) noexcept { return mutants.keep(site); }

}  // namespace ron::model
