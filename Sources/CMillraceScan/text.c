#include "millrace_text.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Blocks of 16 bytes are what every processor of today has. A last block that is not full overlaps the
// one before; of fewer than 16 bytes the two halves overlap.
typedef uint8_t bytes_16 __attribute__((vector_size(16)));

static inline bytes_16 load_16(const uint8_t *bytes) {
  bytes_16 block;
  memcpy(&block, bytes, sizeof block);
  return block;
}

static inline void store_16(uint8_t *target, bytes_16 block) {
  memcpy(target, &block, sizeof block);
}

/// Whether any byte is set, which then has all bits set.
static inline bool is_any(bytes_16 block) {
#if defined(__SSE2__)
  return _mm_movemask_epi8((__m128i)block);
#else
  uint64_t words[2];
  memcpy(words, &block, sizeof words);
  return words[0] | words[1];
#endif
}

/// Less than 16 bytes, of which there are at least `half`, 8 or 4: the first of them, the last, and of
/// 4 all that again.
static inline bytes_16 load_halves(const uint8_t *bytes, size_t count, size_t half) {
  uint8_t block[16];
  memcpy(block, bytes, half);
  memcpy(block + half, bytes + count - half, half);
  if (half == 4) memcpy(block + 8, block, 8);
  return load_16(block);
}

static inline void store_halves(uint8_t *target, size_t count, size_t half, bytes_16 block) {
  uint8_t bytes[16];
  store_16(bytes, block);
  memcpy(target, bytes, half);
  memcpy(target + count - half, bytes + half, half);
}

/// Whether a JSON string holds this byte as an escape only.
static inline bool is_special(uint8_t byte) { return byte < 0x20 || byte == '"' || byte == '\\'; }

static inline bool has_special(bytes_16 block) {
  return is_any(
    (bytes_16)(block < 0x20) | (bytes_16)(block == '"') | (bytes_16)(block == '\\'));
}

/// Copies up to a byte that is special, from `offset` on.
static inline size_t copy_bytes(
  uint8_t *target, const uint8_t *bytes, size_t offset, size_t count) {
  for (; offset < count && !is_special(bytes[offset]); offset++) target[offset] = bytes[offset];
  return offset;
}

static inline size_t copy_clean_halves(
  uint8_t *target, const uint8_t *bytes, size_t count, size_t half) {
  bytes_16 block = load_halves(bytes, count, half);
  if (has_special(block)) return copy_bytes(target, bytes, 0, count);
  store_halves(target, count, half, block);
  return count;
}

size_t millrace_copy_clean_anywhere(uint8_t *target, const uint8_t *bytes, size_t count) {
  if (count >= 16) {
    size_t offset = 0;
    for (; offset + 16 < count; offset += 16) {
      bytes_16 block = load_16(bytes + offset);
      if (has_special(block)) return copy_bytes(target, bytes, offset, count);
      store_16(target + offset, block);
    }
    bytes_16 block = load_16(bytes + count - 16);
    if (has_special(block)) return copy_bytes(target, bytes, offset, count);
    store_16(target + count - 16, block);
    return count;
  }
  if (count >= 8) return copy_clean_halves(target, bytes, count, 8);
  if (count >= 4) return copy_clean_halves(target, bytes, count, 4);
  return copy_bytes(target, bytes, 0, count);
}

static inline bytes_16 on_one_line(bytes_16 block) {
  bytes_16 ends = (bytes_16)(block == '\n') | (bytes_16)(block == '\r');
  return (block & ~ends) | (ends & ' ');
}

void millrace_copy_on_one_line_anywhere(uint8_t *target, const uint8_t *bytes, size_t count) {
  if (count >= 16) {
    for (size_t offset = 0; offset + 16 < count; offset += 16) {
      store_16(target + offset, on_one_line(load_16(bytes + offset)));
    }
    store_16(target + count - 16, on_one_line(load_16(bytes + count - 16)));
  } else if (count >= 8) {
    store_halves(target, count, 8, on_one_line(load_halves(bytes, count, 8)));
  } else if (count >= 4) {
    store_halves(target, count, 4, on_one_line(load_halves(bytes, count, 4)));
  } else {
    for (size_t offset = 0; offset < count; offset++) {
      bool is_end = bytes[offset] == '\n' || bytes[offset] == '\r';
      target[offset] = is_end ? ' ' : bytes[offset];
    }
  }
}

