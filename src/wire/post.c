/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/post.h"

static const struct codec_field signed_fields[] = {
	CODEC_FIELD(U16, post_signed, version, 1, 1),
	CODEC_FIELD(U8, post_signed, key_kind, POST_BY_CREDENTIAL, POST_BY_ENROL_KEY),
	CODEC_FIELD(FIXED, post_signed, key_id, 0, 32),
	CODEC_FIELD(U64, post_signed, time_s, 0, 0),
	CODEC_FIELD(FIXED, post_signed, nonce, 0, 16),
	CODEC_FIELD(V32, post_signed, body, 0, POST_BODY_MAX),
	CODEC_FIELD(FIXED, post_signed, signature, 0, 64),
};
const struct codec post_signed_codec = CODEC(signed_fields);

static const struct codec_field error_fields[] = {
	CODEC_FIELD(U8, post_error, fail, 1, 127),
	CODEC_FIELD(V16, post_error, text, 0, 1024),
};
const struct codec post_error_codec = CODEC(error_fields);

static const struct codec_field note_fields[] = {
	CODEC_FIELD(V32, post_note, note, 0, POST_NOTE_MAX),
};
const struct codec post_note_codec = CODEC(note_fields);

static const struct codec_field station_fields[] = {
	CODEC_FIELD(V8, post_station, member, 1, 32),
	CODEC_FIELD(V32, post_station, founding, 0, POST_NOTE_MAX),
	CODEC_FIELD(V32, post_station, roster, 0, POST_NOTE_MAX),
	CODEC_FIELD(U64, post_station, time_s, 0, 0),
};
const struct codec post_station_codec = CODEC(station_fields);

static const struct codec_field request_fields[] = {
	CODEC_FIELD(V16, post_request, request, 1, 8192),
};
const struct codec post_request_codec = CODEC(request_fields);

static const struct codec_field pending_fields[] = {
	CODEC_FIELD(V16, post_pending, request, 1, 8192),
	CODEC_FIELD(V16, post_pending, enrol, 0, 16384),
};
const struct codec post_pending_codec = CODEC(pending_fields);

static const struct codec_field list_fields[] = {
	CODEC_FIELD(V32, post_list, items, 0, POST_BODY_MAX),
};
const struct codec post_list_codec = CODEC(list_fields);

static const struct codec_field enrol_fields[] = {
	CODEC_FIELD(V16, post_enrol, enrol, 1, 16384),
};
const struct codec post_enrol_codec = CODEC(enrol_fields);

static const struct codec_field order_fields[] = {
	CODEC_FIELD(V16, post_order, order, 1, 512),
};
const struct codec post_order_codec = CODEC(order_fields);

static const struct codec_field ask_note_fields[] = {
	CODEC_FIELD(V8, post_ask_note, member, 0, 32),
	CODEC_FIELD(U32, post_ask_note, known, 0, UINT32_MAX),
};
const struct codec post_ask_note_codec = CODEC(ask_note_fields);

static const struct codec_field number_fields[] = {
	CODEC_FIELD(U16, post_number, year, 1970, 9999),
	CODEC_FIELD(U32, post_number, number, 1, UINT32_MAX),
};
const struct codec post_number_codec = CODEC(number_fields);

static const struct codec_field ask_number_fields[] = {
	CODEC_FIELD(U16, post_ask_number, year, 1970, 9999),
};
const struct codec post_ask_number_codec = CODEC(ask_number_fields);

static const struct codec_field document_fields[] = {
	CODEC_FIELD(V32, post_document, header, 1, POST_HEADER_MAX),
	CODEC_FIELD(U64, post_document, body_len, 0, 0),
	CODEC_FIELD(V16, post_document, trailer, 1, 65535),
	CODEC_FIELD(V16, post_document, send, 0, 1024),
	CODEC_FIELD(V24, post_document, enrols, 0, 65535),
	CODEC_FIELD(V32, post_document, body, 0, POST_INLINE_MAX),
	CODEC_FIELD(V16, post_document, grant, 0, 65535),
};
const struct codec post_document_codec = CODEC(document_fields);

static const struct codec_field arrival_fields[] = {
	CODEC_FIELD(U8, post_arrival, state, 0, 1),
	CODEC_FIELD(U64, post_arrival, number, 0, 0),
	CODEC_FIELD(V16, post_arrival, missing, 0, 256),
	CODEC_FIELD(V24, post_arrival, receipts, 0, POST_RECEIPTS_MAX),
};
const struct codec post_arrival_codec = CODEC(arrival_fields);

static const struct codec_field chunk_fields[] = {
	CODEC_FIELD(FIXED, post_chunk, document_id, 0, 16),
	CODEC_FIELD(U32, post_chunk, number, 0, UINT32_MAX),
	CODEC_FIELD(FIXED, post_chunk, hash, 0, 32),
	CODEC_FIELD(V32, post_chunk, bytes, 1, POST_CHUNK_LEN),
};
const struct codec post_chunk_codec = CODEC(chunk_fields);

