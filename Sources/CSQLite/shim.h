#ifndef MILLRACE_CSQLITE_SHIM_H
#define MILLRACE_CSQLITE_SHIM_H
#include <sqlite3.h>

// SQLITE_TRANSIENT is a cast macro, which Swift does not import: these bind a copy.
static inline int millrace_sqlite_bind_text(sqlite3_stmt *statement, int index,
                                            const char *text, int length) {
  return sqlite3_bind_text(statement, index, text, length, SQLITE_TRANSIENT);
}

static inline int millrace_sqlite_bind_blob(sqlite3_stmt *statement, int index,
                                            const void *bytes, sqlite3_uint64 length) {
  // A null pointer would bind NULL; an empty blob is a zero-length one.
  return sqlite3_bind_blob64(statement, index, length == 0 ? "" : bytes, length,
                             SQLITE_TRANSIENT);
}
#endif
