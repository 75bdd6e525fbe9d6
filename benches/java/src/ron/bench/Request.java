// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A run that is asked for, every word of it checked. */
final class Request {
  private static final Parameter MILLIS = Parameter.number("millis", 100, 1, 600_000);
  private static final Parameter PIN = Parameter.number("pin", 0, 0, 1);

  final Contender contender;
  final Workload workload;
  /** How long the timed part should last. */
  final long millis;
  final boolean pinned;
  /** Whether this is a warm-up that need not keep the pace asked for. */
  final boolean hurried;

  private final Map<String, String> values;

  private Request(
      Contender contender, Workload workload, Map<String, String> values, boolean hurried) {
    this.contender = contender;
    this.workload = workload;
    this.values = Map.copyOf(values);
    this.millis = Long.parseLong(values.get(MILLIS.name()));
    this.pinned = values.get(PIN.name()).equals("1");
    this.hurried = hurried;
  }

  /** From the words behind `run`. */
  static Request parse(List<String> words) throws Protocol.Obstacle {
    Map<String, String> given = new LinkedHashMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals <= 0) throw new BadRequest(word + ": expected name=value");
      String name = word.substring(0, equals);
      if (given.put(name, word.substring(equals + 1)) != null) {
        throw new BadRequest(word + ": " + name + " is given twice");
      }
    }
    Contender contender = Contender.of(taken(given, "system"));
    Workload workload = Workloads.of(taken(given, "workload"));

    List<Parameter> parameters =
        Stream.concat(workload.parameters().stream(), Stream.of(MILLIS, PIN)).toList();
    Map<String, String> values = new TreeMap<>();
    for (Parameter parameter : parameters) {
      String value = given.remove(parameter.name());
      if (value == null) value = parameter.fallback();
      if (value == null) throw new BadRequest(parameter.name() + " is missing");
      parameter.check(value);
      values.put(parameter.name(), value);
    }
    for (Map.Entry<String, String> unknown : given.entrySet()) {
      throw new BadRequest(
          unknown.getKey() + "=" + unknown.getValue() + ": " + workload.name() + " takes "
              + parameters.stream().map(Parameter::name).collect(Collectors.joining(", ")));
    }
    return new Request(contender, workload, values, false);
  }

  private static String taken(Map<String, String> given, String name) {
    String value = given.remove(name);
    if (value == null) throw new BadRequest(name + " is missing");
    return value;
  }

  /** Reads back what `words` wrote. */
  static Request from(Map<String, String> words) throws Protocol.Obstacle {
    return new Request(
        Contender.of(words.get("system")),
        Workloads.of(words.get("workload")),
        words,
        Boolean.parseBoolean(words.get("hurried")));
  }

  /** Everything asked for, with another duration, in words that all class loaders know. */
  Map<String, String> words(long millis, boolean hurried) {
    Map<String, String> words = new TreeMap<>(values);
    words.put("system", contender.id);
    words.put("workload", workload.name());
    words.put("hurried", Boolean.toString(hurried));
    words.put(MILLIS.name(), Long.toString(millis));
    return words;
  }

  /** The same for all requests that differ in nothing but how long and where they run. */
  String identity() {
    Map<String, String> words = words(0, false);
    words.remove(PIN.name());
    return words.toString();
  }

  long number(String name) {
    return Long.parseLong(values.get(name));
  }

  int count(String name) {
    return (int) number(name);
  }

  String word(String name) {
    return values.get(name);
  }

  /** Why this cannot be done; null when it can. */
  String obstacle() {
    long capacity = number("capacity");
    if (Long.bitCount(capacity) != 1) {
      return "capacity=" + capacity + ": a Disruptor's buffer size must be a power of 2";
    }
    return workload.obstacle(this);
  }
}
