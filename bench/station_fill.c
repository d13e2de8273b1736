/* SPDX-License-Identifier: Apache-2.0 */
/*
 * station_fill: put many documents into the database of a station that is not running, so
 * that its start and its boxes can be measured.
 *
 *   station_fill DIR DOCUMENTS [ADDRESS COUNT]
 *
 * DIR       a station's directory that has joined; its unlock must be a file or a command
 * ADDRESS   to whom the newest COUNT documents are delivered: PT/ana.silva, or a desk
 *
 * The rows are sealed with the station's own row key and look like any others; the envelopes
 * in them do not: they can be listed, not opened.  Prints one line: how many, in how long.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "label/label.h"
#include "store/deliveries.h"
#include "store/documents.h"
#include "store/objects.h"
#include "store/station.h"
#include "sys/clock.h"
#include "sys/disk.h"
#include "sys/random.h"
#include "valised/store_rows.h"
#include "valised/unlock.h"
#include "valised/vault.h"

enum { BATCH = 20000, HEADER_LEN = 1000 };

struct fill {
	const char *dir;
	uint64_t documents;
	const char *address;
	uint64_t to_address;
	struct config config;
	struct own_station *station;
	struct vault_disk_sys *disk;
	struct vault *vault;
	struct db *db;
	struct store *store;
	struct buf label;
	uint64_t first; /* number of the register */
	uint64_t now_s;
};

static void
path_of(const struct fill *f, const char *name, char ret_path[DISK_PATH_MAX])
{
	const int n = snprintf(ret_path, DISK_PATH_MAX, "%s/%s", f->dir, name);

	CHECK(n > 0 && n < DISK_PATH_MAX);
}

/* Custody says READY with the row key; store takes it; all else that they say is let drop. */
static void
from_vault(void *ctx, const struct wire_message *message)
{
	struct fill *f = ctx;
	struct buf bytes;

	buf_init(&bytes, WIRE_BODY_MAX);
	wire_write(message, &bytes);
	if (message->type == VAULT_READY)
		CHECK(store_handle(f->store, ROLE_CUSTODY, rd_of(bytes.data, bytes.len),
			      f->now_s * 1000) == 0);
	buf_done(&bytes);
}

static void
from_store(void *ctx, enum role to, const struct wire_message *message)
{
	(void)ctx;
	(void)to;
	(void)message;
}

static int
read_config(struct fill *f)
{
	struct config_error error = {0};
	char path[DISK_PATH_MAX];
	struct buf text;
	int r;

	buf_init(&text, CONFIG_MAX);
	path_of(f, "valise.conf", path);
	if ((r = disk_read_small(path, CONFIG_MAX, &text)) == 0)
		r = config_parse(rd_of(text.data, text.len), &f->config, &error);
	buf_done(&text);
	return r;
}

static int
open_all(struct fill *f)
{
	struct store_plan store = {.rng = random_system(),
		.chunks_dir = "",
		.try_again_s_max = 60,
		.out = {from_store, f}};
	struct vault_plan vault = {.rng = random_system(), .out = {from_vault, f}};
	char path[DISK_PATH_MAX];
	uint8_t by = 0;
	int r;

	due_settings_init(&store.due);
	if ((r = read_config(f)) != 0 ||
		(r = unlock_station(&f->config, f->dir, &f->station, &by)) != 0)
		return r;
	path_of(f, "custody", path);
	if ((r = vault_disk_sys_new(path, &f->disk)) != 0)
		return r;
	vault.disk = vault_disk_sys_table(f->disk);
	vault.station = f->station;
	vault.unlocked_by = (enum vault_unlock)by;
	path_of(f, "store/chunks", path);
	if ((r = disk_make_private_dir(path)) != 0)
		return r;
	path_of(f, "store/station.db", path);
	if ((r = station_open(db_sqlite(), path, f->now_s, &f->db)) != 0)
		return r;
	store.db = f->db;
	if ((r = store_new(&store, &f->store)) != 0 ||
		(r = vault_new(&vault, f->now_s * 1000, &f->vault)) != 0 ||
		(r = vault_idle(f->vault)) != 0)
		return r;
	return store_idle(f->store, f->now_s * 1000);
}

/* reference<u8> title<u16> author<u8>, as valised/store_cables_row.c seals it. */
static void
write_summary(uint64_t number, struct buf *out)
{
	size_t mark;

	mark = buf_vec_begin(out, 1);
	buf_printf(out, "XX/2026/%llu", (unsigned long long)number);
	buf_vec_end(out, mark, 1);
	mark = buf_vec_begin(out, 2);
	buf_printf(out, "Filled in, number %llu", (unsigned long long)number);
	buf_vec_end(out, mark, 2);
	mark = buf_vec_begin(out, 1);
	buf_text(out, "XX/clerk");
	buf_vec_end(out, mark, 1);
}

