extension StoreSchema {
  /// Version 2: compressed bodies, huge blobs in parts, the hash chain, repeats, retention, and
  /// totals that are kept instead of counted.
  ///
  /// Runs with foreign keys unchecked, as tables are rebuilt under their names; `Migrations` fills
  /// `log.chain` in the same transaction, as SQL cannot hash.
  static let version2 = """
    -- Where the first listing of the feed began: before it nobody ever looked.
    ALTER TABLE feed ADD COLUMN listed_from_at INTEGER
      CHECK (listed_from_at IS NULL OR listed_until_at IS NOT NULL);
    UPDATE feed SET listed_from_at = coalesce(
      (SELECT min(created_at) FROM content WHERE feed_id = feed.id), listed_until_at)
      WHERE listed_until_at IS NOT NULL;

    -- What was listed by the service, and what an operator imported.
    ALTER TABLE content ADD COLUMN origin TEXT NOT NULL DEFAULT 'service'
      CHECK (origin IN ('service', 'import'));
    -- All that counting the blobs of a day needs.
    CREATE INDEX content_created ON content (created_at, feed_id, state, origin);

    CREATE TABLE new_log (
      sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
      content_id INTEGER NOT NULL REFERENCES content (id),
      -- A huge blob is cut between records into parts, which follow each other in the log; put
      -- together they are the blob, byte for byte. Most blobs are one part, number 0.
      part INTEGER NOT NULL CHECK (part >= 0),
      part_count INTEGER NOT NULL CHECK (part_count > part),
      -- What is entered again for a dead letter: for how many tries now, and for which sink alone.
      attempt INTEGER NOT NULL CHECK (attempt > 0),
      only_sink TEXT,
      fetched_at INTEGER NOT NULL,
      byte_count INTEGER NOT NULL CHECK (byte_count >= 0),
      stored_bytes INTEGER NOT NULL CHECK (stored_bytes >= 0),
      sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
      -- The digest of the row before, and of what identifies this one and its body.
      chain BLOB NOT NULL CHECK (length(chain) = 32),
      -- The decisions of the index step; all of them at once, in log order.
      indexed_at INTEGER,
      record_count INTEGER CHECK (record_count >= 0),
      event_count INTEGER CHECK (event_count BETWEEN 0 AND record_count),
      -- Of the records that are no events: those that an earlier place in the log holds already,
      -- and how many of these came with other content. The rest are dead letters.
      repeat_count INTEGER CHECK (repeat_count BETWEEN 0 AND record_count - event_count),
      changed_count INTEGER CHECK (changed_count BETWEEN 0 AND repeat_count),
      -- Ordinals of the records that are not events, as little-endian 32-bit numbers, rising.
      skipped BLOB,
      first_event_at INTEGER,
      last_event_at INTEGER,
      -- Set when the body was deleted: delivered and old enough (retention), undelivered because
      -- the store was full and may drop (full), or because it was damaged (damaged); then what is
      -- fetched again is put back here, or entered anew, and this row was replaced (replaced).
      dropped_at INTEGER,
      drop_reason TEXT CHECK (drop_reason IN ('retention', 'full', 'damaged', 'replaced')),
      CHECK ((indexed_at IS NULL) = (record_count IS NULL)),
      CHECK ((indexed_at IS NULL) = (event_count IS NULL)),
      CHECK ((indexed_at IS NULL) = (repeat_count IS NULL)),
      CHECK ((indexed_at IS NULL) = (changed_count IS NULL)),
      CHECK ((skipped IS NULL) = (record_count IS NULL OR record_count = event_count)),
      CHECK (skipped IS NULL OR length(skipped) = 4 * (record_count - event_count)),
      CHECK ((dropped_at IS NULL) = (drop_reason IS NULL)),
      CHECK (dropped_at IS NULL OR indexed_at IS NOT NULL)
    ) STRICT;
    INSERT INTO new_log
      SELECT sequence, content_id, 0, 1, 1, NULL, fetched_at, byte_count, byte_count, sha256,
        zeroblob(32), indexed_at, record_count, event_count,
        iif(indexed_at IS NULL, NULL, 0), iif(indexed_at IS NULL, NULL, 0), skipped,
        first_event_at, last_event_at, NULL, NULL
      FROM log;
    DROP TABLE log;
    ALTER TABLE new_log RENAME TO log;
    CREATE INDEX log_content ON log (content_id);
    CREATE INDEX log_unindexed ON log (sequence) WHERE indexed_at IS NULL;
    CREATE INDEX log_held ON log (sequence) WHERE dropped_at IS NULL;

    -- A body, cut into rows of bounded size so that a huge one needs no more memory than a small
    -- one. Codec 0 holds the bytes themselves, 1 a zstd frame of them.
    CREATE TABLE new_body (
      sequence INTEGER NOT NULL REFERENCES log (sequence),
      chunk INTEGER NOT NULL CHECK (chunk >= 0),
      codec INTEGER NOT NULL CHECK (codec IN (0, 1)),
      byte_count INTEGER NOT NULL CHECK (byte_count BETWEEN 0 AND 1048576),
      bytes BLOB NOT NULL,
      PRIMARY KEY (sequence, chunk),
      CHECK (codec <> 0 OR length(bytes) = byte_count)
    ) STRICT;
    INSERT INTO new_body SELECT sequence, chunk, codec, length(bytes), bytes FROM body;
    DROP TABLE body;
    ALTER TABLE new_body RENAME TO body;

    -- An open dead letter holds its bytes; a closed one says how it was closed.
    CREATE TABLE new_dead_letter (
      id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL CHECK (kind IN ('blob', 'record', 'event')),
      sequence INTEGER NOT NULL REFERENCES log (sequence),
      record INTEGER,
      sink TEXT,
      reason TEXT NOT NULL CHECK (reason <> ''),
      bytes BLOB,
      attempts INTEGER NOT NULL DEFAULT 1 CHECK (attempts > 0),
      created_at INTEGER NOT NULL,
      closed_at INTEGER,
      closed_how TEXT CHECK (closed_how IN ('retried', 'dropped')),
      -- The log entry a retry made.
      retry_sequence INTEGER REFERENCES log (sequence),
      CHECK ((kind = 'blob') = (record IS NULL)),
      CHECK ((kind = 'event') = (sink IS NOT NULL)),
      CHECK ((closed_at IS NULL) = (bytes IS NOT NULL)),
      CHECK ((closed_at IS NULL) = (closed_how IS NULL)),
      CHECK ((closed_how IS 'retried') = (retry_sequence IS NOT NULL))
    ) STRICT;
    INSERT INTO new_dead_letter
      SELECT id, kind, sequence, record, sink, reason, bytes, attempts, created_at,
        NULL, NULL, NULL FROM dead_letter;
    DROP TABLE dead_letter;
    ALTER TABLE new_dead_letter RENAME TO dead_letter;
    CREATE INDEX dead_letter_log ON dead_letter (sequence, record);
    CREATE INDEX dead_letter_open ON dead_letter (id) WHERE closed_at IS NULL;
    CREATE INDEX dead_letter_retry ON dead_letter (retry_sequence)
      WHERE retry_sequence IS NOT NULL;

    -- Where a sink began, so that a ledger can tell what was never meant for it; and what it
    -- refused for good.
    ALTER TABLE sink ADD COLUMN start_sequence INTEGER NOT NULL DEFAULT 1
      CHECK (start_sequence BETWEEN 1 AND next_sequence);
    ALTER TABLE sink ADD COLUMN refused_events INTEGER NOT NULL DEFAULT 0
      CHECK (refused_events >= 0);

    -- A repeat whose content differs from the first: kept in view, not delivered.
    CREATE TABLE changed_repeat (
      sequence INTEGER NOT NULL REFERENCES log (sequence),
      record INTEGER NOT NULL CHECK (record >= 0),
      first_sequence INTEGER NOT NULL REFERENCES log (sequence),
      first_record INTEGER NOT NULL CHECK (first_record >= 0),
      PRIMARY KEY (sequence, record)
    ) STRICT, WITHOUT ROWID;

    -- What tells events apart: 16 bytes for each record of a body, zeros where a record has none.
    -- A block stands until its keys are in a run.
    CREATE TABLE key_block (
      sequence INTEGER PRIMARY KEY REFERENCES log (sequence),
      keys BLOB NOT NULL CHECK (length(keys) % 16 = 0)
    ) STRICT;

    -- Keys of many bodies, sorted and never changed: pages by the key's leading bits.
    CREATE TABLE key_run (
      id INTEGER PRIMARY KEY,
      level INTEGER NOT NULL CHECK (level >= 0),
      -- Only a complete run counts; the rows of a retired one are freed in steps.
      state TEXT NOT NULL CHECK (state IN ('writing', 'complete', 'retired')),
      key_count INTEGER NOT NULL CHECK (key_count > 0),
      page_count INTEGER NOT NULL CHECK (page_count > 0),
      oldest_at INTEGER NOT NULL,
      newest_at INTEGER NOT NULL CHECK (newest_at >= oldest_at)
    ) STRICT;
    CREATE TABLE key_page (
      run_id INTEGER NOT NULL REFERENCES key_run (id),
      page INTEGER NOT NULL CHECK (page >= 0),
      bytes BLOB NOT NULL CHECK (length(bytes) % 24 = 0),
      PRIMARY KEY (run_id, page)
    ) STRICT;
    CREATE TABLE key_filter (
      run_id INTEGER NOT NULL REFERENCES key_run (id),
      chunk INTEGER NOT NULL CHECK (chunk >= 0),
      bytes BLOB NOT NULL,
      PRIMARY KEY (run_id, chunk)
    ) STRICT;

    -- A replay: which entries, to which sink, how far it has come. Its cursor is its own.
    CREATE TABLE replay (
      id INTEGER PRIMARY KEY,
      sink TEXT NOT NULL,
      -- What is replayed and how, as JSON.
      selection TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('running', 'done', 'cancelled')),
      next_sequence INTEGER NOT NULL CHECK (next_sequence > 0),
      next_record INTEGER NOT NULL CHECK (next_record >= 0),
      end_sequence INTEGER NOT NULL CHECK (end_sequence >= next_sequence),
      delivered_events INTEGER NOT NULL DEFAULT 0 CHECK (delivered_events >= 0),
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL
    ) STRICT;

    -- A day's ledger and contents, hashed and chained to the day sealed before.
    CREATE TABLE seal (
      day TEXT PRIMARY KEY CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
      sealed_at INTEGER NOT NULL,
      blob_count INTEGER NOT NULL CHECK (blob_count >= 0),
      record_count INTEGER NOT NULL CHECK (record_count >= 0),
      event_count INTEGER NOT NULL CHECK (event_count >= 0),
      ledger_sha256 BLOB NOT NULL CHECK (length(ledger_sha256) = 32),
      seal BLOB NOT NULL CHECK (length(seal) = 32)
    ) STRICT, WITHOUT ROWID;
    """ + totals