static const struct codec_field which_fields[] = {
	CODEC_FIELD(V8, post_which, document_id, 0, 16),
	CODEC_FIELD(U64, post_which, number, 0, 0),
	CODEC_FIELD(U32, post_which, chunk, 0, UINT32_MAX),
};
const struct codec post_which_codec = CODEC(which_fields);

static const struct codec_field object_fields[] = {
	CODEC_FIELD(V16, post_object, object, 1, 65535),
};
const struct codec post_object_codec = CODEC(object_fields);

static const struct codec_field keep_fields[] = {
	CODEC_FIELD(V24, post_keep, keep, 1, 131072),
	CODEC_FIELD(V24, post_keep, enrols, 1, 65535),
};
const struct codec post_keep_codec = CODEC(keep_fields);

static const struct codec_field open_fields[] = {
	CODEC_FIELD(V16, post_open, request, 1, 32768),
	CODEC_FIELD(V32, post_open, evidence, 1, POST_HEADER_MAX),
	CODEC_FIELD(V16, post_open, authorisation, 0, 1024),
	CODEC_FIELD(V16, post_open, enrol, 1, 16384),
};
const struct codec post_open_codec = CODEC(open_fields);

static const struct codec_field opened_fields[] = {
	CODEC_FIELD(V16, post_opened, authorisation, 0, 1024),
	CODEC_FIELD(V16, post_opened, answer, 1, 4096),
};
const struct codec post_opened_codec = CODEC(opened_fields);

static const struct codec_field relay_fields[] = {
	CODEC_FIELD(V8, post_relay, member, 1, 32),
	CODEC_FIELD(V32, post_relay, body, 1, POST_BODY_MAX),
};
const struct codec post_relay_codec = CODEC(relay_fields);

static const struct codec_field inbox_fields[] = {
	CODEC_FIELD(U8, post_inbox, box, POST_BOX_IN, POST_BOX_SENT),
	CODEC_FIELD(U64, post_inbox, before, 0, 0),
	CODEC_FIELD(U16, post_inbox, max, 1, 200),
	CODEC_FIELD(U8, post_inbox, is_open_only, 0, 1),
};
const struct codec post_inbox_codec = CODEC(inbox_fields);

static const struct codec_field row_fields[] = {
	CODEC_FIELD(U64, post_row, number, 0, 0),
	CODEC_FIELD(FIXED, post_row, document_id, 0, 16),
	CODEC_FIELD(FIXED, post_row, envelope_hash, 0, 32),
	CODEC_FIELD(V8, post_row, originator, 1, 32),
	CODEC_FIELD(V8, post_row, address, 0, 97),
	CODEC_FIELD(V8, post_row, author, 0, 97),
	CODEC_FIELD(U8, post_row, role, 0, 3),
	CODEC_FIELD(U8, post_row, precedence, 0, 3),
	CODEC_FIELD(U8, post_row, type, 0, 4),
	CODEC_FIELD(U64, post_row, dtg_s, 0, 0),
	CODEC_FIELD(V8, post_row, reference, 0, 64),
	CODEC_FIELD(V16, post_row, label, 0, 8192),
	CODEC_FIELD(V16, post_row, title, 0, 480),
	CODEC_FIELD(U64, post_row, due_s, 0, 0),
	CODEC_FIELD(U64, post_row, reply_by_s, 0, 0),
	CODEC_FIELD(U8, post_row, state, 0, 11),
	CODEC_FIELD(U64, post_row, len, 0, 0),
	CODEC_FIELD(U64, post_row, kept_s, 0, 0),
};
const struct codec post_row_codec = CODEC(row_fields);

static const struct codec_field progress_fields[] = {
	CODEC_FIELD(V8, post_progress, address, 1, 97),
	CODEC_FIELD(U8, post_progress, role, 1, 3),
	CODEC_FIELD(U8, post_progress, precedence, 0, 3),
	CODEC_FIELD(U8, post_progress, state, 0, 11),
	CODEC_FIELD(U64, post_progress, due_s, 0, 0),
	CODEC_FIELD(U64, post_progress, changed_s, 0, 0),
	CODEC_FIELD(V16, post_progress, receipt, 0, 1419),
};
const struct codec post_progress_codec = CODEC(progress_fields);

static const struct codec_field state_fields[] = {
	CODEC_FIELD(U64, post_state, number, 0, 0),
	CODEC_FIELD(V16, post_state, kept_by, 0, 1024),
	CODEC_FIELD(U8, post_state, threshold, 0, 16),
	CODEC_FIELD(V24, post_state, addressees, 0, POST_RECEIPTS_MAX),
};
const struct codec post_state_codec = CODEC(state_fields);

static const struct codec_field name_fields[] = {
	CODEC_FIELD(V8, post_name, name, 1, 97),
};
const struct codec post_name_codec = CODEC(name_fields);

static const struct codec_field ack_fields[] = {
	CODEC_FIELD(FIXED, post_ack, document_id, 0, 16),
	CODEC_FIELD(U8, post_ack, answer, 0, 2),
	CODEC_FIELD(V16, post_ack, text, 0, 1024),
};
const struct codec post_ack_codec = CODEC(ack_fields);

