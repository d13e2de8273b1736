/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_POST_H
#define WIRE_POST_H
/*
 * post: the bodies of requests and answers between client and station, and between stations.
 *
 * All are HTTP POST below /c/1/ (clients), /p/1/ (members) and /a/1/ (administrator, on the
 * local socket).  Paths, who may ask what, and which body belongs to which: docs/format/
 * station.md, which is normative.  Bodies are messages of wire/codec.h.
 *
 * A client's request is a post_signed around the body, but for the few that need no name:
 * they carry signatures of their own, or ask for what is public.
 * An answer is 200 and its body, or another status and a post_error.
 */
#include "wire/codec.h"

enum {
	POST_BODY_MAX = 2000000, /* with its wrapping below FRONT_HTTP_MAX */
	POST_HEADER_MAX = 1500000,
	POST_INLINE_MAX = 256 * 1024,
	POST_CHUNK_LEN = 1 << 20,
	POST_NOTE_MAX = 1900000,
	POST_RECEIPTS_MAX = 1900000,
	POST_GRAMS_MAX = (1 << 20) + 2048,
	POST_QUERY_MAX = 4096,
	POST_CLOCK_S = 120, /* a request this far from our clock is refused */
};

enum post_key_kind { POST_BY_CREDENTIAL = 1, POST_BY_ENROL_KEY = 2 };
enum post_box { POST_BOX_IN = 1, POST_BOX_SENT = 2 };

/* How an officer's request is wrapped: who asks, and a signature over path and body.
 * signed = "valise/v1 client" || 0 || opaque path<1..64> (u8) || key_kind || key_id || time ||
 *          nonce || SHA-256(body) */
struct post_signed {
	uint16_t version;
	uint8_t key_kind;
	const uint8_t *key_id; /* credential hash, or SHA-256 of the enrol public key */
	uint64_t time_s;
	const uint8_t *nonce;
	struct rd body;
	const uint8_t *signature;
};

/* The body of every answer that is not 200. */
struct post_error {
	uint8_t fail;	/* -FAIL_* */
	struct rd text; /* a sentence: what, why, what to do */
};

/* A signed note: roster, directory, founding file.  Empty: there is none, or it is known. */
struct post_note {
	struct rd note;
};

/* What a station says of itself to anybody. */
struct post_station {
	struct rd member;
	struct rd founding; /* the founding file; empty before `officer found` */
	struct rd roster;   /* newest; empty before `join` */
	uint64_t time_s;    /* its clock */
};

/* A device asks to be enrolled: a request of credential.md, section 4. */
struct post_request {
	struct rd request;
};

/* One that waits for signatures; enrol is empty, or carries one signature. */
struct post_pending {
	struct rd request;
	struct rd enrol;
};

/* A list of whole messages of one kind; which kind, the path says. */
struct post_list {
	struct rd items;
};

/* An ENROL object. */
struct post_enrol {
	struct rd enrol;
};

/* A REVOKE, HOLD or LIFT. */
struct post_order {
	struct rd order;
};

/* In place of a number held: the directory that the roster names as the member's first. */
#define POST_FIRST_DIRECTORY UINT32_MAX

/* Which note: a roster by serial, or a directory by member; the number already held. */
struct post_ask_note {
	struct rd member; /* directory: whose; roster: empty */
	uint32_t known;	  /* serial or number held; 0: none */
};

/* A number of the register for a cable that is to be sent: PT/2026/0017. */
struct post_number {
	uint16_t year;
	uint32_t number;
};

struct post_ask_number {
	uint16_t year;
};

/* An envelope, from client or member: what stands before and after the body, and the body
 * itself when it is at most POST_INLINE_MAX.  Body: all bytes between header and trailer. */
struct post_document {
	struct rd header;
	uint64_t body_len;
	struct rd trailer;
	struct rd send;	  /* SEND; empty from the client that seals */
	struct rd enrols; /* list of post_enrol: of the trailer's signers */
	struct rd body;	  /* whole, or empty: chunks follow */
	struct rd grant;  /* to a later reader: the countersigned GRANT; else empty */
};