  /// Sums that are kept by the rows they sum up, so that a status never counts years of them.
  private static let totals = """

    CREATE TABLE feed_total (
      feed_id INTEGER PRIMARY KEY REFERENCES feed (id),
      -- Blobs by state.
      listed INTEGER NOT NULL DEFAULT 0 CHECK (listed >= 0),
      fetched INTEGER NOT NULL DEFAULT 0 CHECK (fetched >= 0),
      expired INTEGER NOT NULL DEFAULT 0 CHECK (expired >= 0),
      dead INTEGER NOT NULL DEFAULT 0 CHECK (dead >= 0),
      newest_at INTEGER,
      -- Bodies of the log, their bytes as fetched, and those of both that are still there.
      bodies INTEGER NOT NULL DEFAULT 0,
      body_bytes INTEGER NOT NULL DEFAULT 0,
      held_bodies INTEGER NOT NULL DEFAULT 0 CHECK (held_bodies BETWEEN 0 AND bodies),
      held_bytes INTEGER NOT NULL DEFAULT 0 CHECK (held_bytes >= 0),
      -- What was decided.
      indexed INTEGER NOT NULL DEFAULT 0 CHECK (indexed BETWEEN 0 AND bodies),
      records INTEGER NOT NULL DEFAULT 0,
      events INTEGER NOT NULL DEFAULT 0,
      repeats INTEGER NOT NULL DEFAULT 0,
      changed INTEGER NOT NULL DEFAULT 0,
      -- Bodies that were deleted before every sink had them.
      dropped INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    INSERT INTO feed_total (feed_id, listed, fetched, expired, dead, newest_at)
      SELECT feed.id, coalesce(sum(state = 'listed'), 0), coalesce(sum(state = 'fetched'), 0),
        coalesce(sum(state = 'expired'), 0), coalesce(sum(state = 'dead'), 0), max(created_at)
      FROM feed LEFT JOIN content ON content.feed_id = feed.id GROUP BY feed.id;
    UPDATE feed_total SET
      bodies = sums.bodies, body_bytes = sums.body_bytes, held_bodies = sums.bodies,
      held_bytes = sums.body_bytes, indexed = sums.indexed, records = sums.records,
      events = sums.events
      FROM (
        SELECT feed_id, count(*) AS bodies, sum(byte_count) AS body_bytes,
          count(indexed_at) AS indexed, coalesce(sum(record_count), 0) AS records,
          coalesce(sum(event_count), 0) AS events
        FROM log JOIN content ON content.id = log.content_id GROUP BY feed_id) AS sums
      WHERE feed_total.feed_id = sums.feed_id;

    CREATE TRIGGER feed_total_begins AFTER INSERT ON feed BEGIN
      INSERT INTO feed_total (feed_id) VALUES (new.id);
    END;
    CREATE TRIGGER feed_total_content AFTER INSERT ON content BEGIN
      UPDATE feed_total SET
        listed = listed + (new.state = 'listed'), fetched = fetched + (new.state = 'fetched'),
        expired = expired + (new.state = 'expired'), dead = dead + (new.state = 'dead'),
        newest_at = max(coalesce(newest_at, new.created_at), new.created_at)
        WHERE feed_id = new.feed_id;
    END;
    CREATE TRIGGER feed_total_state AFTER UPDATE OF state ON content
      WHEN old.state <> new.state BEGIN
      UPDATE feed_total SET
        listed = listed + (new.state = 'listed') - (old.state = 'listed'),
        fetched = fetched + (new.state = 'fetched') - (old.state = 'fetched'),
        expired = expired + (new.state = 'expired') - (old.state = 'expired'),
        dead = dead + (new.state = 'dead') - (old.state = 'dead')
        WHERE feed_id = new.feed_id;
    END;
    CREATE TRIGGER feed_total_log AFTER INSERT ON log BEGIN
      UPDATE feed_total SET
        bodies = bodies + 1, body_bytes = body_bytes + new.byte_count,
        held_bodies = held_bodies + 1, held_bytes = held_bytes + new.stored_bytes
        WHERE feed_id = (SELECT feed_id FROM content WHERE id = new.content_id);
    END;
    -- What is entered again for one sink alone is no new event: it was counted when it came.
    CREATE TRIGGER feed_total_decided AFTER UPDATE OF indexed_at ON log
      WHEN old.indexed_at IS NULL AND new.indexed_at IS NOT NULL BEGIN
      UPDATE feed_total SET
        indexed = indexed + 1,
        records = records + iif(new.only_sink IS NULL, new.record_count, 0),
        events = events + iif(new.only_sink IS NULL, new.event_count, 0),
        repeats = repeats + iif(new.only_sink IS NULL, new.repeat_count, 0),
        changed = changed + iif(new.only_sink IS NULL, new.changed_count, 0)
        WHERE feed_id = (SELECT feed_id FROM content WHERE id = new.content_id);
    END;
    -- A body that is put back is held again.
    CREATE TRIGGER feed_total_dropped AFTER UPDATE OF dropped_at, drop_reason ON log
      WHEN old.drop_reason IS NOT new.drop_reason BEGIN
      UPDATE feed_total SET
        held_bodies = held_bodies + (new.dropped_at IS NULL) - (old.dropped_at IS NULL),
        held_bytes = held_bytes + iif(new.dropped_at IS NULL, new.stored_bytes, 0)
          - iif(old.dropped_at IS NULL, old.stored_bytes, 0),
        dropped = dropped + coalesce(new.drop_reason IN ('full', 'damaged'), 0)
          - coalesce(old.drop_reason IN ('full', 'damaged'), 0)
        WHERE feed_id = (SELECT feed_id FROM content WHERE id = new.content_id);
    END;
    """
}
