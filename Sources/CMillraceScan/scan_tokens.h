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

/// The names that are looked for, with the quotes that end them, and the text each one is.
static const struct {
  _Alignas(16) char name[16];
  int length;
  int text;
} sought[] = {
  {"Id\"", 2, MILLRACE_ID},
  {"Operation\"", 9, MILLRACE_OPERATION},
  {"RecordType\"", 10, MILLRACE_RECORD_TYPE},
  {"CreationTime\"", 12, MILLRACE_CREATION_TIME},
};

/// Which of them it may be that begins with a letter, by the lower half of that.
static const uint8_t sought_by_letter[16] = {
  ['I' & 15] = 0, ['O' & 15] = 1, ['R' & 15] = 2, ['C' & 15] = 3};

/// What the names begin with, `Id"`, `Ope`, `Rec` and `Cre`: for each place the bytes that stand there,
/// found by their lower halves. Where none has a lower half, what stands there equals no byte that has it.
enum { SOUGHT_BYTES = 3 };
static const int8_t sought_bytes[SOUGHT_BYTES][16] = {
  {-1, ['I' & 15] = 'I', ['O' & 15] = 'O', ['R' & 15] = 'R', ['C' & 15] = 'C'},
  {['d' & 15] = 'd', ['p' & 15] = 'p', ['e' & 15] = 'e', ['r' & 15] = 'r'},
  {-1, ['"' & 15] = '"', ['e' & 15] = 'e', ['c' & 15] = 'c'},
};

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
