-- H2 commits each statement by itself, and a start may be killed between any two: each may be done again.

-- Digests come in no order, so that each save writes most pages of their index again: a short key makes fewer pages. Eight
-- octets find a row, the whole digest says whether it is the one. (A digest is over topic and data, so it needs no topic.)
DROP INDEX IF EXISTS group_log_once;
ALTER TABLE group_log ADD COLUMN IF NOT EXISTS mark BIGINT GENERATED ALWAYS AS (CAST(SUBSTRING(digest FROM 1 FOR 8) AS BIGINT));
CREATE INDEX IF NOT EXISTS group_log_mark ON group_log (mark);
DROP INDEX IF EXISTS welcome_log_once;
ALTER TABLE welcome_log ADD COLUMN IF NOT EXISTS mark BIGINT GENERATED ALWAYS AS (CAST(SUBSTRING(digest FROM 1 FOR 8) AS BIGINT));
CREATE INDEX IF NOT EXISTS welcome_log_mark ON welcome_log (mark);

-- When an installation put its first key package, in Unix nanoseconds. That is not known of those that are here: now.
ALTER TABLE key_package ADD COLUMN IF NOT EXISTS first_put_ns BIGINT DEFAULT 0 NOT NULL;
UPDATE key_package SET first_put_ns = CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) AS BIGINT) * 1000000000 WHERE first_put_ns = 0;
