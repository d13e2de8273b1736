/* SPDX-License-Identifier: Apache-2.0 */
#include "burglar.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/hkdf.h"
#include "crypto/shamir.h"
#include "custody/keep.h"
#include "envelope/schedule.h"
#include "envelope/segment.h"
#include "envelope/slot.h"
#include "sys/clock.h"
#include "sys/random.h"

/*
 * What lies on a station's disk, and how its parts fit together.  The formats are those of
 * docs/format (store, custody, envelope); the burglar has read them, too.
 */

enum { FILE_MAX = 4 << 20 };

int
whole_file(const char *path, size_t max, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	uint8_t piece[8192];
	size_t n;
	int r = 0;

	if (f == NULL)
		return FAIL_ABSENT;
	while ((n = fread(piece, 1, sizeof piece, f)) > 0 && out->len + n <= max)
		buf_bytes(out, piece, n);
	r = ferror(f) ? FAIL_IO : buf_error(out);
	(void)fclose(f);
	return r;
}

static int
open_station(struct house *house, const char *passphrase)
{
	char path[PATH_LEN + 16];
	struct secret *secret = NULL;
	struct buf key;
	struct state_plan plan;
	int r;

	buf_init(&key, KEYFILE_MAX);
	(void)snprintf(path, sizeof path, "%s/key", house->dir);
	if ((r = whole_file(path, KEYFILE_MAX, &key)) != 0 ||
		(r = secret_new(strlen(passphrase), &secret)) != 0)
		goto out;
	memcpy(secret->bytes, passphrase, secret->len);
	if ((r = own_station_open(key.data, key.len, secret, &house->station)) != 0)
		goto out;
	(void)snprintf(path, sizeof path, "%s/custody", house->dir);
	if ((r = vault_disk_sys_new(path, &house->disk)) != 0)
		goto out;
	plan = (struct state_plan){
		.unlock = own_station_seed(house->station, STATION_UNLOCK),
		.disk = vault_disk_sys_table(house->disk),
		.rng = random_system()};
	r = state_open(&plan, clock_now_s(), &house->state);
out:
	buf_done(&key);
	secret_free(secret);
	return r;
}

