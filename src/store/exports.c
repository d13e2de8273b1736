/* SPDX-License-Identifier: Apache-2.0 */
#include "store/exports.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/disk.h"

static int
path_of(const char *dir, const char *name, char ret_path[DISK_PATH_MAX])
{
	int n = snprintf(ret_path, DISK_PATH_MAX, "%s/%s", dir, name);

	return n > 0 && n < DISK_PATH_MAX ? 0 : FAIL_USAGE;
}

int
exports_read(const char *dir, struct sparse_ledger *ret_ledger)
{
	char path[DISK_PATH_MAX];
	struct buf b;
	int r;

	buf_init(&b, SPARSE_LEDGER_BYTES_MAX);
	if ((r = path_of(dir, "exports", path)) == 0 &&
		(r = disk_read_small(path, SPARSE_LEDGER_BYTES_MAX, &b)) == 0)
		r = sparse_ledger_parse(b.data, b.len, ret_ledger);
	buf_done(&b);
	return r;
}

int
exports_write(const char *dir, const struct sparse_ledger *ledger)
{
	char path[DISK_PATH_MAX];
	struct buf b;
	int r;

	buf_init(&b, SPARSE_LEDGER_BYTES_MAX);
	sparse_ledger_write(ledger, &b);
	if ((r = buf_error(&b)) == 0 && (r = path_of(dir, "exports", path)) == 0)
		r = disk_write_small(path, b.data, b.len, true);
	buf_done(&b);
	return r;
}

/* All records so far, behind the lock of the file. */
static int
open_records(const char *dir, int *ret_fd, struct buf *row)
{
	char path[DISK_PATH_MAX];
	int fd = -1, r;

	if ((r = path_of(dir, "queries", path)) != 0 ||
		(r = disk_open(AT_FDCWD, path, O_RDWR | O_CREAT, 0600, &fd)) != 0)
		return r;
	*ret_fd = fd;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return FAIL_AGAIN;
	return disk_read_small(path, EXPORTS_QUERIES_MAX, row);
}

int
exports_note_query(const char *dir, struct confirm_record *rec)
{
	struct confirm_day day;
	struct buf row, one;
	int fd = -1, r;

	buf_init(&row, EXPORTS_QUERIES_MAX);
	buf_init(&one, CONFIRM_RECORD_MAX + 4);
	if ((r = open_records(dir, &fd, &row)) != 0 ||
		(r = confirm_record_count(
			 rd_of(row.data, row.len), rec->ally, rec->time_s, &day)) != 0)
		goto out;
	if (day.asked >= CONFIRM_DAY_MAX) {
		rec->answer = CONFIRM_LATER;
		rec->alarms |= CONFIRM_ALARM_BUDGET;
	}
	confirm_record_write(rec, &one);
	if ((r = buf_error(&one)) != 0 ||
		(r = disk_write_at(fd, one.data, one.len, day.whole)) != 0)
		goto out;
	/* What a crash left behind the last whole record is longer than nothing. */
	r = ftruncate(fd, (off_t)(day.whole + one.len)) == 0 ? disk_sync(fd) : FAIL_IO;
out:
	disk_close(fd);
	buf_done(&row);
	buf_done(&one);
	return r;
}
