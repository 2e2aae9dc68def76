package io.postern.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.postern.xmtp.proto.mls.api.PagingInfo;
import io.postern.xmtp.proto.mls.api.SortDirection;

/** The paging rules that all queries share. */
record Paging(boolean isAscending, int limit, long cursor) {
  static Paging of(PagingInfo asked) {
    var wanted = Integer.toUnsignedLong(asked.getLimit());
    var limit =
        wanted >= 1 && wanted <= EnvelopeLog.MAX_PAGE_ROWS
            ? (int) wanted
            : EnvelopeLog.MAX_PAGE_ROWS;
    return new Paging(
        asked.getDirection() == SortDirection.SORT_DIRECTION_ASCENDING,
        limit,
        LogEntry.cursor(asked.getIdCursor()));
  }

  Paging ascending() {
    return new Paging(true, limit, cursor);
  }

  <E extends MessageLite> Page<E> read(EnvelopeLog<E> log, ByteString topic) {
    return log.query(topic, isAscending, cursor, limit);
  }

  /** What the answer says about the page: the cursor is 0 unless more may follow. */
  PagingInfo info(Page<?> page) {
    return PagingInfo.newBuilder()
        .setDirection(
            isAscending
                ? SortDirection.SORT_DIRECTION_ASCENDING
                : SortDirection.SORT_DIRECTION_DESCENDING)
        .setLimit(limit)
        .setIdCursor(page.cursor())
        .build();
  }
}
