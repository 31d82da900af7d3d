// SQLite's way to the disk: a file layer (https://www.sqlite.org/vfs.html) that asks the disk and
// then the real one.

#define _GNU_SOURCE
#include "disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/// A file of SQLite's; the real layer's file stands behind it.
struct layer_file {
  sqlite3_file base;
  struct faulty_disk *disk;
  /// NULL for a temporary file without a name, of which nothing has to survive.
  struct file *file;
  /// The first sync of a journal or write-ahead log syncs its folder too, as the unix layer does
  /// (os_unix.c, UNIXFILE_DIRSYNC).
  bool syncs_folder;
  sqlite3_file real[];
};

static struct layer_file *opened(sqlite3_file *file) { return (struct layer_file *)file; }

static sqlite3_vfs *real_layer(sqlite3_vfs *layer) { return layer->pAppData; }

static struct faulty_disk *disk_of(sqlite3_vfs *layer) { return (struct faulty_disk *)layer; }

/// Whether an operation fails; SQLite asks errno why.
static bool fails(struct faulty_disk *disk, enum faulty_operation operation) {
  int verdict = faulty_disk_pass(disk, operation);
  if (verdict) errno = verdict;
  return verdict != 0;
}

// MARK: Files

static int layer_close(sqlite3_file *base) {
  struct layer_file *file = opened(base);
  // Also without power: the descriptor has to go.
  int code = file->real->pMethods->xClose(file->real);
  pthread_mutex_lock(&file->disk->mutex);
  if (--file->disk->open_count == 0) pthread_cond_broadcast(&file->disk->closed);
  pthread_mutex_unlock(&file->disk->mutex);
  return code;
}

static int layer_read(sqlite3_file *base, void *bytes, int count, sqlite3_int64 offset) {
  struct layer_file *file = opened(base);
  if (fails(file->disk, FAULTY_READ)) return SQLITE_IOERR_READ;
  return file->real->pMethods->xRead(file->real, bytes, count, offset);
}

static int layer_write(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 offset) {
  struct layer_file *file = opened(base);
  pthread_mutex_lock(&file->disk->mutex);
  int verdict = disk_verdict(file->disk, FAULTY_WRITE);
  bool is_off = file->disk->is_off;
  int written = verdict ? count / 2 : count;
  int problem = is_off || !file->file ? 0 : file_will_write(file->file, offset, written);
  int code = SQLITE_OK;
  if (!is_off && !problem && written > 0)
    code = file->real->pMethods->xWrite(file->real, bytes, written, offset);
  pthread_mutex_unlock(&file->disk->mutex);
  if (verdict) errno = verdict;
  if (verdict == ENOSPC) return SQLITE_FULL;
  return verdict || problem ? SQLITE_IOERR_WRITE : code;
}

static int layer_truncate(sqlite3_file *base, sqlite3_int64 size) {
  struct layer_file *file = opened(base);
  pthread_mutex_lock(&file->disk->mutex);
  int problem = disk_verdict(file->disk, FAULTY_CUT);
  sqlite3_int64 now = 0;
  if (!problem && file->real->pMethods->xFileSize(file->real, &now) != SQLITE_OK) problem = EIO;
  if (!problem && file->file) problem = file_will_write(file->file, size, now - size);
  int code = problem ? SQLITE_IOERR_TRUNCATE : file->real->pMethods->xTruncate(file->real, size);
  pthread_mutex_unlock(&file->disk->mutex);
  if (problem) errno = problem;
  return code;
}

