// System calls that do less than they were asked for.

#define _GNU_SOURCE
#include "disk.h"

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

/// Every third call is interrupted, and every other one does a part of its work.
static bool falls_short(size_t *count) {
  static atomic_uint calls;
  unsigned number = atomic_fetch_add(&calls, 1);
  if (number % 3 == 2) return false;
  *count = *count > 1 ? *count / 2 + number % 2 : *count;
  return true;
}

static ssize_t short_read(int descriptor, void *bytes, size_t count, off_t offset) {
  if (falls_short(&count)) return pread(descriptor, bytes, count, offset);
  errno = EINTR;
  return -1;
}

static ssize_t short_write(int descriptor, const void *bytes, size_t count, off_t offset) {
  if (falls_short(&count)) return pwrite(descriptor, bytes, count, offset);
  errno = EINTR;
  return -1;
}

void faulty_calls_fall_short(bool do_they) {
  sqlite3_vfs *unix_layer = sqlite3_vfs_find("unix");
  // off_t has 64 bits on all that Millrace runs on; SQLite uses one pair or the other.
  const char *readers[] = {"pread", "pread64"}, *writers[] = {"pwrite", "pwrite64"};
  for (int index = 0; index < 2; index++) {
    // NULL puts the original back.
    unix_layer->xSetSystemCall(unix_layer, readers[index],
                               do_they ? (sqlite3_syscall_ptr)short_read : NULL);
    unix_layer->xSetSystemCall(unix_layer, writers[index],
                               do_they ? (sqlite3_syscall_ptr)short_write : NULL);
  }
}
