// What of the files is durable, and which operations fail.

#define _GNU_SOURCE
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

faulty_disk *faulty_disk_create(void) {
  static atomic_int count;
  struct faulty_disk *disk = calloc(1, sizeof *disk);
  if (!disk) return NULL;
  snprintf(disk->name, sizeof disk->name, "faulty-%d", atomic_fetch_add(&count, 1) + 1);
  pthread_mutex_init(&disk->mutex, NULL);
  pthread_cond_init(&disk->closed, NULL);
  if (layer_register(disk)) return disk;
  free(disk);
  return NULL;
}

void faulty_disk_destroy(faulty_disk *disk) {
  sqlite3_vfs_unregister(&disk->layer);
  while (disk->files) {
    struct file *file = disk->files;
    disk->files = file->next;
    file_forget(file);
  }
  while (disk->folders) {
    struct folder *folder = disk->folders;
    disk->folders = folder->next;
    free(folder->path);
    free(folder);
  }
  pthread_cond_destroy(&disk->closed);
  pthread_mutex_destroy(&disk->mutex);
  free(disk);
}

const char *faulty_disk_name(const faulty_disk *disk) { return disk->name; }

// MARK: Power and faults

void faulty_disk_lose_power_at(faulty_disk *disk, uint64_t sync, uint64_t seed) {
  pthread_mutex_lock(&disk->mutex);
  disk->syncs = 0;
  disk->power_ends_at = sync;
  disk->random = seed;
  pthread_mutex_unlock(&disk->mutex);
}

bool faulty_disk_is_off(faulty_disk *disk) {
  pthread_mutex_lock(&disk->mutex);
  bool is_off = disk->is_off;
  pthread_mutex_unlock(&disk->mutex);
  return is_off;
}

uint64_t faulty_disk_sync_count(faulty_disk *disk) {
  pthread_mutex_lock(&disk->mutex);
  uint64_t count = disk->syncs;
  pthread_mutex_unlock(&disk->mutex);
  return count;
}

void faulty_disk_lie(faulty_disk *disk, int syncs) {
  pthread_mutex_lock(&disk->mutex);
  disk->lies = syncs;
  pthread_mutex_unlock(&disk->mutex);
}

void faulty_disk_wait_until_closed(faulty_disk *disk) {
  pthread_mutex_lock(&disk->mutex);
  while (disk->open_count > 0) pthread_cond_wait(&disk->closed, &disk->mutex);
  pthread_mutex_unlock(&disk->mutex);
}

void faulty_disk_fail(faulty_disk *disk, int operations, uint64_t first, uint64_t count,
                      int error_number) {
  pthread_mutex_lock(&disk->mutex);
  disk->fail_operations = operations;
  disk->fail_first = first;
  disk->fail_count = count;
  disk->fail_error = error_number;
  disk->fail_seen = 0;
  pthread_mutex_unlock(&disk->mutex);
}

uint64_t faulty_disk_failure_count(faulty_disk *disk) {
  pthread_mutex_lock(&disk->mutex);
  uint64_t count = disk->failures;
  pthread_mutex_unlock(&disk->mutex);
  return count;
}

int disk_verdict(struct faulty_disk *disk, enum faulty_operation operation) {
  if (disk->is_off) return EIO;
  if (!(disk->fail_operations & operation)) return 0;
  uint64_t number = ++disk->fail_seen;
  if (number < disk->fail_first || number - disk->fail_first >= disk->fail_count) return 0;
  disk->failures++;
  return disk->fail_error;
}

int faulty_disk_pass(faulty_disk *disk, enum faulty_operation operation) {
  pthread_mutex_lock(&disk->mutex);
  int verdict = disk_verdict(disk, operation);
  pthread_mutex_unlock(&disk->mutex);
  return verdict;
}

// MARK: Files

static struct file *known_file(struct faulty_disk *disk, dev_t device, ino_t inode) {
  for (struct file *file = disk->files; file; file = file->next)
    if (file->device == device && file->inode == inode) return file;
  return NULL;
}

struct file *disk_file(struct faulty_disk *disk, const char *path) {
  struct stat facts;
  if (stat(path, &facts) != 0) return NULL;
  struct file *known = known_file(disk, facts.st_dev, facts.st_ino);
  if (known) return known;
  struct file *file = calloc(1, sizeof *file);
  if (!file) return NULL;
  file->path = strdup(path);
  file->descriptor = open(path, O_RDWR | O_CLOEXEC);
  file->device = facts.st_dev;
  file->inode = facts.st_ino;
  // What holds something was there before the disk was looked at.
  file->is_name_durable = facts.st_size > 0;
  if (!file->path || file->descriptor < 0 || file_will_write(file, 0, facts.st_size) != 0 ||
      file_settle(file) != 0) {
    file_forget(file);
    return NULL;
  }
  struct file **last = &disk->files;
  while (*last) last = &(*last)->next;
  *last = file;
  return file;
}

