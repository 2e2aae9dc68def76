package io.postern.bridge.web;

/** A request that is not answered as asked. The message is for whoever sits at the browser. */
final class RefusedRequest extends Exception {
  private static final long serialVersionUID = 1;

  private final int status;
  private final String allow;

  /**
   * @param status of class 4 or 5, RFC 9110 §15
   */
  RefusedRequest(int status, String words) {
    this(status, words, "");
  }

  private RefusedRequest(int status, String words, String allow) {
    super(words);
    this.status = status;
    this.allow = allow;
  }

  int status() {
    return status;
  }

  /**
   * The methods that would be taken instead, for Allow (RFC 9110 §10.2.1); empty if it is not that.
   */
  String allow() {
    return allow;
  }

  /** 405: the page is asked by other methods. */
  static RefusedRequest notAllowed(String allow, String words) {
    return new RefusedRequest(405, words, allow);
  }

  /** There is nothing of that name. */
  static RefusedRequest notFound(String words) {
    return new RefusedRequest(404, words);
  }
}
