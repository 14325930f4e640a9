// Records what a program asks of the disk, in order, so that a power cut at any moment can be rebuilt.
//
// Preloaded (LD_PRELOAD), it logs every write, truncation, sync and change of name below $RECORDER_PREFIX
// (an absolute path without links) to $RECORDER_LOG, and what the program writes to its standard output. It
// makes the system calls itself, so it sees what goes through libc's functions, not libc's own use of them
// (stdio). What it cannot record faithfully it records as such, and powercut.py refuses the log.
//
// One record: kind (1 byte), 3 bytes of nothing, process (4), file (4), name length (4), offset (8),
// payload length (8), little-endian; then name and payload.
//
// The order in the log errs on the side of a loss: output is logged before it is written, a sync as durable
// only after it has returned, and a write after it was made.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
  CREATED = 1,     // name: a new, empty file
  FOUND,           // name, payload: a file that was there before anybody recorded, as it was
  WRITE,           // offset, payload
  TRUNCATE,        // offset: the new length
  SYNC_BEGIN,
  SYNC_END,
  FOLDER_BEGIN,    // name: a sync of a folder
  FOLDER_END,
  UNLINK,          // name
  RENAME,          // name: from; payload: to
  OUTPUT,          // payload
  UNSUPPORTED,     // name: a call that cannot be rebuilt from the log
};

enum { DESCRIPTORS = 65536, FILES = 4096 };

typedef struct {
  uint8_t kind, nothing[3];
  uint32_t process, file, name_count;
  uint64_t offset, count;
} record;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_descriptor = -1;
static char prefix[PATH_MAX];
static size_t prefix_count;
// What a descriptor is: 0 nothing of ours, > 0 a file's number, -1 a folder, -2 a file that need not last.
static int32_t file_of[DESCRIPTORS];
static struct { dev_t device; ino_t inode; } known[FILES];
static uint32_t known_count = 1;

static void append(
    int kind, uint32_t file, const char *name, uint64_t offset, const void *bytes, size_t count) {
  if (log_descriptor < 0) return;
  record head = {.kind = (uint8_t)kind, .process = (uint32_t)getpid(), .file = file,
    .name_count = name ? (uint32_t)strlen(name) : 0, .offset = offset, .count = count};
  struct iovec parts[3] = {
    {&head, sizeof head}, {(void *)(uintptr_t)name, head.name_count}, {(void *)(uintptr_t)bytes, count}};
  size_t want = sizeof head + head.name_count + count;
  if (syscall(SYS_writev, log_descriptor, parts, 3) != (long)want) {
    static const char text[] = "recorder: the log cannot be written\n";
    syscall(SYS_write, 2, text, sizeof text - 1);
    _exit(97);
  }
}

__attribute__((constructor)) static void begin(void) {
  const char *folder = getenv("RECORDER_PREFIX"), *log = getenv("RECORDER_LOG");
  if (!folder || !log || strlen(folder) >= sizeof prefix) return;
  strcpy(prefix, folder);
  prefix_count = strlen(prefix);
  int opened = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (opened < 0) return;
  // Out of the way of programs that count on low numbers.
  log_descriptor = fcntl(opened, F_DUPFD_CLOEXEC, 900);
  syscall(SYS_close, opened);
}

static int is_ours(const char *path) {
  return prefix_count && strncmp(path, prefix, prefix_count) == 0 &&
    (path[prefix_count] == '/' || path[prefix_count] == 0);
}

// SQLite's shared memory is rebuilt after a crash; what is in it does not matter.
static int is_scratch(const char *path) {
  size_t count = strlen(path);
  return count > 4 && strcmp(path + count - 4, "-shm") == 0;
}

static int path_of(int descriptor, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t count = readlink(link, path, PATH_MAX - 1);
  path[count > 0 ? count : 0] = 0;
  return count > 0;
}

