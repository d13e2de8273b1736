/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/vault.h"

enum { BIG = 4 << 20, EVIDENCE = 2 << 20, KEEP = 128 * 1024, OBJECT = 65535 };

/* Who may say what, and how long its body may be. */
static const struct {
	enum role sender;
	size_t body_max;
} permits[] = {
	[VAULT_READY] = {ROLE_CUSTODY, 4096},
	[VAULT_DONE] = {ROLE_CUSTODY, BIG + 4096},
	[VAULT_ROSTER] = {ROLE_STORE, BIG},
	[VAULT_TICK] = {ROLE_STORE, 0},
	[VAULT_SIGN_DIRECTORY] = {ROLE_STORE, BIG},
	[VAULT_SEND] = {ROLE_STORE, KEEP},
	[VAULT_KEEP] = {ROLE_STORE, 2 * KEEP},
	[VAULT_AUTHORISE] = {ROLE_STORE, EVIDENCE + 2 * KEEP},
	[VAULT_SHARE] = {ROLE_STORE, EVIDENCE + 2 * KEEP},
	[VAULT_SIGN_RECEIPT] = {ROLE_STORE, 4096},
	[VAULT_SIGN_RECALL] = {ROLE_STORE, 4096},
	[VAULT_COUNT_GRANT] = {ROLE_STORE, 2 * KEEP + OBJECT},
	[VAULT_DESTROY] = {ROLE_STORE, 16},
	[VAULT_FOUND] = {ROLE_STORE, BIG},
};

bool
vault_may(enum role sender, uint8_t type, size_t body_len)
{
	return type < sizeof permits / sizeof permits[0] &&
		permits[type].sender != ROLE_PARENT && permits[type].sender == sender &&
		body_len <= permits[type].body_max;
}

static const struct codec_field ready_fields[] = {
	CODEC_FIELD(V8, vault_ready, member, 1, 32),
	CODEC_FIELD(V8, vault_ready, domain, 1, 200),
	CODEC_FIELD(V8, vault_ready, url, 1, 214),
	CODEC_FIELD(FIXED, vault_ready, tls, 0, VAULT_KEY_LEN),
	CODEC_FIELD(FIXED, vault_ready, log, 0, VAULT_KEY_LEN),
	CODEC_FIELD(FIXED, vault_ready, witness, 0, VAULT_KEY_LEN),
	CODEC_FIELD(FIXED, vault_ready, sign, 0, VAULT_KEY_LEN),
	CODEC_FIELD(FIXED, vault_ready, row_key, 0, VAULT_KEY_LEN),
	CODEC_FIELD(FIXED, vault_ready, roster, 0, VAULT_KEY_LEN),
	CODEC_FIELD(U8, vault_ready, unlocked_by, VAULT_BY_PASSPHRASE, VAULT_BY_COMMAND),
};
const struct codec vault_ready_codec = CODEC(ready_fields);

static const struct codec_field done_fields[] = {
	CODEC_FIELD(U8, vault_done, fail, 0, 127),
	CODEC_FIELD(V16, vault_done, why, 0, 1024),
	CODEC_FIELD(V32, vault_done, body, 0, BIG),
};
const struct codec vault_done_codec = CODEC(done_fields);

static const struct codec_field roster_fields[] = {
	CODEC_FIELD(V32, vault_roster, note, 1, BIG),
};
const struct codec vault_roster_codec = CODEC(roster_fields);

static const struct codec_field keys_fields[] = {
	CODEC_FIELD(U8, vault_keys, is_changed, 0, 1),
	CODEC_FIELD(V16, vault_keys, keys, 0, 8192),
	CODEC_FIELD(V16, vault_keys, text, 0, 8192),
};
const struct codec vault_keys_codec = CODEC(keys_fields);

static const struct codec_field key_fields[] = {
	CODEC_FIELD(U16, vault_key, suite, 1, 2),
	CODEC_FIELD(U64, vault_key, from_s, 0, 0),
	CODEC_FIELD(U64, vault_key, wiped_s, 0, 0),
	CODEC_FIELD(V16, vault_key, key, 32, 1216),
};
const struct codec vault_key_codec = CODEC(key_fields);

