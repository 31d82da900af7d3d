#ifndef MILLRACE_SCAN_KINDS_H
#define MILLRACE_SCAN_KINDS_H

#include "millrace_scan.h"

// The same scan for processors with 32 and with 64 bytes to a register.

millrace_scan_end millrace_scan_avx2(
  const uint8_t *base, size_t count, size_t start, millrace_record_taker taker, void *context,
  size_t *position);

millrace_scan_end millrace_scan_avx512(
  const uint8_t *base, size_t count, size_t start, millrace_record_taker taker, void *context,
  size_t *position);

const uint8_t *millrace_skip_avx2(const uint8_t *bytes, const uint8_t *end);

#endif
