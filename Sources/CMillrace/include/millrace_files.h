#ifndef MILLRACE_FILES_H
#define MILLRACE_FILES_H

#include <stdint.h>

/// What the file sink needs to know about a file.
struct millrace_facts {
  uint64_t device;
  uint64_t inode;
  /// When the file was created, in nanoseconds since 1970; 0 when the file system does not say.
  /// Together with the inode it names a file: ext4 gives a deleted file's inode number to the next.
  int64_t birth_nanoseconds;
  /// When its bytes were last changed, in nanoseconds since 1970.
  int64_t modified_nanoseconds;
  int64_t size;
  /// Type and permissions, as st_mode.
  uint32_t mode;
  uint32_t links;
};

/// Looks at `path` without following a last symbolic link, or at `descriptor` when `path` is NULL
/// (statx(2), which needs _GNU_SOURCE; fstatat(2) where a sandbox refuses it). Returns 0 or an
/// error number.
int millrace_file_facts(int descriptor, const char *path, struct millrace_facts *facts);

/// Opens a file without a name for reading and writing, on the file system that holds `folder`
/// (O_TMPFILE, which needs _GNU_SOURCE; a name for a moment where the file system knows no such
/// thing). Returns a descriptor, or -1 with errno set.
int millrace_open_unnamed(const char *folder);

/// Gives a file another name, unless something has it (renameat2(2) with RENAME_NOREPLACE, which
/// needs _GNU_SOURCE). Returns 0 or an error number: EEXIST when the name is taken.
int millrace_rename_to_free(const char *path, const char *new_path);

#endif
