package io.postern.bridge;

import io.postern.bridge.web.Backups;
import io.postern.bridge.web.DeadLetters;
import io.postern.bridge.web.Health;
import io.postern.bridge.web.Inbox;
import io.postern.bridge.web.StatusSource;
import io.postern.bridge.web.Suppressions;
import io.postern.config.Config;
import io.postern.mail.Body;
import io.postern.mapping.Binding;
import io.postern.mapping.BindingStore;
import io.postern.mapping.BundleStore;
import io.postern.mapping.Journey;
import io.postern.mapping.JourneyStore;
import io.postern.mapping.LoopCeiling;
import io.postern.mapping.Outbox;
import io.postern.mapping.OutboxState;
import io.postern.mapping.Reject;
import io.postern.mapping.RejectStore;
import io.postern.smtp.Spool;
import io.postern.xmtp.client.XmtpClient;
import io.postern.xmtp.identity.InboxId;
import io.postern.xmtp.store.HostedInboxStore.Listed;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the status page shows, gathered anew for each page. */
final class Status implements StatusSource {
  private final Config config;
  private final XmtpClient client;
  private final BindingStore bindings;
  private final JourneyStore journeys;
  private final Outbox outbox;
  private final BundleStore bundles;
  private final RejectStore rejects;
  private final Suppressions suppressions;
  private final DeadLetters deadLetters;
  private final LoopCeiling ceiling;
  private final Spool spool;
  private final DiskRoom room;
  private final KeptMails kept;
  private final InboxTroubles inboxTroubles;
  private final Backups backups;
  private final Clock clock;
  private final Instant started;

  Status(
      Config config,
      XmtpClient client,
      BindingStore bindings,
      JourneyStore journeys,
      Outbox outbox,
      BundleStore bundles,
      RejectStore rejects,
      Suppressions suppressions,
      DeadLetters deadLetters,
      LoopCeiling ceiling,
      Spool spool,
      DiskRoom room,
      KeptMails kept,
      InboxTroubles inboxTroubles,
      Backups backups,
      Clock clock) {
    this.config = config;
    this.client = client;
    this.bindings = bindings;
    this.journeys = journeys;
    this.outbox = outbox;
    this.bundles = bundles;
    this.rejects = rejects;
    this.suppressions = suppressions;
    this.deadLetters = deadLetters;
    this.ceiling = ceiling;
    this.spool = spool;
    this.room = room;
    this.kept = kept;
    this.inboxTroubles = inboxTroubles;
    this.backups = backups;
    this.clock = clock;
    this.started = clock.instant();
  }

  @Override
  public Health health() {
    var troubles = new ArrayList<String>();
    long dead = bundles.count(OutboxState.DEAD);
    try {
      dead += spool.dead().size();
    } catch (IOException unreadable) {
      troubles.add("the dead-letter box of the spool cannot be read");
    }
    if (!room.getAsBoolean()) {
      troubles.add(
          "the disk of the data folder is nearly full; nothing is taken from the network and"
              + " no mail leaves");
    }
    var alarms = new ArrayList<>(inboxTroubles.list());
    alarms.addAll(client.troubles());
    return new Health(
        "Postern",
        Version.TEXT,
        Duration.between(started, clock.instant()),
        config.domains(),
        Networks.name(config.network()),
        client.isConnected(),
        spool.size(),
        outbox.count() + bundles.count(OutboxState.BUNDLED),
        dead,
        ceiling.held(clock.instant()),
        troubles,
        alarms);
  }

  @Override
  public List<Inbox> inboxes() {
    Map<InboxId, Listed> registered = new HashMap<>();
    client.inboxes().forEach(listed -> registered.put(listed.inbox(), listed));
    var inboxes = new ArrayList<Inbox>();
    for (var binding : bindings.list()) {
      if (binding instanceof Binding.Hosted hosted && registered.containsKey(hosted.inbox())) {
        var address = registered.get(hosted.inbox()).address();
        inboxes.add(new Inbox(hosted.mailbox(), hosted.inbox().toString(), address.toString()));
      }
    }
    return inboxes;
  }

  @Override
  public List<Journey> lastJourneys(int count) {
    return journeys.last(count);
  }

  @Override
  public List<Journey> journeys(String name) {
    return journeys.find(name);
  }

  @Override
  public List<Reject> rejects(String name, int count) {
    return rejects.find(name, count);
  }

  @Override
  public Suppressions suppressions() {
    return suppressions;
  }

  @Override
  public DeadLetters deadLetters() {
    return deadLetters;
  }

  @Override
  public Backups backups() {
    return backups;
  }

  @Override
  public boolean hasWholeMail(String journey) {
    return kept.has(journey);
  }

  @Override
  public Optional<Body> wholeMail(String journey) throws IOException {
    return kept.read(journey);
  }
}
