/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_EXCHANGE_H
#define VALISE_EXCHANGE_H
/*
 * exchange: the files that members and officers send one another, as the verbs handle them.
 *
 * Each function reports what went wrong, once, and returns the FAIL_*; the verb ends with
 * report_exit() of it.
 *
 * Words  A file by mail is only as good as its words on the telephone.  Whoever accepts one
 *        types what the other side reads: 3 of the 12, chosen at random, at the terminal; or
 *        all 12 with --words, in the order of the files.  The words are never shown on this
 *        side, so that nobody can accept by copying.
 */
#include <stdbool.h>

#include "base/buf.h"
#include "member/own_officer.h"
#include "member/own_station.h"
#include "member/roster.h"
#include "note/note.h"
#include "valise/args.h"

struct json_t;

enum { EXCHANGE_WORDS_MAX = 160 };

/* A whole file of at most max bytes into an empty buffer. */
MUST int exchange_read(
	const struct args *args, const char *path, size_t max, struct buf *ret_bytes);

/* A roster and the note that it points into. */
struct exchange_roster {
	struct note *note;
	struct roster *roster;
};

MUST int exchange_roster_read(
	const struct args *args, const char *path, struct exchange_roster *ret_roster);
void exchange_roster_done(struct exchange_roster *roster);

/* A founding file; the entry points into the note. */
MUST int exchange_entry_read(const struct args *args, const char *path,
	struct note **ret_note, struct entry *ret_entry);

/* To --out (which must not exist), else to stdout. */
MUST int exchange_write(const struct args *args, const void *ptr, size_t len);

/* The keys in the key directory, with its passphrase. */
MUST int exchange_officer(const struct args *args, struct own_officer **ret_officer);
MUST int exchange_station(const struct args *args, struct own_station **ret_station);

/* A new key file in the key directory. */
MUST int exchange_officer_save(
	const struct args *args, const struct own_officer *officer);
MUST int exchange_station_save(
	const struct args *args, const struct own_station *station);

/* Are these the words of `whose`?  *at counts the --words used so far. */
MUST int exchange_confirm(const struct args *args, const char *whose,
	const uint8_t hash[HASH_LEN], size_t *at);

void exchange_words(const uint8_t hash[HASH_LEN], char ret_text[EXCHANGE_WORDS_MAX]);

/*
 * The 12 words of a station are of SHA-256("valise/v1 station" || 0x00 || member<u8> || TLS key):
 * whoever enrols compares what answers with what the administrator reads.
 */
void exchange_station_hash(
	const char *member, const uint8_t key[32], uint8_t ret_hash[HASH_LEN]);

/* Print one JSON object on stdout, and free it; NULL is FAIL_NOMEM, reported. */
MUST int exchange_json(const struct args *args, struct json_t *object);

/* Is there a file of this name?  Where a verb takes a file or a name, the file comes first. */
MUST bool exchange_is_file(const char *word);

/* Report a failure of this verb on this object; returns r. */
int exchange_fail(const struct args *args, const char *attempt, const char *object,
	const char *remedy, int r);

#endif
