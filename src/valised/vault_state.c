/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/vault_state.h"

#include <string.h>

#include "base/mem.h"
#include "valised/vault_master.h"

/*
 * One function writes everything anew, state_rewrite(), whatever the reason: a document destroyed,
 * a new day, a new week.  When it fails half-way, memory is thrown away and read again from the
 * disk, which is always whole; so there is no second description of what a failure leaves.
 */

enum { DAY_S = 24 * 3600, SEALED_MAX = 16 << 20 };
enum {
	WEEKLY_PLAIN_MAX = VAULT_WEEKLY_MAX * VAULT_WEEKLY_LEN,
	WEEKLY_FILE_MAX = VAULT_HEAD_LEN + VAULT_BOX_OVERHEAD + WEEKLY_PLAIN_MAX,
	PIECE = 64 * 1024,
};

static const char weekly_name[] = "weekly";

/* People put this file beside what came back from a second holder, which has no weekly keys. */
static const char put_back_name[] = "put-back";

struct vault_state {
	struct vault_disk disk;
	struct vault_disk second;
	bool has_second;
	bool is_second_stale; /* lacks something: copied whole next time */
	bool is_second_failed;
	bool was_cut;
	bool is_closed; /* could not be read again after a failure */
	struct rng *rng;
	struct secret *unlock; /* VAULT_SEED_LEN */
	struct masters masters;
	uint64_t weekly_master;
	struct vault_documents *documents;
	struct vault_weekly *weekly;
};

/* Files under the unlock key. */

int
state_put(struct vault_state *s, const char *name, struct rd plain)
{
	uint8_t key[AEAD_KEY_LEN] = {0};
	struct vault_seal seal = {.name = name, .key = key};
	int r;

	if ((r = vault_derive(s->unlock->bytes, name, key)) == 0)
		r = vault_file_put(&s->disk, &seal, s->rng, plain);
	mem_wipe(key, sizeof key);
	return r;
}

int
state_get(struct vault_state *s, const char *name, size_t max, struct buf *ret_plain)
{
	uint8_t key[AEAD_KEY_LEN] = {0};
	struct vault_seal seal = {.name = name, .key = key};
	struct buf bytes;
	uint8_t *at;
	size_t len = 0;
	int r;

	buf_init(&bytes, SEALED_MAX);
	if ((r = vault_file_read(&s->disk, name, max, &bytes)) != 0)
		goto out;
	if ((at = buf_extend(ret_plain, bytes.len)) == NULL) {
		r = buf_error(ret_plain);
		goto out;
	}
	if ((r = vault_derive(s->unlock->bytes, name, key)) == 0)
		r = vault_file_open(&seal, rd_of(bytes.data, bytes.len), at, &len);
	ret_plain->len -= bytes.len - len;
out:
	mem_wipe(key, sizeof key);
	buf_done(&bytes);
	return r;
}

static int
put_masters(struct vault_state *s, const struct masters *masters)
{
	uint8_t key[AEAD_KEY_LEN] = {0};
	int r;

	if ((r = vault_derive(s->unlock->bytes, "master", key)) == 0)
		r = masters_put(masters, &s->disk, key, s->rng);
	mem_wipe(key, sizeof key);
	return r;
}

/* The second holder: bytes as they are, sealed; it needs the station's key file to be of use. */

struct copying {
	const struct vault_disk *from;
	const char *name;
	uint64_t at;
};

static int
next_copied(void *arg, struct buf *piece)
{
	struct copying *c = arg;
	uint8_t *at = buf_extend(piece, PIECE);
	size_t got = 0;
	int r;

	if (at == NULL)
		return buf_error(piece);
	if ((r = c->from->read(c->from->ctx, c->name, c->at, at, PIECE, &got)) != 0)
		return r;
	piece->len -= PIECE - got;
	c->at += got;
	return 0;
}

static void
second_told(struct vault_state *s, int r)
{
	s->is_second_failed = r != 0;
	if (r != 0)
		s->is_second_stale = true;
}

