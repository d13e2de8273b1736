/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "crypto/crypto.h"
#include "store/station.h"

struct rd
rows_text(const char *s)
{
	return rd_of(s, strlen(s));
}

struct db *
rows_open(void)
{
	struct db *db = NULL;

	assert_int_equal(station_open(db_sqlite(), NULL, 1, &db), 0);
	assert_int_equal(db_begin(db), 0);
	return db;
}

void
rows_close(struct db *db)
{
	assert_int_equal(db_commit(db), 0);
	db_close(db);
}

void
rows_expect(struct buf *out, const char *expected)
{
	assert_int_equal(buf_error(out), 0);
	assert_int_equal(out->len, strlen(expected));
	assert_memory_equal(out->data, expected, out->len);
	buf_clear(out);
}

void
rows_id(uint64_t n, uint8_t ret_id[CORE_DOCUMENT_ID_LEN])
{
	uint8_t hash[HASH_LEN];

	assert_int_equal(crypto_init(), 0);
	hash_sha256(&n, sizeof n, hash);
	memcpy(ret_id, hash, CORE_DOCUMENT_ID_LEN);
}

int
rows_put_document(struct db *db, uint64_t n, uint64_t len)
{
	static const uint8_t author[HASH_LEN] = {0xa0};
	uint8_t id[CORE_DOCUMENT_ID_LEN], hash[HASH_LEN] = {0};
	const struct documents_row row = {.document_id = id,
		.envelope_hash = hash,
		.number = n,
		.is_ours = true,
		.originator = rows_text("PT"),
		.author = author,
		.label = rows_text("label"),
		.core = rows_text("core"),
		.summary = rows_text("summary"),
		.urgency = PRECEDENCE_PRIORITY,
		.dtg_s = 4,
		.len = len,
		.expiry_s = 99,
		.kept_s = 5};
	const struct documents_part part = {.header = rows_text("header"),
		.trailer = rows_text("end"),
		.enrols = rows_text("enrols")};

	rows_id(n, id);
	memcpy(hash, id, sizeof id);
	return documents_put(db, &row, &part);
}