static int
put_address(struct fill *f, const uint8_t *id, const char *address)
{
	const struct store_rows_place place = {"address", id};
	const struct rd text = rd_of(address, strlen(address));
	uint8_t lookup[HASH_LEN];
	const struct deliveries_key key = {id, lookup};
	struct deliveries_row row = {.role = DELIVERIES_ACTION,
		.state = DELIVERY_DELIVERED,
		.due_s = f->now_s + 3600,
		.changed_s = f->now_s};
	struct buf sealed;
	int r;

	buf_init(&sealed, 256);
	if ((r = store_rows_lookup(f->store, text, lookup)) == 0 &&
		(r = store_rows_seal(f->store, &place, text, &sealed)) == 0) {
		row.sealed = rd_of(sealed.data, sealed.len);
		r = deliveries_put(f->db, &key, &row);
	}
	buf_done(&sealed);
	return r;
}

static int
put_one(struct fill *f, uint64_t i)
{
	uint8_t id[CORE_DOCUMENT_ID_LEN], hash[HASH_LEN], header[HEADER_LEN] = {0};
	const struct store_rows_place place = {"summary", id};
	const bool is_his = f->address != NULL && i + f->to_address >= f->documents;
	struct documents_row row = {.document_id = id,
		.envelope_hash = hash,
		.number = f->first + i,
		.originator = rd_of("XX", 2),
		.author = hash,
		.label = rd_of(f->label.data, f->label.len),
		.core = rd_of(header, 400),
		.dtg_s = f->now_s,
		.kept_s = f->now_s};
	const struct documents_part part = {.header = rd_of(header, sizeof header),
		.trailer = rd_of(header, 500),
		.send = rd_of(header, 150)};
	struct buf plain, sealed;
	int r;

	buf_init(&plain, 256);
	buf_init(&sealed, 512);
	write_summary(row.number, &plain);
	if ((r = rng_fill(store_rng(f->store), id, sizeof id)) != 0 ||
		(r = rng_fill(store_rng(f->store), hash, sizeof hash)) != 0 ||
		(r = buf_error(&plain)) != 0 ||
		(r = store_rows_seal(
			 f->store, &place, rd_of(plain.data, plain.len), &sealed)) != 0)
		goto out;
	row.summary = rd_of(sealed.data, sealed.len);
	if ((r = documents_put(f->db, &row, &part)) == 0 &&
		(r = documents_complete(f->db, id)) == 0)
		r = put_address(f, id, is_his ? f->address : "XX/nobody");
out:
	buf_done(&sealed);
	buf_done(&plain);
	return r;
}

static int
reserve(struct fill *f)
{
	const struct objects_counter counter = {.name = rd_of("register", 8)};
	uint64_t total = 0;
	int r;

	r = objects_count(f->db, &counter, (uint32_t)f->documents, &total);
	f->first = total - f->documents + 1;
	return r;
}

static int
fill(struct fill *f)
{
	uint64_t i;
	int r;

	if ((r = db_begin(f->db)) != 0 || (r = reserve(f)) != 0)
		return r;
	for (i = 0; r == 0 && i < f->documents; i++) {
		r = put_one(f, i);
		if (r == 0 && i % BATCH == BATCH - 1 && (r = db_commit(f->db)) == 0)
			r = db_begin(f->db);
	}
	if (r != 0) {
		db_abort(f->db);
		return r;
	}
	return db_commit(f->db);
}

static int
write_label(struct fill *f)
{
	static const char text[] = "UNCLASSIFIED";
	struct label *label = NULL;
	int r;

	buf_init(&f->label, LABEL_BYTES_MAX);
	if ((r = label_from_text(text, sizeof text - 1, &label)) == 0)
		label_write(label, &f->label);
	label_free(label);
	return r;
}

static void
close_all(struct fill *f)
{
	vault_free(f->vault);
	store_free(f->store);
	if (f->db != NULL)
		db_close(f->db);
	vault_disk_sys_free(f->disk);
	own_station_free(f->station);
	buf_done(&f->label);
}

int
main(int argc, char **argv)
{
	struct fill f = {0};
	uint64_t start_ms;
	int r;

	if (argc != 3 && argc != 5) {
		(void)fputs(
			"usage: station_fill DIR DOCUMENTS [ADDRESS COUNT]\n", stderr);
		return 2;
	}
	f.dir = argv[1];
	f.documents = strtoull(argv[2], NULL, 10);
	f.address = argc == 5 ? argv[3] : NULL;
	f.to_address = argc == 5 ? strtoull(argv[4], NULL, 10) : 0;
	f.now_s = clock_now_s();
	start_ms = clock_now_ms();
	if ((r = crypto_init()) == 0 && (r = write_label(&f)) == 0 &&
		(r = open_all(&f)) == 0)
		r = fill(&f);
	if (r != 0)
		(void)fprintf(stderr, "station_fill: %s: %s\n", f.dir, fail_text(r));
	else
		(void)printf("{\"documents\":%llu,\"seconds\":%.1f}\n",
			(unsigned long long)f.documents,
			(double)(clock_now_ms() - start_ms) / 1000);
	close_all(&f);
	return r != 0;
}
