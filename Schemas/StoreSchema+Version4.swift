extension StoreSchema {
  /// Version 4: what file sinks have finished, where they are to remove it some day.
  static let version4 = """
    -- Files that a sink wrote, is done with, and removes when they are kept no longer: by it a sink
    -- knows its own files from others.
    CREATE TABLE finished_file (
      sink TEXT NOT NULL REFERENCES sink (name),
      path TEXT NOT NULL,
      device INTEGER NOT NULL,
      inode INTEGER NOT NULL,
      birth_ns INTEGER NOT NULL,
      length INTEGER NOT NULL CHECK (length >= 0),
      finished_at INTEGER NOT NULL,
      PRIMARY KEY (sink, device, inode)
    ) STRICT, WITHOUT ROWID;
    """
}
