package io.postern.xmtp.client;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the program cannot mend and whoever runs it must know: one line in the log when it begins,
 * and in the list as long as it lasts. Used by several threads.
 */
final class Alarms {
  private static final Logger log = LoggerFactory.getLogger(Alarms.class);

  /** More of them are in the log only. */
  private static final int MOST = 200;

  private final Map<Object, Alarm> raised = new LinkedHashMap<>();

  private record Alarm(String text, BooleanSupplier lasts) {}

  /** Says it, unless it is said already; it lasts until the end of the process. */
  void raise(Object about, String text) {
    raise(about, text, () -> true);
  }

  /**
   * The same of what may end by itself.
   *
   * @param about any value with equality; one alarm about each
   * @param lasts asked whenever somebody looks
   */
  void raise(Object about, String text, BooleanSupplier lasts) {
    synchronized (raised) {
      if (raised.containsKey(about)) {
        return;
      }
      if (raised.size() < MOST) {
        raised.put(about, new Alarm(text, lasts));
      }
    }
    log.error("alarm: {}", text);
  }

  void end(Object about) {
    synchronized (raised) {
      raised.remove(about);
    }
  }

  /** What lasts, oldest first. */
  List<String> list() {
    Map<Object, Alarm> copy;
    synchronized (raised) {
      copy = new LinkedHashMap<>(raised);
    }
    copy.forEach(
        (about, alarm) -> {
          if (!alarm.lasts().getAsBoolean()) {
            end(about);
          }
        });
    synchronized (raised) {
      return raised.values().stream().map(Alarm::text).toList();
    }
  }
}
