// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntConsumer;

/** Requests in, answers out; see docs/BENCHMARKS.md. */
final class Protocol {
  private final Map<String, Case> cases = new HashMap<>();
  private final IntConsumer pinning = Pinning.orNull();

  /** The answer to a line, in one line of JSON; null when it asks to quit. */
  String answer(String line) {
    List<String> words = Arrays.asList(line.strip().split("\\s+"));
    try {
      switch (words.get(0)) {
        case "list":
          expectNoMore(words);
          return list();
        case "quit":
          expectNoMore(words);
          return null;
        case "run":
          return run(Request.parse(words.subList(1, words.size())));
        case "":
          throw new BadRequest("empty line: expected list, run or quit");
        default:
          throw new BadRequest(words.get(0) + ": expected list, run or quit");
      }
    } catch (Obstacle obstacle) {
      return Json.object("ok", false, "unsupported", obstacle.getMessage());
    } catch (BadRequest | IllegalStateException wrong) {
      return Json.object("ok", false, "error", wrong.getMessage());
    } catch (Throwable failure) {
      return Json.object("ok", false, "error", failure.toString());
    }
  }

  private static void expectNoMore(List<String> words) {
    if (words.size() > 1) {
      throw new BadRequest(words.get(1) + ": " + words.get(0) + " takes nothing");
    }
  }

  private String run(Request request) throws Obstacle {
    String obstacle = request.obstacle();
    if (obstacle == null && request.pinned && pinning == null) {
      obstacle = "pinning needs the JNA library (Debian: libjna-java)";
    }
    if (obstacle != null) throw new Obstacle(obstacle);
    Case one = cases.computeIfAbsent(request.identity(), identity -> new Case());
    IntConsumer pin = request.pinned ? pinning : worker -> {};
    return Json.object("ok", true, "metrics", new TreeMap<>(one.run(request, pin)));
  }

  private static String list() {
    List<Map<String, Object>> systems =
        Arrays.stream(Contender.values())
            .map(
                contender -> {
                  Map<String, Object> system = new LinkedHashMap<>();
                  system.put("name", contender.id);
                  system.put("label", contender.label);
                  system.put("version", Contender.version());
                  system.put("workloads", Workloads.namesFor(contender));
                  return system;
                })
            .toList();
    return Json.object("runner", "java", "systems", systems);
  }

  /** Why a system cannot do what is asked. */
  static final class Obstacle extends Exception {
    private static final long serialVersionUID = 1;

    Obstacle(String reason) {
      super(reason);
    }
  }
}