static void
second_copy(struct vault_state *s, const char *name)
{
	struct copying copying = {.from = &s->disk, .name = name};
	struct vault_pieces pieces = {.next = next_copied, .arg = &copying};

	if (s->has_second && !s->is_second_stale)
		second_told(s, s->second.replace(s->second.ctx, name, &pieces));
}

/* Behind the copying at every change: a second holder that was away comes back. */
static void
second_refresh(struct vault_state *s)
{
	if (!s->has_second || !s->is_second_stale)
		return;
	s->is_second_stale = false;
	second_copy(s, "documents");
	second_copy(s, "master");
}

static void
second_append(struct vault_state *s)
{
	uint64_t offset = 0;
	struct rd bytes;
	int r;

	if (!s->has_second || s->is_second_stale) {
		second_refresh(s);
		return;
	}
	documents_appended(s->documents, &offset, &bytes);
	if ((r = s->second.append(
		     s->second.ctx, "documents", offset, bytes.ptr, bytes.len)) == 0)
		r = s->second.sync(s->second.ctx, "documents");
	second_told(s, r);
}

/* The weekly keys. */

static int
put_weekly(struct vault_state *s, const struct master *master,
	const struct vault_weekly *weekly)
{
	uint8_t key[AEAD_KEY_LEN] = {0};
	struct vault_seal seal = {
		.name = weekly_name, .key = key, .number = master->number};
	struct buf plain;
	int r;

	buf_init(&plain, WEEKLY_PLAIN_MAX);
	weekly_write(weekly, &plain);
	if ((r = buf_error(&plain)) == 0 &&
		(r = vault_derive(master->key, weekly_name, key)) == 0)
		r = vault_file_put(&s->disk, &seal, s->rng, rd_of(plain.data, plain.len));
	mem_wipe(key, sizeof key);
	buf_done(&plain);
	return r;
}

static int
open_weekly(struct vault_state *s, struct rd bytes)
{
	uint8_t key[AEAD_KEY_LEN] = {0};
	struct vault_seal seal = {.name = weekly_name, .key = key};
	struct secret *plain = NULL;
	const struct master *master;
	struct rd head = bytes;
	size_t len = 0;
	int r;

	if ((r = vault_head_parse(&head, &seal.number)) != 0)
		return r;
	if ((master = masters_find(&s->masters, seal.number)) == NULL)
		return FAIL_MISMATCH;
	if ((r = secret_new(bytes.len, &plain)) != 0 ||
		(r = vault_derive(master->key, weekly_name, key)) != 0 ||
		(r = vault_file_open(&seal, bytes, plain->bytes, &len)) != 0)
		goto out;
	s->weekly_master = seal.number;
	r = weekly_parse(rd_of(plain->bytes, len), &s->weekly);
out:
	secret_free(plain);
	mem_wipe(key, sizeof key);
	return r;
}

/* Is there such a file, with more than so many bytes? */
static bool
is_there(struct vault_state *s, const char *name, uint64_t offset)
{
	uint8_t byte;
	size_t got = 0;
	int r = s->disk.read(s->disk.ctx, name, offset, &byte, 1, &got);

	/* What cannot be read may be there: nothing is begun anew in its place. */
	return r != FAIL_ABSENT && (r != 0 || got > 0);
}

static bool
is_put_back(struct vault_state *s)
{
	uint8_t byte;
	size_t got = 0;

	return s->disk.read(s->disk.ctx, put_back_name, 0, &byte, 1, &got) == 0;
}

static int
load_weekly(struct vault_state *s)
{
	struct buf bytes;
	int r;

	buf_init(&bytes, 2 * 4096);
	r = vault_file_read(&s->disk, weekly_name, WEEKLY_FILE_MAX, &bytes);
	if (r == 0) {
		r = open_weekly(s, rd_of(bytes.data, bytes.len));
	} else if (r == FAIL_ABSENT && is_put_back(s)) {
		s->weekly_master = documents_master(s->documents);
		r = weekly_parse(rd_of("", 0), &s->weekly);
	}
	buf_done(&bytes);
	return r;
}

