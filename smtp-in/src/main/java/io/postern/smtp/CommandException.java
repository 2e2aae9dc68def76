package io.postern.smtp;

/** A command that is refused; it carries the reply to send. */
final class CommandException extends Exception {
  private final transient SmtpReply reply;

  CommandException(SmtpReply reply) {
    super(reply.toString());
    this.reply = reply;
  }

  CommandException(int code, String status, String text) {
    this(SmtpReply.of(code, status, text));
  }

  SmtpReply reply() {
    return reply;
  }
}
