// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import java.util.List;
import java.util.Map;

/** A workload of docs/BENCHMARKS.md. */
interface Workload {
  String name();

  /** Always with a capacity among them. */
  List<Parameter> parameters();

  /** Whether the system can do it with any parameters at all. */
  default boolean suits(Contender contender) {
    return true;
  }

  /** Why the system cannot do what is asked; null when it can. */
  String obstacle(Request request);

  /** Runs once, checks every answer, and returns the metrics. */
  Map<String, Number> run(Request request, Workers workers) throws Exception;
}