int
house_open(struct house *house, const char *dir, const char *passphrase)
{
	char path[PATH_LEN + 32];

	*house = (struct house){0};
	(void)snprintf(house->dir, sizeof house->dir, "%s", dir);
	(void)snprintf(path, sizeof path, "%s/store/station.db", dir);
	if (sqlite3_open_v2(path, &house->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		return FAIL_ABSENT;
	return passphrase != NULL ? open_station(house, passphrase) : 0;
}

void
house_close(struct house *house)
{
	(void)sqlite3_close(house->db);
	state_free(house->state);
	vault_disk_sys_free(house->disk);
	own_station_free(house->station);
	*house = (struct house){0};
}

static struct rd
column(sqlite3_stmt *row, int i)
{
	return rd_of(sqlite3_column_blob(row, i), (size_t)sqlite3_column_bytes(row, i));
}

/* Small bodies lie in their row, others in files. */
static int
read_first(const struct house *house, struct rd inline_body, struct envelope *e)
{
	char path[PATH_LEN + 80], hex[2 * CORE_DOCUMENT_ID_LEN + 1];

	buf_clear(&e->first);
	if (inline_body.len > 0) {
		buf_bytes(&e->first, inline_body.ptr, inline_body.len);
		return buf_error(&e->first);
	}
	for (size_t i = 0; i < CORE_DOCUMENT_ID_LEN; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", e->id[i]);
	(void)snprintf(
		path, sizeof path, "%s/store/chunks/%.2s/%s/0", house->dir, hex, hex);
	return whole_file(path, FILE_MAX, &e->first);
}

int
house_each(struct house *house, envelope_fn *each, void *ctx)
{
	static const char query[] =
		"SELECT d.document_id, d.envelope_hash, d.core, p.header, p.trailer, "
		"p.v, "
		"d.summary, c.body FROM document d JOIN part p ON p.document = d.id "
		"LEFT JOIN chunk c ON c.document = d.id AND c.number = 0 "
		"WHERE d.state = 1 ORDER BY d.number";
	struct envelope e = {0};
	sqlite3_stmt *row = NULL;
	int r = 0;

	if (sqlite3_prepare_v2(house->db, query, -1, &row, NULL) != SQLITE_OK)
		return FAIL_FORMAT;
	buf_init(&e.first, FILE_MAX);
	while (r == 0 && sqlite3_step(row) == SQLITE_ROW) {
		if (column(row, 0).len != sizeof e.id ||
			column(row, 1).len != sizeof e.hash) {
			r = FAIL_FORMAT;
			break;
		}
		memcpy(e.id, column(row, 0).ptr, sizeof e.id);
		memcpy(e.hash, column(row, 1).ptr, sizeof e.hash);
		e.core = column(row, 2);
		e.header = column(row, 3);
		e.trailer = column(row, 4);
		e.v = column(row, 5);
		e.summary = column(row, 6);
		if ((r = read_first(house, column(row, 7), &e)) == 0)
			r = each(ctx, &e);
	}
	(void)sqlite3_finalize(row);
	buf_done(&e.first);
	return r;
}

int
envelope_header(
	const struct envelope *e, const uint8_t row_key[KEY_LEN], struct buf *ret_header)
{
	static const char name[] = "valise/v1 rows seal";
	uint8_t aad[64] = "header", key[KEY_LEN], *at;
	const size_t aad_len = sizeof "header" + CORE_DOCUMENT_ID_LEN;
	struct aead *aead = NULL;
	int r;

	if (e->header.len < AEAD_NONCE_LEN + AEAD_TAG_LEN)
		return FAIL_FORMAT;
	memcpy(aad + sizeof "header", e->id, CORE_DOCUMENT_ID_LEN);
	if ((r = hkdf_expand(row_key, name, sizeof name - 1, key, sizeof key)) != 0 ||
		(r = aead_new(key, &aead)) != 0)
		return r;
	at = buf_extend(ret_header, e->header.len - AEAD_NONCE_LEN - AEAD_TAG_LEN);
	r = at == NULL ? buf_error(ret_header)
		       : aead_open(aead, e->header.ptr, aad, aad_len,
				 e->header.ptr + AEAD_NONCE_LEN,
				 e->header.len - AEAD_NONCE_LEN, at);
	aead_free(aead);
	return r;
}

int
secret_open(const struct envelope *e, uint8_t kind, const uint8_t key[KEY_LEN],
	struct rd sealed, uint8_t ret_secret[KEY_LEN])
{
	static const char prefix[] = "valise/v1 custody secret";
	struct aead *aead = NULL;
	struct buf aad;
	int r;

	if (sealed.len != KEY_LEN + VAULT_BOX_OVERHEAD)
		return FAIL_FORMAT;
	buf_init(&aad, 128);
	buf_bytes(&aad, prefix, sizeof prefix);
	buf_u8(&aad, kind);
	buf_bytes(&aad, e->id, sizeof e->id);
	buf_bytes(&aad, e->hash, sizeof e->hash);
	if ((r = buf_error(&aad)) == 0 && (r = aead_new(key, &aead)) == 0)
		r = vault_box_open(aead, rd_of(aad.data, aad.len), sealed, ret_secret);
	aead_free(aead);
	buf_done(&aad);
	return r;
}

bool
body_opens(const struct envelope *e, const struct header *header,
	const uint8_t body_key[KEY_LEN])
{
	static uint8_t plain[SEGMENT_PLAIN_MAX];
	struct segment_at at = {0};
	struct aead *aead = NULL;
	size_t len;
	bool is_open = false;

	if (e->first.len < SEGMENT_FRAME_HEAD ||
		segment_head(e->first.data, 0, &at.is_last, &len) != 0 ||
		e->first.len < SEGMENT_FRAME_HEAD + len || aead_new(body_key, &aead) != 0)
		return false;
	is_open = segment_open(aead, header->hash, at, e->first.data + SEGMENT_FRAME_HEAD,
			  len, plain) == 0;
	aead_free(aead);
	return is_open;
}

/* The row key of a station that is open. */
static int
row_key_of(const struct house *house, uint8_t ret_key[KEY_LEN])
{
	if (house->station == NULL)
		return FAIL_LOCKED;
	return vault_derive(
		own_station_seed(house->station, STATION_UNLOCK), "rows", ret_key);
}

static bool
find_r(const struct loot *loot, const struct header *header, uint8_t ret_r[KEY_LEN])
{
	for (size_t i = 0; i < loot->officer_count; i++) {
		const uint8_t *seed = own_officer_seed(loot->officers[i], OWN_READER);
		const struct kem_public *key = &loot->officers[i]->subject.reader;
		uint8_t id[KEM_ID_LEN];
		struct slot_place place = {.role = "R",
			.suite = header->core.suite,
			.core_hash = header->core_hash};
		struct slot slot;
		size_t at;

		kem_id(key, id);
		if (slots_find(&header->r, id, &at) != 0)
			continue;
		slots_at(&header->r, at, &slot);
		place.index = (uint32_t)at;
		if (slot_open(&place, &slot, seed, ret_r) == 0)
			return true;
	}
	return false;
}

/* What a station's own row of this document holds: V (part) or a share (keep). */
static bool
find_kept(struct house *house, const struct envelope *e, uint8_t kind,
	uint8_t *ret_number, uint8_t ret_secret[KEY_LEN])
{
	const char *query = kind == VAULT_OWN
		? "SELECT p.v, 1 FROM part p JOIN document d ON d.id = p.document "
		  "WHERE d.document_id = ?"
		: "SELECT share, number FROM keep WHERE document_id = ?";
	struct vault_document document;
	sqlite3_stmt *row = NULL;
	bool is_found = false;

	if (house->state == NULL ||
		documents_find(state_documents(house->state), e->id, &document) != 0 ||
		document.kind != kind ||
		sqlite3_prepare_v2(house->db, query, -1, &row, NULL) != SQLITE_OK)
		return false;
	(void)sqlite3_bind_blob(row, 1, e->id, sizeof e->id, SQLITE_STATIC);
	if (sqlite3_step(row) == SQLITE_ROW) {
		*ret_number = (uint8_t)sqlite3_column_int(row, 1);
		is_found = secret_open(e, kind, document.key, column(row, 0),
				   ret_secret) == 0;
	}
	(void)sqlite3_finalize(row);
	return is_found;
}

static bool
find_s(struct loot *loot, const struct header *header, const struct envelope *e,
	uint8_t ret_s[KEY_LEN])
{
	struct shamir_share shares[HOUSES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < loot->house_count && count < header->core.threshold; i++)
		if (find_kept(&loot->houses[i], e, VAULT_SHARED, &shares[count].number,
			    shares[count].value))
			count++;
	return count == header->core.threshold && shamir_join(shares, count, ret_s) == 0;
}

bool
loot_opens(struct loot *loot, const struct envelope *e)
{
	uint8_t row_key[KEY_LEN], v[KEY_LEN], body_key[KEY_LEN], number;
	struct schedule_secrets secrets;
	struct header header;
	struct buf bytes;
	size_t len;
	bool has_v = false, is_open = false;

	buf_init(&bytes, HEADER_LEN_MAX);
	for (size_t i = 0; i < loot->house_count && !has_v; i++)
		has_v = find_kept(&loot->houses[i], e, VAULT_OWN, &number, v);
	if (row_key_of(&loot->houses[0], row_key) == 0 &&
		envelope_header(e, row_key, &bytes) == 0 &&
		header_parse(rd_of(bytes.data, bytes.len), &header, &len) == 0 && has_v &&
		find_r(loot, &header, secrets.r) && find_s(loot, &header, e, secrets.s) &&
		schedule_v_body(v, secrets.v_x) == 0 &&
		schedule_body_key(&header.core, &secrets, body_key) == 0)
		is_open = body_opens(e, &header, body_key);
	buf_done(&bytes);
	return is_open;
}
