#include "scan.h"

#if defined(__x86_64__)

#define TARGET \
  __attribute__((target("avx2,avx512f,avx512bw,avx512vl,evex512,pclmul,bmi,bmi2,lzcnt,popcnt")))
#include "scan_avx2.h"

static inline TARGET uint64_t same(__m512i bytes, char byte) {
  return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte));
}

static inline TARGET void classify(const uint8_t *bytes, masks *found, utf8_state *utf8) {
  const __m512i block = _mm512_loadu_si512((const void *)bytes);
  // `[` and `{` differ in one bit, as do `]` and `}`.
  const __m512i bit = _mm512_set1_epi8(0x20);
  const __m512i folded = _mm512_or_si512(block, bit);
  found->quote = same(block, '"');
  found->backslash = same(block, '\\');
  found->open = same(folded, '{');
  found->close = same(folded, '}');
  found->brace = _mm512_test_epi8_mask(block, bit);
  found->comma = same(block, ',');
  found->colon = same(block, ':');
  found->blank = same(block, ' ');
  found->control = _mm512_cmplt_epu8_mask(block, bit);
  check_utf8(bytes, _mm512_movepi8_mask(block) != 0, utf8);
}

/// The quotes behind which a name may begin that is looked for. Looks at some bytes behind the block.
static inline TARGET uint64_t begins_sought(const uint8_t *bytes, uint64_t quotes) {
  __mmask64 found = quotes;
  for (int place = 0; place < SOUGHT_BYTES; place++) {
    const __m512i block = _mm512_loadu_si512((const void *)(bytes + 1 + place));
    const __m512i letters = _mm512_broadcast_i32x4(
      _mm_loadu_si128((const __m128i *)(const void *)sought_bytes[place]));
    found = _mm512_mask_cmpeq_epi8_mask(found, _mm512_shuffle_epi8(letters, block), block);
  }
  return found;
}

#define scan_name millrace_scan_avx512
#include "scan_kernel.h"

#endif
