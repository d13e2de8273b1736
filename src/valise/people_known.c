/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "member/field.h"
#include "valise/link_impl.h"
#include "valise/people_impl.h"
#include "valise/report.h"

/*
 * DIR/known: a line `ADDRESS HEX` for each credential that read an address when we last wrote
 * to it.  Somebody who is put on a desk is thus seen by those who write to it, at their next
 * cable, and not only by those who look at directories.
 */

enum { KNOWN_FILE_MAX = 1 << 20, HEX_LEN = 2 * HASH_LEN };

static int
read_known(const struct people *p, struct buf *ret_file)
{
	char path[DISK_PATH_MAX];
	int r;

	buf_init(ret_file, KNOWN_FILE_MAX + 1);
	if ((r = link_file_path(p->dir, "known", path)) != 0)
		return r;
	r = disk_read_small(path, KNOWN_FILE_MAX, ret_file);
	return r == FAIL_ABSENT ? 0 : r;
}

/* The next line's address and hash; false at the end, or at a line that is none. */
static bool
next_line(struct rd *in, struct rd *ret_address, struct rd *ret_hex)
{
	const uint8_t *end = in->len > 0 ? memchr(in->ptr, '\n', in->len) : NULL;
	struct rd line;

	if (end == NULL)
		return false;
	line = rd_of(in->ptr, (size_t)(end - in->ptr));
	*in = rd_of(end + 1, in->len - line.len - 1);
	*ret_address = field_word(&line);
	*ret_hex = line;
	return line.len == HEX_LEN;
}

/* Was this address written to, and was this credential there? */
static bool
is_known(const struct buf *file, struct rd address, const char *hex, bool *ret_is_old)
{
	struct rd in = rd_of(file->data, file->len), a, h;
	bool is_found = false;

	*ret_is_old = false;
	while (next_line(&in, &a, &h)) {
		if (address_compare(a, address) != 0)
			continue;
		*ret_is_old = true;
		is_found |= hex != NULL && memcmp(h.ptr, hex, HEX_LEN) == 0;
	}
	return is_found;
}

static int
parse_reader(
	struct rd bytes, struct credential *ret_credential, char ret_hex[HEX_LEN + 1])
{
	uint8_t hash[HASH_LEN];
	struct enrol enrol;
	int r;

	if ((r = enrol_parse(bytes.ptr, bytes.len, &enrol)) != 0)
		return r;
	hash_sha256(enrol.credential.ptr, enrol.credential.len, hash);
	text_hex(hash, sizeof hash, ret_hex);
	return credential_parse(
		enrol.credential.ptr, enrol.credential.len, ret_credential);
}

static void
say(struct rd address, const struct credential *c)
{
	char time[TIME_TEXT_MAX] = "";

	if (time_rfc3339(c->from_s, time) != 0)
		time[0] = '\0';
	report_say("new at %.*s since your last cable: %.*s on %.*s (from %.10s)\n",
		(int)address.len, (const char *)address.ptr, (int)c->subject.officer.len,
		(const char *)c->subject.officer.ptr, (int)c->subject.device.len,
		(const char *)c->subject.device.ptr, time);
}

void
people_say_new(struct people *p, struct rd address)
{
	char hex[HEX_LEN + 1];
	struct credential c;
	struct buf file;
	struct rd enrol;
	bool is_old = false;
	size_t at = 0;

	if (read_known(p, &file) == 0 && !is_known(&file, address, NULL, &is_old) &&
		is_old)
		while (people_next_reader(p, address, &at, &enrol) == 0)
			if (parse_reader(enrol, &c, hex) == 0 &&
				!is_known(&file, address, hex, &is_old))
				say(address, &c);
	buf_done(&file);
}

static bool
is_among(struct rd address, const struct rd *addresses, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (address_compare(address, addresses[i]) == 0)
			return true;
	return false;
}

static void
put_line(struct buf *out, struct rd address, const char *hex)
{
	buf_printf(out, "%.*s %.*s\n", (int)address.len, (const char *)address.ptr,
		HEX_LEN, hex);
}

static void
put_readers(struct people *p, struct rd address, struct buf *out)
{
	char hex[HEX_LEN + 1];
	struct credential c;
	struct rd enrol;
	size_t at = 0;

	while (people_next_reader(p, address, &at, &enrol) == 0)
		if (parse_reader(enrol, &c, hex) == 0)
			put_line(out, address, hex);
}

int
people_keep_known(struct people *p, const struct rd *addresses, size_t count)
{
	char path[DISK_PATH_MAX];
	struct rd in, a, h;
	struct buf old, out;
	int r;

	buf_init(&out, KNOWN_FILE_MAX);
	if ((r = read_known(p, &old)) != 0)
		goto out;
	in = rd_of(old.data, old.len);
	while (next_line(&in, &a, &h))
		if (!is_among(a, addresses, count))
			put_line(&out, a, (const char *)h.ptr);
	for (size_t i = 0; i < count; i++)
		if (!is_among(addresses[i], addresses, i))
			put_readers(p, addresses[i], &out);
	/* A full file forgets: the next cable tells nothing new about these addresses. */
	if (buf_error(&out) == FAIL_LIMIT)
		buf_clear(&out);
	if ((r = buf_error(&out)) == 0 &&
		(out.len != old.len || memcmp(out.data, old.data, out.len) != 0) &&
		(r = link_file_path(p->dir, "known", path)) == 0)
		r = disk_write_small(path, out.data, out.len, true);
out:
	buf_done(&old);
	buf_done(&out);
	return r;
}
