/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WIRE_MESSAGES_H
#define TESTS_WIRE_MESSAGES_H
/*
 * messages: every message that is a table of wire/codec.h, one line each.
 *
 * Tests and fuzz targets walk these tables, so a new message is tried by naming it here.
 * test_post.c reads the headers and fails when one of their codecs is not named.
 */
#include "wire/front.h"
#include "wire/post.h"
#include "wire/vault.h"

struct message {
	const char *name;
	const struct codec *codec;
	size_t size; /* of the C struct */
};

enum { MESSAGE_SIZE_MAX = 512 };

#define MESSAGE(NAME)                                                                    \
	{                                                                                \
#NAME, &NAME##_codec, sizeof(struct NAME)                                \
	}

static const struct message messages[] = {
	MESSAGE(front_ask),
	MESSAGE(front_reply),
	MESSAGE(front_call),
	MESSAGE(front_result),
	MESSAGE(front_pins),
	MESSAGE(front_figures),
	MESSAGE(vault_ready),
	MESSAGE(vault_done),
	MESSAGE(vault_roster),
	MESSAGE(vault_keys),
	MESSAGE(vault_key),
	MESSAGE(vault_note),
	MESSAGE(vault_object),
	MESSAGE(vault_enrol),
	MESSAGE(vault_send),
	MESSAGE(vault_sent),
	MESSAGE(vault_keep),
	MESSAGE(vault_kept),
	MESSAGE(vault_open),
	MESSAGE(vault_opened),
	MESSAGE(vault_grant),
	MESSAGE(vault_destroy),
	MESSAGE(post_signed),
	MESSAGE(post_error),
	MESSAGE(post_note),
	MESSAGE(post_station),
	MESSAGE(post_request),
	MESSAGE(post_pending),
	MESSAGE(post_list),
	MESSAGE(post_enrol),
	MESSAGE(post_order),
	MESSAGE(post_ask_note),
	MESSAGE(post_number),
	MESSAGE(post_ask_number),
	MESSAGE(post_document),
	MESSAGE(post_arrival),
	MESSAGE(post_chunk),
	MESSAGE(post_which),
	MESSAGE(post_object),
	MESSAGE(post_keep),
	MESSAGE(post_open),
	MESSAGE(post_opened),
	MESSAGE(post_relay),
	MESSAGE(post_inbox),
	MESSAGE(post_row),
	MESSAGE(post_progress),
	MESSAGE(post_state),
	MESSAGE(post_name),
	MESSAGE(post_ack),
	MESSAGE(post_recall),
	MESSAGE(post_grant),
	MESSAGE(post_holder),
	MESSAGE(post_desk),
	MESSAGE(post_grams),
	MESSAGE(post_grams_ask),
	MESSAGE(post_grams_set),
	MESSAGE(post_grams_which),
	MESSAGE(post_grams_gone),
	MESSAGE(post_query),
	MESSAGE(post_query_which),
	MESSAGE(post_query_row),
	MESSAGE(post_query_answer),
	MESSAGE(post_status),
	MESSAGE(post_destroy),
};

enum { MESSAGES = sizeof messages / sizeof messages[0] };

/* What stands in the body of a message between processes; codec NULL: nothing does. */
struct process_message {
	uint8_t type;
	enum role sender;
	bool is_vault; /* else of front */
	const struct codec *codec;
};

static const struct process_message process_messages[] = {
	{FRONT_ASK, ROLE_FRONT, false, &front_ask_codec},
	{FRONT_REPLY, ROLE_STORE, false, &front_reply_codec},
	{FRONT_CALL, ROLE_STORE, false, &front_call_codec},
	{FRONT_RESULT, ROLE_FRONT, false, &front_result_codec},
	{FRONT_PINS, ROLE_STORE, false, &front_pins_codec},
	{FRONT_FIGURES, ROLE_STORE, false, &front_figures_codec},
	{VAULT_READY, ROLE_CUSTODY, true, &vault_ready_codec},
	{VAULT_DONE, ROLE_CUSTODY, true, &vault_done_codec},
	{VAULT_ROSTER, ROLE_STORE, true, &vault_roster_codec},
	{VAULT_TICK, ROLE_STORE, true, NULL},
	{VAULT_SIGN_DIRECTORY, ROLE_STORE, true, &vault_note_codec},
	{VAULT_SEND, ROLE_STORE, true, &vault_send_codec},
	{VAULT_KEEP, ROLE_STORE, true, &vault_keep_codec},
	{VAULT_AUTHORISE, ROLE_STORE, true, &vault_open_codec},
	{VAULT_SHARE, ROLE_STORE, true, &vault_open_codec},
	{VAULT_SIGN_RECEIPT, ROLE_STORE, true, &vault_object_codec},
	{VAULT_SIGN_RECALL, ROLE_STORE, true, &vault_object_codec},
	{VAULT_COUNT_GRANT, ROLE_STORE, true, &vault_grant_codec},
	{VAULT_DESTROY, ROLE_STORE, true, &vault_destroy_codec},
	{VAULT_FOUND, ROLE_STORE, true, &vault_note_codec},
};

enum { PROCESS_MESSAGES = sizeof process_messages / sizeof process_messages[0] };

#endif
