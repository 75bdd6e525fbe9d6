// SPDX-License-Identifier: MIT OR Apache-2.0
#include "any_bus_of.hpp"

namespace ron::test {

std::unique_ptr<AnyBus> make_trivial_bus(const BusSpec& spec) {
  switch (spec.storage) {
    case Storage::DenseWord:
    case Storage::PairedWord:
      return make_bus_of<Id>(spec);
    case Storage::DenseStruct:
      return make_bus_of<Words24Bytes>(spec);
    case Storage::CopiedStruct:
      return make_bus_of<Words48Bytes>(spec);
    default:
      return nullptr;
  }
}

}  // namespace ron::test
