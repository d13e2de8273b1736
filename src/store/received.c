/* SPDX-License-Identifier: Apache-2.0 */
#include "store/received.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "leak/sum.h"
#include "sys/disk.h"

/*
 * Two tables with open addressing point to the entries: one by document, one by id.  An entry
 * is never taken out; one of the same document takes its place.
 */

enum {
	TABLE_FIRST = 1024,
	LINE_MAX_LEN = 2 * RECEIVED_DOCUMENT_LEN + 1 + RECEIVED_ID_MAX + 1
};

struct entry {
	uint8_t document_id[RECEIVED_DOCUMENT_LEN];
	char id[RECEIVED_ID_MAX + 1];
};

struct received {
	int fd;
	bool is_cut; /* the file ends inside a line */
	struct entry *entries;
	size_t count, room;
	uint32_t *by_document; /* place + 1; 0: free */
	uint32_t *by_id;
	size_t cap;
};

static size_t
slot_of(const struct received *rc, const void *key, size_t len)
{
	return (size_t)sum_of(key, len) & (rc->cap - 1);
}

static uint32_t *
find_document(const struct received *rc, const uint8_t *document_id)
{
	size_t at = slot_of(rc, document_id, RECEIVED_DOCUMENT_LEN);

	while (rc->by_document[at] != 0 &&
		memcmp(rc->entries[rc->by_document[at] - 1].document_id, document_id,
			RECEIVED_DOCUMENT_LEN) != 0)
		at = (at + 1) & (rc->cap - 1);
	return &rc->by_document[at];
}

/* Ids that were replaced stay here: they were used once, and are not given to others. */
static void
note_id(struct received *rc, uint32_t place)
{
	const char *id = rc->entries[place - 1].id;
	size_t at = slot_of(rc, id, strlen(id));

	if (strcmp(id, "-") == 0)
		return;
	while (rc->by_id[at] != 0)
		at = (at + 1) & (rc->cap - 1);
	rc->by_id[at] = place;
}

static int
grow(struct received *rc)
{
	size_t cap = rc->cap == 0 ? TABLE_FIRST : 2 * rc->cap;
	uint32_t *documents = NULL, *ids = NULL;
	int r;

	if ((r = mem_new_array(&documents, cap, sizeof *documents)) != 0 ||
		(r = mem_new_array(&ids, cap, sizeof *ids)) != 0 ||
		(r = mem_grow(&rc->entries, rc->room * sizeof *rc->entries,
			 cap / 2 * sizeof *rc->entries)) != 0) {
		mem_free(documents);
		mem_free(ids);
		return r;
	}
	mem_free(rc->by_document);
	mem_free(rc->by_id);
	rc->by_document = documents;
	rc->by_id = ids;
	rc->room = cap / 2;
	rc->cap = cap;
	for (uint32_t i = 1; i <= rc->count; i++) {
		*find_document(rc, rc->entries[i - 1].document_id) = i;
		note_id(rc, i);
	}
	return 0;
}

/* A new entry takes the place of the document's last one. */
static int
note(struct received *rc, const uint8_t *document_id, const char *id, size_t id_len)
{
	struct entry *e;
	int r;

	if (rc->count == rc->room && (r = grow(rc)) != 0)
		return r;
	e = &rc->entries[rc->count++];
	memcpy(e->document_id, document_id, RECEIVED_DOCUMENT_LEN);
	memcpy(e->id, id, id_len);
	e->id[id_len] = '\0';
	*find_document(rc, document_id) = (uint32_t)rc->count;
	note_id(rc, (uint32_t)rc->count);
	return 0;
}

/* A line that is none is passed over: it is what a crash left. */
static int
read_line(struct received *rc, const char *line, size_t len)
{
	enum { HEX = 2 * RECEIVED_DOCUMENT_LEN };
	uint8_t document_id[RECEIVED_DOCUMENT_LEN];

	if (len < HEX + 2 || len > HEX + 1 + RECEIVED_ID_MAX || line[HEX] != ' ' ||
		text_unhex(line, HEX, document_id, sizeof document_id) != 0)
		return 0;
	return note(rc, document_id, line + HEX + 1, len - HEX - 1);
}

static int
read_all(struct received *rc, const struct buf *b)
{
	const char *at = (const char *)b->data, *end;
	int r = 0;

	if (b->len == 0)
		return 0;
	end = at + b->len;
	while (r == 0 && at < end) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));

		if (line_end == NULL) {
			rc->is_cut = true;
			break;
		}
		r = read_line(rc, at, (size_t)(line_end - at));
		at = line_end + 1;
	}
	return r;
}

int
received_open(const char *dir, struct received **ret_received)
{
	struct received *rc = NULL;
	char path[DISK_PATH_MAX];
	struct buf b;
	int n, r;

	n = snprintf(path, sizeof path, "%.3000s/received", dir);
	CHECK(n > 0 && n < DISK_PATH_MAX);
	buf_init(&b, RECEIVED_LEN_MAX);
	if ((r = mem_new(&rc, sizeof *rc)) != 0)
		return r;
	rc->fd = -1;
	if ((r = grow(rc)) != 0 ||
		((r = disk_read_small(path, RECEIVED_LEN_MAX, &b)) != 0 &&
			r != FAIL_ABSENT) ||
		(r = read_all(rc, &b)) != 0 ||
		(r = disk_open(AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0600,
			 &rc->fd)) != 0)
		goto out;
	*ret_received = rc;
	rc = NULL;
out:
	received_close(rc);
	buf_done(&b);
	return r;
}

void
received_close(struct received *rc)
{
	if (rc == NULL)
		return;
	disk_close(rc->fd);
	mem_free(rc->entries);
	mem_free(rc->by_document);
	mem_free(rc->by_id);
	mem_free(rc);
}

const char *
received_find(const struct received *rc, const uint8_t document_id[RECEIVED_DOCUMENT_LEN])
{
	uint32_t place = *find_document(rc, document_id);

	return place == 0 ? NULL : rc->entries[place - 1].id;
}

bool
received_is_taken(const struct received *rc, const char *id)
{
	size_t at = slot_of(rc, id, strlen(id));

	for (; rc->by_id[at] != 0; at = (at + 1) & (rc->cap - 1))
		if (strcmp(rc->entries[rc->by_id[at] - 1].id, id) == 0)
			return true;
	return false;
}

int
received_put(struct received *rc, const uint8_t document_id[RECEIVED_DOCUMENT_LEN],
	const char *id)
{
	char line[1 + LINE_MAX_LEN + 1], hex[2 * RECEIVED_DOCUMENT_LEN + 1];
	int n, r;

	if (strlen(id) > RECEIVED_ID_MAX || strchr(id, '\n') != NULL || id[0] == '\0')
		return FAIL_FORMAT;
	text_hex(document_id, RECEIVED_DOCUMENT_LEN, hex);
	n = snprintf(line, sizeof line, "%s%s %s\n", rc->is_cut ? "\n" : "", hex, id);
	CHECK(n > 0 && (size_t)n < sizeof line);
	/* Whatever becomes of it, the next line begins anew. */
	rc->is_cut = true;
	if ((r = disk_write(rc->fd, line, (size_t)n)) != 0 ||
		(r = disk_sync(rc->fd)) != 0)
		return r;
	rc->is_cut = false;
	return note(rc, document_id, id, strlen(id));
}
