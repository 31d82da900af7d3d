#define _GNU_SOURCE
#include "millrace_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int millrace_file_facts(int descriptor, const char *path, struct millrace_facts *facts) {
  int flags = path ? AT_SYMLINK_NOFOLLOW : AT_EMPTY_PATH;
  int folder = path ? AT_FDCWD : descriptor;
  const char *name = path ? path : "";
  struct statx found;
  if (statx(folder, name, flags, STATX_BASIC_STATS | STATX_BTIME, &found) == 0) {
    facts->device = makedev(found.stx_dev_major, found.stx_dev_minor);
    facts->inode = found.stx_ino;
    facts->birth_nanoseconds = 0;
    if (found.stx_mask & STATX_BTIME)
      facts->birth_nanoseconds =
          (int64_t)found.stx_btime.tv_sec * 1000000000 + found.stx_btime.tv_nsec;
    facts->modified_nanoseconds =
        (int64_t)found.stx_mtime.tv_sec * 1000000000 + found.stx_mtime.tv_nsec;
    facts->size = (int64_t)found.stx_size;
    facts->mode = found.stx_mode;
    facts->links = found.stx_nlink;
    return 0;
  }
  if (errno != ENOSYS && errno != EPERM) return errno;
  struct stat older;
  if (fstatat(folder, name, &older, flags) != 0) return errno;
  facts->device = older.st_dev;
  facts->inode = older.st_ino;
  facts->birth_nanoseconds = 0;
  facts->modified_nanoseconds =
      (int64_t)older.st_mtim.tv_sec * 1000000000 + older.st_mtim.tv_nsec;
  facts->size = older.st_size;
  facts->mode = older.st_mode;
  facts->links = (uint32_t)older.st_nlink;
  return 0;
}

int millrace_open_unnamed(const char *folder) {
  int descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
    return descriptor;
  char path[4096];
  int length = snprintf(path, sizeof path, "%s/spill-XXXXXX", folder);
  if (length < 0 || (size_t)length >= sizeof path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  descriptor = mkostemp(path, O_CLOEXEC);
  if (descriptor >= 0) unlink(path);
  return descriptor;
}

int millrace_rename_to_free(const char *path, const char *new_path) {
  if (renameat2(AT_FDCWD, path, AT_FDCWD, new_path, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // File systems that know no such flag (some of NFS and FUSE): a second name, then one less.
  if (link(path, new_path) == 0) return unlink(path) == 0 ? 0 : errno;
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) return errno;
  // Nor links: look, then rename. What comes into being in between would be lost, where nobody but
  // us makes names of this kind.
  struct stat there;
  if (lstat(new_path, &there) == 0) return EEXIST;
  if (errno != ENOENT) return errno;
  return rename(path, new_path) == 0 ? 0 : errno;
}
