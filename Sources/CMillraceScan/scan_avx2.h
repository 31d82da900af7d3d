#ifndef MILLRACE_SCAN_AVX2_H
#define MILLRACE_SCAN_AVX2_H

// What both kinds of x86-64 processors that are told apart share: UTF-8 and escapes, 32 bytes at a
// time. Whoever includes this defines `TARGET`.

#include <immintrin.h>

#include "scan_tokens.h"

/// Where in a block of 64 bytes stands what matters; bit 0 is the first byte.
typedef struct {
  uint64_t quote;
  uint64_t backslash;
  /// `[` and `{`.
  uint64_t open;
  /// `]` and `}`.
  uint64_t close;
  /// Of brackets, which ones are braces; of other bytes, nothing in particular.
  uint64_t brace;
  uint64_t comma;
  uint64_t colon;
  uint64_t blank;
  /// Bytes less than 0x20.
  uint64_t control;
} masks;

/// What the block before means for UTF-8 in this one.
typedef struct {
  __m256i previous;
  /// The block before ends within a sequence.
  bool is_incomplete;
  bool has_error;
} utf8_state;

static inline TARGET uint64_t joined(__m256i low, __m256i high) {
  return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)_mm256_movemask_epi8(high) << 32;
}

static inline TARGET uint64_t equal(__m256i low, __m256i high, char byte) {
  __m256i pattern = _mm256_set1_epi8(byte);
  return joined(_mm256_cmpeq_epi8(low, pattern), _mm256_cmpeq_epi8(high, pattern));
}

static inline TARGET __m256i load_half(const uint8_t *bytes) {
  return _mm256_loadu_si256((const __m256i *)(const void *)bytes);
}

/// A table of 16 bytes for both halves of a register.
static inline TARGET __m256i table(const int8_t *bytes) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)bytes));
}

/// The sequences in 32 bytes that are no UTF-8, as bits that are set in some byte. Each pair of bytes
/// is looked up by three of its four halves; what one of them allows the others may refuse (Keiser
/// and Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte", 2020).
static inline TARGET __m256i utf8_faults(__m256i bytes, __m256i before) {
  enum {
    SHORT = 1, LONG = 2, OVERLONG_3 = 4, LARGE = 8, SURROGATE = 16, OVERLONG_2 = 32,
    // Both a lead of four bytes that is too large and one that is too small.
    LARGE_1000 = 64, OVERLONG_4 = 64, TWO_CONTINUATIONS = -128,
    ANY = SHORT | LONG | TWO_CONTINUATIONS
  };
  static const int8_t first_high_bits[16] = {
    LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, TWO_CONTINUATIONS, TWO_CONTINUATIONS,
    TWO_CONTINUATIONS, TWO_CONTINUATIONS, SHORT | OVERLONG_2, SHORT, SHORT | OVERLONG_3 | SURROGATE,
    SHORT | LARGE | LARGE_1000 | OVERLONG_4};
  static const int8_t first_low_bits[16] = {
    ANY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4, ANY | OVERLONG_2, ANY, ANY, ANY | LARGE,
    ANY | LARGE | LARGE_1000, ANY | LARGE | LARGE_1000, ANY | LARGE | LARGE_1000,
    ANY | LARGE | LARGE_1000, ANY | LARGE | LARGE_1000, ANY | LARGE | LARGE_1000,
    ANY | LARGE | LARGE_1000, ANY | LARGE | LARGE_1000, ANY | LARGE | LARGE_1000 | SURROGATE,
    ANY | LARGE | LARGE_1000, ANY | LARGE | LARGE_1000};
  enum { TAIL = LONG | OVERLONG_2 | TWO_CONTINUATIONS };
  static const int8_t second_high_bits[16] = {
    SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT, SHORT,
    TAIL | OVERLONG_3 | LARGE_1000 | OVERLONG_4, TAIL | OVERLONG_3 | LARGE,
    TAIL | SURROGATE | LARGE, TAIL | SURROGATE | LARGE, SHORT, SHORT, SHORT, SHORT};
  const __m256i nibble = _mm256_set1_epi8(15);

  __m256i across = _mm256_permute2x128_si256(before, bytes, 0x21);
  __m256i first = _mm256_alignr_epi8(bytes, across, 15);
  __m256i second = _mm256_alignr_epi8(bytes, across, 14);
  __m256i third = _mm256_alignr_epi8(bytes, across, 13);
  __m256i pairs = _mm256_and_si256(
    _mm256_and_si256(
      _mm256_shuffle_epi8(table(first_high_bits), _mm256_and_si256(_mm256_srli_epi16(first, 4), nibble)),
      _mm256_shuffle_epi8(table(first_low_bits), _mm256_and_si256(first, nibble))),
    _mm256_shuffle_epi8(table(second_high_bits), _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble)));
  // Where the third or fourth byte of a sequence has to be, two continuations in a row are right.
  __m256i long_leads = _mm256_or_si256(
    _mm256_subs_epu8(second, _mm256_set1_epi8((char)(0xE0 - 0x80))),
    _mm256_subs_epu8(third, _mm256_set1_epi8((char)(0xF0 - 0x80))));
  return _mm256_xor_si256(_mm256_and_si256(long_leads, _mm256_set1_epi8((char)0x80)), pairs);
}

