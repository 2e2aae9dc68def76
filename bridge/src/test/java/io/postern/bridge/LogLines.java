package io.postern.bridge;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What a class logs until this is closed. */
final class LogLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final List<ILoggingEvent> lines = new CopyOnWriteArrayList<>();
  private final Logger logger;

  private LogLines(Logger logger) {
    this.logger = logger;
  }

  static LogLines of(Class<?> type) {
    var lines = new LogLines((Logger) LoggerFactory.getLogger(type));
    lines.start();
    lines.logger.addAppender(lines);
    return lines;
  }

  @Override
  protected void append(ILoggingEvent line) {
    lines.add(line);
  }

  /** Each with its level, and {@code trace} if one follows. */
  List<String> read() {
    return lines.stream()
        .map(
            line ->
                line.getLevel()
                    + " "
                    + line.getFormattedMessage()
                    + (line.getThrowableProxy() == null ? "" : " trace"))
        .toList();
  }

  @Override
  public void close() {
    logger.detachAppender(this);
  }
}
