// SPDX-License-Identifier: MIT OR Apache-2.0
package ron.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The runner: answers requests on standard input, one a line, until `quit` or the end of input. */
public final class Main {
  public static void main(String[] arguments) throws IOException {
    if (arguments.length > 0) {
      System.err.println(
          "runner_java: " + arguments[0] + ": takes no arguments; requests come on standard input");
      System.exit(2);
    }
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Protocol protocol = new Protocol();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String answer = protocol.answer(line);
      if (answer == null) break;
      out.println(answer);
    }
    // Threads of a run that went wrong may still wait for something.
    System.exit(0);
  }

  private Main() {}
}