/// Checks a block in which not all is ASCII, or that has to begin within a sequence.
static TARGET __attribute__((noinline)) void check_sequences(
  const uint8_t *bytes, utf8_state *state) {
  __m256i low = load_half(bytes);
  __m256i high = load_half(bytes + 32);
  __m256i faults =
    _mm256_or_si256(utf8_faults(low, state->previous), utf8_faults(high, low));
  state->has_error |= !_mm256_testz_si256(faults, faults);
  state->previous = high;
  state->is_incomplete = bytes[63] >= 0xC0 || bytes[62] >= 0xE0 || bytes[61] >= 0xF0;
}

/// Checks a block of which `has_high` says whether there is anything but ASCII in it.
static inline TARGET void check_utf8(const uint8_t *bytes, bool has_high, utf8_state *state) {
  if (has_high || state->is_incomplete) {
    check_sequences(bytes, state);
  } else {
    state->previous = _mm256_setzero_si256();
  }
}

/// The bytes that a backslash escapes, which `is_escaped` says of the first.
static inline TARGET uint64_t escaped_bytes(uint64_t backslash, uint64_t *is_escaped) {
  const uint64_t odd = 0xAAAAAAAAAAAAAAAAull;
  uint64_t first = *is_escaped;
  uint64_t candidates = backslash & ~first;
  uint64_t ends = (((candidates << 1) | odd) - candidates) ^ odd;
  *is_escaped = (ends & backslash) >> 63;
  return ends ^ (backslash | first);
}

/// Where a byte stands that may follow a backslash.
static inline TARGET uint64_t valid_escapes(const uint8_t *bytes) {
  __m256i low = load_half(bytes);
  __m256i high = load_half(bytes + 32);
  // By their lower halves all but two of them can be told apart.
  static const int8_t letter_bytes[16] = {
    -1, 0, '"', 0, 't', 'u', 'f', 0, 0, 0, 0, 0, '\\', 0, 'n', '/'};
  const __m256i letters = table(letter_bytes);
  return joined(
           _mm256_cmpeq_epi8(_mm256_shuffle_epi8(letters, low), low),
           _mm256_cmpeq_epi8(_mm256_shuffle_epi8(letters, high), high))
    | equal(low, high, 'b') | equal(low, high, 'r');
}

static inline TARGET uint64_t letters_u(const uint8_t *bytes) {
  return equal(load_half(bytes), load_half(bytes + 32), 'u');
}

static inline TARGET uint64_t line_ends(const uint8_t *bytes) {
  __m256i low = load_half(bytes);
  __m256i high = load_half(bytes + 32);
  return equal(low, high, '\n') | equal(low, high, '\r') | equal(low, high, '\t');
}

/// The closing quote of the string whose content begins at `bytes`, or `limit`: looks at 64 bytes at
/// a time, as the slack allows, and passes escapes one by one.
static inline TARGET const uint8_t *string_end(const uint8_t *bytes, const uint8_t *limit) {
  while (bytes < limit) {
    __m256i low = load_half(bytes);
    __m256i high = load_half(bytes + 32);
    uint64_t quotes = equal(low, high, '"');
    uint64_t escapes = equal(low, high, '\\') & (quotes - 1) & ~quotes;
    if (quotes && !escapes) return bytes + __builtin_ctzll(quotes);
    bytes += escapes ? __builtin_ctzll(escapes) + 2 : 64;
  }
  return limit;
}

/// Each bit the parity of the bits of `mask` up to it.
static inline TARGET uint64_t parity(uint64_t mask) {
  __m128i product =
    _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)mask), _mm_set1_epi8(-1), 0);
  return (uint64_t)_mm_cvtsi128_si64(product);
}

#endif
