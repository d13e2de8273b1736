/* SPDX-License-Identifier: Apache-2.0 */
#include "fault_vfs.h"

#include <sqlite3.h>
#include <string.h>

#include "base/fail.h"
#include "store/db_sqlite.h"

enum { FILES = 4, FILE_MAX = 16 << 20, SECTOR = 512, NAME_MAX_LEN = 64 };

struct file {
	char name[NAME_MAX_LEN];
	bool is_there, was_there; /* live, durable */
	size_t len, old_len;
	size_t top; /* nothing was ever written from here on; whole sectors */
	uint8_t live[FILE_MAX];
	uint8_t durable[FILE_MAX];
	bool is_marked[FILE_MAX / SECTOR];
};

/* What SQLite allocates for an open file. */
struct handle {
	sqlite3_file base;
	struct file *file;
	bool is_removed_at_close;
	bool is_name_due; /* its first sync takes the directory along */
};

static struct file files[FILES];
static uint64_t state;
static enum fault fault;
static long countdown, failed;
static bool is_once, is_off;

static uint64_t
draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Is it this call that fails?  kind is what the call could suffer. */
static bool
strikes(enum fault kind)
{
	if (is_off)
		return kind == FAULT_IO;
	if (fault != kind && !(fault == FAULT_POWER && kind == FAULT_IO))
		return false;
	if (countdown-- > 0)
		return false;
	failed++;
	if (fault == FAULT_POWER)
		is_off = true;
	else if (is_once)
		fault = FAULT_NONE;
	else
		countdown = 0;
	return true;
}

static struct file *
find(const char *name)
{
	size_t i;

	for (i = 0; i < FILES; i++)
		if (files[i].is_there && strcmp(files[i].name, name) == 0)
			return &files[i];
	return NULL;
}

static void
sync_directory(void)
{
	size_t i;

	for (i = 0; i < FILES; i++)
		files[i].was_there = files[i].is_there;
}

/* A removed file that could still come back gives its place to a new one of its name. */
static struct file *
make(const char *name)
{
	size_t i;

	for (i = 0; i < FILES; i++)
		if (strcmp(files[i].name, name) == 0)
			break;
	for (i = i < FILES ? i : 0; i < FILES; i++)
		if (strcmp(files[i].name, name) == 0 ||
			(!files[i].is_there && !files[i].was_there))
			break;
	CHECK(i < FILES && strlen(name) < NAME_MAX_LEN);
	memset(files[i].live, 0, files[i].top);
	memset(files[i].durable, 0, files[i].top);
	memset(files[i].is_marked, 0, files[i].top / SECTOR);
	files[i].len = files[i].old_len = 0;
	files[i].was_there = false;
	files[i].is_there = true;
	strncpy(files[i].name, name, NAME_MAX_LEN - 1);
	return &files[i];
}

static int
file_close(sqlite3_file *base)
{
	struct handle *h = (struct handle *)base;

	if (h->is_removed_at_close)
		h->file->is_there = h->file->was_there = false;
	return SQLITE_OK;
}

