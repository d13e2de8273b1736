/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/vault_master.h"

#include <string.h>

#include "base/mem.h"

static const char name[] = "master";
enum { ENTRY_LEN = 8 + 8 + VAULT_SEED_LEN, PLAIN_MAX = MASTERS_MAX * ENTRY_LEN };
enum { FILE_MAX = VAULT_HEAD_LEN + VAULT_BOX_OVERHEAD + PLAIN_MAX };

int
masters_init(struct masters *m)
{
	int r;

	*m = (struct masters){0};
	if ((r = secret_new(MASTERS_MAX * sizeof *m->list, &m->memory)) == 0)
		m->list = (struct master *)(void *)m->memory->bytes;
	return r;
}

void
masters_done(struct masters *m)
{
	secret_free(m->memory);
	*m = (struct masters){0};
}

static int
parse(struct masters *m, struct rd in)
{
	size_t count = 0;
	int r;

	for (; in.len > 0; count++) {
		struct master *at = &m->list[count];

		if (count == MASTERS_MAX)
			return FAIL_FORMAT;
		if ((r = rd_u64(&in, &at->number)) != 0 ||
			(r = rd_u64(&in, &at->made_s)) != 0 ||
			(r = rd_copy(&in, VAULT_SEED_LEN, at->key)) != 0)
			return r;
		if (count > 0 && at->number <= m->list[count - 1].number)
			return FAIL_FORMAT;
	}
	m->count = count;
	return count > 0 ? 0 : FAIL_FORMAT;
}

int
masters_read(
	struct masters *m, const struct vault_disk *disk, const uint8_t key[AEAD_KEY_LEN])
{
	struct vault_seal seal = {.name = name, .key = key};
	uint8_t plain[FILE_MAX];
	struct buf bytes;
	struct rd in;
	size_t len = 0;
	int r;

	buf_init(&bytes, 2 * 4096);
	if ((r = vault_file_read(disk, name, FILE_MAX, &bytes)) != 0)
		goto out;
	in = rd_of(bytes.data, bytes.len);
	if ((r = vault_head_parse(&in, &seal.number)) != 0)
		goto out;
	if (bytes.len > FILE_MAX) {
		r = FAIL_FORMAT;
		goto out;
	}
	if ((r = vault_file_open(&seal, rd_of(bytes.data, bytes.len), plain, &len)) == 0)
		r = parse(m, rd_of(plain, len));
out:
	mem_wipe(plain, sizeof plain);
	buf_done(&bytes);
	return r;
}

int
masters_put(const struct masters *m, const struct vault_disk *disk,
	const uint8_t key[AEAD_KEY_LEN], struct rng *rng)
{
	struct vault_seal seal = {
		.name = name, .key = key, .number = m->list[m->count - 1].number};
	uint8_t bytes[PLAIN_MAX];
	struct buf plain = {.data = bytes, .cap = sizeof bytes, .max = sizeof bytes};
	int r;

	for (size_t i = 0; i < m->count; i++) {
		buf_u64(&plain, m->list[i].number);
		buf_u64(&plain, m->list[i].made_s);
		buf_bytes(&plain, m->list[i].key, VAULT_SEED_LEN);
	}
	CHECK(plain.error == 0);
	r = vault_file_put(disk, &seal, rng, rd_of(bytes, plain.len));
	mem_wipe(bytes, sizeof bytes);
	return r;
}

const struct master *
masters_find(const struct masters *m, uint64_t number)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->list[i].number == number)
			return &m->list[i];
	return NULL;
}

int
masters_draw(struct masters *m, uint64_t now_s, struct rng *rng)
{
	struct master *at = &m->list[m->count];
	int r;

	CHECK(m->count < MASTERS_MAX);
	if ((r = rng_fill(rng, at->key, sizeof at->key)) != 0)
		return r;
	at->number = m->count == 0 ? 1 : m->list[m->count - 1].number + 1;
	at->made_s = now_s;
	m->count++;
	return 0;
}

void
masters_keep(struct masters *m, uint64_t number)
{
	const struct master *kept = masters_find(m, number);
	struct master copy;

	CHECK(kept != NULL);
	copy = *kept;
	mem_wipe(m->list, MASTERS_MAX * sizeof *m->list);
	m->list[0] = copy;
	m->count = 1;
	mem_wipe(&copy, sizeof copy);
}
