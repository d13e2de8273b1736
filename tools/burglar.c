/* SPDX-License-Identifier: Apache-2.0 */
#include "burglar.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "envelope/schedule.h"

/* The ways.  Each counts what it tried and what it opened; one that opens is printed as BAD. */

static const char *const likely[] = {"", "password", "valise", "Valise2026", "123456",
	"changeme", "secret", "station", "admin", "letmein", "unlock", "PT", "CY", "EU",
	"FR", "correct horse battery staple", "a passphrase", "demo", "Passw0rd!",
	"qwerty"};
static const char *const custody_files[] = {
	"master", "documents", "weekly", "roster", "directory"};

enum { LIKELY = sizeof likely / sizeof likely[0], GUESSES = 64, KEYS_MAX = 4096 };

static struct loot loot;
static const char *people, *plain;
static size_t envelopes, opened;
static size_t way_opened, way_tried;
static unsigned ways;

/* Guesses of a key: what is near at hand, and what somebody careless would have used. */
static uint8_t guesses[GUESSES][KEY_LEN];
static size_t guess_count;

static void
way_end(const char *name)
{
	(void)printf("%s{\"way\": \"%s\", \"tried\": %zu, \"opened\": %zu}",
		ways++ > 0 ? ", " : "", name, way_tried, way_opened);
	(void)fprintf(
		stderr, "  %-62s %9zu tried, %zu opened\n", name, way_tried, way_opened);
	opened = way_opened > opened ? way_opened : opened;
	way_tried = way_opened = 0;
}

/* Does one of the likely passphrases open this key file? */
static bool
passphrase_opens(const char *path)
{
	struct secret *secret = NULL, *body = NULL;
	struct keyfile file;
	struct buf bytes;
	bool is_open = false;

	buf_init(&bytes, KEYFILE_MAX);
	if (whole_file(path, KEYFILE_MAX, &bytes) == 0 &&
		keyfile_parse(bytes.data, bytes.len, &file) == 0)
		for (size_t i = 0; i < LIKELY && !is_open; i++) {
			way_tried++;
			if (secret_new(strlen(likely[i]), &secret) != 0)
				break;
			memcpy(secret->bytes, likely[i], secret->len);
			is_open =
				keyfile_open_body(bytes.data, bytes.len,
					(enum keyfile_kind)file.kind, secret, &body) == 0;
			secret_free(secret);
			secret_free(body);
			secret = body = NULL;
		}
	buf_done(&bytes);
	return is_open;
}

static void
each_key_file(void (*each)(const char *path))
{
	DIR *d = people != NULL ? opendir(people) : NULL;
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		char path[PATH_LEN + 300];

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof path, "%s/%s/key", people, entry->d_name);
		each(path);
	}
	if (d != NULL)
		(void)closedir(d);
}

/* A key file that opens is all of that person's envelopes. */
static void
try_person(const char *path)
{
	if (passphrase_opens(path))
		way_opened = envelopes;
}

static void
way_passphrases(void)
{
	char path[PATH_LEN + 8];

	(void)snprintf(path, sizeof path, "%s/key", loot.houses[0].dir);
	if (passphrase_opens(path))
		way_opened = envelopes;
	way_end("likely passphrases on the station's key file");
	if (people != NULL) {
		each_key_file(try_person);
		way_end("likely passphrases on the people's key files");
	}
}

static void
guess_add(const void *ptr, size_t len)
{
	if (guess_count < GUESSES)
		hash_sha256(ptr, len, guesses[guess_count++]);
}

static void
guess_fill(void)
{
	memset(guesses[0], 0, KEY_LEN);
	memset(guesses[1], 0xff, KEY_LEN);
	guess_count = 2;
	for (size_t i = 0; i < LIKELY; i++)
		guess_add(likely[i], strlen(likely[i]));
}