static const struct codec_field note_fields[] = {
	CODEC_FIELD(V32, vault_note, note, 1, BIG),
};
const struct codec vault_note_codec = CODEC(note_fields);

static const struct codec_field object_fields[] = {
	CODEC_FIELD(V32, vault_object, object, 1, OBJECT),
};
const struct codec vault_object_codec = CODEC(object_fields);

static const struct codec_field enrol_fields[] = {
	CODEC_FIELD(V16, vault_enrol, enrol, 1, 16384),
	CODEC_FIELD(U64, vault_enrol, since_s, 0, 0),
	CODEC_FIELD(U8, vault_enrol, is_first, 0, 1),
};
const struct codec vault_enrol_codec = CODEC(enrol_fields);

static const struct codec_field send_fields[] = {
	CODEC_FIELD(V16, vault_send, core, 1, 8192),
	CODEC_FIELD(V24, vault_send, sv_slots, 1, KEEP),
	CODEC_FIELD(FIXED, vault_send, r_hash, 0, VAULT_KEY_LEN),
	CODEC_FIELD(V16, vault_send, trailer, 1, 65535),
	CODEC_FIELD(V24, vault_send, enrols, 1, OBJECT),
};
const struct codec vault_send_codec = CODEC(send_fields);

static const struct codec_field sent_fields[] = {
	CODEC_FIELD(V16, vault_sent, send, 1, 1024),
	CODEC_FIELD(V16, vault_sent, sealed, 1, VAULT_SEALED_MAX),
};
const struct codec vault_sent_codec = CODEC(sent_fields);

static const struct codec_field keep_fields[] = {
	CODEC_FIELD(V24, vault_keep, keep, 1, KEEP),
	CODEC_FIELD(V24, vault_keep, enrols, 1, OBJECT),
};
const struct codec vault_keep_codec = CODEC(keep_fields);

static const struct codec_field kept_fields[] = {
	CODEC_FIELD(U8, vault_kept, number, 1, 16),
	CODEC_FIELD(V16, vault_kept, kept, 1, 1024),
	CODEC_FIELD(V16, vault_kept, sealed, 1, VAULT_SEALED_MAX),
};
const struct codec vault_kept_codec = CODEC(kept_fields);

static const struct codec_field open_fields[] = {
	CODEC_FIELD(V16, vault_open, request, 1, 32768),
	CODEC_FIELD(V32, vault_open, evidence, 1, EVIDENCE),
	CODEC_FIELD(V16, vault_open, authorisation, 0, 1024),
	CODEC_FIELD(V24, vault_open, keep, 1, KEEP),
	CODEC_FIELD(V16, vault_open, sealed, 1, VAULT_SEALED_MAX),
	CODEC_FIELD(V24, vault_open, enrols, 1, OBJECT),
	CODEC_FIELD(U32, vault_open, copy, 0, UINT32_MAX),
};
const struct codec vault_open_codec = CODEC(open_fields);

static const struct codec_field opened_fields[] = {
	CODEC_FIELD(V16, vault_opened, authorisation, 0, 1024),
	CODEC_FIELD(V16, vault_opened, answer, 1, 4096),
};
const struct codec vault_opened_codec = CODEC(opened_fields);

static const struct codec_field grant_fields[] = {
	CODEC_FIELD(V24, vault_grant, grant, 1, OBJECT),
	CODEC_FIELD(V24, vault_grant, keep, 1, KEEP),
	CODEC_FIELD(V24, vault_grant, enrols, 1, OBJECT),
};
const struct codec vault_grant_codec = CODEC(grant_fields);

static const struct codec_field destroy_fields[] = {
	CODEC_FIELD(FIXED, vault_destroy, document_id, 0, 16),
};
const struct codec vault_destroy_codec = CODEC(destroy_fields);
