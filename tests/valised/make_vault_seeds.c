/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cable/receipt.h"
#include "crypto/crypto.h"
#include "custody/recall.h"
#include "people.h"
#include "vault_opening.h"
#include "vault_rig.h"

/*
 * make_vault_seeds DIR: what fuzz_vault starts from, a good conversation for each message, as
 * DIR/<name>.  DIR is fuzz/seeds/vault.  Custody of PT begins each time as in the target, so what
 * it says depends on the input alone.
 */

static struct rig rig;
static struct memory_disk start_disk;
static uint64_t start_drawn;
static const char *directory;
static int failed;

static void
begin(struct buf *seed)
{
	buf_init(seed, 1 << 20);
	rig_stop(&rig, PT);
	memory_disk_restore(&start_disk, &rig.stations[PT].disk);
	rig.drawn = start_drawn;
	CHECK(rig_start(&rig, PT) == 0);
	CHECK(rig_idle(&rig, PT) == 0);
}

static void
put(struct buf *seed, enum vault_type type, const struct codec *codec,
	const void *message)
{
	struct buf body;

	buf_init(&body, 1 << 20);
	if (codec != NULL)
		codec_write(codec, message, &body);
	CHECK(buf_error(&body) == 0);
	buf_u8(seed, (uint8_t)type);
	buf_vec(seed, 3, body.data, body.len);
	buf_done(&body);
}

static void
write_seed(const char *name, struct buf *seed)
{
	char path[4096];
	FILE *file;

	CHECK(buf_error(seed) == 0);
	(void)snprintf(path, sizeof path, "%s/%s", directory, name);
	if ((file = fopen(path, "wb")) == NULL) {
		perror(path);
		failed = 1;
		return;
	}
	failed |= fwrite(seed->data, 1, seed->len, file) != seed->len;
	failed |= fclose(file) != 0;
	buf_done(seed);
}

/* SEND, AUTHORISE, a recall, DESTROY: a document of ours. */
static void
own_seeds(void)
{
	const struct rig_plan plan = {.originator = PT};
	struct recall recall = {.kind = RECALL_DESTROY, .time_s = RIG_NOW_S};
	struct vault_destroy destroy;
	struct vault_object object;
	struct vault_send send;
	struct vault_open open;
	struct vault_opening o;
	struct buf seed, bytes;

	opening_init(&rig, &plan, FR, 1, &o);
	begin(&seed);
	rig_send_message(&o.envelope, &send);
	put(&seed, VAULT_SEND, &vault_send_codec, &send);
	/* Custody as it will be: what it seals now is what it will have sealed. */
	CHECK(rig_send(&rig, &o.envelope)->fail == 0);
	opening_authorise_message(&o, &open);
	put(&seed, VAULT_AUTHORISE, &vault_open_codec, &open);
	opening_authorise(&rig, &o, 0);
	memcpy(recall.document_id, o.envelope.header.core.document_id,
		CORE_DOCUMENT_ID_LEN);
	memcpy(recall.envelope_hash, o.envelope.envelope_hash, HASH_LEN);
	buf_init(&bytes, RECALL_LEN_MAX);
	CHECK(recall_write(&recall, &bytes) == 0);
	object.object = rd_of(bytes.data, bytes.len);
	put(&seed, VAULT_SIGN_RECALL, &vault_object_codec, &object);
	destroy.document_id = o.envelope.header.core.document_id;
	buf_u8(&seed, 3); /* a power cut between */
	put(&seed, VAULT_DESTROY, &vault_destroy_codec, &destroy);
	buf_u8(&seed, 0);
	put(&seed, VAULT_AUTHORISE, &vault_open_codec, &open);
	write_seed("own", &seed);
	buf_done(&bytes);
	opening_done(&o);
}

/* KEEP and SHARE: a document of FR's, of which PT keeps a share. */
static void
share_seed(void)
{
	const struct rig_plan plan = {.originator = FR};
	struct vault_opening o;
	struct vault_keep keep;
	struct vault_kept kept;
	struct vault_open open;
	struct buf seed;
	size_t i = 0;

	opening_init(&rig, &plan, FR, 2, &o);
	opening_authorise(&rig, &o, 0);
	while (opening_custodian(&o.envelope, i) != PT)
		i++;
	begin(&seed);
	keep = (struct vault_keep){
		.keep = rd_of(o.envelope.keep.data, o.envelope.keep.len),
		.enrols = rd_of(o.envelope.enrols.data, o.envelope.enrols.len)};
	put(&seed, VAULT_KEEP, &vault_keep_codec, &keep);
	{
		const struct rig_said *said = rig_keep(&rig, &o.envelope, PT);

		CHECK(said->fail == 0);
		CHECK(codec_parse_whole(&vault_kept_codec,
			      rd_of(said->body.data, said->body.len), &kept) == 0);
		buf_clear(&o.kept[i]);
		buf_bytes(&o.kept[i], kept.sealed.ptr, kept.sealed.len);
	}
	opening_share_message(&o, i, &open);
	put(&seed, VAULT_SHARE, &vault_open_codec, &open);
	opening_share(&rig, &o, i, 0);
	buf_u8(&seed, 2); /* a week later */
	put(&seed, VAULT_TICK, NULL, NULL);
	write_seed("share", &seed);
	opening_done(&o);
}

static void
note_seeds(void)
{
	struct vault_roster roster = {
		.note = rd_of(rig.roster_note.data, rig.roster_note.len)};
	struct receipt receipt = {.kind = RECEIPT_DELIVERED,
		.member = address_of("PT"),
		.addressee = address_of("PT/duty"),
		.time_s = RIG_NOW_S};
	uint8_t sign_seed[32];
	struct vault_object object;
	struct vault_note found;
	struct buf seed, bytes;

	begin(&seed);
	put(&seed, VAULT_ROSTER, &vault_roster_codec, &roster);
	buf_init(&bytes, 65536);
	people_seed("PT", "station", "sign", sign_seed);
	CHECK(receipt_sign(&receipt, sign_seed) == 0);
	CHECK(receipt_write(&receipt, &bytes) == 0);
	object.object = rd_of(bytes.data, bytes.len);
	put(&seed, VAULT_SIGN_RECEIPT, &vault_object_codec, &object);
	put(&seed, VAULT_TICK, NULL, NULL);
	found.note = rd_of("valise/v1 member\n", 17);
	put(&seed, VAULT_FOUND, &vault_note_codec, &found);
	put(&seed, VAULT_SIGN_DIRECTORY, &vault_note_codec, &found);
	write_seed("notes", &seed);
	buf_done(&bytes);
}

int
main(int argc, char **argv)
{
	if (argc != 2 || crypto_init() != 0) {
		fprintf(stderr, "usage: make_vault_seeds DIR\n");
		return 2;
	}
	directory = argv[1];
	rig_init(&rig);
	rig_stop(&rig, PT);
	memory_disk_copy(&rig.stations[PT].disk, &start_disk);
	start_drawn = rig.drawn;
	CHECK(rig_start(&rig, PT) == 0);
	own_seeds();
	share_seed();
	note_seeds();
	memory_disk_done(&start_disk);
	rig_done(&rig);
	return failed;
}
