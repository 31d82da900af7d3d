#include "scan.h"

#if defined(__x86_64__)

#define TARGET __attribute__((target("avx2,pclmul,bmi,bmi2,lzcnt,popcnt")))
#include "scan_avx2.h"

TARGET const uint8_t *millrace_skip_avx2(const uint8_t *bytes, const uint8_t *end) {
  uint64_t in_string = 0;
  uint64_t is_escaped = 0;
  int depth = 0;
  for (; bytes < end; bytes += 64) {
    const __m256i low = load_half(bytes);
    const __m256i high = load_half(bytes + 32);
    uint64_t quotes = equal(low, high, '"');
    uint64_t backslash = equal(low, high, '\\');
    if (backslash | is_escaped) quotes &= ~escaped_bytes(backslash, &is_escaped);
    uint64_t strings = parity(quotes) ^ in_string;
    in_string = (uint64_t)((int64_t)strings >> 63);
    // `[` and `{` differ in one bit, as do `]` and `}`. Which is which need not be told apart.
    const __m256i bit = _mm256_set1_epi8(0x20);
    const __m256i folded_low = _mm256_or_si256(low, bit);
    const __m256i folded_high = _mm256_or_si256(high, bit);
    uint64_t open = equal(folded_low, folded_high, '{') & ~strings;
    uint64_t close = equal(folded_low, folded_high, '}') & ~strings;
    // Each bracket that closes is looked at only where the last of them can be near.
    while (close) {
      if (__builtin_popcountll(close) < depth) break;
      uint64_t before = (close & -close) - 1;
      depth += __builtin_popcountll(open & before) - 1;
      if (depth == 0) {
        const uint8_t *behind = bytes + __builtin_ctzll(close) + 1;
        return behind < end ? behind : end;
      }
      open &= ~before;
      close &= close - 1;
    }
    depth += __builtin_popcountll(open) - __builtin_popcountll(close);
  }
  return end;
}

#endif
