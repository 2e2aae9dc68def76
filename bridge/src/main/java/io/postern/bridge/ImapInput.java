package io.postern.bridge;

import io.postern.config.Config;
import io.postern.config.Mapping;
import io.postern.mail.MailIntake;
import io.postern.mail.Mailbox;
import io.postern.mapping.AddressRules;
import io.postern.mapping.FolderStore;
import io.postern.out.Deliver;
import io.postern.out.ImapPoll;
import io.postern.out.UndeliveredException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches one folder, and after a failure tries again, ever more rarely. What is wrong is said when
 * it begins and when it is over. Its one thread waits nearly always.
 */
final class ImapInput extends Loop {
  private static final Logger log = LoggerFactory.getLogger(ImapInput.class);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

  private final Deliver.Imap settings;
  private final ImapPoll poll;
  private int failures;
  private volatile boolean closing;

  private ImapInput(Deliver.Imap settings, ImapPoll poll) {
    super("folder " + settings.folder() + " at " + settings.host());
    this.settings = settings;
    this.poll = poll;
  }

  /** Of each folder that the configuration names, not yet started. */
  static List<ImapInput> of(
      Config config, AddressRules rules, Jdbi jdbi, MailIntake intake, InstantSource clock) {
    var places = new FolderStore(jdbi);
    var inputs = new ArrayList<ImapInput>();
    for (var folder : all(config)) {
      var poll =
          new ImapPoll(
              folder.settings(),
              folder.person(),
              rules::isAtBridge,
              config.smtp().mails().maxMailBytes(),
              new Kept(places, folder.name()),
              intake,
              clock);
      inputs.add(new ImapInput(folder.settings(), poll));
    }
    return inputs;
  }

  /** All folders that the configuration names. */
  static List<Deliver.Imap> folders(Config config) {
    return all(config).stream().map(Folder::settings).toList();
  }

  private static List<Folder> all(Config config) {
    var folders = new ArrayList<Folder>();
    config.receive().ifPresent(way -> folders.add(new Folder(way, Optional.empty())));
    for (Mapping mapping : config.mappings()) {
      var person = mapping.rule().address();
      mapping
          .receive()
          .ifPresent(way -> folders.add(new Folder(way, Optional.of(person.mailbox()))));
    }
    return folders;
  }

  /**
   * A folder to watch.
   *
   * @param person empty if it is everybody's
   */
  private record Folder(Deliver.Imap settings, Optional<Mailbox> person) {
    /** With its server, so that another one begins anew. */
    String name() {
      return String.join(
          "\n",
          settings.host(),
          Integer.toString(settings.port()),
          settings.login().user(),
          settings.folder(),
          person.map(mailbox -> mailbox.canonical().toString()).orElse(""));
    }
  }

  @Override
  Duration turn() {
    try {
      var wait = poll.turn();
      if (failures > 0) {
        log.info("host={} folder={} can be read again", settings.host(), settings.folder());
      }
      failures = 0;
      return wait;
    } catch (IOException lost) {
      return pause(Words.of(lost));
    } catch (UndeliveredException refused) {
      return pause(refused.getMessage());
    } catch (RuntimeException | StackOverflowError bug) {
      log.error("host={} folder={} cannot be read", settings.host(), settings.folder(), bug);
      return pause("an internal trouble");
    }
  }

  private Duration pause(String reason) {
    if (!closing && failures == 0) {
      log.warn(
          "host={} folder={} cannot be read for now reason={}",
          settings.host(),
          settings.folder(),
          reason);
    }
    var pause = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, 10));
    failures++;
    return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
  }

  /** Ends the waiting for mail as well. */
  @Override
  public void close() {
    closing = true;
    poll.stop();
    super.close();
    poll.close();
  }

  private record Kept(FolderStore places, String folder) implements ImapPoll.Progress {
    @Override
    public Optional<ImapPoll.Position> position() {
      return places
          .find(folder)
          .map(
              place ->
                  new ImapPoll.Position(
                      place.uidValidity(), place.lastUid(), place.seenAt(), place.since()));
    }

    @Override
    public void advance(ImapPoll.Position position) {
      places.keep(
          folder,
          new FolderStore.Place(
              position.uidValidity(), position.lastUid(), position.seenAt(), position.since()));
    }
  }
}
