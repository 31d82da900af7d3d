#include "millrace_text.h"

#include <stdbool.h>
#include <string.h>

/// Whether a JSON string holds this byte as an escape only.
static inline bool is_special(uint8_t byte) { return byte < 0x20 || byte == '"' || byte == '\\'; }

typedef uint8_t bytes_16 __attribute__((vector_size(16)));

static inline bool has_special(bytes_16 block) {
  bytes_16 special = (bytes_16)(block < 0x20) | (bytes_16)(block == '"') | (bytes_16)(block == '\\');
  uint64_t words[2];
  memcpy(words, &special, sizeof words);
  return words[0] | words[1];
}

size_t millrace_copy_clean_anywhere(uint8_t *target, const uint8_t *bytes, size_t count) {
  size_t offset = 0;
  for (; count - offset >= 16; offset += 16) {
    bytes_16 block;
    memcpy(&block, bytes + offset, sizeof block);
    if (has_special(block)) break;
    memcpy(target + offset, &block, sizeof block);
  }
  for (; offset < count && !is_special(bytes[offset]); offset++) target[offset] = bytes[offset];
  return offset;
}

static inline bool is_line_end(uint8_t byte) { return byte == '\n' || byte == '\r'; }

void millrace_copy_on_one_line_anywhere(uint8_t *target, const uint8_t *bytes, size_t count) {
  for (size_t offset = 0; offset < count; offset++) {
    target[offset] = is_line_end(bytes[offset]) ? ' ' : bytes[offset];
  }
}

size_t millrace_find_anywhere(const uint8_t *bytes, size_t count, uint8_t byte) {
  const uint8_t *found = count ? memchr(bytes, byte, count) : NULL;
  return found ? (size_t)(found - bytes) : count;
}

#if defined(__x86_64__)

#include <immintrin.h>

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
