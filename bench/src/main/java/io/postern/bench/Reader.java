package io.postern.bench;

import java.time.Instant;
import java.util.Map;

/** Somebody with an XMTP app to whom the mails go. Notes when each message was there. */
interface Reader extends AutoCloseable {
  /** What it is called in the report. */
  String name();

  /** Its Ethereum address, lower-case, with 0x. */
  String address();

  /** When each numbered message arrived; grows while messages come. */
  Map<Integer, Instant> arrivals();

  @Override
  void close();
}
