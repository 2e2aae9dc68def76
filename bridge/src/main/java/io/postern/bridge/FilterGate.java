package io.postern.bridge;

import io.postern.bridge.MailFilter.Answer;
import io.postern.bridge.MailFilter.FilterException;
import io.postern.config.FilterSettings;
import io.postern.config.FilterSettings.OnFailure;
import io.postern.smtp.ArrivedMail;
import io.postern.smtp.MailJudge.Judgement;
import io.postern.smtp.MailJudge.Refused;
import io.postern.smtp.MailJudge.Taken;
import io.postern.smtp.SmtpReply;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what a filter says of a mail; or what the operator wants where it says nothing. Used by
 * several threads, some of which have to wait for the others.
 */
final class FilterGate implements MailGate {
  private static final Logger log = LoggerFactory.getLogger(FilterGate.class);

  /** Mails about which it is asked at once. */
  private static final int AT_ONCE = 16;

  private final MailFilter filter;
  private final FilterSettings settings;
  private final Semaphore places = new Semaphore(AT_ONCE);
  private final AtomicBoolean failing = new AtomicBoolean();

  FilterGate(MailFilter filter, FilterSettings settings) {
    this.filter = filter;
    this.settings = settings;
  }

  @Override
  public Judgement check(ArrivedMail mail, Taken soFar) throws IOException {
    try {
      var answer = ask(mail, soFar);
      if (failing.getAndSet(false)) {
        log.info("the mail filter answers again");
      }
      return judgement(answer, soFar);
    } catch (FilterException failed) {
      if (!failing.getAndSet(true)) {
        log.warn("the mail filter cannot be asked reason={}", failed.getMessage());
      }
      return withoutAnswer(soFar);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return refused("The server is stopping; try again later");
    }
  }

  private Answer ask(ArrivedMail mail, Taken soFar)
      throws FilterException, IOException, InterruptedException {
    if (!places.tryAcquire(settings.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
      throw new FilterException("it is busy with " + AT_ONCE + " other mails");
    }
    try {
      return filter.ask(mail, soFar);
    } finally {
      places.release();
    }
  }

  private static Judgement judgement(Answer answer, Taken soFar) {
    return switch (answer.action()) {
      case ACCEPT -> soFar;
      case CAUTION ->
          soFar.cautioned(
              "⚠ " + orElse(answer.words(), "The mail filter takes this mail for unwanted"));
      case DEFER -> refused(orElse(answer.words(), "Not now; try again later"));
      case REJECT ->
          new Refused(
              SmtpReply.of(
                  550, "5.7.1", orElse(answer.words(), "The mail filter refuses this mail")));
    };
  }

  private Judgement withoutAnswer(Taken soFar) {
    return settings.onFailure() == OnFailure.ACCEPT
        ? soFar
        : refused("The mail filter cannot be asked now; try again later");
  }

  private static Judgement refused(String words) {
    return new Refused(SmtpReply.of(451, "4.7.1", words));
  }

  private static String orElse(String words, String ours) {
    return words.isEmpty() ? ours : words;
  }
}
