/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/grams_out.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "envelope/grams.h"
#include "member/enrol.h"
#include "sys/outfile.h"
#include "sys/random.h"
#include "valise/cablefile.h"
#include "valise/part_text.h"
#include "valise/report.h"

/*
 * The text leaves this process sealed only, and the sealed pieces reach the disk before the
 * cable can be sent: a machine that fails between the two owes the host nothing it cannot pay.
 */

enum {
	HOSTS_MAX = 8,
	/* An attachment must not hold up a cable for long. */
	PART_CPU_S = 20,
	PART_WALL_S = 30,
};

/* An index host of our own member. */
struct host {
	uint8_t hash[HASH_LEN];
	struct kem_public reader;
};

struct hosts {
	size_t count;
	struct host host[HOSTS_MAX];
};

/* One of the first directory counts at once, any other after the roster's delay. */
static bool
is_counting(const struct circle *circle, const struct credential *c,
	const uint8_t hash[HASH_LEN], uint64_t now_s)
{
	const struct directory *first;
	size_t at;

	if (!credential_is_valid_at(c, now_s))
		return false;
	if (c->from_s + circle->roster->enrol_delay_s <= now_s)
		return true;
	first = circle->first(circle->ctx, c->subject.member);
	return first != NULL && directory_find_hash(first, hash, &at) == 0;
}

static void
say_new(const struct credential *c)
{
	report_say("The index host %.*s is newly enrolled: it gets cables once its "
		   "enrolment counts.\n",
		(int)c->subject.officer.len, (const char *)c->subject.officer.ptr);
}

/* The station signs its directory; that it is a host, two enrolment officers must have signed. */
static int
take_host(struct hosts *hosts, const struct circle *circle,
	const struct directory *directory, size_t i, uint64_t now_s)
{
	const struct directory_credential *dc = &directory->credentials[i];
	struct credential c;
	struct enrol e;
	size_t at = 0;
	int r;

	if ((r = roster_find(circle->roster, directory->member, &at)) != 0 ||
		(r = directory_verify_credential(
			 directory, i, &circle->roster->members[at])) != 0 ||
		(r = enrol_parse(dc->enrol.ptr, dc->enrol.len, &e)) != 0 ||
		(r = credential_parse(e.credential.ptr, e.credential.len, &c)) != 0)
		return r;
	if (c.subject.kind != SUBJECT_INDEX_HOST || hosts->count == HOSTS_MAX)
		return 0;
	if (!is_counting(circle, &c, dc->hash, now_s)) {
		say_new(&c);
		return 0;
	}
	memcpy(hosts->host[hosts->count].hash, dc->hash, HASH_LEN);
	hosts->host[hosts->count].reader = c.subject.reader;
	hosts->count++;
	return 0;
}

static int
find_hosts(const struct circle *circle, uint64_t now_s, struct hosts *ret_hosts)
{
	const struct directory *d =
		circle->directory(circle->ctx, circle->self->subject.member);
	int r = 0;

	ret_hosts->count = 0;
	for (size_t i = 0; d != NULL && r == 0 && i < d->credential_count; i++)
		if (d->credentials[i].kind == SUBJECT_INDEX_HOST)
			r = take_host(ret_hosts, circle, d, i, now_s);
	return r;
}

/* The object. */

struct making {
	struct session *session;
	const struct grams_source *source;
	struct unpacker *unpacker; /* started with the first attachment */
	const char *why;	   /* of the attachment in hand; NULL: whole */
	struct buf object;
	struct buf text;
};

static void
note_skipped(void *arg, const char *why)
{
	struct making *m = arg;

	m->why = why;
}

static int
read_part(struct making *m, const char *path, const char *name)
{
	struct part_text part = {&m->text, note_skipped, m};
	struct unpacker_config config;
	int fd = -1, r = 0;

	unpacker_config_init(&config);
	config.cpu_s = PART_CPU_S;
	config.wall_s = PART_WALL_S;
	if ((m->unpacker == NULL && (r = unpacker_new(&config, &m->unpacker)) != 0) ||
		(r = disk_open(AT_FDCWD, path, O_RDONLY, 0, &fd)) != 0)
		return r;
	r = part_text_take(&part, m->unpacker, fd, name);
	disk_close(fd);
	return r;
}

