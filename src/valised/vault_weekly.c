/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/vault_weekly.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/time.h"

/*
 * A clock that was wrong for a while leaves keys of weeks that have not come; they stay until
 * their own time, because somebody may have sealed to them.
 */

enum { DAY_S = 24 * 3600, THURSDAY = 3 /* what 1 January 1970 was, from Monday = 0 */ };

uint64_t
weekly_monday(uint64_t now_s)
{
	uint64_t back_s = (now_s / DAY_S + THURSDAY) % 7 * DAY_S + now_s % DAY_S;

	return now_s > back_s ? now_s - back_s : 0;
}

static int
weekly_new(struct vault_weekly **ret_weekly)
{
	struct vault_weekly *w = NULL;
	int r;

	if ((r = mem_new(&w, sizeof *w)) != 0)
		return r;
	if ((r = secret_new(VAULT_WEEKLY_MAX * KEM_SEED_LEN, &w->seeds)) != 0) {
		mem_free(w);
		return r;
	}
	*ret_weekly = w;
	return 0;
}

void
weekly_free(struct vault_weekly *w)
{
	if (w == NULL)
		return;
	secret_free(w->seeds);
	mem_free(w);
}

static const uint8_t *
seed_of(const struct vault_weekly *w, size_t i)
{
	return w->seeds->bytes + i * KEM_SEED_LEN;
}

/* Where it sorts; a key of the same week that is newer stands behind. */
static int
put(struct vault_weekly *w, uint16_t suite, uint64_t from_s, uint64_t wiped_s,
	const uint8_t seed[KEM_SEED_LEN])
{
	struct weekly_key key = {.from_s = from_s, .wiped_s = wiped_s};
	size_t at = w->count;
	uint8_t *seeds = w->seeds->bytes;
	int r;

	if (w->count == VAULT_WEEKLY_MAX)
		return FAIL_LIMIT;
	if ((r = kem_public_of_seed(suite, seed, &key.key)) != 0)
		return r;
	kem_id(&key.key, key.id);
	while (at > 0 && w->keys[at - 1].from_s > from_s)
		at--;
	memmove(&w->keys[at + 1], &w->keys[at], (w->count - at) * sizeof key);
	memmove(seeds + (at + 1) * KEM_SEED_LEN, seeds + at * KEM_SEED_LEN,
		(w->count - at) * KEM_SEED_LEN);
	w->keys[at] = key;
	memcpy(seeds + at * KEM_SEED_LEN, seed, KEM_SEED_LEN);
	w->count++;
	return 0;
}

int
weekly_parse(struct rd in, struct vault_weekly **ret_weekly)
{
	struct vault_weekly *w = NULL;
	const uint8_t *seed;
	uint64_t from_s, wiped_s;
	uint16_t suite;
	int r;

	if ((r = weekly_new(&w)) != 0)
		return r;
	while (in.len > 0) {
		if ((r = rd_u16(&in, &suite)) != 0 || (r = rd_u64(&in, &from_s)) != 0 ||
			(r = rd_u64(&in, &wiped_s)) != 0 ||
			(r = rd_bytes(&in, KEM_SEED_LEN, &seed)) != 0 ||
			(r = put(w, suite, from_s, wiped_s, seed)) != 0)
			goto out;
	}
	*ret_weekly = w;
	w = NULL;
out:
	weekly_free(w);
	return r;
}

void
weekly_write(const struct vault_weekly *w, struct buf *out)
{
	for (size_t i = 0; i < w->count; i++) {
		buf_u16(out, w->keys[i].key.suite);
		buf_u64(out, w->keys[i].from_s);
		buf_u64(out, w->keys[i].wiped_s);
		buf_bytes(out, seed_of(w, i), KEM_SEED_LEN);
	}
}

const struct weekly_key *
weekly_shown(const struct vault_weekly *w, uint16_t suite, uint64_t from_s)
{
	const struct weekly_key *found = NULL;

	for (size_t i = 0; i < w->count; i++)
		if (w->keys[i].from_s == from_s && w->keys[i].key.suite == suite)
			found = &w->keys[i];
	return found;
}

/* A key for one week, if there is none. */
static int
ensure(struct vault_weekly *w, uint16_t suite, uint64_t from_s, struct rng *rng,
	bool *is_changed)
{
	uint8_t seed[KEM_SEED_LEN];
	int r;

	if (weekly_shown(w, suite, from_s) != NULL)
		return 0;
	*is_changed = true;
	if ((r = rng_fill(rng, seed, sizeof seed)) == 0)
		r = put(w, suite, from_s, from_s + VAULT_WEEK_S + VAULT_WIPE_AFTER_S,
			seed);
	mem_wipe(seed, sizeof seed);
	return r;
}

int
weekly_turn(const struct vault_weekly *old, uint16_t suite, uint64_t now_s,
	struct rng *rng, struct vault_weekly **ret_weekly, bool *ret_is_changed)
{
	uint64_t monday_s = weekly_monday(now_s);
	struct vault_weekly *w = NULL;
	bool is_changed = old == NULL;
	int r;

	if ((r = weekly_new(&w)) != 0)
		return r;
	for (size_t i = 0; old != NULL && i < old->count; i++) {
		const struct weekly_key *key = &old->keys[i];

		if (key->wiped_s <= now_s) {
			is_changed = true;
			continue;
		}
		if ((r = put(w, key->key.suite, key->from_s, key->wiped_s,
			     seed_of(old, i))) != 0)
			goto out;
	}
	if ((r = ensure(w, suite, monday_s, rng, &is_changed)) != 0 ||
		(r = ensure(w, suite, monday_s + VAULT_WEEK_S, rng, &is_changed)) != 0)
		goto out;
	*ret_weekly = w;
	*ret_is_changed = is_changed;
	w = NULL;
out:
	weekly_free(w);
	return r;
}

int
weekly_find(const struct vault_weekly *w, const uint8_t id[KEM_ID_LEN], uint64_t now_s,
	const uint8_t **ret_seed)
{
	for (size_t i = 0; i < w->count; i++) {
		if (memcmp(w->keys[i].id, id, KEM_ID_LEN) != 0)
			continue;
		if (w->keys[i].wiped_s <= now_s)
			break;
		*ret_seed = seed_of(w, i);
		return 0;
	}
	return FAIL_NO_KEY;
}

static int
write_line(const struct weekly_key *key, struct buf *out)
{
	char from[TIME_TEXT_MAX], wiped[TIME_TEXT_MAX];
	char base64[(KEM_PUBLIC_MAX + 2) / 3 * 4 + 1];
	int r;

	if ((r = time_rfc3339(key->from_s, from)) != 0 ||
		(r = time_rfc3339(key->wiped_s, wiped)) != 0)
		return r;
	text_base64(key->key.bytes, key->key.len, base64);
	buf_printf(out, "custody %u %s %s %s\n", (unsigned)key->key.suite, from, wiped,
		base64);
	return buf_error(out);
}

int
weekly_text(const struct vault_weekly *w, uint16_t suite, uint64_t now_s, struct buf *out)
{
	uint64_t monday_s = weekly_monday(now_s);
	const struct weekly_key *this_week = weekly_shown(w, suite, monday_s);
	const struct weekly_key *next = weekly_shown(w, suite, monday_s + VAULT_WEEK_S);
	int r;

	if (this_week == NULL || next == NULL)
		return FAIL_ABSENT;
	if ((r = write_line(this_week, out)) != 0)
		return r;
	return write_line(next, out);
}
