/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "member/field.h"
#include "valise/link_impl.h"

/*
 * DIR/station: three lines, written once by `enrol`.  It is read strictly: a key that was
 * misread would be another station.
 */

enum { STATION_FILE_MAX = 1024 };

int
link_file_path(const char *dir, const char *name, char ret_path[DISK_PATH_MAX])
{
	int n = snprintf(ret_path, DISK_PATH_MAX, "%s/%s", dir, name);

	return n > 0 && n < DISK_PATH_MAX ? 0 : FAIL_USAGE;
}

static int
parse(struct rd in, struct link_station *s)
{
	struct rd url, key, member;
	int r;

	if ((r = field_take(&in, "url", &url)) != 0 ||
		(r = field_take(&in, "key", &key)) != 0 ||
		(r = field_take(&in, "member", &member)) != 0 ||
		(r = field_hex(key, s->key, sizeof s->key)) != 0)
		return r;
	if (in.len != 0 || !address_is_url(url) || !address_is_member(member))
		return FAIL_FORMAT;
	memcpy(s->url, url.ptr, url.len);
	memcpy(s->member, member.ptr, member.len);
	return 0;
}

int
link_station_read(const char *dir, struct link_station *ret_station)
{
	struct link_station station = {0};
	char path[DISK_PATH_MAX];
	struct buf file;
	int r;

	if ((r = link_file_path(dir, "station", path)) != 0)
		return r;
	buf_init(&file, STATION_FILE_MAX + 1);
	if ((r = disk_read_small(path, STATION_FILE_MAX, &file)) == 0 &&
		(r = parse(rd_of(file.data, file.len), &station)) == 0)
		*ret_station = station;
	buf_done(&file);
	return r;
}

int
link_station_write(const char *dir, const struct link_station *station)
{
	char path[DISK_PATH_MAX], hex[2 * LINK_KEY_LEN + 1];
	struct buf file;
	int r;

	if ((r = link_file_path(dir, "station", path)) != 0)
		return r;
	buf_init(&file, STATION_FILE_MAX);
	text_hex(station->key, sizeof station->key, hex);
	buf_printf(
		&file, "url %s\nkey %s\nmember %s\n", station->url, hex, station->member);
	if ((r = buf_error(&file)) == 0)
		r = disk_write_small(path, file.data, file.len, true);
	buf_done(&file);
	return r;
}
