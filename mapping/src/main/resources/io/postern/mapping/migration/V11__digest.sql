-- Digests: the lines of a person who gets one mail per interval, and the mails that hold several.

-- When a line may become mail; null: as soon as the quiet time is over. It is set when the line
-- comes in, so that what waits for its hour hides nothing else, and a changed setting moves nothing.
alter table outbox_line add column if not exists collected_until timestamp(6) with time zone;
create index if not exists outbox_line_by_hour on outbox_line (collected_until);

-- Bundles that are parts of one mail name the one among them that carries its octets. Null: a mail
-- of its own.
alter table outbox_bundle add column if not exists digest_id bigint;
create index if not exists outbox_bundle_by_digest on outbox_bundle (digest_id);