/* How much of an envelope is here.  Empty missing and state 1: all, durable. */
struct post_arrival {
	uint8_t state;	    /* 0 arriving, 1 whole */
	uint64_t number;    /* N of this document at the station that answers */
	struct rd missing;  /* the first missing chunks, uint32 each */
	struct rd receipts; /* list of post_object: receipts, once it is whole */
};

/* Chunk `number` (from 0) of a body: 1 MiB, the last one shorter. */
struct post_chunk {
	const uint8_t *document_id;
	uint32_t number;
	const uint8_t *hash; /* SHA-256 of bytes */
	struct rd bytes;
};

/* Which document: by id (16 bytes), or by its number N at the station asked. */
struct post_which {
	struct rd document_id;
	uint64_t number;
	uint32_t chunk; /* chunk-get: which one */
};

/* Any signed object: receipt, RECALL, KEPT. */
struct post_object {
	struct rd object;
};

/* To a custodian: KEEP and the enrolments of the trailer's signers.  Answer: post_object, KEPT. */
struct post_keep {
	struct rd keep;
	struct rd enrols;
};

/* To originator or custodian; a client names the member in post_relay. */
struct post_open {
	struct rd request;
	struct rd evidence;	 /* opening_evidence */
	struct rd authorisation; /* empty to the originator */
	struct rd enrol;	 /* of the device that asks */
};

struct post_opened {
	struct rd authorisation; /* the originator's */
	struct rd answer;
};

/* A client asks its station to pass this on; `body` is post_open. */
struct post_relay {
	struct rd member;
	struct rd body;
};

/* A page of the register: newest first, those before `before` (0: from the newest). */
struct post_inbox {
	uint8_t box;
	uint64_t before;
	uint16_t max;
	uint8_t is_open_only; /* only what waits for an acknowledgement */
};

/* One document as the register lists it. */
struct post_row {
	uint64_t number; /* N */
	const uint8_t *document_id;
	const uint8_t *envelope_hash;
	struct rd originator;
	struct rd address; /* in: by which address it is yours; sent: empty */
	struct rd author;  /* PT/ana.silva, of the trailer's first signer */
	uint8_t role;	   /* 1 action, 2 info; sent: 0 */
	uint8_t precedence;
	uint8_t type; /* message type */
	uint64_t dtg_s;
	struct rd reference;
	struct rd label; /* binary label */
	struct rd title;
	uint64_t due_s;	     /* 0: none */
	uint64_t reply_by_s; /* 0: none */
	uint8_t state;	     /* enum delivery; sent: the least advanced addressee's */
	uint64_t len;	     /* of the body */
	uint64_t kept_s;     /* when it came */
};

/* How far one addressee of a document of ours has come. */
struct post_progress {
	struct rd address;
	uint8_t role;
	uint8_t precedence;
	uint8_t state; /* enum delivery */
	uint64_t due_s;
	uint64_t changed_s;
	struct rd receipt; /* the newest receipt, or empty */
};

struct post_state {
	uint64_t number;   /* N */
	struct rd kept_by; /* list of post_name: members whose KEPT is here */
	uint8_t threshold;
	struct rd addressees; /* list of post_progress */
};

struct post_name {
	struct rd name;
};

struct post_ack {
	const uint8_t *document_id;
	uint8_t answer; /* enum receipt_acknowledged */
	struct rd text;
};

struct post_recall {
	const uint8_t *document_id;
	struct rd reason;
};

/* Who may open a document of ours no more: its keys are erased, here and at the custodians. */
struct post_destroy {
	const uint8_t *document_id;
	struct rd reason;
};

/* A GRANT signed by its granter; to the originator's station it is sent with the enrolments of
 * granter and reader; answered countersigned.  Then to the member of the later reader with the document. */
struct post_grant {
	struct rd grant;
	struct rd enrols; /* list of post_enrol: granter, reader */
};

