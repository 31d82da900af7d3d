#ifndef MILLRACE_CZLIB_SHIM_H
#define MILLRACE_CZLIB_SHIM_H
#include <stddef.h>
#include <string.h>
#include <zlib.h>

/// inflateInit2 for the gzip format (RFC 1952) alone: the macro does not import into Swift.
static inline int millrace_zlib_gzip_inflate_init(z_stream *stream) {
  return inflateInit2(stream, 15 + 16);
}

// deflateInit2 is a macro, which Swift cannot call; and a whole buffer in one go is all we need.

// Bytes that always suffice for the gzip form of `count` bytes.
static inline size_t millrace_gzip_bound(size_t count) {
  return compressBound(count) + 18;
}

// Writes the gzip form (RFC 1952) of `input`; levels go from 1, quickly, to 9, tightly. Returns its
// size, or 0 when zlib refuses.
static inline size_t millrace_gzip(const unsigned char *input, size_t count,
                                   unsigned char *output, size_t capacity, int level) {
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  if (deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
  stream.next_in = (unsigned char *)input;
  stream.avail_in = (unsigned int)count;
  stream.next_out = output;
  stream.avail_out = (unsigned int)capacity;
  int code = deflate(&stream, Z_FINISH);
  size_t written = capacity - stream.avail_out;
  deflateEnd(&stream);
  return code == Z_STREAM_END ? written : 0;
}

#endif
