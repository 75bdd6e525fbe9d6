// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.RingBuffer;
import java.util.List;
import java.util.Map;

/** One thread, in turns: 64 messages published, 64 received by value. */
final class Payloads implements Workload {
  private static final int TURN = 64;

  @Override
  public String name() {
    return "payloads";
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        Parameter.choice("payload", "u64", "bytes64", "bytes1024", "event", "shared64k"),
        Parameter.capacity(1024));
  }

  @Override
  public String obstacle(Request request) {
    return request.number("capacity") < TURN ? "a turn is " + TURN + " messages" : null;
  }

  @Override
  public Map<String, Number> run(Request request, Workers workers) throws InterruptedException {
    var turns = new Turns<>(request, Payload.of(request.word("payload")));
    workers.start(turns::repeat);
    workers.join(request.millis);
    return Map.of(
        "ns_per_publish", (double) turns.publishNanos / turns.received,
        "ns_per_receive", (double) turns.receiveNanos / turns.received);
  }

  private static final class Turns<E> {
    private final Payload<E> payload;
    private final RingBuffer<E> ring;
    private final EventPoller<E> poller;
    private final EventPoller.Handler<E> handler = this::take;
    private final long millis;
    private long published;
    private long received;
    private long wrong;
    private long publishNanos;
    private long receiveNanos;

    Turns(Request request, Payload<E> payload) {
      this.payload = payload;
      ring =
          RingBuffer.createSingleProducer(
              payload, request.count("capacity"), request.contender.waitStrategy());
      poller = ring.newPoller();
      ring.addGatingSequences(poller.getSequence());
      millis = request.millis;
    }

    void repeat() throws Exception {
      long deadline = System.nanoTime() + millis * 1_000_000;
      long end;
      do {
        long start = System.nanoTime();
        publish();
        long middle = System.nanoTime();
        receive();
        end = System.nanoTime();
        publishNanos += middle - start;
        receiveNanos += end - middle;
        Check.that(received == published, "received " + received + " of " + published);
        Check.that(wrong == 0, "a message was not the one that was due");
      } while (end < deadline);
    }

    private void publish() {
      for (int i = 0; i < TURN; ++i) {
        long sequence = ring.next();
        payload.write(ring.get(sequence), ++published);
        ring.publish(sequence);
      }
    }

    private void receive() throws Exception {
      while (received < published && poller.poll(handler) == EventPoller.PollState.PROCESSING) {
        // Each poll takes one.
      }
    }

    /** Takes a message and ends the poll. */
    private boolean take(E event, long sequence, boolean endOfBatch) {
      if (!payload.read(event, ++received)) ++wrong;
      return false;
    }
  }
}