/// What is durable is what the disk says: the real file needs no sync.
static int layer_sync(sqlite3_file *base, int flags) {
  (void)flags;
  struct layer_file *file = opened(base);
  if (!file->file) return SQLITE_OK;
  pthread_mutex_lock(&file->disk->mutex);
  int problem = disk_sync_file(file->disk, file->file, FAULTY_DATABASE);
  int code = problem ? SQLITE_IOERR_FSYNC : SQLITE_OK;
  if (code == SQLITE_OK && file->syncs_folder) {
    file->syncs_folder = false;
    char *folder = strdup(file->file->path);
    if (folder) *strrchr(folder, '/') = 0;
    problem = folder ? disk_sync_folder(file->disk, folder) : ENOMEM;
    if (problem) code = SQLITE_IOERR_DIR_FSYNC;
    free(folder);
  }
  pthread_mutex_unlock(&file->disk->mutex);
  if (problem) errno = problem;
  return code;
}

static int layer_file_size(sqlite3_file *base, sqlite3_int64 *size) {
  struct layer_file *file = opened(base);
  if (fails(file->disk, FAULTY_LOOK)) return SQLITE_IOERR_FSTAT;
  return file->real->pMethods->xFileSize(file->real, size);
}

static int layer_lock(sqlite3_file *base, int lock) {
  struct layer_file *file = opened(base);
  if (faulty_disk_is_off(file->disk)) return SQLITE_IOERR_LOCK;
  return file->real->pMethods->xLock(file->real, lock);
}

static int layer_unlock(sqlite3_file *base, int lock) {
  return opened(base)->real->pMethods->xUnlock(opened(base)->real, lock);
}

static int layer_check_reserved_lock(sqlite3_file *base, int *is_reserved) {
  return opened(base)->real->pMethods->xCheckReservedLock(opened(base)->real, is_reserved);
}

static int layer_file_control(sqlite3_file *base, int operation, void *argument) {
  return opened(base)->real->pMethods->xFileControl(opened(base)->real, operation, argument);
}

static int layer_sector_size(sqlite3_file *base) {
  return opened(base)->real->pMethods->xSectorSize(opened(base)->real);
}

static int layer_characteristics(sqlite3_file *base) {
  return opened(base)->real->pMethods->xDeviceCharacteristics(opened(base)->real);
}

static int layer_map(sqlite3_file *base, int page, int page_bytes, int extends,
                     void volatile **bytes) {
  struct layer_file *file = opened(base);
  if (fails(file->disk, FAULTY_SHARED_MEMORY)) {
    *bytes = NULL;
    return SQLITE_IOERR_SHMMAP;
  }
  return file->real->pMethods->xShmMap(file->real, page, page_bytes, extends, bytes);
}

static int layer_map_lock(sqlite3_file *base, int offset, int count, int flags) {
  struct layer_file *file = opened(base);
  if (flags & SQLITE_SHM_LOCK && faulty_disk_is_off(file->disk)) return SQLITE_IOERR_SHMLOCK;
  return file->real->pMethods->xShmLock(file->real, offset, count, flags);
}

static void layer_map_barrier(sqlite3_file *base) {
  opened(base)->real->pMethods->xShmBarrier(opened(base)->real);
}

static int layer_unmap(sqlite3_file *base, int removes) {
  return opened(base)->real->pMethods->xShmUnmap(opened(base)->real, removes);
}

/// Version 2: without xFetch, so that every read comes by.
static const sqlite3_io_methods file_methods = {
    .iVersion = 2,
    .xClose = layer_close,
    .xRead = layer_read,
    .xWrite = layer_write,
    .xTruncate = layer_truncate,
    .xSync = layer_sync,
    .xFileSize = layer_file_size,
    .xLock = layer_lock,
    .xUnlock = layer_unlock,
    .xCheckReservedLock = layer_check_reserved_lock,
    .xFileControl = layer_file_control,
    .xSectorSize = layer_sector_size,
    .xDeviceCharacteristics = layer_characteristics,
    .xShmMap = layer_map,
    .xShmLock = layer_map_lock,
    .xShmBarrier = layer_map_barrier,
    .xShmUnmap = layer_unmap,
};

// MARK: The layer

