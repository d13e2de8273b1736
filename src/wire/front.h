/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_FRONT_H
#define WIRE_FRONT_H
/*
 * front: what is said between front, which has the network, and store, which has the rows.
 *
 *   front -> store   ASK      a request has come in from a client, a member or the administrator
 *   store -> front   REPLY    the answer to an ASK, by its number; exactly one each
 *   store -> front   CALL     post this to that member's station
 *   front -> store   RESULT   what came of a CALL, by its number; exactly one each
 *   store -> front   PINS     the `tls` keys of the members, for both ports of the station
 *   store -> front   FIGURES  what /metrics shows of the store, once a second when changed
 *
 * A message between processes is   type:u8 number:u64 body   in a frame of sys/channel.h.
 * Numbers are the asking side's own and not in use twice at a time.  The permit table
 * (front_may) says who may say what, and how long it may be; anything else ends the
 * connection, and with it both processes.
 *
 * Trust  front knows which `tls` key a member proved, and says so in `peer`; store believes
 *        that.  What a client's request claims is signed, and store checks it itself.
 */
#include <stdbool.h>

#include "wire/codec.h"

enum role { ROLE_PARENT, ROLE_FRONT, ROLE_STORE, ROLE_CUSTODY };

/* One message between processes. */
struct wire_message {
	uint8_t type;
	uint64_t number;
	struct rd body;
};

enum { WIRE_HEAD_LEN = 9, WIRE_BODY_MAX = 5 << 20 };

MUST int wire_parse(struct rd in, struct wire_message *ret_message);
void wire_write(const struct wire_message *message, struct buf *out);

enum front_type {
	FRONT_ASK = 1,
	FRONT_REPLY = 2,
	FRONT_CALL = 3,
	FRONT_RESULT = 4,
	FRONT_PINS = 5,
	FRONT_FIGURES = 6,
};

/* May this role send this?  Also checks the length of the body. */
MUST bool front_may(enum role sender, uint8_t type, size_t body_len);

enum front_source { FRONT_CLIENT = 1, FRONT_PEER = 2, FRONT_ADMIN = 3 };

enum {
	FRONT_PATH_MAX = 64,
	FRONT_KEY_LEN = 32,
	FRONT_HTTP_MAX = 2 << 20, /* the largest body of a request or an answer */
};

struct front_ask {
	uint8_t source;
	struct rd peer; /* 0, or the `tls` key (32 bytes) that the peer proved */
	struct rd path; /* what follows "/c/1/", "/p/1/" or "/a/1/": "inbox" */
	struct rd body;
};

struct front_reply {
	uint16_t status; /* 200..599 */
	struct rd body;
};

struct front_call {
	const uint8_t *tls; /* FRONT_KEY_LEN: the pin */
	struct rd url;	    /* https://host:port */
	struct rd path;	    /* "announce": below /p/1/ */
	struct rd body;
	uint32_t timeout_ms;
};

enum front_outcome {
	FRONT_ANSWERED = 0,
	FRONT_UNREACHABLE = 1, /* no name, no connection, another key, ended */
	FRONT_TIMED_OUT = 2,
	FRONT_MALFORMED = 3,
};

struct front_result {
	uint8_t outcome;
	uint16_t status; /* 0 unless answered */
	struct rd body;
};

struct front_pins {
	struct rd keys; /* whole keys of FRONT_KEY_LEN */
};

struct front_figures {
	struct rd text; /* lines of the Prometheus text format */
};

extern const struct codec front_ask_codec;
extern const struct codec front_reply_codec;
extern const struct codec front_call_codec;
extern const struct codec front_result_codec;
extern const struct codec front_pins_codec;
extern const struct codec front_figures_codec;

#endif