static int
file_read(sqlite3_file *base, void *ptr, int len, sqlite3_int64 offset)
{
	const struct file *f = ((struct handle *)base)->file;
	const size_t at = (size_t)offset, n = (size_t)len;
	size_t have = 0;

	if (strikes(FAULT_IO))
		return SQLITE_IOERR_READ;
	if (at < f->len)
		have = f->len - at < n ? f->len - at : n;
	memcpy(ptr, f->live + at, have);
	memset((uint8_t *)ptr + have, 0, n - have);
	return have == n ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static void
put(struct file *f, const void *ptr, size_t len, size_t at)
{
	size_t i;

	CHECK(at + len + SECTOR <= FILE_MAX);
	memcpy(f->live + at, ptr, len);
	if (at + len > f->len)
		f->len = at + len;
	if (f->len > f->top)
		f->top = (f->len + SECTOR - 1) / SECTOR * SECTOR;
	for (i = at / SECTOR; len > 0 && i <= (at + len - 1) / SECTOR; i++)
		f->is_marked[i] = true;
}

static int
file_write(sqlite3_file *base, const void *ptr, int len, sqlite3_int64 offset)
{
	struct file *f = ((struct handle *)base)->file;

	if (is_off)
		return SQLITE_IOERR_WRITE;
	if (strikes(FAULT_IO)) {
		if (is_off) /* the last write of all may have come as far as any other */
			put(f, ptr, (size_t)len, (size_t)offset);
		return SQLITE_IOERR_WRITE;
	}
	if (strikes(FAULT_SPACE))
		return SQLITE_FULL;
	if (strikes(FAULT_SHORT)) {
		put(f, ptr, (size_t)len / 2, (size_t)offset);
		return SQLITE_FULL;
	}
	put(f, ptr, (size_t)len, (size_t)offset);
	return SQLITE_OK;
}

static int
file_truncate(sqlite3_file *base, sqlite3_int64 len)
{
	struct file *f = ((struct handle *)base)->file;

	if (strikes(FAULT_IO))
		return SQLITE_IOERR_TRUNCATE;
	if ((size_t)len < f->len) {
		memset(f->live + len, 0, f->len - (size_t)len);
		f->len = (size_t)len;
	}
	return SQLITE_OK;
}

static int
file_sync(sqlite3_file *base, int flags)
{
	struct handle *h = (struct handle *)base;
	struct file *f = h->file;
	size_t i;

	(void)flags;
	if (strikes(FAULT_IO) || strikes(FAULT_SYNC)) {
		if (!is_off)
			memset(f->is_marked, 0, f->top / SECTOR);
		return SQLITE_IOERR_FSYNC;
	}
	if (fault == FAULT_LIE)
		return SQLITE_OK;
	if (h->is_name_due)
		sync_directory();
	h->is_name_due = false;
	for (i = 0; i < f->top / SECTOR; i++)
		if (f->is_marked[i])
			memcpy(f->durable + i * SECTOR, f->live + i * SECTOR, SECTOR);
	memset(f->is_marked, 0, f->top / SECTOR);
	memset(f->durable + f->len, 0, f->top - f->len);
	f->old_len = f->len;
	return SQLITE_OK;
}

static int
file_size(sqlite3_file *base, sqlite3_int64 *ret_len)
{
	if (strikes(FAULT_IO))
		return SQLITE_IOERR_FSTAT;
	*ret_len = (sqlite3_int64)((struct handle *)base)->file->len;
	return SQLITE_OK;
}

static int
file_lock(sqlite3_file *base, int lock)
{
	(void)base;
	(void)lock;
	return SQLITE_OK;
}

static int
file_is_reserved(sqlite3_file *base, int *ret_is)
{
	(void)base;
	*ret_is = 0;
	return SQLITE_OK;
}

static int
file_control(sqlite3_file *base, int op, void *arg)
{
	(void)base;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int
file_sector(sqlite3_file *base)
{
	(void)base;
	return SECTOR;
}

/* What SQLite believes of an ordinary Linux file, and what the tearing above keeps to. */
static int
file_traits(sqlite3_file *base)
{
	(void)base;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int
disk_open_file(
	sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *ret_flags)
{
	/* Version 1: without shared memory, which an exclusive database does not need. */
	static const sqlite3_io_methods methods = {.iVersion = 1,
		.xClose = file_close,
		.xRead = file_read,
		.xWrite = file_write,
		.xTruncate = file_truncate,
		.xSync = file_sync,
		.xFileSize = file_size,
		.xLock = file_lock,
		.xUnlock = file_lock,
		.xCheckReservedLock = file_is_reserved,
		.xFileControl = file_control,
		.xSectorSize = file_sector,
		.xDeviceCharacteristics = file_traits};
	struct handle *h = (struct handle *)base;

	(void)vfs;
	h->base.pMethods = NULL;
	if (strikes(FAULT_IO))
		return SQLITE_IOERR;
	h->is_removed_at_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
	/* As the Unix one of SQLite does it: for journals and logs, not for the tables. */
	h->is_name_due = (flags & SQLITE_OPEN_CREATE) != 0 &&
		(flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
	h->file = name != NULL ? find(name) : NULL;
	if (h->file == NULL) {
		if ((flags & SQLITE_OPEN_CREATE) == 0)
			return SQLITE_CANTOPEN;
		h->file = make(name != NULL ? name : "unnamed");
	}
	h->base.pMethods = &methods;
	if (ret_flags != NULL)
		*ret_flags = flags;
	return SQLITE_OK;
}

static int
disk_delete(sqlite3_vfs *vfs, const char *name, int is_synced)
{
	struct file *f = find(name);

	(void)vfs;
	if (strikes(FAULT_IO))
		return SQLITE_IOERR_DELETE;
	if (f == NULL)
		return SQLITE_IOERR_DELETE_NOENT;
	f->is_there = false;
	if (is_synced && fault != FAULT_LIE)
		sync_directory();
	return SQLITE_OK;
}

static int
disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_is)
{
	(void)vfs;
	(void)flags;
	if (strikes(FAULT_IO))
		return SQLITE_IOERR_ACCESS;
	*ret_is = find(name) != NULL;
	return SQLITE_OK;
}

static int
disk_name(sqlite3_vfs *vfs, const char *name, int len, char *ret_name)
{
	(void)vfs;
	CHECK(strlen(name) < (size_t)len);
	memcpy(ret_name, name, strlen(name) + 1);
	return SQLITE_OK;
}

void
fault_vfs_install(void)
{
	static sqlite3_vfs disk;

	CHECK(db_sqlite_start() == 0);
	disk = *sqlite3_vfs_find(NULL);
	disk.iVersion = 1;
	disk.szOsFile = sizeof(struct handle);
	disk.zName = "fault";
	disk.xOpen = disk_open_file;
	disk.xDelete = disk_delete;
	disk.xAccess = disk_access;
	disk.xFullPathname = disk_name;
	CHECK(sqlite3_vfs_register(&disk, 1) == SQLITE_OK);
}

void
fault_vfs_format(uint64_t seed)
{
	size_t i;

	for (i = 0; i < FILES; i++) {
		memset(files[i].live, 0, files[i].len);
		memset(files[i].durable, 0, files[i].top);
		memset(files[i].is_marked, 0, files[i].top / SECTOR);
		files[i].is_there = files[i].was_there = false;
		files[i].len = files[i].old_len = files[i].top = 0;
		files[i].name[0] = '\0';
	}
	state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	fault_vfs_heal();
}

void
fault_vfs_fail(enum fault kind, long n, bool once)
{
	fault = kind;
	countdown = n;
	is_once = once;
	failed = 0;
}

void
fault_vfs_heal(void)
{
	fault = FAULT_NONE;
	is_off = false;
}

long
fault_vfs_failed(void)
{
	return failed;
}

/* One sector that was on its way: nothing, all, its beginning, or something else of it. */
static void
land(struct file *f, size_t at)
{
	const size_t part = draw() % SECTOR;
	const uint64_t how = draw() % 4;
	size_t i;

	for (i = 0; i < SECTOR; i++) {
		if (f->durable[at + i] == f->live[at + i])
			continue;
		if (how == 1 || (how == 2 && i < part))
			f->durable[at + i] = f->live[at + i];
		else if (how == 3 && i >= part)
			f->durable[at + i] = (uint8_t)draw();
	}
}

void
fault_vfs_power(void)
{
	struct file *f;
	size_t i;

	for (f = files; f < files + FILES; f++) {
		for (i = 0; i < f->top / SECTOR; i++)
			if (f->is_marked[i])
				land(f, i * SECTOR);
		memset(f->is_marked, 0, f->top / SECTOR);
		if (f->is_there != f->was_there)
			f->is_there = draw() % 2 == 0;
		f->was_there = f->is_there;
		if (draw() % 2 == 0)
			f->old_len = f->len;
		f->len = f->is_there ? f->old_len : 0;
		f->old_len = f->len;
		if (!f->is_there)
			f->name[0] = '\0';
		memset(f->durable + f->len, 0, f->top - f->len);
		memcpy(f->live, f->durable, f->top);
	}
	fault_vfs_heal();
}
