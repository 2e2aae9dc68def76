package io.postern.mapping;

import io.postern.mail.Draft;
import io.postern.mail.Mailbox;

/**
 * The first mail of a peer to a person who never wrote to them: marked as a request, with words on
 * how to accept it and how to end it. spec/content-types.md §10.16.
 *
 * <p>Of the peer's own words nothing stands in the footer.
 */
public final class RequestMail {
  private static final String PREFIX = "[Request] ";

  private RequestMail() {}

  /**
   * Marks a mail as a request.
   *
   * @param block where the person writes to hear no more of the peer
   * @throws IllegalArgumentException if it is a reaction: it asks for nothing
   */
  public static Draft of(Draft draft, Mailbox block) {
    return draft.saying(PREFIX + draft.subject(), body(draft.body(), footer(block)));
  }

  /**
   * The first mail of a peer whom the person has written to, or accepted by their answer: it says
   * once how the person ends that.
   *
   * @param block as for a request
   * @throws IllegalArgumentException if it is a reaction, which {@link #canSay} nothing else
   */
  public static Draft ofAccepted(Draft draft, Mailbox block) {
    return draft.saying(
        draft.subject(),
        body(
            draft.body(),
            "To hear no more of the author of this mail, send an empty mail to\n"
                + block
                + "\nThey will not be told."));
  }

  /** Whether a mail can say more than its author does. */
  public static boolean canSay(Draft draft) {
    return !(draft.body() instanceof Draft.Reaction);
  }

  private static Draft.Body body(Draft.Body body, String footer) {
    if (body instanceof Draft.Text text) {
      return new Draft.Text(text.text(), text.quote(), footer);
    }
    if (body instanceof Draft.Markdown markdown) {
      return new Draft.Markdown(markdown.source(), markdown.quote(), footer);
    }
    if (body instanceof Draft.CalendarAnswer answer) {
      var text = (Draft.Text) body(answer.text(), footer);
      return new Draft.CalendarAnswer(text, answer.calendar());
    }
    throw new IllegalArgumentException("a reaction is no request");
  }

  private static String footer(Mailbox block) {
    return "You have never written to the author of this mail, who uses XMTP.\n"
        + "To accept, just answer: then you get what they write. If you do not answer, you hear"
        + " nothing more of them.\n"
        + "To block them, send an empty mail to\n"
        + block
        + "\nThey will not be told.";
  }
}
