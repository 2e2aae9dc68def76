package io.postern.out;

import io.postern.mail.AcceptedMail;
import io.postern.mail.FetchedMail;
import io.postern.mail.MailException;
import io.postern.mail.MailIntake;
import io.postern.mail.Mailbox;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what it was given, and refuses what a test tells it to. */
final class TestIntake implements MailIntake {
  final List<AcceptedMail> taken = new CopyOnWriteArrayList<>();
  final List<Optional<Mailbox>> logins = new ArrayList<>();
  final List<String> passedOver = new ArrayList<>();
  Optional<MailException> refusal = Optional.empty();

  @Override
  public void accept(FetchedMail mail, Optional<Mailbox> login) throws MailException, IOException {
    if (refusal.isPresent()) {
      throw refusal.get();
    }
    taken.add(new AcceptedMail(mail.envelope(), mail.content().readAllBytes(), mail.received()));
    logins.add(login);
  }

  @Override
  public void passOver(List<Mailbox> recipients, byte[] header, long octets, MailException reason) {
    passedOver.add(recipients.size() + " " + header.length + " " + reason.getMessage());
  }

  String text(int index) {
    return new String(taken.get(index).octets(), StandardCharsets.UTF_8);
  }
}
