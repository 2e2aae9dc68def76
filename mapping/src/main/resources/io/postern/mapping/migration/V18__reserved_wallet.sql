-- A wallet without a mailbox is somebody's who is not known here: it is never given out.
alter table wallet_claim alter column mailbox drop not null;
