// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

/** The four-fold variant that `ron::KernelEvent` is. */
sealed interface KernelEvent {
  record Health(String service, boolean ok) implements KernelEvent {}

  record ConfigUpdated(long version) implements KernelEvent {}

  record ServiceCrashed(String service, String reason) implements KernelEvent {}

  record Shutdown() implements KernelEvent {}
}
