#ifndef FAULTY_DISK_H
#define FAULTY_DISK_H

#include "faulty_files.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stddef.h>
#include <sys/types.h>

/// What the disk knows of a file.
struct file {
  struct file *next;
  char *path;
  /// Of the disk's own, closed by a reboot and not before: closing any descriptor of a database
  /// drops the locks SQLite holds on it (https://www.sqlite.org/howtocorrupt.html, 2.2).
  int descriptor;
  dev_t device;
  ino_t inode;
  /// What a loss of power leaves at least.
  unsigned char *durable;
  size_t durable_size;
  size_t durable_capacity;
  /// One byte for each byte of the file: whether it was written and not synced.
  unsigned char *dirty;
  size_t dirty_capacity;
  size_t dirty_from, dirty_to;
  bool is_name_durable;
  /// Its name as its folder was last synced, when it was renamed since; NULL otherwise.
  char *old_path;
  /// Where it is kept when it was removed and its folder was not synced since; NULL otherwise.
  char *grave;
};

/// A folder whose name is not durable.
struct folder {
  struct folder *next;
  char *path;
};

struct faulty_disk {
  sqlite3_vfs layer;
  char name[32];
  pthread_mutex_t mutex;
  pthread_cond_t closed;
  /// In the order in which they came, so that a seed always means the same.
  struct file *files;
  struct folder *folders;
  int open_count;
  int grave_count;
  bool is_off;
  int lies;
  uint64_t syncs, power_ends_at, random;
  int fail_operations, fail_error;
  uint64_t fail_seen, fail_first, fail_count, failures;
};

// All of these are called with the disk's mutex held.

/// 0, or the error number an operation has to fail with.
int disk_verdict(struct faulty_disk *disk, enum faulty_operation operation);
/// The next number of the seed.
uint64_t disk_draw(struct faulty_disk *disk);
/// The file at a path that was opened just now; NULL when there is no memory.
struct file *disk_file(struct faulty_disk *disk, const char *path);
int file_will_write(struct file *file, int64_t offset, int64_t count);
int disk_sync_file(struct faulty_disk *disk, struct file *file, enum faulty_sync kind);
int disk_sync_folder(struct faulty_disk *disk, const char *folder);
/// Removes a file in such a way that it may come back. 0 or an error number.
int disk_remove(struct faulty_disk *disk, const char *path);

/// The length of the next stretch of bytes that were written and not synced, which begins at
/// `from` or where `from` is moved to; 0 when there is none before `to`.
size_t file_dirty_run(const struct file *file, size_t *from, size_t to);
void file_forget(struct file *file);
/// Makes what was written durable.
int file_settle(struct file *file);
/// Takes what was written for written, durable or not.
void file_clean(struct file *file);

/// Registers the file layer.
bool layer_register(struct faulty_disk *disk);

#endif
