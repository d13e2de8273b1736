/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISE_KEPT_H
#define VALISE_KEPT_H
/*
 * kept: copies that this device has opened, so that reading again needs no network.
 *
 *   DIR/kept/<document id>.valise   the envelope, as it came
 *   DIR/kept/<number>.key           the file below; number: of the own station's register
 *   DIR/kept/<document id>.part     an envelope that is still coming
 *
 *   magic[8] "VKEPTK" CR LF | version:u16 = 1 | suite:u16 | number:u64 | opened:u64 | until:u64
 *   copy:u32 | document_id[16] | envelope_hash[32] | shares<u8> | slot | enrols<u24>
 *
 * The slot holds the body key, wrapped to the own reader key with role "kept", index 0, under
 * the core hash of the envelope: without the passphrase the disk opens nothing.  Normative:
 * docs/format/kept.md.
 *
 * A copy goes when its time is over (KEPT_FOR_S after the opening, or the expiry of the
 * document if that is earlier), when the station says that it was recalled or destroyed, and
 * by `read --forget`.
 *
 * Errors  FAIL_ABSENT; FAIL_FORMAT, FAIL_TRUNCATED, FAIL_VERSION; those of the disk.
 */
#include "base/buf.h"
#include "base/rng.h"
#include "envelope/header.h"
#include "envelope/slot.h"
#include "sys/disk.h"
#include "valise/asking.h"

enum { KEPT_FOR_S = 30 * 24 * 3600 };

struct kept_copy {
	uint64_t number; /* of the register of the own station */
	uint64_t opened_s;
	uint64_t until_s;
	uint32_t copy;
	uint8_t document_id[CORE_DOCUMENT_ID_LEN];
	uint8_t envelope_hash[HASH_LEN];
	struct rd shares;
	uint16_t suite;
	struct slot slot;
	struct rd enrols; /* list of post_enrol, of the trailer's signers */
};

/* Pure: the file's bytes; a parsed copy points into them. */
MUST int kept_copy_parse(struct rd in, struct kept_copy *ret_copy);
/* Seals body_key in its slot; slot and suite of copy are not looked at. */
MUST int kept_copy_write(const struct kept_copy *copy, const struct header *header,
	const struct kem_public *reader, struct rng *rng,
	const uint8_t body_key[SCHEDULE_LEN], struct buf *out);

/* DIR/kept/<id>.<ending>; makes the directory. */
MUST int kept_path(const char *dir, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	const char *ending, char ret_path[DISK_PATH_MAX]);

/* DIR/kept/<number>.key; makes the directory. */
MUST int kept_key_path(const char *dir, uint64_t number, char ret_path[DISK_PATH_MAX]);

/* The copy of that number that is still good at now_s; ret_bytes holds it. */
MUST int kept_find(const char *dir, uint64_t number, uint64_t now_s,
	struct buf *ret_bytes, struct kept_copy *ret_copy);

/* Remove what is over; `lock` does. */
void kept_sweep(const char *dir, uint64_t now_s);

/* Remove the files of a copy; nothing there is fine. */
void kept_remove(const char *dir, uint64_t number,
	const uint8_t document_id[CORE_DOCUMENT_ID_LEN]);

#endif
