// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.dsl.ProducerType;

/** Makes rings as a request wants them. */
final class Rings {
  static RingBuffer<LongEvent> longs(Request request, int publishers) {
    return RingBuffer.create(
        publishers == 1 ? ProducerType.SINGLE : ProducerType.MULTI,
        LongEvent::new,
        request.count("capacity"),
        request.contender.waitStrategy());
  }

  /**
   * As the Disruptor's documentation and performance tests publish. On a full ring `next` parks its
   * thread, whatever the wait strategy, for what Linux makes of a nanosecond: some 50 us.
   */
  static void publish(RingBuffer<LongEvent> ring, long value) {
    long sequence = ring.next();
    ring.get(sequence).value = value;
    ring.publish(sequence);
  }

  private Rings() {}
}