/* Custody's files: under a guessed unlock seed, and each by the bytes of the others. */
static void
way_custody(void)
{
	struct buf bytes;

	buf_init(&bytes, 64 << 20);
	for (size_t f = 0; f < sizeof custody_files / sizeof custody_files[0]; f++) {
		char path[PATH_LEN + 32];
		uint8_t *room = NULL, key[KEY_LEN];
		size_t len;

		buf_clear(&bytes);
		(void)snprintf(path, sizeof path, "%s/custody/%s", loot.houses[0].dir,
			custody_files[f]);
		if (whole_file(path, 64 << 20, &bytes) != 0 || bytes.len == 0 ||
			mem_new(&room, bytes.len) != 0)
			continue;
		guess_add(bytes.data, bytes.len);
		for (size_t i = 0; i < guess_count; i++) {
			struct vault_seal seal = {.name = custody_files[f], .key = key};

			way_tried++;
			if (vault_derive(guesses[i], custody_files[f], key) == 0 &&
				vault_file_open(&seal, rd_of(bytes.data, bytes.len), room,
					&len) == 0)
				way_opened = envelopes;
		}
		mem_free(room);
	}
	buf_done(&bytes);
	way_end("custody's files (master, documents, weekly, ...) by guessed keys");
}

static int
try_header(void *ctx, const struct envelope *e)
{
	struct buf header;

	(void)ctx;
	buf_init(&header, HEADER_LEN_MAX);
	for (size_t i = 0; i < guess_count; i++) {
		way_tried++;
		buf_clear(&header);
		way_opened += envelope_header(e, guesses[i], &header) == 0;
	}
	buf_done(&header);
	return 0;
}

/* Every 32 bytes that stand in the row, as the key of this document. */
static int
try_windows(void *ctx, const struct envelope *e)
{
	const struct rd places[] = {e->v, e->core, e->summary, e->trailer};
	uint8_t secret[KEY_LEN];

	(void)ctx;
	for (size_t p = 0; p < sizeof places / sizeof places[0]; p++)
		for (size_t i = 0; i + KEY_LEN <= places[p].len; i++) {
			way_tried++;
			way_opened += secret_open(e, VAULT_OWN, places[p].ptr + i, e->v,
					      secret) == 0;
		}
	return 0;
}

/* The document's keys lie in records under the master: each record, taken as it is. */
static int
try_records(void *ctx, const struct envelope *e)
{
	const struct buf *documents = ctx;
	uint8_t secret[KEY_LEN];
	size_t keys = 0;

	for (size_t at = VAULT_HEAD_LEN;
		at + VAULT_RECORD_LEN <= documents->len && keys++ < KEYS_MAX;
		at += VAULT_RECORD_LEN) {
		const uint8_t *record = documents->data + at;

		/* Where the key stands in a record, had it not been sealed. */
		way_tried++;
		way_opened +=
			secret_open(e, VAULT_OWN,
				record + AEAD_NONCE_LEN + VAULT_DOCUMENT_LEN - KEY_LEN,
				e->v, secret) == 0;
	}
	return 0;
}

/* Custodians' rows: what is kept for others, as if it were a share of this envelope. */
static int
try_shares(void *ctx, const struct envelope *e)
{
	struct schedule_secrets secrets = {0};
	uint8_t key[KEY_LEN];
	struct header header = {0};
	struct rd core = e->core;

	(void)ctx;
	if (core_parse(&core, &header.core) != 0)
		return 0;
	hash_sha256(e->header.ptr, e->header.len, header.hash);
	for (size_t i = 0; i < guess_count; i++) {
		way_tried++;
		memcpy(secrets.r, guesses[i], KEY_LEN);
		if (e->v.len >= KEY_LEN)
			memcpy(secrets.s, e->v.ptr + e->v.len - KEY_LEN, KEY_LEN);
		way_opened += schedule_body_key(&header.core, &secrets, key) == 0;
		way_opened += body_opens(e, &header, guesses[i]);
	}
	return 0;
}

static int
try_loot(void *ctx, const struct envelope *e)
{
	(void)ctx;
	way_tried++;
	way_opened += loot_opens(&loot, e);
	return 0;
}

static int
count_one(void *ctx, const struct envelope *e)
{
	(void)ctx;
	(void)e;
	envelopes++;
	return 0;
}

static void
way_each(const char *name, envelope_fn *each, void *ctx)
{
	if (house_each(&loot.houses[0], each, ctx) != 0)
		(void)fprintf(stderr, "burglar: cannot read all rows\n");
	way_end(name);
}

static void
way_plain(void)
{
	const char *dirs[] = {loot.houses[0].dir, people};

	if (plain == NULL)
		return;
	if (plain_search(plain, dirs, people != NULL ? 2 : 1, &way_tried, &way_opened) !=
		0)
		(void)fprintf(stderr, "burglar: cannot search all files\n");
	way_end("each text in clear, in any file");
}

