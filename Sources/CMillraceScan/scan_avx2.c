#include "scan.h"

#if defined(__x86_64__)

#define TARGET __attribute__((target("avx2,pclmul,bmi,bmi2,lzcnt,popcnt")))
#include "scan_avx2.h"

static inline TARGET void classify(const uint8_t *bytes, masks *found, utf8_state *utf8) {
  const __m256i low = load_half(bytes);
  const __m256i high = load_half(bytes + 32);
  // `[` and `{` differ in one bit, as do `]` and `}`.
  const __m256i bit = _mm256_set1_epi8(0x20);
  const __m256i folded_low = _mm256_or_si256(low, bit);
  const __m256i folded_high = _mm256_or_si256(high, bit);
  const __m256i control = _mm256_set1_epi8(0x1F);
  found->quote = equal(low, high, '"');
  found->backslash = equal(low, high, '\\');
  found->open = equal(folded_low, folded_high, '{');
  found->close = equal(folded_low, folded_high, '}');
  found->brace = joined(_mm256_slli_epi16(low, 2), _mm256_slli_epi16(high, 2));
  found->comma = equal(low, high, ',');
  found->colon = equal(low, high, ':');
  found->blank = equal(low, high, ' ');
  found->control = joined(
    _mm256_cmpeq_epi8(_mm256_min_epu8(low, control), low),
    _mm256_cmpeq_epi8(_mm256_min_epu8(high, control), high));
  check_utf8(bytes, joined(low, high) != 0, utf8);
}

/// The quotes behind which a name may begin that is looked for. Looks at some bytes behind the block.
static inline TARGET uint64_t begins_sought(const uint8_t *bytes, uint64_t quotes) {
  __m256i low = _mm256_set1_epi8(-1);
  __m256i high = low;
  for (int place = 0; place < SOUGHT_BYTES; place++) {
    const __m256i letters = table(sought_bytes[place]);
    const __m256i low_here = load_half(bytes + 1 + place);
    const __m256i high_here = load_half(bytes + 33 + place);
    low = _mm256_and_si256(low, _mm256_cmpeq_epi8(_mm256_shuffle_epi8(letters, low_here), low_here));
    high =
      _mm256_and_si256(high, _mm256_cmpeq_epi8(_mm256_shuffle_epi8(letters, high_here), high_here));
  }
  return joined(low, high) & quotes;
}

#define scan_name millrace_scan_avx2
#include "scan_kernel.h"

#endif
