#ifndef MILLRACE_CZLIB_SHIM_H
#define MILLRACE_CZLIB_SHIM_H
#include <zlib.h>

/// inflateInit2 for the gzip format (RFC 1952) alone: the macro does not import into Swift.
static inline int millrace_zlib_gzip_inflate_init(z_stream *stream) {
  return inflateInit2(stream, 15 + 16);
}
#endif
