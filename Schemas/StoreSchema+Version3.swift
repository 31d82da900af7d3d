extension StoreSchema {
  /// Version 3: blobs that were fetched young are fetched once more.
  static let version3 = """
    -- The first part of the body that was fetched of the same blob when it was young, and that this
    -- one completes: the events of this one are what that one lacked.
    ALTER TABLE log ADD COLUMN completes_sequence INTEGER REFERENCES log (sequence)
      CHECK (completes_sequence IS NULL OR completes_sequence < sequence);

    -- Blobs that are fetched once more, and when: by the service's clock.
    CREATE TABLE settling (
      content_id INTEGER PRIMARY KEY REFERENCES content (id),
      due_at INTEGER NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0)
    ) STRICT;
    CREATE INDEX settling_due ON settling (due_at);
    """
}
