/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/parent.h"

#include "envelope/addressing.h"
#include "wire/vault.h"

/* Who may say what, and how long its body is. */
static const struct {
	enum role sender;
	size_t body_len;
} permits[] = {
	[PARENT_UNLOCKED] = {ROLE_CUSTODY, 1},
	[PARENT_SERVES] = {ROLE_FRONT, 0},
	[PARENT_READY] = {ROLE_STORE, 0},
	[PARENT_NOTIFY] = {ROLE_STORE, 9},
};

bool
parent_may(enum role sender, uint8_t type, size_t body_len)
{
	return type >= PARENT_UNLOCKED && type <= PARENT_NOTIFY &&
		permits[type].sender == sender && permits[type].body_len == body_len;
}

static const struct codec_field unlocked_fields[] = {
	CODEC_FIELD(U8, parent_unlocked, by, VAULT_BY_PASSPHRASE, VAULT_BY_COMMAND),
};
const struct codec parent_unlocked_codec = CODEC(unlocked_fields);

static const struct codec_field notify_fields[] = {
	CODEC_FIELD(U8, parent_notify, precedence, 0, PRECEDENCE_FLASH),
	CODEC_FIELD(U64, parent_notify, number, 0, 0),
};
const struct codec parent_notify_codec = CODEC(notify_fields);
