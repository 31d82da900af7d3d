#include "scan.h"

#if defined(__x86_64__)

/// What this processor can do. Asked with each call: the answer is at hand.
static bool has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul")
    && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")
    && __builtin_cpu_supports("lzcnt") && __builtin_cpu_supports("popcnt");
}

static bool has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
    && __builtin_cpu_supports("avx512vl");
}

#endif

millrace_scan_end millrace_scan(
  const uint8_t *base, size_t count, size_t start, millrace_record_taker taker, void *context,
  size_t *position) {
#if defined(__x86_64__)
  if (has_avx2()) {
    return has_avx512()
      ? millrace_scan_avx512(base, count, start, taker, context, position)
      : millrace_scan_avx2(base, count, start, taker, context, position);
  }
#endif
  (void)base, (void)count, (void)start, (void)taker, (void)context, (void)position;
  return MILLRACE_SCAN_UNAVAILABLE;
}

const uint8_t *millrace_skip(const uint8_t *bytes, const uint8_t *end) {
#if defined(__x86_64__)
  if (has_avx2()) return millrace_skip_avx2(bytes, end);
#endif
  (void)bytes, (void)end;
  return NULL;
}
