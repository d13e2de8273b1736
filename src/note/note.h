/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NOTE_NOTE_H
#define NOTE_NOTE_H
/*
 * note: a text with signatures under it, as a file that people can read.
 *
 * Source   C2SP signed-note v1.0.0.  Rosters, directories and heads of logs are notes.
 *
 *   text      UTF-8, no control byte but newline, ends in a newline
 *   newline   the empty line; the last one of the file is the border
 *   1..64 of  em dash (E2 80 94), space, name, space, base64(key id || signature), newline
 *
 *   key id    first 4 bytes of SHA-256(name || 0A || type || public key)
 *   vkey      name "+" 8 hex digits of the key id "+" base64(type || public key)
 *
 * Verdict  A signature by a key that is not asked about is ignored: anybody may add one.  One
 *          by a known key that does not verify refuses the whole note.
 * Types    note_verify() knows type 0x01 (Ed25519 over the text).  Other types (cosignatures
 *          of witnesses) are found with note_signature_find() and judged by the room log.
 * Stricter than C2SP: names without anything text_is_line() refuses; base64 in one spelling.
 *
 * Errors   FAIL_FORMAT; FAIL_LIMIT over a limit below; FAIL_SIGNATURE.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fail.h"
#include "base/rd.h"
#include "crypto/sign.h"

enum {
	NOTE_TEXT_MAX = 1 << 22, /* a directory of thousands of devices */
	NOTE_SIGNATURES_MAX = 64,
	NOTE_NAME_MAX = 255,
	NOTE_KEY_ID_LEN = 4,
	NOTE_PUBLIC_MAX = 1312, /* ML-DSA-44, the largest of C2SP */
	NOTE_BLOB_MAX = 4096,	/* key id and signature of any type */
	NOTE_LINE_MAX = 3 + 1 + NOTE_NAME_MAX + 1 + (NOTE_BLOB_MAX + 2) / 3 * 4 + 1,
	NOTE_BYTES_MAX = NOTE_TEXT_MAX + 1 + NOTE_SIGNATURES_MAX * NOTE_LINE_MAX,
};

enum note_type {
	NOTE_ED25519 = 0x01,
	NOTE_COSIGNATURE = 0x04,       /* Ed25519 over a time and a log head */
	NOTE_COSIGNATURE_MLDSA = 0x06, /* ML-DSA-44 over the same */
};

/* A verifier key: who, and with what. */
struct note_key {
	char name[NOTE_NAME_MAX + 1];
	uint8_t id[NOTE_KEY_ID_LEN];
	uint8_t type;
	size_t public_len;
	uint8_t public_key[NOTE_PUBLIC_MAX];
};

struct note_signature {
	struct rd name;
	uint8_t key_id[NOTE_KEY_ID_LEN];
	struct rd bytes; /* what follows the key id, at least one byte */
};

/* A parsed note owns its bytes; everything below points into them. */
struct note {
	struct rd text; /* with its last newline, without the empty line */
	size_t signature_count;
	struct note_signature signatures[NOTE_SIGNATURES_MAX];
	uint8_t *bytes;
	size_t bytes_len;
	uint8_t *blobs;
};

/* FAIL_FORMAT also for a public key whose length is not that of its type. */
MUST int note_key_make(const char *name, uint8_t type, const uint8_t *public_key,
	size_t public_len, struct note_key *ret_key);
MUST int note_key_parse(const char *vkey, size_t len, struct note_key *ret_key);
void note_key_write(const struct note_key *key, struct buf *out);

MUST int note_parse(const void *ptr, size_t len, struct note **ret_note);
void note_free(struct note *note);

/* The same bytes that note_parse() read. */
void note_write(const struct note *note, struct buf *out);

/* The signature with the key's name and id, not verified; NULL when there is none. */
const struct note_signature *note_signature_find(
	const struct note *note, const struct note_key *key);

/*
 * ret_is_signer[i] says whether keys[i] signed.  FAIL_SIGNATURE when a known key's signature
 * is false or none of the keys signed; FAIL_UNSUPPORTED for a key of another type than
 * NOTE_ED25519.  Counting signers is the caller's: two keys may be the same key.
 */
MUST int note_verify(const struct note *note, const struct note_key *keys,
	size_t key_count, bool *ret_is_signer);

/* The text and the empty line: the beginning of a note. */
MUST int note_text_write(const void *text, size_t len, struct buf *out);

/* A line with a signature of any type: the blob is the key id and the signature's bytes. */
void note_line_write(const char *name, const uint8_t *blob, size_t len, struct buf *out);

/*
 * One signature line over text, to append to a note.  Signers may append theirs at different
 * times and places: each needs the text only.
 */
MUST int note_sign(const void *text, size_t len, const char *name,
	const uint8_t seed[SIGN_SEED_LEN], struct buf *out);

#endif
