#ifndef MILLRACE_BLOCKS_H
#define MILLRACE_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// What is done for every short text, 16 bytes at a time as every processor of today can, and in place:
// a call would cost as much.

typedef uint8_t millrace_block __attribute__((vector_size(16)));

static inline millrace_block millrace_load(const uint8_t *bytes) {
  millrace_block block;
  memcpy(&block, bytes, sizeof block);
  return block;
}

static inline void millrace_store(uint8_t *target, millrace_block block) {
  memcpy(target, &block, sizeof block);
}

/// One bit for each byte, which is 0 or 0xFF.
static inline uint32_t millrace_bits(millrace_block block) {
#if defined(__SSE2__)
  return (uint32_t)_mm_movemask_epi8((__m128i)block);
#else
  uint64_t words[2];
  memcpy(words, &block, sizeof words);
  const uint64_t ones = 0x0101010101010101, gather = 0x0102040810204080;
  return (uint32_t)((words[0] & ones) * gather >> 56 | ((words[1] & ones) * gather >> 56) << 8);
#endif
}

/// The first quote or backslash at or behind `bytes`; there must be one. Reads up to 15 bytes behind it.
static inline const uint8_t *millrace_quote_or_backslash(const uint8_t *bytes) {
  for (;; bytes += 16) {
    millrace_block block = millrace_load(bytes);
    uint32_t found = millrace_bits((millrace_block)(block == '"') | (millrace_block)(block == '\\'));
    if (found) return bytes + __builtin_ctz(found);
  }
}

/// Which bytes of a block a JSON string holds as an escape only (RFC 8259, section 7).
static inline millrace_block millrace_special(millrace_block block) {
  return (millrace_block)(block < 0x20) | (millrace_block)(block == '"')
    | (millrace_block)(block == '\\');
}

/// Less than 16 bytes, of which there are at least `half`, 8 or 4, in one block: the first of them, and
/// the last, which may overlap, and of 4 all that again.
static inline millrace_block millrace_load_halves(const uint8_t *bytes, size_t count, size_t half) {
  uint8_t block[16];
  memcpy(block, bytes, half);
  memcpy(block + half, bytes + count - half, half);
  if (half == 4) memcpy(block + 8, block, 8);
  return millrace_load(block);
}

static inline void millrace_store_halves(
  uint8_t *target, size_t count, size_t half, millrace_block block) {
  uint8_t bytes[16];
  millrace_store(bytes, block);
  memcpy(target, bytes, half);
  memcpy(target + count - half, bytes + half, half);
}

/// Where the bytes stood whose `bits` are set in a block of halves, the first of them.
static inline size_t millrace_place_in_halves(uint32_t bits, size_t count, size_t half) {
  size_t place = (size_t)__builtin_ctz(bits);
  return place < half ? place : place + count - 2 * half;
}

static inline size_t millrace_copy_clean_halves(
  uint8_t *target, const uint8_t *bytes, size_t count, size_t half) {
  millrace_block block = millrace_load_halves(bytes, count, half);
  millrace_store_halves(target, count, half, block);
  uint32_t special = millrace_bits(millrace_special(block));
  return special ? millrace_place_in_halves(special, count, half) : count;
}

/// Copies bytes up to the first that a JSON string holds as an escape only (RFC 8259, section 7): a
/// quote, a backslash or a control character. Returns how many they are, `count` when there is none;
/// behind them the target may hold anything.
static inline size_t millrace_copy_clean_short(uint8_t *target, const uint8_t *bytes, size_t count) {
  if (count >= 16) {
    size_t offset = 0;
    for (; offset + 16 < count; offset += 16) {
      millrace_block block = millrace_load(bytes + offset);
      millrace_store(target + offset, block);
      uint32_t special = millrace_bits(millrace_special(block));
      if (special) return offset + (size_t)__builtin_ctz(special);
    }
    // The last block may overlap the one before.
    offset = count - 16;
    millrace_block block = millrace_load(bytes + offset);
    millrace_store(target + offset, block);
    uint32_t special = millrace_bits(millrace_special(block));
    return special ? offset + (size_t)__builtin_ctz(special) : count;
  }
  if (count >= 8) return millrace_copy_clean_halves(target, bytes, count, 8);
  if (count >= 4) return millrace_copy_clean_halves(target, bytes, count, 4);
  for (size_t offset = 0; offset < count; offset++) {
    target[offset] = bytes[offset];
    if (bytes[offset] < 0x20 || bytes[offset] == '"' || bytes[offset] == '\\') return offset;
  }
  return count;
}

/// Where a backslash first stands among `count` bytes; `count` when it does not. Reads up to 15 bytes
/// behind them.
static inline size_t millrace_first_backslash(const uint8_t *bytes, size_t count) {
  for (size_t offset = 0; offset < count; offset += 16) {
    uint32_t found = millrace_bits((millrace_block)(millrace_load(bytes + offset) == '\\'));
    if (!found) continue;
    size_t place = offset + (size_t)__builtin_ctz(found);
    return place < count ? place : count;
  }
  return count;
}

/// Copies bytes.
static inline void millrace_copy_short(uint8_t *target, const uint8_t *bytes, size_t count) {
  if (count > 32) {
    memcpy(target, bytes, count);
  } else if (count >= 16) {
    millrace_block last = millrace_load(bytes + count - 16);
    millrace_store(target, millrace_load(bytes));
    millrace_store(target + count - 16, last);
  } else if (count >= 8) {
    millrace_store_halves(target, count, 8, millrace_load_halves(bytes, count, 8));
  } else if (count >= 4) {
    millrace_store_halves(target, count, 4, millrace_load_halves(bytes, count, 4));
  } else {
    for (size_t offset = 0; offset < count; offset++) target[offset] = bytes[offset];
  }
}

/// Whether any byte of the JSON text may belong to an escape of a surrogate, `\ud800` to `\udfff`. Reads
/// up to 17 bytes behind the text.
static inline bool millrace_may_hold_surrogates(const uint8_t *bytes, size_t count) {
  for (size_t offset = 0; offset < count; offset += 16) {
    millrace_block escapes = (millrace_block)(millrace_load(bytes + offset) == '\\')
      & (millrace_block)(millrace_load(bytes + offset + 1) == 'u');
    if (!millrace_bits(escapes)) continue;
    millrace_block digit = millrace_load(bytes + offset + 2) | 0x20;
    if (millrace_bits(escapes & (millrace_block)(digit == 'd'))) return true;
  }
  return false;
}

#endif
