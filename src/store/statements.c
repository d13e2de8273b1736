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

/* A page of a box has these columns, in the order of store/boxes.h. */
#define BOX_COLUMNS                                                                      \
	"SELECT d.number, d.document_id, d.envelope_hash, d.originator, d.label, "       \
	"d.summary, a.role, a.precedence, d.type, a.state, a.due_s, d.dtg_s, "           \
	"d.reply_by_s, d.len, d.kept_s "
#define BOX_OF_ADDRESS                                                                   \
	"FROM address a JOIN document d ON d.id = a.document "                           \
	"WHERE a.lookup = $1 AND a.number < $2 AND d.state = 1"

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
		"envelope_hash") "number BIGINT NOT NULL, "
				 "is_ours INTEGER NOT NULL CHECK (is_ours IN (0, 1)), "
				 "originator TEXT NOT NULL, " HASH(
					 "author") "type INTEGER NOT NULL CHECK (type "
						   "BETWEEN 0 AND 4), "
						   "urgency INTEGER NOT NULL CHECK "
						   "(urgency BETWEEN 0 AND 3), "
						   "dtg_s BIGINT NOT NULL, reply_by_s "
						   "BIGINT NOT NULL, "
						   "state INTEGER NOT NULL CHECK (state "
						   "IN (0, 1)), "
						   "len BIGINT NOT NULL, chunk_count "
						   "BIGINT NOT NULL, have BIGINT NOT "
						   "NULL, "
						   "expiry_s BIGINT NOT NULL, ends_s "
						   "BIGINT NOT NULL, "
						   "work INTEGER NOT NULL CHECK (work "
						   "BETWEEN 0 AND 2), "
						   "work_s BIGINT NOT NULL, kept_s "
						   "BIGINT NOT NULL, "
						   "summary BLOB NOT NULL, label BLOB "
						   "NOT NULL, core BLOB NOT NULL, "
						   "UNIQUE (document_id), UNIQUE "
						   "(envelope_hash), UNIQUE (number))",
	[STATEMENT_MAKE_DOCUMENT_AUTHOR] = "CREATE INDEX document_author ON document "
					   "(author, number) WHERE is_ours = 1",
	[STATEMENT_MAKE_DOCUMENT_SEND] = "CREATE INDEX document_send ON document "
					 "(urgency DESC, work_s) WHERE work = 1",
	[STATEMENT_MAKE_DOCUMENT_KEPT] =
		"CREATE INDEX document_kept ON document (work_s) WHERE work = 2",
	[STATEMENT_MAKE_DOCUMENT_END] =
		"CREATE INDEX document_end ON document (ends_s) WHERE ends_s > 0",
	[STATEMENT_MAKE_PART] =
		"CREATE TABLE part (" KEY OF_DOCUMENT
		"trailer BLOB NOT NULL, send BLOB NOT NULL, enrols BLOB NOT NULL, "
		"v BLOB NOT NULL, header BLOB NOT NULL, UNIQUE (document))",
	[STATEMENT_MAKE_CHUNK] =
		"CREATE TABLE chunk (" KEY OF_DOCUMENT "number BIGINT NOT NULL, " HASH(
			"hash") "len BIGINT NOT NULL, body BLOB, UNIQUE (document, "
				"number))",
	[STATEMENT_MAKE_ADDRESS] =
		"CREATE TABLE address (" KEY OF_DOCUMENT "number BIGINT NOT NULL, " HASH(
			"lookup") "sealed BLOB NOT NULL, "
				  "role INTEGER NOT NULL CHECK (role IN (1, 2)), "
				  "precedence INTEGER NOT NULL CHECK (precedence BETWEEN "
				  "0 AND 3), "
				  "state INTEGER NOT NULL CHECK (state BETWEEN 0 AND "
				  "11), "
				  "due_s BIGINT NOT NULL, clock_s BIGINT NOT NULL, "
				  "changed_s BIGINT NOT NULL, UNIQUE (document, lookup))",
	[STATEMENT_MAKE_ADDRESS_BOX] =
		"CREATE INDEX address_box ON address (lookup, number)",
	[STATEMENT_MAKE_ADDRESS_OPEN] = "CREATE INDEX address_open ON address "
					"(lookup, number) WHERE state < 8",
	[STATEMENT_MAKE_ADDRESS_CLOCK] =
		"CREATE INDEX address_clock ON address (clock_s) WHERE clock_s > 0",
	[STATEMENT_MAKE_OUTGOING] =
		"CREATE TABLE outgoing (" KEY "member TEXT NOT NULL, path TEXT NOT NULL, "
		"urgency INTEGER NOT NULL CHECK (urgency BETWEEN 0 AND 4), "
		"document_id BLOB CHECK (LENGTH(document_id) = 16), "
		"tries BIGINT NOT NULL, next_try_s BIGINT NOT NULL, bytes BLOB NOT NULL)",
	[STATEMENT_MAKE_OUTGOING_NEXT] = "CREATE INDEX outgoing_next ON outgoing "
					 "(member, urgency DESC, id, next_try_s)",
	[STATEMENT_MAKE_RECEIPT] = "CREATE TABLE receipt (" KEY OF_DOCUMENT HASH(
		"lookup") "kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 5), "
			  "receipt BLOB NOT NULL, kept_s BIGINT NOT NULL, "
			  "UNIQUE (document, lookup, kind))",
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
	[STATEMENT_MAKE_OWED] = "CREATE TABLE owed (" KEY ID("document_id")
		HASH("credential_hash") "at_s BIGINT NOT NULL, UNIQUE (document_id, "
					"credential_hash))",
	[STATEMENT_MAKE_OWED_AT] = "CREATE INDEX owed_at ON owed (at_s, id)",

	[STATEMENT_MAKE_CREDENTIAL_MEMBER] =
		"CREATE INDEX credential_member ON credential (member)",
	[STATEMENT_MAKE_PENDING] = "CREATE TABLE pending (" KEY HASH(
		"hash") "request BLOB NOT NULL, "
			"enrol BLOB NOT NULL, kept_s BIGINT NOT NULL, UNIQUE (hash))",
	[STATEMENT_MAKE_DESK] =
		"CREATE TABLE desk (" KEY "name TEXT NOT NULL, officer TEXT NOT NULL, "
		"is_removed INTEGER NOT NULL CHECK (is_removed IN (0, 1)), "
		"hours TEXT NOT NULL, UNIQUE (name, officer))",
	[STATEMENT_MAKE_DOCUMENT_ARRIVING] =
		"CREATE INDEX document_arriving ON document (id) WHERE state = 0",
	[STATEMENT_MAKE_GRAMS] = "CREATE TABLE grams (" KEY ID("document_id") HASH("host")
		ID("set_id") "piece INTEGER NOT NULL, pieces INTEGER NOT NULL, kept_s "
			     "BIGINT NOT NULL, bytes BLOB NOT NULL, "
			     "UNIQUE (host, document_id, set_id, piece))",
	[STATEMENT_MAKE_GRAMS_AGE] = "CREATE INDEX grams_age ON grams (kept_s)",
	[STATEMENT_MAKE_QUERY] = "CREATE TABLE query (" KEY "member TEXT NOT NULL, " HASH(
		"hash") "query BLOB NOT NULL, kept_s BIGINT NOT NULL, "
			"answered_s BIGINT NOT NULL, answer BLOB NOT NULL, "
			"UNIQUE (member, hash))",
	[STATEMENT_MAKE_QUERY_WAITING] =
		"CREATE INDEX query_waiting ON query (id) WHERE answered_s = 0",

	[STATEMENT_MIGRATION_NEWEST] = "SELECT COALESCE(MAX(version), 0) FROM migration",
	[STATEMENT_MIGRATION_PUT] =
		"INSERT INTO migration (version, applied_s) VALUES ($1, $2)",

	[STATEMENT_ROSTER_PUT] = "INSERT INTO roster (serial, hash, note, kept_s, id) "
				 "VALUES ($1, $2, $3, $4, " NEXT("roster") ")",
	[STATEMENT_ROSTER_GET] = "SELECT note FROM roster WHERE serial = $1",
	[STATEMENT_ROSTER_NEWEST] =
		"SELECT note, serial FROM roster ORDER BY serial DESC LIMIT 1",
	[STATEMENT_ROSTER_ALL] = "SELECT note, kept_s FROM roster ORDER BY serial",
	[STATEMENT_DIRECTORY_PUT] =
		"INSERT INTO directory (member, number, note, kept_s, id) "
		"VALUES ($1, $2, $3, $4, " NEXT("directory") ")",
	[STATEMENT_DIRECTORY_NEWEST] =
		"SELECT note, number FROM directory WHERE member = $1 "
		"ORDER BY number DESC LIMIT 1",
	[STATEMENT_DIRECTORY_ALL] =
		"SELECT note, kept_s FROM directory WHERE member = $1 ORDER BY number",
	[STATEMENT_CREDENTIAL_PUT] =
		"INSERT INTO credential (hash, member, officer, device, enrol, "
		"first_kept_s, id) "
		"VALUES ($1, $2, $3, $4, $5, $6, " NEXT(
			"credential") ") "
				      "ON CONFLICT (hash) DO NOTHING",
	[STATEMENT_CREDENTIAL_GET] =
		"SELECT enrol, first_kept_s FROM credential WHERE hash = $1",

	[STATEMENT_CREDENTIAL_OF_MEMBER] = "SELECT enrol, first_kept_s FROM credential "
					   "WHERE member = $1 ORDER BY id",
	[STATEMENT_PENDING_PUT] =
		"INSERT INTO pending (hash, request, enrol, kept_s, id) "
		"VALUES ($1, $2, $3, $4, " NEXT(
			"pending") ") ON CONFLICT (hash) DO UPDATE "
				   "SET request = excluded.request, enrol = "
				   "excluded.enrol",
	[STATEMENT_PENDING_GET] = "SELECT request, enrol FROM pending WHERE hash = $1",
	[STATEMENT_PENDING_ALL] = "SELECT request, enrol FROM pending ORDER BY id",
	[STATEMENT_PENDING_FORGET] = "DELETE FROM pending WHERE hash = $1",
	[STATEMENT_PENDING_EXPIRE] = "DELETE FROM pending WHERE kept_s < $1",
	[STATEMENT_DESK_PUT] =
		"INSERT INTO desk (name, officer, is_removed, hours, id) "
		"VALUES ($1, $2, $3, $4, " NEXT(
			"desk") ") ON CONFLICT (name, officer) DO "
				"UPDATE SET is_removed = excluded.is_removed, hours = "
				"excluded.hours",
	[STATEMENT_DESK_ALL] = "SELECT name, officer, is_removed, hours FROM desk ORDER "
			       "BY name, officer",

	[STATEMENT_DOCUMENT_PUT] =
		"INSERT INTO document (document_id, envelope_hash, number, is_ours, "
		"originator, author, label, core, summary, type, urgency, dtg_s, "
		"reply_by_s, len, expiry_s, kept_s, ends_s, chunk_count, have, state, "
		"work, work_s, id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
		"$12, $13, $14, $15, $16, $15, ($14 + 1048575) / 1048576, 0, 0, 0, "
		"0, " NEXT("document") ")",
	[STATEMENT_DOCUMENT_GET] =
		"SELECT core, envelope_hash, author, state, is_ours, number, urgency, "
		"len, chunk_count, expiry_s, kept_s, dtg_s, reply_by_s "
		"FROM document WHERE document_id = $1",
	[STATEMENT_DOCUMENT_NUMBERED] =
		"SELECT document_id FROM document WHERE number = $1",
	[STATEMENT_DOCUMENT_CHUNK] =
		"UPDATE document SET have = have + 1 WHERE document_id = $1",
	[STATEMENT_DOCUMENT_WHOLE] = "UPDATE document SET state = 1 "
				     "WHERE document_id = $1 AND have = chunk_count",
	[STATEMENT_DOCUMENT_FORGET] = "DELETE FROM document WHERE document_id = $1",
	[STATEMENT_DOCUMENT_WORK] = "UPDATE document SET work = $1, work_s = $2 "
				    "WHERE document_id = $3",
	[STATEMENT_DOCUMENT_WORK_AGAIN] =
		"UPDATE document SET work_s = $1 WHERE work = 1",
	[STATEMENT_DOCUMENT_NEXT_SEND] =
		"SELECT document_id, work, work_s FROM document "
		"WHERE work = 1 AND work_s <= $1 ORDER BY urgency DESC, work_s LIMIT 1",
	[STATEMENT_DOCUMENT_NEXT_KEPT] =
		"SELECT document_id, work, work_s FROM document "
		"WHERE work = 2 AND work_s <= $1 ORDER BY work_s LIMIT 1",
	[STATEMENT_DOCUMENT_NEXT_END] =
		"SELECT document_id, 0, ends_s FROM document "
		"WHERE ends_s > 0 AND ends_s <= $1 ORDER BY ends_s LIMIT 1",
	[STATEMENT_DOCUMENT_END] =
		"UPDATE document SET ends_s = 0 WHERE document_id = $1",
	[STATEMENT_DOCUMENT_SOONEST] =
		"SELECT (SELECT work_s FROM document WHERE work = 1 "
		"ORDER BY urgency DESC, work_s LIMIT 1), "
		"(SELECT MIN(work_s) FROM document WHERE work = 2), "
		"(SELECT MIN(ends_s) FROM document WHERE ends_s > 0)",
	[STATEMENT_PART_PUT] =
		"INSERT INTO part (document, header, trailer, send, enrols, v, id) "
		"VALUES (" DOCUMENT ", $2, $3, $4, $5, $6, " NEXT("part") ")",
	[STATEMENT_PART_GET] = "SELECT header, trailer, send, enrols, v FROM part "
			       "WHERE document = " DOCUMENT,
	[STATEMENT_PART_SEND] = "UPDATE part SET send = $1, v = $2 WHERE document = "
				"(SELECT id FROM document WHERE document_id = $3)",
	[STATEMENT_CHUNK_PUT] =
		"INSERT INTO chunk (document, number, hash, len, body, "
		"id) VALUES (" DOCUMENT ", $2, $3, $4, $5, " NEXT("chunk") ")",
	[STATEMENT_CHUNK_GET] = "SELECT hash, len, body FROM chunk "
				"WHERE document = " DOCUMENT " AND number = $2",
	[STATEMENT_CHUNK_FROM] = "SELECT number FROM chunk WHERE document = " DOCUMENT
				 " AND number >= $2 ORDER BY number",

	[STATEMENT_ADDRESS_PUT] =
		"INSERT INTO address (document, lookup, sealed, role, precedence, state, "
		"due_s, clock_s, changed_s, number, id) VALUES (" DOCUMENT
		", $2, $3, $4, $5, $6, $7, $8, $9, "
		"(SELECT number FROM document WHERE document_id = $1), " NEXT(
			"address") ")",
	[STATEMENT_ADDRESS_GET] =
		"SELECT lookup, role, precedence, state, due_s, clock_s, changed_s "
		"FROM address WHERE document = " DOCUMENT " AND lookup = $2",
	[STATEMENT_ADDRESS_MOVE] =
		"UPDATE address SET state = $1, clock_s = $2, changed_s = $3 "
		"WHERE lookup = $4 AND state = $5 AND document = "
		"(SELECT id FROM document WHERE document_id = $6)",
	[STATEMENT_ADDRESS_SET_CLOCK] =
		"UPDATE address SET clock_s = $1 WHERE lookup = $2 AND document = "
		"(SELECT id FROM document WHERE document_id = $3)",
	[STATEMENT_ADDRESS_ALL] =
		"SELECT lookup, role, precedence, state, due_s, clock_s, changed_s, "
		"sealed FROM address WHERE document = " DOCUMENT " ORDER BY id",
	[STATEMENT_ADDRESS_OVERDUE] =
		"SELECT document.document_id, address.lookup FROM address "
		"JOIN document ON document.id = address.document "
		"WHERE address.clock_s > 0 AND address.clock_s <= $1 "
		"ORDER BY address.clock_s LIMIT 1",
	[STATEMENT_ADDRESS_SOONEST] =
		"SELECT MIN(clock_s) FROM address WHERE clock_s > 0",
	/* 5: delivered, 8: acknowledged, 9: refused (cable/delivery.h). */
	[STATEMENT_BOX_IN] = BOX_COLUMNS BOX_OF_ADDRESS
	" AND a.state >= 5 AND a.state <> 9 ORDER BY a.number DESC LIMIT $3",
	[STATEMENT_BOX_OPEN] = BOX_COLUMNS BOX_OF_ADDRESS
	" AND a.state >= 5 AND a.state < 8 ORDER BY a.number DESC LIMIT $3",
	[STATEMENT_BOX_SENT] =
		"SELECT number, document_id, envelope_hash, originator, label, summary, "
		"0, urgency, type, "
		"(SELECT COALESCE(MIN(a.state), 1) FROM address a WHERE a.document = "
		"d.id), "
		"(SELECT COALESCE(MIN(a.due_s), 0) FROM address a WHERE a.document = "
		"d.id), "
		"dtg_s, reply_by_s, len, kept_s FROM document d "
		"WHERE author = $1 AND is_ours = 1 AND number < $2 "
		"ORDER BY number DESC LIMIT $3",
	[STATEMENT_OUTGOING_PUT] =
		"INSERT INTO outgoing (member, path, urgency, document_id, bytes, "
		"next_try_s, tries, id) VALUES ($1, $2, $3, $4, $5, $6, 0, " NEXT(
			"outgoing") ")",
	[STATEMENT_OUTGOING_NEXT] =
		"SELECT id, urgency, tries, document_id, path, bytes FROM outgoing "
		"WHERE member = $1 AND next_try_s <= $2 "
		"ORDER BY urgency DESC, id LIMIT 1",
	[STATEMENT_OUTGOING_LATER] = "UPDATE outgoing SET tries = tries + 1, "
				     "next_try_s = $1 WHERE id = $2",
	[STATEMENT_OUTGOING_AGAIN] =
		"UPDATE outgoing SET next_try_s = $1 WHERE next_try_s > $1",
	[STATEMENT_OUTGOING_HEARD] = "UPDATE outgoing SET next_try_s = $1 WHERE member = "
				     "$2 AND next_try_s > $1",
	[STATEMENT_OUTGOING_DONE] = "DELETE FROM outgoing WHERE id = $1",
	[STATEMENT_OUTGOING_SOONEST] =
		"SELECT MIN(next_try_s) FROM outgoing WHERE member = $1",
	[STATEMENT_OUTGOING_COUNT] = "SELECT COUNT(*) FROM outgoing",
	[STATEMENT_RECEIPT_PUT] =
		"INSERT INTO receipt (document, lookup, kind, receipt, kept_s, id) "
		"VALUES (" DOCUMENT ", $2, $3, $4, $5, " NEXT("receipt") ")",
	[STATEMENT_RECEIPT_ALL] = "SELECT lookup, receipt FROM receipt "
				  "WHERE document = " DOCUMENT " ORDER BY id",

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
	[STATEMENT_OWED_PUT] =
		"INSERT INTO owed (document_id, credential_hash, at_s, id) VALUES ($1, "
		"$2, $3, " NEXT("owed") ") ON CONFLICT (document_id, credential_hash) DO "
					"UPDATE SET at_s = excluded.at_s",
	[STATEMENT_OWED_DONE] =
		"DELETE FROM owed WHERE document_id = $1 AND credential_hash = $2",
	[STATEMENT_OWED_DUE] = "SELECT document_id, credential_hash FROM owed WHERE at_s "
			       "<= $1 ORDER BY at_s, id LIMIT 1",
	[STATEMENT_OWED_SOONEST] = "SELECT at_s FROM owed ORDER BY at_s, id LIMIT 1",
	[STATEMENT_GRANT_PUT] =
		"INSERT INTO later_reader (document, credential_hash, bytes, kept_s, id) "
		"VALUES (" DOCUMENT ", $2, $3, $4, " NEXT("later_reader") ")",
	[STATEMENT_GRANT_GET] =
		"SELECT bytes FROM later_reader WHERE document = " DOCUMENT
		" AND credential_hash = $2",
	[STATEMENT_GRANT_ALL] =
		"SELECT bytes FROM later_reader WHERE document = " DOCUMENT
		" ORDER BY id",
	[STATEMENT_DOCUMENT_ENVELOPE] =
		"SELECT document_id FROM document WHERE envelope_hash = $1",
	[STATEMENT_SIGNED_PUT] = "INSERT INTO signed (kind, hash, bytes, kept_s, id) "
				 "VALUES ($1, $2, $3, $4, " NEXT("signed") ")",
	[STATEMENT_SIGNED_GET] = "SELECT bytes FROM signed WHERE kind = $1 AND hash = $2",
	[STATEMENT_SIGNED_OF_KIND] =
		"SELECT bytes FROM signed WHERE kind = $1 ORDER BY id",
	[STATEMENT_COUNTER_ADD] =
		"INSERT INTO counter (name, day, total, id) "
		"VALUES ($1, $2, $3, " NEXT(
			"counter") ") "
				   "ON CONFLICT (name, day) DO UPDATE SET total = "
				   "counter.total + excluded.total",
	[STATEMENT_COUNTER_GET] =
		"SELECT total FROM counter WHERE name = $1 AND day = $2",

	[STATEMENT_FIGURES_DOCUMENTS] =
		"SELECT (SELECT COALESCE(MAX(number), 0) FROM document), "
		"(SELECT COUNT(*) FROM document WHERE state = 0), "
		"(SELECT COUNT(*) FROM document WHERE work = 1), "
		"(SELECT COUNT(*) FROM document WHERE work = 2), "
		"(SELECT COUNT(*) FROM address WHERE clock_s > 0)",
	[STATEMENT_FIGURES_QUEUE] = "SELECT COUNT(*) FROM outgoing WHERE member = $1",

	[STATEMENT_GRAMS_PUT] =
		"INSERT INTO grams (document_id, host, set_id, piece, pieces, kept_s, "
		"bytes, id) VALUES ($1, $2, $3, $4, $5, $6, $7, " NEXT(
			"grams") ") ON CONFLICT (host, document_id, set_id, piece) DO "
				 "NOTHING",
	/* A set of which a piece is still missing is not told yet. */
	[STATEMENT_GRAMS_SETS] =
		"SELECT MIN(id), document_id, set_id, MIN(pieces), MAX(kept_s) FROM "
		"grams WHERE host = $1 GROUP BY document_id, set_id HAVING COUNT(*) = "
		"MIN(pieces) AND MIN(id) > $2 ORDER BY MIN(id) LIMIT $3",
	[STATEMENT_GRAMS_GET] = "SELECT bytes FROM grams WHERE host = $1 AND document_id "
				"= $2 AND set_id = $3 AND piece = $4",
	[STATEMENT_GRAMS_DONE] =
		"DELETE FROM grams WHERE host = $1 AND document_id = $2 AND set_id = $3",
	[STATEMENT_GRAMS_FORGET] = "DELETE FROM grams WHERE document_id = $1",
	[STATEMENT_GRAMS_EXPIRE] = "DELETE FROM grams WHERE kept_s < $1",
	[STATEMENT_GRAMS_GONE] =
		"SELECT id, document_id FROM recall WHERE member = $1 AND kind = 2 AND "
		"id > $2 ORDER BY id LIMIT $3",
	[STATEMENT_GRAMS_COUNT] = "SELECT COUNT(*), COALESCE(MIN(kept_s), 0) FROM grams",

	[STATEMENT_QUERY_PUT] =
		"INSERT INTO query (member, hash, query, kept_s, answered_s, answer, id) "
		"VALUES ($1, $2, $3, $4, 0, $5, " NEXT(
			"query") ") ON CONFLICT (member, hash) DO NOTHING",
	[STATEMENT_QUERY_COUNT] =
		"SELECT COUNT(*) FROM query WHERE answered_s = 0 AND member = $1",
	[STATEMENT_QUERY_WAITING] =
		"SELECT id, member, kept_s, query FROM query WHERE answered_s = 0 AND id "
		"> $1 ORDER BY id LIMIT $2",
	/* The first answer stands. */
	[STATEMENT_QUERY_ANSWER] = "UPDATE query SET answered_s = $1, answer = $2 WHERE "
				   "member = $3 AND hash "
				   "= $4 AND answered_s = 0",
	[STATEMENT_QUERY_GET] =
		"SELECT answered_s, answer FROM query WHERE member = $1 AND hash = $2",
};

const char *
statement_text(enum statement statement)
{
	CHECK((size_t)statement < STATEMENTS && texts[statement] != NULL);
	return texts[statement];
}