/* All that can be said of an attachment goes in; a failure of reading is part of the answer. */
static int
put_attachment(struct making *m, struct rd attachment)
{
	char path[DISK_PATH_MAX], name[BODY_NAME_MAX + 1];
	struct grams_part part = {.name = cable_base_name(attachment)};
	size_t room = GRAMS_LEN_MAX - m->object.len;
	int r;

	(void)snprintf(name, sizeof name, "%.*s", (int)part.name.len,
		(const char *)part.name.ptr);
	/* What the other parts need to be listed stays free. */
	room = room > GRAMS_PIECE_LEN ? room - GRAMS_PIECE_LEN : 0;
	m->why = NULL;
	buf_done(&m->text);
	buf_init(&m->text, room);
	if ((r = cablefile_attachment_path(m->source->path, attachment, path)) == 0)
		r = read_part(m, path, name);
	if (r == FAIL_NOMEM)
		return r;
	if (r == FAIL_LIMIT)
		m->why = "too long";
	else if (r != 0)
		m->why = fail_text(r);
	part.text = rd_of(m->text.data, m->text.len);
	if (m->why != NULL) {
		part.why = rd_of(m->why, strlen(m->why));
		part.state = m->text.len > 0 ? GRAMS_PARTLY : GRAMS_UNREAD;
	}
	grams_put(&part, &m->object);
	return buf_error(&m->object);
}

static int
make_object(struct making *m)
{
	const struct grams_source *s = m->source;
	const struct header_plan *plan = &s->plan->header;
	struct grams grams = {.document_id = plan->core.document_id,
		.envelope_hash = s->envelope_hash,
		.reference = s->plan->addressing.reference,
		.label = plan->core.label};
	struct grams_part text = {.text = s->cable->text};
	int r;

	grams_begin(&grams, &m->object);
	grams_put(&text, &m->object);
	if ((r = buf_error(&m->object)) != 0)
		return r;
	for (size_t i = 0; r == 0 && i < s->cable->attachment_count; i++)
		r = put_attachment(m, s->cable->attachments[i]);
	return r;
}

/* Sealed, in pieces, to each host. */

static int
write_piece(struct making *m, const struct host *host, const struct grams_place *place,
	struct outfile *out)
{
	size_t from = (size_t)place->piece * GRAMS_PIECE_LEN;
	size_t rest = m->object.len - from;
	struct post_grams post = {.host = host->hash};
	struct buf blob, row;
	int r;

	buf_init(&blob, GRAMS_BLOB_MAX);
	buf_init(&row, GRAMS_BLOB_MAX + 64);
	if ((r = grams_blob_seal(place, &host->reader, random_system(),
		     rd_of(m->object.data + from,
			     rest < GRAMS_PIECE_LEN ? rest : GRAMS_PIECE_LEN),
		     &blob)) == 0) {
		post.blob = rd_of(blob.data, blob.len);
		codec_write(&post_grams_codec, &post, &row);
		if ((r = buf_error(&row)) == 0)
			r = outfile_write(out, row.data, row.len);
	}
	buf_done(&row);
	buf_done(&blob);
	return r;
}

static int
write_host(struct making *m, const struct host *host, struct outfile *out)
{
	uint8_t set_id[GRAMS_SET_ID_LEN];
	struct grams_place place = {
		.document_id = m->source->plan->header.core.document_id,
		.set_id = set_id,
		.pieces = (uint16_t)((m->object.len + GRAMS_PIECE_LEN - 1) /
			GRAMS_PIECE_LEN)};
	int r;

	if ((r = rng_fill(random_system(), set_id, sizeof set_id)) != 0)
		return r;
	for (; r == 0 && place.piece < place.pieces; place.piece++)
		r = write_piece(m, host, &place, out);
	return r;
}

static int
write_file(struct making *m, const struct hosts *hosts)
{
	char path[DISK_PATH_MAX], id[2 * CORE_DOCUMENT_ID_LEN + 1];
	struct outfile *out = NULL;
	int n, r;

	text_hex(m->source->plan->header.core.document_id, CORE_DOCUMENT_ID_LEN, id);
	n = snprintf(path, sizeof path, "%.3000s/outbox/%s.grams", m->session->dir, id);
	CHECK(n > 0 && n < DISK_PATH_MAX);
	if ((r = outfile_new(path, false, &out)) != 0)
		return r;
	for (size_t i = 0; r == 0 && i < hosts->count; i++)
		r = write_host(m, &hosts->host[i], out);
	if (r == 0)
		r = outfile_commit(out);
	outfile_free(out);
	return r;
}