/* Reading all of it. */

static void
forget(struct vault_state *s)
{
	documents_free(s->documents);
	weekly_free(s->weekly);
	s->documents = NULL;
	s->weekly = NULL;
	s->masters.count = 0;
}

static int
load_documents(struct vault_state *s)
{
	const struct master *master;
	uint64_t number = 0;
	int r;

	if ((r = documents_master_on(&s->disk, &number)) != 0)
		return r;
	if ((master = masters_find(&s->masters, number)) == NULL)
		return FAIL_MISMATCH;
	if ((r = documents_new(&s->disk, number, master->key, s->rng, &s->documents)) !=
		0)
		return r;
	return documents_load(s->documents, &s->was_cut);
}

/*
 * Bring an interrupted state_rewrite() to its end, or back: the master that `documents` is under
 * is the one that stays.
 */
static int
settle(struct vault_state *s)
{
	uint64_t number = documents_master(s->documents);
	int r;

	if (s->weekly_master != number) {
		if ((r = put_weekly(s, masters_find(&s->masters, number), s->weekly)) !=
			0)
			return r;
		s->weekly_master = number;
	}
	if (s->masters.count > 1) {
		masters_keep(&s->masters, number);
		return put_masters(s, &s->masters);
	}
	return 0;
}

static int
load(struct vault_state *s)
{
	uint8_t key[AEAD_KEY_LEN] = {0};
	int r;

	forget(s);
	if ((r = vault_derive(s->unlock->bytes, "master", key)) == 0)
		r = masters_read(&s->masters, &s->disk, key);
	mem_wipe(key, sizeof key);
	if (r != 0)
		return r == FAIL_ABSENT ? FAIL_MISMATCH : r;
	if ((r = load_documents(s)) != 0 || (r = load_weekly(s)) != 0)
		return r == FAIL_ABSENT ? FAIL_MISMATCH : r;
	return 0;
}

/*
 * An empty directory.  `weekly` is written last: while it is missing nobody has been told of any
 * key, so a first start that a crash cut off is begun anew.
 */
static int
create(struct vault_state *s, uint64_t now_s)
{
	struct vault_weekly *none = NULL;
	int r;

	/* Keys of documents without the rest are a loss that people must hear of. */
	if (is_there(s, "documents", VAULT_HEAD_LEN))
		return FAIL_MISMATCH;
	forget(s);
	if ((r = masters_draw(&s->masters, now_s, s->rng)) != 0 ||
		(r = put_masters(s, &s->masters)) != 0 ||
		(r = documents_new(&s->disk, s->masters.list[0].number,
			 s->masters.list[0].key, s->rng, &s->documents)) != 0 ||
		(r = documents_create(s->documents)) != 0 ||
		(r = weekly_parse(rd_of("", 0), &none)) != 0)
		return r;
	s->weekly = none;
	s->weekly_master = s->masters.list[0].number;
	return put_weekly(s, &s->masters.list[0], none);
}

int
state_open(const struct state_plan *plan, uint64_t now_s, struct vault_state **ret_state)
{
	struct vault_state *s = NULL;
	int r;

	if ((r = mem_new(&s, sizeof *s)) != 0)
		return r;
	s->disk = plan->disk;
	s->rng = plan->rng;
	s->has_second = s->is_second_stale = plan->second != NULL;
	if (plan->second != NULL)
		s->second = *plan->second;
	if ((r = masters_init(&s->masters)) != 0 ||
		(r = secret_new(VAULT_SEED_LEN, &s->unlock)) != 0)
		goto out;
	memcpy(s->unlock->bytes, plan->unlock, VAULT_SEED_LEN);
	r = is_there(s, weekly_name, 0) || is_put_back(s) ? load(s) : create(s, now_s);
	if (r != 0)
		goto out;
	/* A full disk may wait: state_rewrite() begins with the same. */
	if ((r = settle(s)) != 0 && r != FAIL_SPACE)
		goto out;
	r = 0;
	second_refresh(s);
	*ret_state = s;
	s = NULL;
out:
	state_free(s);
	return r;
}