size_t millrace_find_anywhere(const uint8_t *bytes, size_t count, uint8_t byte) {
  size_t offset = 0;
  if (count >= 16) {
    while (offset + 16 < count && !is_any((bytes_16)(load_16(bytes + offset) == byte))) offset += 16;
    bool is_last = offset + 16 >= count;
    if (is_last && !is_any((bytes_16)(load_16(bytes + count - 16) == byte))) return count;
  } else if (count >= 8) {
    if (!is_any((bytes_16)(load_halves(bytes, count, 8) == byte))) return count;
  } else if (count >= 4) {
    if (!is_any((bytes_16)(load_halves(bytes, count, 4) == byte))) return count;
  }
  while (offset < count && bytes[offset] != byte) offset++;
  return offset;
}

#if defined(__x86_64__)

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,evex512,bmi,bmi2")))

/// Whether this processor has registers of 64 bytes. Asked for once, before anything else runs.
static bool is_wide;

__attribute__((constructor)) static void ask_processor(void) {
  __builtin_cpu_init();
  is_wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
    && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi")
    && __builtin_cpu_supports("bmi2");
}

/// The lanes of the next block, of which `left` bytes are left. What is not among them is not read.
static inline TARGET __mmask64 lanes(size_t left) {
  return _bzhi_u64(~0ull, left < 64 ? (unsigned)left : 64);
}

static TARGET size_t copy_clean_wide(uint8_t *target, const uint8_t *bytes, size_t count) {
  const __m512i blank = _mm512_set1_epi8(0x20);
  for (size_t offset = 0; offset < count; offset += 64) {
    __mmask64 all = lanes(count - offset);
    __m512i block = _mm512_mask_loadu_epi8(blank, all, bytes + offset);
    __mmask64 special = _mm512_cmplt_epu8_mask(block, blank)
      | _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('"'))
      | _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\\'));
    _mm512_storeu_si512(target + offset, block);
    if (special) return offset + _tzcnt_u64(special);
  }
  return count;
}

static TARGET size_t find_wide(const uint8_t *bytes, size_t count, uint8_t byte) {
  const __m512i sought = _mm512_set1_epi8((char)byte);
  for (size_t offset = 0; offset < count; offset += 64) {
    __mmask64 all = lanes(count - offset);
    __mmask64 found =
      _mm512_mask_cmpeq_epi8_mask(all, _mm512_maskz_loadu_epi8(all, bytes + offset), sought);
    if (found) return offset + _tzcnt_u64(found);
  }
  return count;
}

static TARGET void copy_on_one_line_wide(uint8_t *target, const uint8_t *bytes, size_t count) {
  const __m512i blank = _mm512_set1_epi8(' ');
  for (size_t offset = 0; offset < count; offset += 64) {
    __mmask64 all = lanes(count - offset);
    __m512i block = _mm512_maskz_loadu_epi8(all, bytes + offset);
    __mmask64 ends = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\n'))
      | _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\r'));
    _mm512_mask_storeu_epi8(target + offset, all, _mm512_mask_mov_epi8(block, ends, blank));
  }
}

size_t millrace_copy_clean(uint8_t *target, const uint8_t *bytes, size_t count) {
  return is_wide ? copy_clean_wide(target, bytes, count) : millrace_copy_clean_anywhere(target, bytes, count);
}

void millrace_copy_on_one_line(uint8_t *target, const uint8_t *bytes, size_t count) {
  if (is_wide) {
    copy_on_one_line_wide(target, bytes, count);
  } else {
    millrace_copy_on_one_line_anywhere(target, bytes, count);
  }
}

size_t millrace_find(const uint8_t *bytes, size_t count, uint8_t byte) {
  return is_wide ? find_wide(bytes, count, byte) : millrace_find_anywhere(bytes, count, byte);
}

#else

void millrace_copy_on_one_line(uint8_t *target, const uint8_t *bytes, size_t count) {
  millrace_copy_on_one_line_anywhere(target, bytes, count);
}

size_t millrace_copy_clean(uint8_t *target, const uint8_t *bytes, size_t count) {
  return millrace_copy_clean_anywhere(target, bytes, count);
}

size_t millrace_find(const uint8_t *bytes, size_t count, uint8_t byte) {
  return millrace_find_anywhere(bytes, count, byte);
}

#endif