// The name that a call means, as an absolute path without links before its last part.
static int resolve(int folder, const char *name, char *path) {
  char whole[PATH_MAX * 2] = "", base[PATH_MAX];
  if (name[0] != '/') {
    if (folder == AT_FDCWD ? getcwd(whole, PATH_MAX) == NULL : !path_of(folder, whole)) return 0;
    strcat(whole, "/");
  }
  if (strlen(name) >= PATH_MAX) return 0;
  strcat(whole, name);
  char *slash = strrchr(whole, '/');
  strcpy(base, slash + 1);
  slash[slash == whole] = 0;
  if (!realpath(whole, path) || strlen(path) + strlen(base) + 2 > PATH_MAX) return 0;
  strcat(strcmp(path, "/") == 0 ? path : strcat(path, "/"), base);
  return 1;
}

// MARK: Files

// Logs a file as it is when it was there before; the log then stands for all of it.
static void append_found(uint32_t file, const char *path, off_t count) {
  char *bytes = malloc((size_t)count + 1);
  int opened = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  ssize_t got = bytes && opened >= 0 ? pread(opened, bytes, (size_t)count, 0) : -1;
  if (opened >= 0) syscall(SYS_close, opened);
  if (got == count) append(FOUND, file, path, 0, bytes, (size_t)count);
  else append(UNSUPPORTED, 0, "a file that cannot be read", 0, NULL, 0);
  free(bytes);
}

// Takes note of a descriptor that was just opened; `was_there` before the call, `size` long.
static void note_open(int descriptor, int flags, int was_there, off_t size) {
  char path[PATH_MAX];
  struct stat status;
  if (descriptor < 0 || descriptor >= DESCRIPTORS) return;
  file_of[descriptor] = 0;
  if (!path_of(descriptor, path) || !is_ours(path) || fstat(descriptor, &status) != 0) return;
  if (S_ISDIR(status.st_mode)) file_of[descriptor] = -1;
  if (!S_ISREG(status.st_mode) || (flags & O_ACCMODE) == O_RDONLY) return;
  if (is_scratch(path)) {
    file_of[descriptor] = -2;
    return;
  }
  uint32_t file = 0;
  // Numbers of files are used again once a file is gone, so a new file is always a new one.
  for (uint32_t at = known_count - 1; was_there && at > 0 && !file; at--)
    if (known[at].device == status.st_dev && known[at].inode == status.st_ino) file = at;
  if (!file) {
    if (known_count == FILES) {
      append(UNSUPPORTED, 0, "more than 4095 files", 0, NULL, 0);
      return;
    }
    file = known_count++;
    known[file].device = status.st_dev;
    known[file].inode = status.st_ino;
    if (!was_there) append(CREATED, file, path, 0, NULL, 0);
    // A file that the open has emptied had contents that are gone now.
    else if (flags & O_TRUNC && size) append(UNSUPPORTED, 0, "an open that empties a file", 0, NULL, 0);
    else append_found(file, path, status.st_size);
  } else if (flags & O_TRUNC) {
    append(TRUNCATE, file, NULL, 0, NULL, 0);
  }
  file_of[descriptor] = (int32_t)file;
}

static int32_t kind_of(int descriptor) {
  return descriptor >= 0 && descriptor < DESCRIPTORS ? file_of[descriptor] : 0;
}

static int do_open(int folder, const char *name, int flags, mode_t mode) {
  struct stat status = {0};
  pthread_mutex_lock(&lock);
  int was_there = fstatat(folder, name, &status, 0) == 0;
  int descriptor = (int)syscall(SYS_openat, folder, name, flags, mode);
  int error = errno;
  if ((flags & O_TMPFILE) == O_TMPFILE) was_there = 0;
  note_open(descriptor, flags, was_there, status.st_size);
  pthread_mutex_unlock(&lock);
  errno = error;
  return descriptor;
}

static int needs_mode(int flags) { return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE; }

#define OPEN(folder) \
  mode_t mode = 0; \
  if (needs_mode(flags)) { \
    va_list rest; \
    va_start(rest, flags); \
    mode = va_arg(rest, mode_t); \
    va_end(rest); \
  } \
  return do_open(folder, name, flags, mode)