void
state_free(struct vault_state *s)
{
	if (s == NULL)
		return;
	forget(s);
	masters_done(&s->masters);
	secret_free(s->unlock);
	mem_free(s);
}

struct vault_documents *
state_documents(struct vault_state *s)
{
	return s->documents;
}

const struct vault_weekly *
state_weekly(const struct vault_state *s)
{
	return s->weekly;
}

bool
state_was_cut(const struct vault_state *s)
{
	return s->was_cut;
}

bool
state_second_failed(const struct vault_state *s)
{
	return s->is_second_failed;
}

/* Writing all of it. */

/* The four steps of the header; on failure the disk is whole, but memory may not say what it is. */
static int
rewrite_under(struct vault_state *s, const struct vault_weekly *weekly,
	struct vault_documents **next, uint64_t now_s)
{
	const struct master *master;
	int r;

	if ((r = settle(s)) != 0 || (r = masters_draw(&s->masters, now_s, s->rng)) != 0)
		return r;
	master = &s->masters.list[s->masters.count - 1];
	if ((r = documents_new(&s->disk, master->number, master->key, s->rng, next)) !=
			0 ||
		(r = put_masters(s, &s->masters)) != 0)
		return r;
	second_copy(s, "master");
	if ((r = documents_rewrite(s->documents, s->rng, *next)) != 0)
		return r;
	second_copy(s, "documents");
	if ((r = put_weekly(s, master, weekly != NULL ? weekly : s->weekly)) != 0)
		return r;
	masters_keep(&s->masters, master->number);
	if ((r = put_masters(s, &s->masters)) != 0)
		return r;
	second_copy(s, "master");
	return 0;
}

/* weekly: the next list, taken over in any case; NULL: as it is. */
static int
state_rewrite(struct vault_state *s, struct vault_weekly *weekly, uint64_t now_s)
{
	struct vault_documents *next = NULL;
	int r;

	if ((r = rewrite_under(s, weekly, &next, now_s)) != 0) {
		weekly_free(weekly);
		documents_free(next);
		/* What failed may be on the disk all the same: only the disk knows. */
		s->is_closed = load(s) != 0;
		s->is_second_stale = s->has_second;
		return s->is_closed ? FAIL_CLOSED : r;
	}
	documents_free(s->documents);
	s->documents = next;
	if (weekly != NULL) {
		weekly_free(s->weekly);
		s->weekly = weekly;
	}
	s->weekly_master = documents_master(next);
	second_refresh(s);
	return 0;
}

int
state_turn(struct vault_state *s, uint16_t suite, uint64_t now_s)
{
	struct vault_weekly *next = NULL;
	bool is_changed = false;
	int r;

	if (s->is_closed)
		return FAIL_CLOSED;
	CHECK(!documents_has_pending(s->documents) && !documents_has_gone(s->documents));
	if ((r = weekly_turn(s->weekly, suite, now_s, s->rng, &next, &is_changed)) != 0)
		return r;
	if (!is_changed &&
		masters_find(&s->masters, documents_master(s->documents))->made_s /
				DAY_S ==
			now_s / DAY_S) {
		weekly_free(next);
		return 0;
	}
	return state_rewrite(s, next, now_s);
}

int
state_commit(struct vault_state *s, uint64_t now_s)
{
	int r = 0;

	if (s->is_closed)
		return FAIL_CLOSED;
	if (documents_has_gone(s->documents)) {
		r = state_rewrite(s, NULL, now_s);
	} else if (documents_has_pending(s->documents)) {
		if ((r = documents_commit(s->documents)) == 0)
			second_append(s);
	}
	if (r != 0 && !s->is_closed)
		documents_drop(s->documents);
	return r;
}
