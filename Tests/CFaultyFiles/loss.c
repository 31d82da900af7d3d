// What is left of the files when power was lost.

#define _GNU_SOURCE
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { sector_bytes = 512 };

/// How a disk deals with what it had not written yet. One way for all, or for each file its own.
enum style {
  nothing_arrives,
  everything_arrives,
  /// In the order of places, up to some sector.
  beginning_arrives,
  half_arrives,
  most_arrives,
  /// As the one before, and some of what arrives is noise.
  noise_arrives,
  style_count,
};

/// Whether a name, or a removal, that was not made durable arrived.
static bool arrives(struct faulty_disk *disk, enum style style) {
  if (style == nothing_arrives) return false;
  return style == everything_arrives || disk_draw(disk) % 2 == 0;
}

static size_t surviving_size(struct faulty_disk *disk, const struct file *file, size_t now,
                             enum style style) {
  if (style == nothing_arrives) return file->durable_size;
  if (style == everything_arrives || now == file->durable_size) return now;
  if (disk_draw(disk) % 2 == 0) return now;
  if (now < file->durable_size || disk_draw(disk) % 2 == 0) return file->durable_size;
  size_t between = now - file->durable_size;
  return file->durable_size + disk_draw(disk) % between;
}

enum fate { lost, arrived, noise };

static enum fate sector_fate(struct faulty_disk *disk, enum style style, bool is_before_end) {
  switch (style) {
  case everything_arrives: return arrived;
  case beginning_arrives: return is_before_end ? arrived : lost;
  case half_arrives: return disk_draw(disk) % 2 ? arrived : lost;
  case most_arrives: return disk_draw(disk) % 16 ? arrived : lost;
  case noise_arrives: {
    uint64_t ticket = disk_draw(disk) % 8;
    return ticket == 0 ? noise : ticket == 1 ? lost : arrived;
  }
  default: return lost;
  }
}

static int read_all(int descriptor, unsigned char *bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t count = pread(descriptor, bytes + done, size - done, (off_t)done);
    if (count <= 0) return count < 0 ? errno : EIO;
    done += (size_t)count;
  }
  return 0;
}

static int write_all(int descriptor, const unsigned char *bytes, size_t size) {
  if (ftruncate(descriptor, (off_t)size) != 0) return errno;
  for (size_t done = 0; done < size;) {
    ssize_t count = pwrite(descriptor, bytes + done, size - done, (off_t)done);
    if (count <= 0) return count < 0 ? errno : EIO;
    done += (size_t)count;
  }
  return 0;
}

/// Puts the sectors of `now` that arrived into `left`, which holds what was durable.
static void merge(struct faulty_disk *disk, const struct file *file, enum style style,
                  const unsigned char *now, size_t now_size, unsigned char *left,
                  size_t left_size) {
  size_t first = file->dirty_from / sector_bytes;
  size_t end = (file->dirty_to + sector_bytes - 1) / sector_bytes;
  size_t last_of_beginning = end > first ? first + disk_draw(disk) % (end - first + 1) : first;
  for (size_t sector = first; sector < end; sector++) {
    enum fate fate = sector_fate(disk, style, sector < last_of_beginning);
    if (fate == lost) continue;
    size_t to = (sector + 1) * sector_bytes;
    if (to > file->dirty_to) to = file->dirty_to;
    if (to > left_size) to = left_size;
    size_t place = sector * sector_bytes, run;
    while ((run = file_dirty_run(file, &place, to)) > 0) {
      for (size_t index = place; fate == noise && index < place + run; index++)
        left[index] = (unsigned char)disk_draw(disk);
      size_t there = place < now_size ? now_size - place : 0;
      if (fate == arrived) memcpy(left + place, now + place, run < there ? run : there);
      place += run;
    }
  }
}

