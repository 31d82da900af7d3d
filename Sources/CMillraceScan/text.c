#include "millrace_text.h"

#include "millrace_blocks.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// A last block that is not full overlaps the one before; of fewer than 16 bytes the two halves overlap.

size_t millrace_copy_clean_anywhere(uint8_t *target, const uint8_t *bytes, size_t count) {
  return millrace_copy_clean_short(target, bytes, count);
}

/// Copies bytes as `change` has them, and writes nothing else.
static inline __attribute__((always_inline)) void copy_changed(
  uint8_t *target, const uint8_t *bytes, size_t count, millrace_block (*change)(millrace_block)) {
  if (count >= 16) {
    for (size_t offset = 0; offset + 16 < count; offset += 16) {
      millrace_store(target + offset, change(millrace_load(bytes + offset)));
    }
    millrace_store(target + count - 16, change(millrace_load(bytes + count - 16)));
  } else if (count >= 4) {
    size_t half = count >= 8 ? 8 : 4;
    millrace_store_halves(target, count, half, change(millrace_load_halves(bytes, count, half)));
  } else {
    uint8_t few[16] = {0};
    for (size_t offset = 0; offset < count; offset++) few[offset] = bytes[offset];
    millrace_store(few, change(millrace_load(few)));
    for (size_t offset = 0; offset < count; offset++) target[offset] = few[offset];
  }
}

static inline millrace_block on_one_line(millrace_block block) {
  millrace_block ends = (millrace_block)(block == '\n') | (millrace_block)(block == '\r');
  return (block & ~ends) | (ends & ' ');
}

void millrace_copy_on_one_line_anywhere(uint8_t *target, const uint8_t *bytes, size_t count) {
  copy_changed(target, bytes, count, on_one_line);
}

size_t millrace_find_anywhere(const uint8_t *bytes, size_t count, uint8_t byte) {
  if (count >= 16) {
    size_t offset = 0;
    for (; offset + 16 < count; offset += 16) {
      uint32_t found = millrace_bits((millrace_block)(millrace_load(bytes + offset) == byte));
      if (found) return offset + (size_t)__builtin_ctz(found);
    }
    offset = count - 16;
    uint32_t found = millrace_bits((millrace_block)(millrace_load(bytes + offset) == byte));
    return found ? offset + (size_t)__builtin_ctz(found) : count;
  }
  if (count >= 4) {
    size_t half = count >= 8 ? 8 : 4;
    millrace_block block = millrace_load_halves(bytes, count, half);
    uint32_t found = millrace_bits((millrace_block)(block == byte));
    return found ? millrace_place_in_halves(found, count, half) : count;
  }
  size_t offset = 0;
  while (offset < count && bytes[offset] != byte) offset++;
  return offset;
}

size_t millrace_find_pair(const uint8_t *bytes, size_t count, uint8_t first, uint8_t second) {
  size_t offset = 0;
  for (; offset + 17 <= count; offset += 16) {
    millrace_block here = (millrace_block)(millrace_load(bytes + offset) == first);
    millrace_block next = (millrace_block)(millrace_load(bytes + offset + 1) == second);
    uint32_t found = millrace_bits(here & next);
    if (found) return offset + (size_t)__builtin_ctz(found);
  }
  for (; offset + 1 < count; offset++) {
    if (bytes[offset] == first && bytes[offset + 1] == second) return offset;
  }
  return count;
}

static inline millrace_block capitals(millrace_block block) {
  return (millrace_block)((millrace_block)(block - 'A') < 26);
}

bool millrace_has_capitals(const uint8_t *bytes, size_t count) {
  if (count >= 16) {
    millrace_block found = capitals(millrace_load(bytes + count - 16));
    for (size_t offset = 0; offset + 16 < count; offset += 16) {
      found |= capitals(millrace_load(bytes + offset));
    }
    return millrace_bits(found);
  }
  if (count >= 4) {
    return millrace_bits(capitals(millrace_load_halves(bytes, count, count >= 8 ? 8 : 4)));
  }
  for (size_t offset = 0; offset < count; offset++) {
    if ((uint8_t)(bytes[offset] - 'A') < 26) return true;
  }
  return false;
}

static inline millrace_block lowercase(millrace_block block) {
  return block | (capitals(block) & 0x20);
}

void millrace_copy_lowercase(uint8_t *target, const uint8_t *bytes, size_t count) {
  copy_changed(target, bytes, count, lowercase);
}

/// The bytes that do not stand for themselves in a URL.
static inline millrace_block not_of_urls(millrace_block block) {
  return (millrace_block)(block < 0x21) | (millrace_block)(block > '~')
    | (millrace_block)(block == '"') | (millrace_block)(block == '%')
    | (millrace_block)(block == '<') | (millrace_block)(block == '>')
    | (millrace_block)((millrace_block)(block - '[') < 4) | (millrace_block)(block == '`')
    | (millrace_block)((millrace_block)(block - '{') < 3);
}

size_t millrace_url_run(const uint8_t *bytes, size_t count) {
  size_t offset = 0;
  while (offset < count) {
    uint8_t padded[16] = {0};
    bool is_last = count - offset < 16;
    if (is_last) memcpy(padded, bytes + offset, count - offset);
    uint32_t found = millrace_bits(not_of_urls(millrace_load(is_last ? padded : bytes + offset)));
    if (found) return offset + (size_t)__builtin_ctz(found);
    offset += 16;
  }
  return count;
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
