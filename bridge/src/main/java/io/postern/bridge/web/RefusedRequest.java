package io.postern.bridge.web;

/** A request that is not answered as asked. The message is for whoever sits at the browser. */
final class RefusedRequest extends Exception {
  private static final long serialVersionUID = 1;

  private final int status;

  /**
   * @param status of class 4 or 5, RFC 9110 §15
   */
  RefusedRequest(int status, String words) {
    super(words);
    this.status = status;
  }

  int status() {
    return status;
  }

  /** There is nothing of that name. */
  static RefusedRequest notFound(String words) {
    return new RefusedRequest(404, words);
  }
}