static void
try_all_ways(void)
{
	char path[PATH_LEN + 32];
	struct buf documents;

	buf_init(&documents, 64 << 20);
	(void)snprintf(path, sizeof path, "%s/custody/documents", loot.houses[0].dir);
	(void)!whole_file(path, 64 << 20, &documents);
	guess_fill();
	way_passphrases();
	way_custody();
	way_each("header rows by guessed row keys", try_header, NULL);
	way_each("V of each row, by every 32 bytes of the row as its key", try_windows,
		NULL);
	way_each("V of each row, by each record of custody without its master",
		try_records, &documents);
	way_each("the body, by guessed R and what stands where V should", try_shares,
		NULL);
	way_plain();
	buf_done(&documents);
}

/* Key files of the people, with their passphrase. */
static void
take_person(const char *path)
{
	const char *passphrase = getenv("VALISE_PASSPHRASE");
	struct secret *secret = NULL;
	struct buf bytes;

	buf_init(&bytes, KEYFILE_MAX);
	if (passphrase != NULL && loot.officer_count < OFFICERS_MAX &&
		whole_file(path, KEYFILE_MAX, &bytes) == 0 &&
		secret_new(strlen(passphrase), &secret) == 0) {
		memcpy(secret->bytes, passphrase, secret->len);
		if (own_officer_open(bytes.data, bytes.len, secret,
			    &loot.officers[loot.officer_count]) == 0)
			loot.officer_count++;
	}
	secret_free(secret);
	buf_done(&bytes);
}

/* HOME/station, and the passphrase in HOME/unlock. */
static int
take_house(const char *home, size_t at)
{
	char dir[PATH_LEN], unlock[PATH_LEN];
	struct buf passphrase;
	int r;

	buf_init(&passphrase, 1024);
	(void)snprintf(dir, sizeof dir, "%s/station", home);
	(void)snprintf(unlock, sizeof unlock, "%s/unlock", home);
	if ((r = whole_file(unlock, 1024, &passphrase)) == 0) {
		while (passphrase.len > 0 && passphrase.data[passphrase.len - 1] == '\n')
			passphrase.len--;
		buf_u8(&passphrase, 0);
		if ((r = buf_error(&passphrase)) == 0)
			r = house_open(&loot.houses[at], dir, (char *)passphrase.data);
	}
	buf_done(&passphrase);
	if (r != 0)
		(void)fprintf(stderr, "burglar: %s: %s\n", home, fail_text(r));
	return r;
}

/* 0, or what is wrong with the words; the first house comes first. */
static int
options(int argc, char **argv)
{
	bool has_first = false;
	int r = 0;

	if (argc < 2)
		return FAIL_USAGE;
	loot.house_count = 1;
	for (int i = 2; i + 1 < argc && r == 0; i += 2) {
		if (strcmp(argv[i], "--people") == 0)
			people = argv[i + 1];
		else if (strcmp(argv[i], "--plain") == 0)
			plain = argv[i + 1];
		else if (strcmp(argv[i], "--own") != 0 || loot.house_count >= HOUSES_MAX)
			return FAIL_USAGE;
		else if (strncmp(argv[1], argv[i + 1], strlen(argv[i + 1])) == 0 &&
			argv[1][strlen(argv[i + 1])] == '/') {
			r = take_house(argv[i + 1], 0);
			has_first = true;
		} else {
			r = take_house(argv[i + 1], loot.house_count++);
		}
	}
	if (r == 0 && !has_first)
		r = house_open(&loot.houses[0], argv[1], NULL);
	return r;
}

int
main(int argc, char **argv)
{
	bool has_keys;
	int r;

	if (crypto_init() != 0)
		return 1;
	if ((r = options(argc, argv)) != 0) {
		(void)fprintf(stderr, "burglar: %s\n",
			r == FAIL_USAGE
				? "STATION [--people DIR] [--plain DIR] [--own HOME]..."
				: fail_text(r));
		return r == FAIL_USAGE ? 2 : 1;
	}
	each_key_file(take_person);
	has_keys = loot.houses[0].station != NULL;
	if (house_each(&loot.houses[0], count_one, NULL) != 0)
		return 1;
	(void)printf("{\"envelopes\": %zu, \"ways\": [", envelopes);
	if (has_keys)
		way_each("R, S and V, with the keys that are given", try_loot, NULL);
	else
		try_all_ways();
	(void)printf("], \"opened\": %zu}\n", opened);
	for (size_t i = 0; i < loot.house_count; i++)
		house_close(&loot.houses[i]);
	return 0;
}
