#ifndef FAULTY_FILES_H
#define FAULTY_FILES_H

#include <stdbool.h>
#include <stdint.h>

/// A disk for tests, which loses power at a chosen sync and fails at chosen operations.
///
/// It stands between a program and real files, and knows what of them is durable:
///
/// - Bytes of a file are, once that file was synced after they were written. So is its length.
/// - A name in a folder (of a file or folder that was created, or one that was removed or renamed) is, once
///   that folder was synced.
/// - Everything else is at the disk's mercy: when power is lost, each sector of 512 bytes that was
///   written and not synced arrives, or does not, or arrives as noise, in any order and whatever
///   becomes of its neighbours; of a sector that was written in part, only that part is at risk
///   (SQLite's POWERSAFE_OVERWRITE, which its unix file layer assumes of all disks).
///
/// The files are changed at once, as other programs and the same program would see them; what
/// would be left of them is put in their place by `faulty_disk_reboot`.
///
/// SQLite reaches the disk by the file layer (VFS) that is registered under the disk's name; other
/// code by calling `faulty_disk_…` before its own system calls. All calls may come from any thread.
typedef struct faulty_disk faulty_disk;

/// Operations, to choose which of them fail.
enum faulty_operation {
  FAULTY_READ = 1,
  FAULTY_WRITE = 2,
  FAULTY_SYNC = 4,
  FAULTY_CUT = 8,
  FAULTY_OPEN = 16,
  FAULTY_REMOVE = 32,
  FAULTY_LOOK = 64,
  /// The wal-index, which SQLite maps into memory.
  FAULTY_SHARED_MEMORY = 128,
};

/// Syncs, to choose about which of them the disk lies.
enum faulty_sync {
  /// Of files that SQLite opened.
  FAULTY_DATABASE = 1,
  /// Of all other files.
  FAULTY_FILES = 2,
  FAULTY_FOLDERS = 4,
};

/// A disk with power, without faults, and with a file layer registered under its name. NULL when
/// there is no memory, or SQLite refuses.
faulty_disk *faulty_disk_create(void);

/// Takes the file layer away. None of its files may be open.
void faulty_disk_destroy(faulty_disk *disk);

/// The name of the file layer, for sqlite3_open_v2; it lives as long as the disk.
const char *faulty_disk_name(const faulty_disk *disk);

// Power

/// Has the disk lose power at its `sync`-th sync from now, counted from 1 over all files and
/// folders; 0 for never. `seed` decides what survives, this last sync included.
void faulty_disk_lose_power_at(faulty_disk *disk, uint64_t sync, uint64_t seed);

/// Whether power is lost: then every operation fails and none has an effect.
bool faulty_disk_is_off(faulty_disk *disk);

/// How many syncs there were since `faulty_disk_lose_power_at` or the start.
uint64_t faulty_disk_sync_count(faulty_disk *disk);

/// Has syncs of these kinds succeed without making anything durable, as a disk does that lies: by
/// it tests show that they can fail.
void faulty_disk_lie(faulty_disk *disk, int syncs);

/// Blocks until SQLite has closed all files it opened on the disk.
void faulty_disk_wait_until_closed(faulty_disk *disk);

/// Leaves of the files what survived, and turns power on again. Nobody may have them open but
/// holders who do nothing any more. Without a loss of power before, everything survives. Returns 0
/// or an error number.
int faulty_disk_reboot(faulty_disk *disk);

// Faults

/// Has the operations of these kinds fail from the `first`-th from now on, counted from 1, `count`
/// of them, with `error_number` (EIO, ENOSPC, EROFS). A write that fails has written half of its
/// bytes; a sync that fails takes the bytes for written, and the next one does not write them
/// either. A count of 0 ends it.
void faulty_disk_fail(faulty_disk *disk, int operations, uint64_t first, uint64_t count,
                      int error_number);

/// How many operations failed by `faulty_disk_fail`.
uint64_t faulty_disk_failure_count(faulty_disk *disk);

/// Has SQLite's own file layer, in the whole process, read and write less than it asked for, or be
/// interrupted: what any kernel may do at any time.
void faulty_calls_fall_short(bool do_they);

// For code other than SQLite. Each gives 0, or the error number the operation has to fail with.

/// Asks whether an operation may happen.
int faulty_disk_pass(faulty_disk *disk, enum faulty_operation operation);

/// Says that a file was opened. An empty one the disk does not know is taken for one just made.
int faulty_disk_opened(faulty_disk *disk, int descriptor, const char *path);

/// Says that bytes are about to be written, or cut off.
int faulty_disk_will_write(faulty_disk *disk, int descriptor, int64_t offset, int64_t count);

/// Says that a file was renamed, within its folder. Until that is synced it may go by either name.
int faulty_disk_renamed(faulty_disk *disk, const char *path, const char *new_path);

/// Removes a file, which may come back until its folder is synced.
int faulty_disk_remove(faulty_disk *disk, const char *path);

/// Says that a folder was made.
int faulty_disk_made_folder(faulty_disk *disk, const char *path);

/// Makes a file's bytes, or the names in a folder, durable. Counts as a sync.
int faulty_disk_sync(faulty_disk *disk, int descriptor);

#endif
