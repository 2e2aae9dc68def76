-- What V3 has copied. By itself, since H2 commits with each of these statements: killed in between, it is done again.
alter table mls_group drop column if exists epoch_sealed;
alter table mls_group drop column if exists ratchet_sealed;