int open(const char *name, int flags, ...) { OPEN(AT_FDCWD); }
int open64(const char *name, int flags, ...) { OPEN(AT_FDCWD); }
int openat(int folder, const char *name, int flags, ...) { OPEN(folder); }
int openat64(int folder, const char *name, int flags, ...) { OPEN(folder); }
int creat(const char *name, mode_t mode) {
  return do_open(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char *name, mode_t mode) { return creat(name, mode); }

int close(int descriptor) {
  pthread_mutex_lock(&lock);
  // Nobody may take the log away, such as a program that closes all it does not know.
  int is_log = descriptor == log_descriptor && descriptor >= 0;
  if (descriptor >= 0 && descriptor < DESCRIPTORS) file_of[descriptor] = 0;
  int result = is_log ? 0 : (int)syscall(SYS_close, descriptor);
  pthread_mutex_unlock(&lock);
  return result;
}

static int copied(int from, int to) {
  if (to >= 0 && to < DESCRIPTORS) file_of[to] = kind_of(from);
  return to;
}

int dup(int descriptor) { return copied(descriptor, (int)syscall(SYS_dup, descriptor)); }
int dup2(int from, int to) {
  return from == to ? to : copied(from, (int)syscall(SYS_dup3, from, to, 0));
}
int dup3(int from, int to, int flags) { return copied(from, (int)syscall(SYS_dup3, from, to, flags)); }

// MARK: Writes

// Where the file stands after a write of `count` bytes, less those bytes.
static uint64_t place(int descriptor, ssize_t count) {
  return (uint64_t)(lseek(descriptor, 0, SEEK_CUR) - count);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  int32_t file = kind_of(descriptor);
  if (file <= 0 && descriptor != 1) return syscall(SYS_write, descriptor, bytes, count);
  pthread_mutex_lock(&lock);
  if (file <= 0) append(OUTPUT, 0, NULL, 0, bytes, count);
  ssize_t done = syscall(SYS_write, descriptor, bytes, count);
  int error = errno;
  if (file > 0 && done > 0) append(WRITE, (uint32_t)file, NULL, place(descriptor, done), bytes, (size_t)done);
  // Output that was not taken at once will come again, and be seen only then.
  if (file <= 0 && done != (ssize_t)count) append(UNSUPPORTED, 0, "output that was cut", 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  errno = error;
  return done;
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  int32_t file = kind_of(descriptor);
  if (file <= 0) return syscall(SYS_pwrite64, descriptor, bytes, count, offset);
  pthread_mutex_lock(&lock);
  ssize_t done = syscall(SYS_pwrite64, descriptor, bytes, count, offset);
  int error = errno;
  if (done > 0) append(WRITE, (uint32_t)file, NULL, (uint64_t)offset, bytes, (size_t)done);
  pthread_mutex_unlock(&lock);
  errno = error;
  return done;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  return pwrite64(descriptor, bytes, count, offset);
}

// Several pieces are written one after the other: for a file it makes no difference.
ssize_t writev(int descriptor, const struct iovec *parts, int count) {
  if (kind_of(descriptor) <= 0 && descriptor != 1) return syscall(SYS_writev, descriptor, parts, count);
  ssize_t all = 0;
  for (int at = 0; at < count; at++) {
    if (parts[at].iov_len == 0) continue;
    ssize_t done = write(descriptor, parts[at].iov_base, parts[at].iov_len);
    if (done < 0) return all ? all : done;
    all += done;
    if ((size_t)done < parts[at].iov_len) break;
  }
  return all;
}

static int change_length(int descriptor, off64_t length) {
  int32_t file = kind_of(descriptor);
  pthread_mutex_lock(&lock);
  int result = (int)syscall(SYS_ftruncate, descriptor, length);
  int error = errno;
  if (file > 0 && result == 0) append(TRUNCATE, (uint32_t)file, NULL, (uint64_t)length, NULL, 0);
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

int ftruncate(int descriptor, off_t length) { return change_length(descriptor, length); }
int ftruncate64(int descriptor, off64_t length) { return change_length(descriptor, length); }

// MARK: Syncs

static int sync_with(long call, int descriptor) {
  int32_t file = kind_of(descriptor);
  char path[PATH_MAX] = "";
  if (file == 0 || (file == -1 && !path_of(descriptor, path))) return (int)syscall(call, descriptor);
  const char *name = file == -1 ? path : NULL;
  uint32_t number = file > 0 ? (uint32_t)file : 0;
  pthread_mutex_lock(&lock);
  if (file != -2) append(file == -1 ? FOLDER_BEGIN : SYNC_BEGIN, number, name, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  int result = (int)syscall(call, descriptor);
  int error = errno;
  pthread_mutex_lock(&lock);
  if (file != -2 && result == 0) append(file == -1 ? FOLDER_END : SYNC_END, number, name, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

int fsync(int descriptor) { return sync_with(SYS_fsync, descriptor); }
int fdatasync(int descriptor) { return sync_with(SYS_fdatasync, descriptor); }

// MARK: Names

static int do_unlink(int folder, const char *name, int flags) {
  char path[PATH_MAX];
  pthread_mutex_lock(&lock);
  int is_known = resolve(folder, name, path) && is_ours(path) && !(flags & AT_REMOVEDIR);
  int result = (int)syscall(SYS_unlinkat, folder, name, flags);
  int error = errno;
  if (is_known && result == 0) append(UNLINK, 0, path, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

int unlink(const char *name) { return do_unlink(AT_FDCWD, name, 0); }
int unlinkat(int folder, const char *name, int flags) { return do_unlink(folder, name, flags); }

static int do_rename(int folder, const char *from, int other, const char *to, unsigned flags) {
  char before[PATH_MAX], after[PATH_MAX];
  pthread_mutex_lock(&lock);
  int is_known = resolve(folder, from, before) && resolve(other, to, after) &&
    (is_ours(before) || is_ours(after));
  int result = (int)syscall(SYS_renameat2, folder, from, other, to, flags);
  int error = errno;
  if (is_known && result == 0) append(RENAME, 0, before, 0, after, strlen(after));
  pthread_mutex_unlock(&lock);
  errno = error;
  return result;
}

int rename(const char *from, const char *to) { return do_rename(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int folder, const char *from, int other, const char *to) {
  return do_rename(folder, from, other, to, 0);
}
int renameat2(int folder, const char *from, int other, const char *to, unsigned flags) {
  return do_rename(folder, from, other, to, flags);
}

// MARK: What cannot be rebuilt

static void refuse(int descriptor, const char *call) {
  if (kind_of(descriptor) <= 0) return;
  pthread_mutex_lock(&lock);
  append(UNSUPPORTED, 0, call, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
}

void *mmap64(void *at, size_t count, int protection, int flags, int descriptor, off64_t offset) {
  if (flags & MAP_SHARED && protection & PROT_WRITE) refuse(descriptor, "a mapping that can be written");
  return (void *)syscall(SYS_mmap, at, count, protection, flags, descriptor, offset);
}

void *mmap(void *at, size_t count, int protection, int flags, int descriptor, off_t offset) {
  return mmap64(at, count, protection, flags, descriptor, offset);
}

int fallocate64(int descriptor, int mode, off64_t offset, off64_t count) {
  refuse(descriptor, "fallocate");
  return (int)syscall(SYS_fallocate, descriptor, mode, offset, count);
}

int fallocate(int descriptor, int mode, off_t offset, off_t count) {
  return fallocate64(descriptor, mode, offset, count);
}

ssize_t pwritev64(int descriptor, const struct iovec *parts, int count, off64_t offset) {
  refuse(descriptor, "pwritev");
  return syscall(SYS_pwritev, descriptor, parts, count, offset, 0);
}

ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset) {
  return pwritev64(descriptor, parts, count, offset);
}

ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *place, size_t count, unsigned flags) {
  refuse(to, "copy_file_range");
  return syscall(SYS_copy_file_range, from, at, to, place, count, flags);
}