int
grams_out_make(struct session *session, const struct grams_source *source)
{
	struct making m = {.session = session, .source = source};
	struct hosts *hosts = NULL;
	int r;

	buf_init(&m.object, GRAMS_LEN_MAX);
	buf_init(&m.text, GRAMS_LEN_MAX);
	if ((r = mem_new(&hosts, sizeof *hosts)) != 0 ||
		(r = find_hosts(&session->circle, source->now_s, hosts)) != 0)
		goto out;
	if (hosts->count > 0 && (r = make_object(&m)) == 0)
		r = write_file(&m, hosts);
out:
	unpacker_free(m.unpacker);
	buf_done(&m.text);
	buf_done(&m.object);
	mem_free(hosts);
	return r;
}

/* To the station. */

enum { ROW_HEAD_LEN = HASH_LEN + 3 };

/* The next row of the file; FAIL_ABSENT at its end. */
static int
read_row(int fd, struct buf *row, struct post_grams *ret_post)
{
	uint8_t *head, *rest;
	size_t got = 0, len;
	int r;

	buf_clear(row);
	if ((head = buf_extend(row, ROW_HEAD_LEN)) == NULL)
		return buf_error(row);
	if ((r = disk_read(fd, head, ROW_HEAD_LEN, &got)) != 0)
		return r;
	if (got == 0)
		return FAIL_ABSENT;
	if (got < ROW_HEAD_LEN)
		return FAIL_TRUNCATED;
	len = (size_t)head[HASH_LEN] << 16 | (size_t)head[HASH_LEN + 1] << 8 |
		head[HASH_LEN + 2];
	if ((rest = buf_extend(row, len)) == NULL)
		return buf_error(row);
	if ((r = disk_read(fd, rest, len, &got)) != 0)
		return r;
	return got < len ? FAIL_TRUNCATED
			 : codec_parse_whole(&post_grams_codec,
				   rd_of(row->data, row->len), ret_post);
}

/*
 * 0: the file has done its work.  A host that was revoked meanwhile, or a document that was
 * destroyed, is refused for good.
 */
static int
send_file(struct session *session, const char *path)
{
	struct post_grams post;
	struct buf row, answer;
	int fd = -1, r;

	if ((r = disk_open(AT_FDCWD, path, O_RDONLY, 0, &fd)) != 0)
		return r;
	buf_init(&row, GRAMS_BLOB_MAX + 64);
	buf_init(&answer, POST_BODY_MAX);
	while ((r = read_row(fd, &row, &post)) == 0) {
		buf_clear(&answer);
		r = session->courier.ask(
			session->courier.ctx, "grams", &post_grams_codec, &post, &answer);
		if (r != 0 && r != FAIL_REFUSED)
			break;
	}
	/* The station's "no such document" is not the end of the file. */
	r = r == FAIL_ABSENT && row.len > ROW_HEAD_LEN ? FAIL_AGAIN : r;
	buf_done(&answer);
	buf_done(&row);
	disk_close(fd);
	return r == FAIL_ABSENT ? 0 : r;
}

static bool
is_grams(const char *name)
{
	size_t len = strlen(name);

	return len == 2 * CORE_DOCUMENT_ID_LEN + 6 &&
		strcmp(name + len - 6, ".grams") == 0;
}

void
grams_out_send(struct session *session)
{
	char outbox[DISK_PATH_MAX], path[DISK_PATH_MAX];
	struct dirent *entry;
	size_t left = 0;
	DIR *list;

	(void)snprintf(outbox, sizeof outbox, "%.3000s/outbox", session->dir);
	if ((list = opendir(outbox)) == NULL)
		return;
	while ((entry = readdir(list)) != NULL) {
		if (!is_grams(entry->d_name))
			continue;
		(void)snprintf(
			path, sizeof path, "%.3100s/%.200s", outbox, entry->d_name);
		if (send_file(session, path) == 0)
			disk_unlink(AT_FDCWD, path);
		else
			left++;
	}
	(void)closedir(list);
	if (left > 0)
		report_say("%zu cable%s wait%s here for the index host; the next `valise "
			   "send` takes them.\n",
			left, left == 1 ? "" : "s", left == 1 ? "s" : "");
}
