#ifndef MILLRACE_H
#define MILLRACE_H

#include <stddef.h>

/// Names the calling thread, for `ps -L`, `top -H` and debuggers; cut to 15 bytes as the kernel
/// does. Needs _GNU_SOURCE, which Swift cannot define, hence C.
void millrace_thread_set_name(const char *name);

/// Installs a handler for SIGTERM and SIGINT, and for SIGHUP where asked, that writes the signal's
/// number as one byte to `descriptor`, and ignores SIGPIPE. Only write(2) happens inside the handler (POSIX.1-2017,
/// 2.4.3: async-signal-safe functions). Returns 0, or -1 with errno set.
int millrace_signals_to_descriptor(int descriptor, _Bool takes_hangup);

/// Peak resident set of this program in bytes, from proc_pid_status(5); where that cannot be read,
/// from getrusage(2), which also counts what the process was before exec. 0 when neither can be.
size_t millrace_resident_bytes_peak(void);

/// Keeps the process's memory close to what is in use (mallopt(3), glibc): few arenas, as each keeps
/// what it once held, and large buffers in mappings of their own, which go back when they are freed.
/// To be called before there are threads; does nothing where the C library knows no such thing.
void millrace_bound_memory(void);

/// Gives the pages of freed memory that lie between what is in use back to the kernel
/// (malloc_trim(3), glibc); takes about a millisecond. Does nothing elsewhere.
void millrace_trim_memory(void);

#endif