void file_forget(struct file *file) {
  if (file->descriptor >= 0) close(file->descriptor);
  free(file->path);
  free(file->durable);
  free(file->dirty);
  free(file->grave);
  free(file->old_path);
  free(file);
}

static bool grow(unsigned char **bytes, size_t *capacity, size_t needed) {
  if (needed <= *capacity) return true;
  size_t size = *capacity ? *capacity : 65536;
  while (size < needed) size *= 2;
  unsigned char *larger = realloc(*bytes, size);
  if (!larger) return false;
  memset(larger + *capacity, 0, size - *capacity);
  *bytes = larger;
  *capacity = size;
  return true;
}

int file_will_write(struct file *file, int64_t offset, int64_t count) {
  if (count <= 0) return 0;
  size_t from = (size_t)offset, to = (size_t)(offset + count);
  if (!grow(&file->dirty, &file->dirty_capacity, to)) return ENOMEM;
  memset(file->dirty + from, 1, to - from);
  if (file->dirty_to == 0 || from < file->dirty_from) file->dirty_from = from;
  if (to > file->dirty_to) file->dirty_to = to;
  return 0;
}

size_t file_dirty_run(const struct file *file, size_t *from, size_t to) {
  if (*from >= to) return 0;
  const unsigned char *first = memchr(file->dirty + *from, 1, to - *from);
  if (!first) return 0;
  *from = (size_t)(first - file->dirty);
  const unsigned char *end = memchr(first, 0, to - *from);
  return end ? (size_t)(end - first) : to - *from;
}

int file_settle(struct file *file) {
  struct stat facts;
  if (fstat(file->descriptor, &facts) != 0) return errno;
  size_t size = (size_t)facts.st_size;
  if (!grow(&file->durable, &file->durable_capacity, size)) return ENOMEM;
  // What was cut off and grew again reads as zeros where nothing was written since.
  if (size > file->durable_size)
    memset(file->durable + file->durable_size, 0, size - file->durable_size);
  size_t to = file->dirty_to < size ? file->dirty_to : size;
  if (to > file->dirty_from) {
    size_t count = to - file->dirty_from;
    unsigned char *now = malloc(count);
    if (!now) return ENOMEM;
    ssize_t got = pread(file->descriptor, now, count, (off_t)file->dirty_from);
    size_t from = file->dirty_from, run;
    while (got == (ssize_t)count && (run = file_dirty_run(file, &from, to)) > 0) {
      memcpy(file->durable + from, now + (from - file->dirty_from), run);
      from += run;
    }
    free(now);
    if (got != (ssize_t)count) return EIO;
  }
  file_clean(file);
  file->durable_size = size;
  return 0;
}

void file_clean(struct file *file) {
  if (file->dirty_to > file->dirty_from)
    memset(file->dirty + file->dirty_from, 0, file->dirty_to - file->dirty_from);
  file->dirty_from = file->dirty_to = 0;
}

// MARK: Syncs

uint64_t disk_draw(struct faulty_disk *disk) {
  // SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
  uint64_t mixed = disk->random += 0x9E3779B97F4A7C15;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
  return mixed ^ (mixed >> 31);
}

/// Counts a sync. Gives 0 when it is to happen; with `is_last` set, power is lost after it.
static int count_sync(struct faulty_disk *disk, bool *is_last) {
  *is_last = false;
  int verdict = disk_verdict(disk, FAULTY_SYNC);
  if (verdict) return verdict;
  if (++disk->syncs != disk->power_ends_at) return 0;
  disk->is_off = true;
  // Sometimes the disk did what it was asked for, and only the answer never came.
  *is_last = disk_draw(disk) % 4 == 0;
  return *is_last ? 0 : EIO;
}

int disk_sync_file(struct faulty_disk *disk, struct file *file, enum faulty_sync kind) {
  bool is_last;
  int verdict = count_sync(disk, &is_last);
  // A kernel that could not write says so once, and then takes the bytes for written
  // (https://lwn.net/Articles/752063/): only who writes them again has them written.
  if (verdict && !disk->is_off) file_clean(file);
  if (verdict || disk->lies & kind) return is_last ? EIO : verdict;
  int problem = file_settle(file);
  return is_last ? EIO : problem;
}

static bool is_in(const char *path, const char *folder) {
  size_t length = strlen(folder);
  return strncmp(path, folder, length) == 0 && path[length] == '/' &&
         !strchr(path + length + 1, '/');
}

