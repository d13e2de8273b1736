/* SPDX-License-Identifier: Apache-2.0 */
#include "store/statements.h"

#include <stddef.h>

#include "base/fail.h"

/*
 * The macros are pieces of constant text.  NEXT gives the next row key: there is one writer,
 * and a key that was in use before is as good as a new one, because nothing outside knows it.
 * DOCUMENT finds the row of a document id; where there is none it gives NULL, which the
 * column refuses (FAIL_ABSENT).
 */
#define KEY	 "id INTEGER PRIMARY KEY, "
#define NEXT(T)	 "(SELECT COALESCE(MAX(id), 0) + 1 FROM " T ")"
#define DOCUMENT "(SELECT id FROM document WHERE document_id = $1)"
#define OF_DOCUMENT                                                                      \
	"document INTEGER NOT NULL REFERENCES document (id) ON DELETE CASCADE, "
#define HASH(C) C " BLOB NOT NULL CHECK (LENGTH(" C ") = 32), "
#define ID(C)	C " BLOB NOT NULL CHECK (LENGTH(" C ") = 16), "

static const char *const texts[STATEMENTS] = {
	[STATEMENT_MAKE_MIGRATION] =
		"CREATE TABLE IF NOT EXISTS migration ("
		"version INTEGER PRIMARY KEY, applied_s BIGINT NOT NULL)",
	[STATEMENT_MAKE_ROSTER] =
		"CREATE TABLE roster (" KEY "serial BIGINT NOT NULL UNIQUE, " HASH(
			"hash") "note BLOB NOT NULL, kept_s BIGINT NOT NULL)",
	[STATEMENT_MAKE_DIRECTORY] =
		"CREATE TABLE directory (" KEY
		"member TEXT NOT NULL, number BIGINT NOT NULL, "
		"note BLOB NOT NULL, kept_s BIGINT NOT NULL, UNIQUE (member, number))",
	[STATEMENT_MAKE_CREDENTIAL] = "CREATE TABLE credential (" KEY HASH(
		"hash") "member TEXT NOT NULL, officer TEXT NOT NULL, device TEXT NOT "
			"NULL, "
			"enrol BLOB NOT NULL, first_kept_s BIGINT NOT NULL, UNIQUE "
			"(hash))",
	[STATEMENT_MAKE_DOCUMENT] = "CREATE TABLE document (" KEY ID("document_id") HASH(
		"envelope_hash") "originator TEXT NOT NULL, label BLOB NOT NULL, core "
				 "BLOB NOT NULL, "
				 "state INTEGER NOT NULL CHECK (state IN (0, 1)), len "
				 "BIGINT NOT NULL, "
				 "chunk_count BIGINT NOT NULL, expiry_s BIGINT NOT NULL, "
				 "kept_s BIGINT NOT NULL, UNIQUE (document_id), UNIQUE "
				 "(envelope_hash))",
	[STATEMENT_MAKE_PART] = "CREATE TABLE part (" KEY OF_DOCUMENT HASH(
		"salt") "addressing BLOB NOT NULL, r_slots BLOB NOT NULL, trailer BLOB "
			"NOT NULL, "
			"UNIQUE (document))",
	[STATEMENT_MAKE_CHUNK] =
		"CREATE TABLE chunk (" KEY OF_DOCUMENT "number BIGINT NOT NULL, " HASH(
			"hash") "len BIGINT NOT NULL, UNIQUE (document, number))",
	[STATEMENT_MAKE_ADDRESS] =
		"CREATE TABLE address (" KEY OF_DOCUMENT "address TEXT NOT NULL, "
		"role INTEGER NOT NULL CHECK (role IN (1, 2, 3)), "
		"precedence INTEGER NOT NULL CHECK (precedence BETWEEN 0 AND 3), "
		"UNIQUE (document, address))",
	[STATEMENT_MAKE_DELIVERY] =
		"CREATE TABLE delivery (" KEY OF_DOCUMENT "member TEXT NOT NULL, "
		"state TEXT NOT NULL CHECK (state IN ('draft', 'queued', 'sent', 'not "
		"kept', "
		"'kept', 'delivered', 'non-receipt', 'read', 'acknowledged', 'refused', "
		"'recalled', 'expired')), tries BIGINT NOT NULL, next_try_s BIGINT NOT "
		"NULL, "
		"due_s BIGINT NOT NULL, UNIQUE (document, member))",
	[STATEMENT_MAKE_DELIVERY_NEXT] =
		"CREATE INDEX delivery_next ON delivery (next_try_s, id)",
	[STATEMENT_MAKE_RECEIPT] =
		"CREATE TABLE receipt (" KEY OF_DOCUMENT "addressee TEXT NOT NULL, "
		"kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 5), receipt BLOB NOT "
		"NULL, "
		"kept_s BIGINT NOT NULL, UNIQUE (document, addressee, kind))",
	[STATEMENT_MAKE_KEEP] = "CREATE TABLE keep (" KEY ID("document_id")
		HASH("envelope_hash") "number INTEGER NOT NULL CHECK (number BETWEEN 1 "
				      "AND 16), "
				      "keep BLOB NOT NULL, share BLOB NOT NULL, kept_s "
				      "BIGINT NOT NULL, "
				      "UNIQUE (document_id))",
	[STATEMENT_MAKE_GRANT] = "CREATE TABLE later_reader (" KEY OF_DOCUMENT HASH(
		"credential_hash") "bytes BLOB NOT NULL, kept_s BIGINT NOT NULL, "
				   "UNIQUE (document, credential_hash))",
	[STATEMENT_MAKE_SIGNED] = "CREATE TABLE signed (" KEY "kind TEXT NOT NULL, " HASH(
		"hash") "bytes BLOB NOT NULL, kept_s BIGINT NOT NULL, UNIQUE (kind, "
			"hash))",
	[STATEMENT_MAKE_COUNTER] =
		"CREATE TABLE counter (" KEY "name TEXT NOT NULL, day BIGINT NOT NULL, "
		"total BIGINT NOT NULL, UNIQUE (name, day))",

	/* Nothing here refers to a document: a custodian may not have it, a recall may be first. */
	[STATEMENT_MAKE_OPENING] = "CREATE TABLE opening (" KEY HASH(
		"request_hash") "role INTEGER NOT NULL CHECK (role BETWEEN 1 AND "
				"3), " ID("document_id")
					HASH("credential_hash") "member TEXT NOT NULL, "
								"officer TEXT NOT NULL, "
								"device TEXT NOT NULL, "
								"copy BIGINT NOT NULL, "
								"time_s BIGINT NOT NULL, "
								"answer BLOB NOT NULL, "
								"UNIQUE (request_hash, "
								"role))",
	[STATEMENT_MAKE_OPENING_DOCUMENT] =
		"CREATE INDEX opening_document ON opening (document_id, role)",
	[STATEMENT_MAKE_KEPT] = "CREATE TABLE kept (" KEY ID(
		"document_id") "member TEXT NOT NULL, number INTEGER NOT NULL CHECK "
			       "(number BETWEEN 1 AND 16), kept BLOB NOT NULL, kept_s "
			       "BIGINT NOT NULL, UNIQUE (document_id, member))",
	[STATEMENT_MAKE_RECALL] = "CREATE TABLE recall (" KEY ID(
		"document_id") "member TEXT NOT NULL, kind INTEGER NOT NULL CHECK (kind "
			       "IN (1, 2)), recall BLOB NOT NULL, kept_s BIGINT NOT "
			       "NULL, UNIQUE (document_id, member, kind))",

	[STATEMENT_MIGRATION_NEWEST] = "SELECT COALESCE(MAX(version), 0) FROM migration",
	[STATEMENT_MIGRATION_PUT] =
		"INSERT INTO migration (version, applied_s) VALUES ($1, $2)",

	[STATEMENT_ROSTER_PUT] = "INSERT INTO roster (serial, hash, note, kept_s, id) "
				 "VALUES ($1, $2, $3, $4, " NEXT("roster") ")",
	[STATEMENT_ROSTER_GET] = "SELECT note FROM roster WHERE serial = $1",
	[STATEMENT_ROSTER_NEWEST] =
		"SELECT note, serial FROM roster ORDER BY serial DESC LIMIT 1",
	[STATEMENT_DIRECTORY_PUT] =
		"INSERT INTO directory (member, number, note, kept_s, id) "
		"VALUES ($1, $2, $3, $4, " NEXT("directory") ")",
	[STATEMENT_DIRECTORY_NEWEST] =
		"SELECT note, number FROM directory WHERE member = $1 "
		"ORDER BY number DESC LIMIT 1",
	[STATEMENT_CREDENTIAL_PUT] =
		"INSERT INTO credential (hash, member, officer, device, enrol, "
		"first_kept_s, id) "
		"VALUES ($1, $2, $3, $4, $5, $6, " NEXT(
			"credential") ") "
				      "ON CONFLICT (hash) DO NOTHING",
	[STATEMENT_CREDENTIAL_GET] =
		"SELECT enrol, first_kept_s FROM credential WHERE hash = $1",

	[STATEMENT_DOCUMENT_PUT] =
		"INSERT INTO document (document_id, envelope_hash, originator, label, "
		"core, len, "
		"chunk_count, expiry_s, kept_s, state, id) "
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, " NEXT("document") ")",
	[STATEMENT_DOCUMENT_GET] =
		"SELECT core, envelope_hash, state, len, chunk_count, expiry_s, kept_s "
		"FROM document WHERE document_id = $1",
	[STATEMENT_DOCUMENT_WHOLE] =
		"UPDATE document SET state = 1 WHERE document_id = $1 AND chunk_count = "
		"(SELECT COUNT(*) FROM chunk WHERE chunk.document = document.id)",
	[STATEMENT_DOCUMENT_FORGET] = "DELETE FROM document WHERE document_id = $1",
	[STATEMENT_PART_PUT] =
		"INSERT INTO part (document, salt, addressing, r_slots, trailer, id) "
		"VALUES (" DOCUMENT ", $2, $3, $4, $5, " NEXT("part") ")",
	[STATEMENT_PART_GET] = "SELECT salt, addressing, r_slots, trailer FROM part "
			       "WHERE document = " DOCUMENT,
	[STATEMENT_CHUNK_PUT] = "INSERT INTO chunk (document, number, hash, len, id) "
				"VALUES (" DOCUMENT ", $2, $3, $4, " NEXT("chunk") ")",
	[STATEMENT_CHUNK_GET] = "SELECT hash, len FROM chunk WHERE document = " DOCUMENT
				" AND number = $2",
	[STATEMENT_CHUNK_ALL] =
		"SELECT number FROM chunk WHERE document = " DOCUMENT " ORDER BY number",
	[STATEMENT_ADDRESS_PUT] =
		"INSERT INTO address (document, address, role, precedence, id) "
		"VALUES (" DOCUMENT ", $2, $3, $4, " NEXT("address") ")",
	[STATEMENT_ADDRESS_ALL] = "SELECT address, role, precedence FROM address "
				  "WHERE document = " DOCUMENT " ORDER BY id",

	[STATEMENT_DELIVERY_PUT] =
		"INSERT INTO delivery (document, member, state, next_try_s, due_s, "
		"tries, id) "
		"VALUES (" DOCUMENT ", $2, $3, $4, $5, 0, " NEXT("delivery") ")",
	[STATEMENT_DELIVERY_GET] = "SELECT state, tries, next_try_s, due_s FROM delivery "
				   "WHERE document = " DOCUMENT " AND member = $2",
	[STATEMENT_DELIVERY_MOVE] =
		"UPDATE delivery SET state = $1, next_try_s = $2 WHERE member = $3 "
		"AND state = $4 AND document = "
		"(SELECT id FROM document WHERE document_id = $5)",
	[STATEMENT_DELIVERY_TRIED] =
		"UPDATE delivery SET tries = tries + 1, next_try_s = $1 WHERE member = "
		"$2 "
		"AND document = (SELECT id FROM document WHERE document_id = $3)",
	[STATEMENT_DELIVERY_WAITING] =
		"SELECT document.document_id, delivery.member FROM delivery "
		"JOIN document ON document.id = delivery.document "
		"WHERE delivery.next_try_s > 0 AND delivery.next_try_s <= $1 "
		"ORDER BY delivery.next_try_s, delivery.id LIMIT $2",
	[STATEMENT_RECEIPT_PUT] =
		"INSERT INTO receipt (document, addressee, kind, receipt, kept_s, id) "
		"VALUES (" DOCUMENT ", $2, $3, $4, $5, " NEXT("receipt") ")",
	[STATEMENT_RECEIPT_ALL] =
		"SELECT receipt FROM receipt WHERE document = " DOCUMENT " ORDER BY id",

	[STATEMENT_KEEP_PUT] = "INSERT INTO keep (document_id, envelope_hash, number, "
			       "keep, share, kept_s, id) "
			       "VALUES ($1, $2, $3, $4, $5, $6, " NEXT("keep") ")",
	[STATEMENT_KEEP_GET] = "SELECT keep, share FROM keep WHERE document_id = $1",
	[STATEMENT_OPENING_PUT] =
		"INSERT INTO opening (request_hash, role, document_id, credential_hash, "
		"member, officer, device, copy, time_s, answer, id) VALUES ($1, $2, $3, "
		"$4, $5, $6, $7, $8, $9, $10, " NEXT("opening") ")",
	[STATEMENT_OPENING_ANSWER] =
		"UPDATE opening SET answer = $1 WHERE request_hash = $2 AND role = $3",
	[STATEMENT_OPENING_GET] =
		"SELECT answer, copy FROM opening WHERE request_hash = $1 AND role = $2",
	[STATEMENT_OPENING_COPY] = "SELECT COALESCE((SELECT MIN(copy) FROM opening WHERE "
				   "document_id = $1 AND role = 1 AND member = $2 AND "
				   "officer = $3), (SELECT COALESCE(MAX(copy), 0) + 1 "
				   "FROM opening WHERE document_id = $1 AND role = 1))",
	[STATEMENT_OPENING_OF] =
		"SELECT copy FROM opening WHERE document_id = $1 AND member = $2 AND "
		"officer = $3 AND LENGTH(answer) > 0 ORDER BY id LIMIT 1",
	[STATEMENT_OPENING_ALL] =
		"SELECT request_hash, credential_hash, member, officer, device, copy, "
		"time_s FROM opening WHERE document_id = $1 AND role = 1 AND "
		"LENGTH(answer) > 0 ORDER BY id",
	[STATEMENT_KEPT_PUT] =
		"INSERT INTO kept (document_id, member, number, kept, kept_s, id) VALUES "
		"($1, $2, $3, $4, $5, " NEXT("kept") ")",
	[STATEMENT_KEPT_GET] =
		"SELECT kept FROM kept WHERE document_id = $1 AND member = $2",
	[STATEMENT_KEPT_ALL] = "SELECT member, number, kept, kept_s FROM kept WHERE "
			       "document_id = $1 ORDER BY number, id",
	[STATEMENT_RECALL_PUT] =
		"INSERT INTO recall (document_id, member, kind, recall, kept_s, id) "
		"VALUES ($1, $2, $3, $4, $5, " NEXT("recall") ")",
	[STATEMENT_RECALL_GET] = "SELECT recall FROM recall WHERE document_id = $1 AND "
				 "member = $2 AND kind = $3",
	[STATEMENT_GRANT_PUT] =
		"INSERT INTO later_reader (document, credential_hash, bytes, kept_s, id) "
		"VALUES (" DOCUMENT ", $2, $3, $4, " NEXT("later_reader") ")",
	[STATEMENT_GRANT_GET] =
		"SELECT bytes FROM later_reader WHERE document = " DOCUMENT
		" AND credential_hash = $2",
	[STATEMENT_SIGNED_PUT] = "INSERT INTO signed (kind, hash, bytes, kept_s, id) "
				 "VALUES ($1, $2, $3, $4, " NEXT("signed") ")",
	[STATEMENT_SIGNED_GET] = "SELECT bytes FROM signed WHERE kind = $1 AND hash = $2",
	[STATEMENT_COUNTER_ADD] =
		"INSERT INTO counter (name, day, total, id) "
		"VALUES ($1, $2, $3, " NEXT(
			"counter") ") "
				   "ON CONFLICT (name, day) DO UPDATE SET total = "
				   "counter.total + excluded.total",
	[STATEMENT_COUNTER_GET] =
		"SELECT total FROM counter WHERE name = $1 AND day = $2",
};

const char *
statement_text(enum statement statement)
{
	CHECK((size_t)statement < STATEMENTS && texts[statement] != NULL);
	return texts[statement];
}
