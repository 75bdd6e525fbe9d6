// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import com.lmax.disruptor.EventFactory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A kind of message, and how it gets into a place of a ring and out again by value. */
abstract class Payload<E> implements EventFactory<E> {
  abstract void write(E event, long number);

  /** Takes the message; whether it was the one with this number. */
  abstract boolean read(E event, long number);

  static Payload<?> of(String name) {
    switch (name) {
      case "u64":
        return new Long64();
      case "bytes64":
        return new Bytes(64);
      case "bytes1024":
        return new Bytes(1024);
      case "event":
        return new Event();
      default:
        return new Shared(new byte[64 * 1024]);
    }
  }

  private static final class Long64 extends Payload<LongEvent> {
    @Override
    public LongEvent newInstance() {
      return new LongEvent();
    }

    @Override
    void write(LongEvent event, long number) {
      event.value = number;
    }

    @Override
    boolean read(LongEvent event, long number) {
      return event.value == number;
    }
  }

  /** Bytes in each place of the ring, copied in and out; they begin with the number. */
  private static final class Bytes extends Payload<byte[]> {
    private static final VarHandle NUMBER =
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final byte[] sent;
    private final byte[] received;

    Bytes(int size) {
      sent = new byte[size];
      received = new byte[size];
    }

    @Override
    public byte[] newInstance() {
      return new byte[sent.length];
    }

    @Override
    void write(byte[] event, long number) {
      NUMBER.set(sent, 0, number);
      System.arraycopy(sent, 0, event, 0, event.length);
    }

    @Override
    boolean read(byte[] event, long number) {
      System.arraycopy(event, 0, received, 0, event.length);
      return (long) NUMBER.get(received, 0) == number;
    }
  }

  /** A place of a ring that refers to an object. */
  private static final class Reference<T> {
    private T object;
  }

  /**
   * An event with strings made for it, as any program would make them. The receiver takes the
   * reference: events and strings cannot change, so that is a value in Java.
   */
  private static final class Event extends Payload<Reference<KernelEvent>> {
    private static final int NUMBERED = 4;

    private final byte[] service = filled(24);
    private final byte[] reason = filled(40);

    private static byte[] filled(int length) {
      byte[] letters = new byte[length];
      Arrays.fill(letters, (byte) 'x');
      return letters;
    }

    @Override
    public Reference<KernelEvent> newInstance() {
      return new Reference<>();
    }

    private static byte letter(long number, int i) {
      return (byte) ('a' + (number >> 4 * i & 15));
    }

    @Override
    void write(Reference<KernelEvent> event, long number) {
      for (int i = 0; i < NUMBERED; ++i) service[i] = letter(number, i);
      event.object =
          new KernelEvent.ServiceCrashed(
              new String(service, StandardCharsets.ISO_8859_1),
              new String(reason, StandardCharsets.ISO_8859_1));
    }

    @Override
    boolean read(Reference<KernelEvent> event, long number) {
      if (!(event.object instanceof KernelEvent.ServiceCrashed crashed)) return false;
      boolean right =
          crashed.service().length() == service.length
              && crashed.reason().length() == reason.length;
      for (int i = 0; i < NUMBERED; ++i) {
        right &= crashed.service().charAt(i) == letter(number, i);
      }
      return right;
    }
  }

  /** The same immutable buffer again and again. */
  private static final class Shared extends Payload<Reference<byte[]>> {
    private final byte[] buffer;

    Shared(byte[] buffer) {
      this.buffer = buffer;
    }

    @Override
    public Reference<byte[]> newInstance() {
      return new Reference<>();
    }

    @Override
    void write(Reference<byte[]> event, long number) {
      event.object = buffer;
    }

    @Override
    boolean read(Reference<byte[]> event, long number) {
      byte[] received = event.object;
      event.object = null;
      return received == buffer;
    }
  }
}
