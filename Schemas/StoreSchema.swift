/// The store's schema, one step per version; never edited once released, only added to.
///
/// Names are snake_case and singular. Times are milliseconds since 1970 UTC in columns that end in
/// `_at`. The constraints say what the code relies on: a bug cannot store an impossible row.
package enum StoreSchema {
  /// What marks a database as Millrace's (`PRAGMA application_id`): "Mill" in ASCII.
  package static let applicationID: Int32 = 0x4D69_6C6C

  /// Step *n* brings a database from version *n* to version *n + 1* (`PRAGMA user_version`).
  package static let steps: [String] = [version1, version2, version3, version4, version5]

  private static let version1 = """
    -- One content type of one tenant, and how far it has been listed.
    CREATE TABLE feed (
      id INTEGER PRIMARY KEY,
      tenant TEXT NOT NULL CHECK (length(tenant) = 36),
      content_type TEXT NOT NULL CHECK (content_type <> ''),
      -- Everything listed with contentCreated before this moment is in the ledger.
      listed_until_at INTEGER,
      -- When the trailing span, and when everything alive, was last listed again.
      relisted_at INTEGER,
      swept_at INTEGER,
      -- The last start of the subscription that the service accepted (2xx or AF20024).
      start_accepted_at INTEGER,
      UNIQUE (tenant, content_type),
      CHECK (relisted_at IS NULL OR listed_until_at IS NOT NULL)
    ) STRICT;

    -- A span that left the service's reach before it was listed: a hole nobody can fill.
    CREATE TABLE listing_gap (
      id INTEGER PRIMARY KEY,
      feed_id INTEGER NOT NULL REFERENCES feed (id),
      from_at INTEGER NOT NULL,
      to_at INTEGER NOT NULL,
      noticed_at INTEGER NOT NULL,
      UNIQUE (feed_id, from_at),
      CHECK (from_at < to_at)
    ) STRICT;

    -- The ledger: every content blob ever listed, and where it stands. Rows are never deleted.
    CREATE TABLE content (
      id INTEGER PRIMARY KEY,
      feed_id INTEGER NOT NULL REFERENCES feed (id),
      content_id TEXT NOT NULL,
      uri TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      listed_at INTEGER NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('listed', 'fetched', 'expired', 'dead')),
      state_at INTEGER NOT NULL,
      -- Why: always there for a loss, the latest failure for what is still owed.
      reason TEXT,
      attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
      retry_at INTEGER,
      UNIQUE (feed_id, content_id),
      CHECK (state NOT IN ('expired', 'dead') OR reason IS NOT NULL),
      CHECK (retry_at IS NULL OR state = 'listed')
    ) STRICT;
    CREATE INDEX content_owed ON content (feed_id, created_at) WHERE state = 'listed';
    CREATE INDEX content_lost ON content (state, state_at) WHERE state IN ('expired', 'dead');

    -- The log: every body that was fetched, in the order in which it was committed. Numbers are
    -- dense and begin with 1; rows are never deleted, bodies are.
    CREATE TABLE log (
      sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
      content_id INTEGER NOT NULL REFERENCES content (id),
      fetched_at INTEGER NOT NULL,
      byte_count INTEGER NOT NULL CHECK (byte_count >= 0),
      sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
      -- The decisions of the index step; all of them at once, in log order.
      indexed_at INTEGER,
      record_count INTEGER CHECK (record_count >= 0),
      event_count INTEGER CHECK (event_count BETWEEN 0 AND record_count),
      -- Ordinals of the records that are not events, as little-endian 32-bit numbers, rising.
      skipped BLOB,
      first_event_at INTEGER,
      last_event_at INTEGER,
      CHECK ((indexed_at IS NULL) = (record_count IS NULL)),
      CHECK ((indexed_at IS NULL) = (event_count IS NULL)),
      CHECK ((skipped IS NULL) = (record_count IS NULL OR record_count = event_count)),
      CHECK (skipped IS NULL OR length(skipped) = 4 * (record_count - event_count))
    ) STRICT;
    CREATE INDEX log_content ON log (content_id);
    CREATE INDEX log_unindexed ON log (sequence) WHERE indexed_at IS NULL;

    -- A body, cut into rows of bounded size so that a huge one needs no more memory than a small one.
    CREATE TABLE body (
      sequence INTEGER NOT NULL REFERENCES log (sequence),
      chunk INTEGER NOT NULL CHECK (chunk >= 0),
      codec INTEGER NOT NULL CHECK (codec IN (0)),
      bytes BLOB NOT NULL,
      PRIMARY KEY (sequence, chunk)
    ) STRICT;

    -- A record or a blob that could not be parsed, or an event that a sink refused for good.
    CREATE TABLE dead_letter (
      id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL CHECK (kind IN ('blob', 'record', 'event')),
      sequence INTEGER NOT NULL REFERENCES log (sequence),
      record INTEGER,
      sink TEXT,
      reason TEXT NOT NULL CHECK (reason <> ''),
      bytes BLOB NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 1 CHECK (attempts > 0),
      created_at INTEGER NOT NULL,
      CHECK ((kind = 'blob') = (record IS NULL)),
      CHECK ((kind = 'event') = (sink IS NOT NULL))
    ) STRICT;
    CREATE INDEX dead_letter_log ON dead_letter (sequence, record);

    -- A sink and its cursor: everything in the log before it is durable at the receiver.
    CREATE TABLE sink (
      name TEXT PRIMARY KEY,
      next_sequence INTEGER NOT NULL CHECK (next_sequence > 0),
      next_record INTEGER NOT NULL CHECK (next_record >= 0),
      delivered_events INTEGER NOT NULL DEFAULT 0 CHECK (delivered_events >= 0),
      delivered_at INTEGER,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- The files of file sinks, and how much of each is committed.
    CREATE TABLE sink_file (
      sink TEXT NOT NULL REFERENCES sink (name),
      path TEXT NOT NULL,
      device INTEGER NOT NULL,
      inode INTEGER NOT NULL,
      birth_ns INTEGER NOT NULL,
      length INTEGER NOT NULL CHECK (length >= 0),
      PRIMARY KEY (sink, device, inode)
    ) STRICT, WITHOUT ROWID;
    """
}
