-- How the vault is opened, and the keys in it; what an operator was shown; inboxes that came back.

-- One row. The master key seals the check and the keys of vault_key, and nothing else. It is in a
-- file, or comes from a passphrase by Argon2id (RFC 9106) with what stands here; null: a file.
create table if not exists vault (
  id                integer      not null primary key,
  memory_kib        integer,
  passes            integer,
  lanes             integer,
  salt              bytea,
  check_sealed      bytea        not null,
  -- Whether a backup is being put in: until it is whole, nothing may run on these tables.
  restoring         boolean      default false not null
);

-- The keys that seal everything else, by the number that sealed octets begin with. Purpose 0: what
-- was sealed before there were such keys; 1: what lasts; 2: what ratchets on.
create table if not exists vault_key (
  id                integer      not null primary key,
  purpose           smallint     not null,
  key_sealed        bytea        not null,
  made_at_ns        bigint       not null
);

-- When the words of the seed were shown to whoever runs this; null: never.
alter table wallet_seed add column if not exists shown_at_ns bigint;

-- Inboxes of a backup: the installation that the network lists is gone for ever, another one is to
-- take its place. The trouble is empty, or what keeps it from that.
create table if not exists lost_inbox (
  inbox_id          varchar(64)  not null primary key,
  installation_id   bytea        not null,
  address           varchar(42)  not null,
  wallet_index      bigint,
  trouble           varchar(1000) not null
);
