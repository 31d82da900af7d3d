#ifndef MILLRACE_SCAN_H
#define MILLRACE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How many bytes may be read behind the end of what is scanned. The first of them must be a quote.
enum { MILLRACE_SCAN_SLACK = 64 };

/// How deep objects and arrays may be nested in a record, the record itself counted.
enum { MILLRACE_SCAN_DEPTH_MAX = 128 };

/// The text of a member's value: where it begins, and how long it is. `start` is 0 when the record
/// has no such text: no record begins with a value.
typedef struct {
  size_t start;
  size_t count;
} millrace_text;

/// The members that name a record.
enum {
  MILLRACE_ID,
  MILLRACE_OPERATION,
  MILLRACE_RECORD_TYPE,
  MILLRACE_CREATION_TIME,
  MILLRACE_TEXTS
};

/// A record that is valid JSON in valid UTF-8, and where its members that name it stand: of several
/// of one name the last, of strings what is between the quotes.
typedef struct {
  size_t start;
  size_t end;
  millrace_text texts[MILLRACE_TEXTS];
} millrace_record;

/// Takes a record; false ends the scan.
typedef bool (*millrace_record_taker)(void *context, const millrace_record *record);

/// How a scan ended.
typedef enum {
  /// This processor lacks what the scan needs; nothing was looked at.
  MILLRACE_SCAN_UNAVAILABLE,
  /// The array's closing bracket was found, and nothing but white space behind it.
  MILLRACE_SCAN_CLOSED,
  /// The bytes ended between two records.
  MILLRACE_SCAN_OPEN,
  /// Something is not as it should be behind the latest record that was found: a slower look has to
  /// say what.
  MILLRACE_SCAN_DOUBTFUL
} millrace_scan_end;

/// Finds the records in `count` bytes at `base`, of which those before `start` are left out, as far
/// as everything is in order: elements of one array that are objects, strictly valid (RFC 8259), not
/// deeper than `MILLRACE_SCAN_DEPTH_MAX`, with commas and white space between them. `position` says where the
/// closing bracket is, or else how far the scan looked. Looks at each byte once, 64 at a time.
///
/// The bytes are classified by comparisons of whole blocks, and what JSON demands is checked for 64
/// bytes at once, by arithmetic on the masks: which token follows which, and whether commas and
/// colons are those of an object or of an array. Only brackets are visited one by one. That strings
/// are told from the rest by the parity of their quotes is the idea of Langdale and Lemire, "Parsing
/// Gigabytes of JSON per Second" (2019).
millrace_scan_end millrace_scan(
  const uint8_t *base, size_t count, size_t start, millrace_record_taker taker, void *context,
  size_t *position);

/// The byte behind the bracket that closes the object or array at `bytes`, which is valid JSON and
/// ends at or before `end`; up to `MILLRACE_SCAN_SLACK` bytes behind that may be read, whatever they
/// are. `end` when no bracket closes it, and NULL when this processor lacks what it takes.
const uint8_t *millrace_skip(const uint8_t *bytes, const uint8_t *end);

#endif