/* Who has been authorised to open a document of ours. */
struct post_holder {
	struct rd officer; /* CY/eleni.k */
	struct rd device;
	uint32_t copy;
	uint64_t time_s;
	const uint8_t *request_hash;
};

/* Administrator: put an officer on a desk or off it; hours of a desk. */
struct post_desk {
	struct rd desk;
	struct rd officer; /* empty: the desk itself */
	uint8_t is_removed;
	struct rd hours;
};

/* A piece of a cable's text for an index host: envelope/grams.h, which names its place. */
struct post_grams {
	const uint8_t *host; /* hash of the host's credential */
	struct rd blob;
};

/* What waits, or which documents were destroyed, after this number (0: from the first). */
struct post_grams_ask {
	uint64_t after;
};

/* A whole set of blobs that waits for the host that asks. */
struct post_grams_set {
	uint64_t number; /* for post_grams_ask */
	const uint8_t *document_id;
	const uint8_t *set_id;
	uint16_t pieces;
	uint64_t kept_s; /* when it came */
};

/* One piece, to have it; the whole set, to be done with it (piece 0). */
struct post_grams_which {
	const uint8_t *document_id;
	const uint8_t *set_id;
	uint16_t piece;
};

/* A document of ours that was destroyed: its text leaves the index. */
struct post_grams_gone {
	uint64_t number; /* for post_grams_ask */
	const uint8_t *document_id;
};

/* An ally's query (docs/format/confirm.md) to the index hosts of another member. */
struct post_query {
	struct rd member;
	struct rd query;
};

/* What became of it; hash is SHA-256 of the query.  To a member: member is that one. */
struct post_query_which {
	struct rd member;
	const uint8_t *hash;
};

/* One that waits for its answer; member has asked. */
struct post_query_row {
	uint64_t number; /* for post_grams_ask */
	struct rd member;
	uint64_t kept_s;
	struct rd query;
};

/* From the index host.  Empty: it was not made with a set that exists. */
struct post_query_answer {
	struct rd member;
	const uint8_t *hash;
	struct rd answer;
};

/* What `valise status` shows. */
struct post_status {
	struct rd json; /* one JSON object, names of docs/format/station.md */
};

extern const struct codec post_signed_codec;
extern const struct codec post_error_codec;
extern const struct codec post_note_codec;
extern const struct codec post_station_codec;
extern const struct codec post_request_codec;
extern const struct codec post_pending_codec;
extern const struct codec post_list_codec;
extern const struct codec post_enrol_codec;
extern const struct codec post_order_codec;
extern const struct codec post_ask_note_codec;
extern const struct codec post_number_codec;
extern const struct codec post_ask_number_codec;
extern const struct codec post_document_codec;
extern const struct codec post_arrival_codec;
extern const struct codec post_chunk_codec;
extern const struct codec post_which_codec;
extern const struct codec post_object_codec;
extern const struct codec post_keep_codec;
extern const struct codec post_open_codec;
extern const struct codec post_opened_codec;
extern const struct codec post_relay_codec;
extern const struct codec post_inbox_codec;
extern const struct codec post_row_codec;
extern const struct codec post_progress_codec;
extern const struct codec post_state_codec;
extern const struct codec post_name_codec;
extern const struct codec post_ack_codec;
extern const struct codec post_recall_codec;
extern const struct codec post_destroy_codec;
extern const struct codec post_grant_codec;
extern const struct codec post_holder_codec;
extern const struct codec post_desk_codec;
extern const struct codec post_grams_codec;
extern const struct codec post_grams_ask_codec;
extern const struct codec post_grams_set_codec;
extern const struct codec post_grams_which_codec;
extern const struct codec post_grams_gone_codec;
extern const struct codec post_query_codec;
extern const struct codec post_query_which_codec;
extern const struct codec post_query_row_codec;
extern const struct codec post_query_answer_codec;
extern const struct codec post_status_codec;

#endif
