/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_BURGLAR_H
#define TOOLS_BURGLAR_H
/*
 * burglar: somebody with copies of stations' disks tries to open every envelope on one of them.
 *
 *   burglar STATION [--people DIR] [--plain DIR] [--own HOME]... [--out FILE]
 *
 *   STATION       the copied directory of a station: key, custody/, store/
 *   --people DIR  key files and all else of its officers, a directory each
 *   --plain DIR   the texts that were sent; anything of them in clear is an opened envelope
 *   --own HOME    a station whose passphrase is known: HOME/station, HOME/unlock; as often as
 *                 there are such.  VALISE_PASSPHRASE, when set, is that of the people.
 *
 * The same code opens with keys that were found and with keys that were given, so a run with
 * everything given shows that a run that opens nothing could have.
 * Prints   one JSON object: envelopes, opened, and each way with what it tried and opened.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "crypto/hash.h"
#include "envelope/core.h"
#include "envelope/header.h"
#include "member/own_officer.h"
#include "member/own_station.h"
#include "valised/vault_state.h"

enum { HOUSES_MAX = 8, OFFICERS_MAX = 64, PATH_LEN = 1024, KEY_LEN = 32 };

/* One station's disk; station and state only where the passphrase is known. */
struct house {
	char dir[PATH_LEN];
	sqlite3 *db;
	struct own_station *station;
	struct vault_disk_sys *disk;
	struct vault_state *state;
};

struct loot {
	struct house
		houses[HOUSES_MAX]; /* the first is the one whose envelopes are tried */
	size_t house_count;
	struct own_officer *officers[OFFICERS_MAX];
	size_t officer_count;
};

/* An envelope as the disk has it; spans live until the next one is read. */
struct envelope {
	uint8_t id[CORE_DOCUMENT_ID_LEN];
	uint8_t hash[HASH_LEN];
	struct rd core, header, trailer, v,
		summary;  /* header, v and summary are sealed */
	struct buf first; /* the beginning of the body */
};

/* passphrase NULL: the database alone. */
MUST int house_open(struct house *house, const char *dir, const char *passphrase);
void house_close(struct house *house);

typedef int envelope_fn(void *ctx, const struct envelope *envelope);
MUST int house_each(struct house *house, envelope_fn *each, void *ctx);

/* The header, opened with a row key. */
MUST int envelope_header(
	const struct envelope *e, const uint8_t row_key[KEY_LEN], struct buf *ret_header);

/* A secret that custody keeps for a document, under its own key. */
MUST int secret_open(const struct envelope *e, uint8_t kind, const uint8_t key[KEY_LEN],
	struct rd sealed, uint8_t ret_secret[KEY_LEN]);

/* The first segment opens under this key. */
bool body_opens(const struct envelope *e, const struct header *header,
	const uint8_t body_key[KEY_LEN]);

/* The whole file at path, at most max bytes. */
MUST int whole_file(const char *path, size_t max, struct buf *out);

/* All that the loot holds is put together: R, S and V.  true: the body opens. */
bool loot_opens(struct loot *loot, const struct envelope *e);

/* Texts of --plain that stand in clear in some file below one of the directories. */
MUST int plain_search(const char *plain_dir, const char *const *dirs, size_t dir_count,
	size_t *ret_texts, size_t *ret_found);

#endif