static int lose_bytes(struct faulty_disk *disk, struct file *file, enum style style) {
  struct stat facts;
  if (fstat(file->descriptor, &facts) != 0) return errno;
  size_t now_size = (size_t)facts.st_size;
  size_t left_size = surviving_size(disk, file, now_size, style);
  unsigned char *now = malloc(now_size + 1), *left = calloc(left_size + 1, 1);
  int problem = now && left ? read_all(file->descriptor, now, now_size) : ENOMEM;
  if (!problem) {
    size_t kept = left_size < file->durable_size ? left_size : file->durable_size;
    if (kept > 0) memcpy(left, file->durable, kept);
    if (file->dirty) merge(disk, file, style, now, now_size, left, left_size);
    problem = write_all(file->descriptor, left, left_size);
  }
  free(now);
  free(left);
  return problem;
}

static int remove_entry(const char *path, const struct stat *facts, int kind, struct FTW *place) {
  (void)facts, (void)kind, (void)place;
  return remove(path);
}

/// The wal-index is never synced, and what is in it after a loss of power must not matter.
static void spoil_wal_index(struct faulty_disk *disk, const struct file *file) {
  size_t length = strlen(file->path);
  if (length < 4 || strcmp(file->path + length - 4, "-wal") != 0) return;
  char *path = strdup(file->path);
  if (!path) return;
  memcpy(path + length - 4, "-shm", 4);
  int descriptor = open(path, O_WRONLY | O_CLOEXEC);
  for (int word = 0; descriptor >= 0 && word < 64; word++) {
    uint64_t bits = disk_draw(disk);
    if (pwrite(descriptor, &bits, sizeof bits, word * (off_t)sizeof bits) < 0) break;
  }
  if (descriptor >= 0) close(descriptor);
  free(path);
}

static int lose(struct faulty_disk *disk) {
  bool is_one_for_all = disk_draw(disk) % 2 == 0;
  enum style common = (enum style)(disk_draw(disk) % style_count);
  for (struct file *file = disk->files; file; file = file->next) {
    enum style style = is_one_for_all ? common : (enum style)(disk_draw(disk) % style_count);
    int problem = lose_bytes(disk, file, style);
    if (problem) return problem;
    spoil_wal_index(disk, file);
    if (file->old_path && !file->grave && !arrives(disk, style)) {
      struct stat facts;
      if (stat(file->old_path, &facts) != 0 && rename(file->path, file->old_path) == 0) {
        free(file->path);
        file->path = file->old_path;
        file->old_path = NULL;
      }
    }
    if (file->grave) {
      struct stat facts;
      if (!arrives(disk, style) && stat(file->path, &facts) != 0)
        rename(file->grave, file->path);
      else
        unlink(file->grave);
    } else if (!file->is_name_durable && !arrives(disk, style)) {
      unlink(file->path);
    }
  }
  for (struct folder *folder = disk->folders; folder; folder = folder->next) {
    enum style style = is_one_for_all ? common : (enum style)(disk_draw(disk) % style_count);
    if (!arrives(disk, style)) nftw(folder->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
  }
  return 0;
}

/// Takes what is there now for what was always there; false when a file is gone.
static bool begin_anew(struct file *file) {
  if (file->grave) unlink(file->grave);
  struct stat facts;
  bool is_there = stat(file->path, &facts) == 0 && facts.st_ino == file->inode;
  if (!is_there) return false;
  free(file->grave);
  free(file->old_path);
  file->grave = file->old_path = NULL;
  file->is_name_durable = true;
  file_clean(file);
  return file_will_write(file, 0, facts.st_size) == 0 && file_settle(file) == 0;
}

int faulty_disk_reboot(faulty_disk *disk) {
  pthread_mutex_lock(&disk->mutex);
  int problem = disk->open_count > 0 ? EBUSY : 0;
  if (!problem && disk->is_off) problem = lose(disk);
  for (struct file **link = &disk->files; !problem && *link;) {
    struct file *file = *link;
    if (begin_anew(file)) {
      link = &file->next;
      continue;
    }
    *link = file->next;
    file_forget(file);
  }
  while (!problem && disk->folders) {
    struct folder *folder = disk->folders;
    disk->folders = folder->next;
    free(folder->path);
    free(folder);
  }
  if (!problem) {
    disk->is_off = false;
    disk->syncs = disk->power_ends_at = 0;
  }
  pthread_mutex_unlock(&disk->mutex);
  return problem;
}