static const struct codec_field recall_fields[] = {
	CODEC_FIELD(FIXED, post_recall, document_id, 0, 16),
	CODEC_FIELD(V8, post_recall, reason, 0, 128),
};
const struct codec post_recall_codec = CODEC(recall_fields);

static const struct codec_field destroy_fields[] = {
	CODEC_FIELD(FIXED, post_destroy, document_id, 0, 16),
	CODEC_FIELD(V8, post_destroy, reason, 0, 128),
};
const struct codec post_destroy_codec = CODEC(destroy_fields);

static const struct codec_field grant_fields[] = {
	CODEC_FIELD(V24, post_grant, grant, 1, 65535),
	CODEC_FIELD(V24, post_grant, enrols, 0, 65535),
};
const struct codec post_grant_codec = CODEC(grant_fields);

static const struct codec_field holder_fields[] = {
	CODEC_FIELD(V8, post_holder, officer, 1, 97),
	CODEC_FIELD(V8, post_holder, device, 1, 64),
	CODEC_FIELD(U32, post_holder, copy, 0, UINT32_MAX),
	CODEC_FIELD(U64, post_holder, time_s, 0, 0),
	CODEC_FIELD(FIXED, post_holder, request_hash, 0, 32),
};
const struct codec post_holder_codec = CODEC(holder_fields);

static const struct codec_field desk_fields[] = {
	CODEC_FIELD(V8, post_desk, desk, 1, 64),
	CODEC_FIELD(V8, post_desk, officer, 0, 64),
	CODEC_FIELD(U8, post_desk, is_removed, 0, 1),
	CODEC_FIELD(V8, post_desk, hours, 0, 64),
};
const struct codec post_desk_codec = CODEC(desk_fields);

static const struct codec_field grams_fields[] = {
	CODEC_FIELD(FIXED, post_grams, host, 0, 32),
	CODEC_FIELD(V24, post_grams, blob, 1, POST_GRAMS_MAX),
};
const struct codec post_grams_codec = CODEC(grams_fields);

static const struct codec_field grams_ask_fields[] = {
	CODEC_FIELD(U64, post_grams_ask, after, 0, 0),
};
const struct codec post_grams_ask_codec = CODEC(grams_ask_fields);

static const struct codec_field grams_set_fields[] = {
	CODEC_FIELD(U64, post_grams_set, number, 0, 0),
	CODEC_FIELD(FIXED, post_grams_set, document_id, 0, 16),
	CODEC_FIELD(FIXED, post_grams_set, set_id, 0, 16),
	CODEC_FIELD(U16, post_grams_set, pieces, 1, 32),
	CODEC_FIELD(U64, post_grams_set, kept_s, 0, 0),
};
const struct codec post_grams_set_codec = CODEC(grams_set_fields);

static const struct codec_field grams_which_fields[] = {
	CODEC_FIELD(FIXED, post_grams_which, document_id, 0, 16),
	CODEC_FIELD(FIXED, post_grams_which, set_id, 0, 16),
	CODEC_FIELD(U16, post_grams_which, piece, 0, 31),
};
const struct codec post_grams_which_codec = CODEC(grams_which_fields);

static const struct codec_field grams_gone_fields[] = {
	CODEC_FIELD(U64, post_grams_gone, number, 0, 0),
	CODEC_FIELD(FIXED, post_grams_gone, document_id, 0, 16),
};
const struct codec post_grams_gone_codec = CODEC(grams_gone_fields);

static const struct codec_field query_fields[] = {
	CODEC_FIELD(V8, post_query, member, 1, 32),
	CODEC_FIELD(V16, post_query, query, 1, POST_QUERY_MAX),
};
const struct codec post_query_codec = CODEC(query_fields);

static const struct codec_field query_which_fields[] = {
	CODEC_FIELD(V8, post_query_which, member, 1, 32),
	CODEC_FIELD(FIXED, post_query_which, hash, 0, 32),
};
const struct codec post_query_which_codec = CODEC(query_which_fields);

static const struct codec_field query_row_fields[] = {
	CODEC_FIELD(U64, post_query_row, number, 0, 0),
	CODEC_FIELD(V8, post_query_row, member, 1, 32),
	CODEC_FIELD(U64, post_query_row, kept_s, 0, 0),
	CODEC_FIELD(V16, post_query_row, query, 1, POST_QUERY_MAX),
};
const struct codec post_query_row_codec = CODEC(query_row_fields);

static const struct codec_field query_answer_fields[] = {
	CODEC_FIELD(V8, post_query_answer, member, 1, 32),
	CODEC_FIELD(FIXED, post_query_answer, hash, 0, 32),
	CODEC_FIELD(V16, post_query_answer, answer, 0, POST_QUERY_MAX),
};
const struct codec post_query_answer_codec = CODEC(query_answer_fields);

static const struct codec_field status_fields[] = {
	CODEC_FIELD(V32, post_status, json, 1, 65535),
};
const struct codec post_status_codec = CODEC(status_fields);