static int layer_open(sqlite3_vfs *layer, const char *path, sqlite3_file *base, int flags,
                      int *flags_out) {
  struct faulty_disk *disk = disk_of(layer);
  struct layer_file *file = opened(base);
  file->base.pMethods = NULL;
  pthread_mutex_lock(&disk->mutex);
  int code = SQLITE_CANTOPEN;
  int verdict = disk_verdict(disk, FAULTY_OPEN);
  if (!verdict)
    code = real_layer(layer)->xOpen(real_layer(layer), path, file->real, flags, flags_out);
  if (code == SQLITE_OK) {
    file->disk = disk;
    file->file = path ? disk_file(disk, path) : NULL;
    int journals = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
    file->syncs_folder = flags & SQLITE_OPEN_CREATE && flags & journals;
    if (path && !file->file) {
      file->real->pMethods->xClose(file->real);
      code = SQLITE_NOMEM;
    } else {
      file->base.pMethods = &file_methods;
      disk->open_count++;
    }
  }
  pthread_mutex_unlock(&disk->mutex);
  if (verdict) errno = verdict;
  return code;
}

static int layer_delete(sqlite3_vfs *layer, const char *path, int syncs_folder) {
  struct faulty_disk *disk = disk_of(layer);
  pthread_mutex_lock(&disk->mutex);
  int problem = disk_verdict(disk, FAULTY_REMOVE);
  if (!problem) problem = disk_remove(disk, path);
  int code = SQLITE_OK;
  if (problem) code = problem == ENOENT ? SQLITE_IOERR_DELETE_NOENT : SQLITE_IOERR_DELETE;
  if (!problem && syncs_folder) {
    char *folder = strdup(path);
    if (folder) *strrchr(folder, '/') = 0;
    if (!folder || disk_sync_folder(disk, folder)) code = SQLITE_IOERR_DIR_FSYNC;
    free(folder);
  }
  pthread_mutex_unlock(&disk->mutex);
  if (problem) errno = problem;
  return code;
}

static int layer_access(sqlite3_vfs *layer, const char *path, int flags, int *answer) {
  if (fails(disk_of(layer), FAULTY_LOOK)) return SQLITE_IOERR_ACCESS;
  return real_layer(layer)->xAccess(real_layer(layer), path, flags, answer);
}

static int layer_full_path(sqlite3_vfs *layer, const char *path, int size, char *out) {
  return real_layer(layer)->xFullPathname(real_layer(layer), path, size, out);
}

static int layer_randomness(sqlite3_vfs *layer, int size, char *out) {
  return real_layer(layer)->xRandomness(real_layer(layer), size, out);
}

static int layer_sleep(sqlite3_vfs *layer, int microseconds) {
  return real_layer(layer)->xSleep(real_layer(layer), microseconds);
}

static int layer_time(sqlite3_vfs *layer, double *days) {
  return real_layer(layer)->xCurrentTime(real_layer(layer), days);
}

static int layer_time_64(sqlite3_vfs *layer, sqlite3_int64 *milliseconds) {
  return real_layer(layer)->xCurrentTimeInt64(real_layer(layer), milliseconds);
}

static int layer_last_error(sqlite3_vfs *layer, int size, char *out) {
  return real_layer(layer)->xGetLastError(real_layer(layer), size, out);
}

bool layer_register(struct faulty_disk *disk) {
  sqlite3_vfs *real = sqlite3_vfs_find("unix");
  if (!real) return false;
  disk->layer = (sqlite3_vfs){
      .iVersion = 2,
      .szOsFile = (int)sizeof(struct layer_file) + real->szOsFile,
      .mxPathname = real->mxPathname,
      .zName = disk->name,
      .pAppData = real,
      .xOpen = layer_open,
      .xDelete = layer_delete,
      .xAccess = layer_access,
      .xFullPathname = layer_full_path,
      .xRandomness = layer_randomness,
      .xSleep = layer_sleep,
      .xCurrentTime = layer_time,
      .xGetLastError = layer_last_error,
      .xCurrentTimeInt64 = layer_time_64,
  };
  return sqlite3_vfs_register(&disk->layer, 0) == SQLITE_OK;
}
