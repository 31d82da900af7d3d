#ifndef MILLRACE_TEXT_H
#define MILLRACE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Short texts, 64 bytes at a time where the processor can, which is most often all of a text, else 16.
// None of these reads outside of the bytes it is given.

/// How many bytes may be written over behind those that `millrace_copy_clean` copies.
enum { MILLRACE_COPY_SLACK = 64 };

/// Copies bytes up to the first that a JSON string holds as an escape only (RFC 8259, section 7): a
/// quote, a backslash or a control character. Returns how many they are, `count` when there is none.
size_t millrace_copy_clean(uint8_t *target, const uint8_t *bytes, size_t count);

/// Copies bytes, each carriage return and line feed as a blank, so that they stay on one line. Writes
/// nothing behind them.
void millrace_copy_on_one_line(uint8_t *target, const uint8_t *bytes, size_t count);

/// Where `byte` first stands among `count` bytes; `count` when it does not.
size_t millrace_find(const uint8_t *bytes, size_t count, uint8_t byte);

/// Where `first` first stands with `second` right behind it; `count` when it does not.
size_t millrace_find_pair(const uint8_t *bytes, size_t count, uint8_t first, uint8_t second);

/// Whether any byte is a capital letter of ASCII.
bool millrace_has_capitals(const uint8_t *bytes, size_t count);

/// Copies bytes with capital letters of ASCII as small ones.
void millrace_copy_lowercase(uint8_t *target, const uint8_t *bytes, size_t count);

/// How many bytes from the first on stand for themselves in a URL: those that RFC 3986 reserves but for
/// brackets, or does not.
size_t millrace_url_run(const uint8_t *bytes, size_t count);

// The same on any processor, so that both ways can be compared.

size_t millrace_copy_clean_anywhere(uint8_t *target, const uint8_t *bytes, size_t count);
void millrace_copy_on_one_line_anywhere(uint8_t *target, const uint8_t *bytes, size_t count);
size_t millrace_find_anywhere(const uint8_t *bytes, size_t count, uint8_t byte);

#endif
