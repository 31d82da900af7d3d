#ifndef MILLRACE_H
#define MILLRACE_H

#include <stddef.h>

/// Names the calling thread, for `ps -L`, `top -H` and debuggers; cut to 15 bytes as the kernel
/// does. Needs _GNU_SOURCE, which Swift cannot define, hence C.
void millrace_thread_set_name(const char *name);

/// Installs a handler for SIGTERM and SIGINT that writes the signal's number as one byte to
/// `descriptor`, and ignores SIGPIPE. Only write(2) happens inside the handler (POSIX.1-2017,
/// 2.4.3: async-signal-safe functions). Returns 0, or -1 with errno set.
int millrace_signals_to_descriptor(int descriptor);

/// Peak resident set of this process in bytes, from getrusage(2); 0 when it cannot be read.
size_t millrace_resident_bytes_peak(void);

#endif
