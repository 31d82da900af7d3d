#ifndef MILLRACE_SCAN_TOKENS_H
#define MILLRACE_SCAN_TOKENS_H

// What is looked at byte by byte: numbers and words, hexadecimal digits, the members that name a
// record. All of it may read into the slack behind the blob, whose quote ends each of them.

#include <string.h>

#include "millrace_scan.h"

static inline bool is_blank(uint8_t byte) {
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static inline bool is_digit(uint8_t byte) { return (uint8_t)(byte - '0') <= 9; }

static inline uint32_t load_32(const uint8_t *bytes) {
  uint32_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

static inline uint64_t load_64(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

/// The byte behind the digits at `bytes`; NULL when there is none.
static inline const uint8_t *skip_digits(const uint8_t *bytes) {
  if (!is_digit(*bytes)) return NULL;
  while (is_digit(*bytes)) bytes++;
  return bytes;
}

/// The byte behind the number at `bytes` (RFC 8259, section 6); NULL when there is none.
static inline const uint8_t *skip_number(const uint8_t *bytes) {
  if (*bytes == '-') bytes++;
  if (*bytes == '0') {
    bytes++;
  } else if (!(bytes = skip_digits(bytes))) {
    return NULL;
  }
  if (*bytes == '.' && !(bytes = skip_digits(bytes + 1))) return NULL;
  if ((*bytes | 0x20) == 'e') {
    bytes++;
    if (*bytes == '-' || *bytes == '+') bytes++;
    bytes = skip_digits(bytes);
  }
  return bytes;
}

/// Whether a number or a word may end before `byte`.
static inline bool is_scalar_end(uint8_t byte) {
  return byte == ',' || byte == '}' || byte == ']' || is_blank(byte);
}

/// Whether a number that is not the usual one of few digits is at `bytes`, and nothing joined to it.
static __attribute__((noinline)) bool is_number(const uint8_t *bytes) {
  const uint8_t *end = skip_number(bytes);
  return end && is_scalar_end(*end);
}

/// Whether a number, `true`, `false` or `null` is at `bytes`, and nothing joined to it.
static inline bool is_scalar(const uint8_t *bytes) {
  uint64_t word = load_64(bytes);
  uint32_t letters = (uint32_t)word;
  if (is_digit(bytes[0]) && is_scalar_end(bytes[1])) return true;
  if (letters == load_32((const uint8_t *)"fals")) return bytes[4] == 'e' && is_scalar_end(bytes[5]);
  bool is_word =
    letters == load_32((const uint8_t *)"true") || letters == load_32((const uint8_t *)"null");
  return is_word ? is_scalar_end(bytes[4]) : is_number(bytes);
}

/// Whether four hexadecimal digits stand at `bytes`.
static inline bool has_hexadecimal(const uint8_t *bytes) {
  for (int index = 0; index < 4; index++) {
    if (!is_digit(bytes[index]) && (uint8_t)((bytes[index] | 0x20) - 'a') >= 6) return false;
  }
  return true;
}

/// The names that are looked for, by their lengths, and the text each one is.
static const struct {
  _Alignas(16) char name[16];
  int text;
} sought[16] = {
  [2] = {"Id", MILLRACE_ID},
  [9] = {"Operation", MILLRACE_OPERATION},
  [10] = {"RecordType", MILLRACE_RECORD_TYPE},
  [12] = {"CreationTime", MILLRACE_CREATION_TIME},
};

/// Their lengths.
enum { ID_LENGTH = 2, OPERATION_LENGTH = 9, TYPE_LENGTH = 10, TIME_LENGTH = 12 };

/// Bits where strings of these lengths that `opening` begins end: at quotes one byte further away
/// than the string is long.
static inline uint64_t closing_sought(uint64_t opening) {
  return opening << (ID_LENGTH + 1) | opening << (OPERATION_LENGTH + 1)
    | opening << (TYPE_LENGTH + 1) | opening << (TIME_LENGTH + 1);
}

/// Where the value stands of the member whose name is closed by `quote`; NULL when it is no name.
static inline const uint8_t *member_value(const uint8_t *quote) {
  const uint8_t *bytes = quote + 1;
  while (is_blank(*bytes)) bytes++;
  if (*bytes != ':') return NULL;
  do bytes++;
  while (is_blank(*bytes));
  return bytes;
}

#endif