int disk_sync_folder(struct faulty_disk *disk, const char *path) {
  bool is_last;
  int verdict = count_sync(disk, &is_last);
  if (verdict || disk->lies & FAULTY_FOLDERS) return is_last ? EIO : verdict;
  for (struct file **link = &disk->files; *link;) {
    struct file *file = *link;
    if (!is_in(file->path, path)) {
      link = &file->next;
    } else if (file->grave) {
      unlink(file->grave);
      *link = file->next;
      file_forget(file);
    } else {
      file->is_name_durable = true;
      free(file->old_path);
      file->old_path = NULL;
      link = &file->next;
    }
  }
  for (struct folder **link = &disk->folders; *link;) {
    struct folder *folder = *link;
    if (is_in(folder->path, path)) {
      *link = folder->next;
      free(folder->path);
      free(folder);
    } else {
      link = &folder->next;
    }
  }
  return is_last ? EIO : 0;
}

int disk_remove(struct faulty_disk *disk, const char *path) {
  struct stat facts;
  if (stat(path, &facts) != 0) return errno;
  struct file *file = known_file(disk, facts.st_dev, facts.st_ino);
  if (!file || !file->is_name_durable) {
    if (unlink(path) != 0) return errno;
    for (struct file **link = &disk->files; file && *link; link = &(*link)->next)
      if (*link == file) {
        *link = file->next;
        file_forget(file);
        return 0;
      }
    return 0;
  }
  char *grave;
  if (asprintf(&grave, "%s.removed-%d", path, ++disk->grave_count) < 0) return ENOMEM;
  if (rename(path, grave) != 0) {
    free(grave);
    return errno;
  }
  file->grave = grave;
  return 0;
}

// MARK: For others than SQLite

int faulty_disk_opened(faulty_disk *disk, int descriptor, const char *path) {
  struct stat facts;
  if (fstat(descriptor, &facts) != 0) return errno;
  if (!S_ISREG(facts.st_mode)) return 0;
  pthread_mutex_lock(&disk->mutex);
  struct file *file = disk_file(disk, path);
  pthread_mutex_unlock(&disk->mutex);
  return file ? 0 : EIO;
}

int faulty_disk_will_write(faulty_disk *disk, int descriptor, int64_t offset, int64_t count) {
  struct stat facts;
  if (fstat(descriptor, &facts) != 0) return errno;
  pthread_mutex_lock(&disk->mutex);
  struct file *file = known_file(disk, facts.st_dev, facts.st_ino);
  int problem = disk->is_off || !file ? EIO : file_will_write(file, offset, count);
  pthread_mutex_unlock(&disk->mutex);
  return problem;
}

int faulty_disk_renamed(faulty_disk *disk, const char *path, const char *new_path) {
  char *name = strdup(new_path);
  if (!name) return ENOMEM;
  pthread_mutex_lock(&disk->mutex);
  struct file *file = disk->files;
  while (file && (file->grave || strcmp(file->path, path) != 0)) file = file->next;
  if (!file) {
    free(name);
  } else {
    if (file->is_name_durable && !file->old_path)
      file->old_path = file->path;
    else
      free(file->path);
    file->path = name;
  }
  pthread_mutex_unlock(&disk->mutex);
  return 0;
}

int faulty_disk_remove(faulty_disk *disk, const char *path) {
  pthread_mutex_lock(&disk->mutex);
  int problem = disk->is_off ? EIO : disk_remove(disk, path);
  pthread_mutex_unlock(&disk->mutex);
  return problem;
}

int faulty_disk_made_folder(faulty_disk *disk, const char *path) {
  struct folder *folder = calloc(1, sizeof *folder);
  if (!folder || !(folder->path = strdup(path))) {
    free(folder);
    return ENOMEM;
  }
  pthread_mutex_lock(&disk->mutex);
  struct folder **last = &disk->folders;
  while (*last) last = &(*last)->next;
  *last = folder;
  pthread_mutex_unlock(&disk->mutex);
  return 0;
}

int faulty_disk_sync(faulty_disk *disk, int descriptor) {
  struct stat facts;
  if (fstat(descriptor, &facts) != 0) return errno;
  if (!S_ISDIR(facts.st_mode)) {
    pthread_mutex_lock(&disk->mutex);
    struct file *file = known_file(disk, facts.st_dev, facts.st_ino);
    int problem = file ? disk_sync_file(disk, file, FAULTY_FILES) : EIO;
    pthread_mutex_unlock(&disk->mutex);
    return problem;
  }
  char name[64], path[4096];
  snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(name, path, sizeof path - 1);
  if (length < 0) return errno;
  path[length] = 0;
  pthread_mutex_lock(&disk->mutex);
  int problem = disk_sync_folder(disk, path);
  pthread_mutex_unlock(&disk->mutex);
  return problem;
}
