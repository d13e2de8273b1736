/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_VALISED_STORE_RIG_H
#define TESTS_VALISED_STORE_RIG_H
/*
 * store_rig: the store role of one member, with a front and a custody that do what a test says.
 *
 * Members and their keys are those of tests/member (people.h, community.h): each has the
 * enrolment officers "rita" (registrar) and "sergio" (security officer).  The parts that deal
 * with documents are left out; what people queue for members is recorded here.
 */
#include "base/buf.h"
#include "member/roster.h"
#include "valised/store_impl.h"

enum { RIG_MAX = 512 };

#define RIG_NOW_S  UINT64_C(1750000000)
#define RIG_NOW_MS (RIG_NOW_S * 1000)

/* What the role let out, in order. */
struct rig_message {
	enum role to;
	uint8_t type;
	uint64_t number;
	struct buf body;
	bool is_answered; /* by rig_custody() */
};

/* What people put into the queue to members. */
struct rig_outgoing {
	char member[33];
	char path[17];
	uint8_t urgency;
	struct buf bytes;
};

struct rig {
	struct db *db;
	struct rng rng;
	struct store *store;
	const char *member;
	uint64_t now_ms;
	uint64_t number; /* of the last ask */

	size_t message_count;
	struct rig_message messages[RIG_MAX];
	size_t outgoing_count;
	struct rig_outgoing outgoing[RIG_MAX];

	uint8_t custody_roster[32]; /* as READY says */
	uint8_t refused;	    /* a vault_type that custody refuses, or 0 */
	int refusal;
	long fail_after; /* of the next message: that many allocations pass, one fails; -1: none */
	long failed;
	bool is_mute;	/* custody answers nothing */
	int outgoing_r; /* what store_outgoing_put() answers */
};

/* In memory; RIG_NOW_MS; READY said and everything settled.  Fails the test when it cannot. */
void rig_begin(struct rig *rig, const char *member);

/* With a database of the test's own. */
void rig_begin_with(struct rig *rig, const char *member, struct db *db);
void rig_end(struct rig *rig);

/* The process ends and another one begins with the same rows. */
void rig_restart(struct rig *rig);

/* Only the process, without READY; or with READY and no settling. */
MUST int rig_new(struct rig *rig);
MUST int rig_open(struct rig *rig);

/* Commit, let custody answer, tick: until nothing more happens. */
void rig_settle(struct rig *rig);

/* Answer what custody was asked so far. */
void rig_custody(struct rig *rig);
void rig_forget(struct rig *rig);

/* One message of front or custody. */
MUST int rig_say(struct rig *rig, enum role from, uint8_t type, uint64_t number,
	const struct codec *codec, const void *message);

/* An answer: the status, the fail of a post_error, its text; the body when it is 200. */
struct rig_reply {
	uint16_t status;
	int fail;
	char text[256];
	struct rd body;
};

/* The answer to an ask; status 0: there is none. */
struct rig_reply rig_reply_to(const struct rig *rig, uint64_t number);

/* Ask and settle.  source: FRONT_CLIENT...; peer: a member's name, or NULL. */
struct rig_asking {
	uint8_t source;
	const char *peer;
	const char *path;
	const struct codec *codec; /* NULL: an empty body */
	const void *message;
};
void rig_write_ask(struct rig *rig, const struct rig_asking *asking, struct buf *out);
MUST int rig_put(struct rig *rig, const struct rig_asking *asking);
struct rig_reply rig_ask(struct rig *rig, const struct rig_asking *asking);

/* Without settling: 0, and rig->number tells which. */
struct rig_reply rig_open_ask(struct rig *rig, const char *path,
	const struct codec *codec, const void *message);
struct rig_reply rig_admin(struct rig *rig, const char *path, const struct codec *codec,
	const void *message);
struct rig_reply rig_peer(struct rig *rig, const char *peer, const char *path,
	const struct codec *codec, const void *message);

/* A signed request, to be spoilt by the test before it is sent. */
struct rig_request {
	struct post_signed message;
	uint8_t key_id[32], nonce[16], signature[64], seed[32];
	struct buf body;
};
void rig_request_by_officer(struct rig *rig, const char *member, const char *officer,
	enum subject_kind kind, struct rig_request *ret_request);
void rig_request_by_enrol_key(
	struct rig *rig, const char *officer, struct rig_request *ret_request);
void rig_request_sign(struct rig_request *request, const char *path);
struct rig_reply rig_send(
	struct rig *rig, const char *path, const struct rig_request *request);

/* One by an officer whose credential is here, signed well. */
struct rig_reply rig_officer(struct rig *rig, const char *officer, const char *path,
	const struct codec *codec, const void *message);
struct rig_reply rig_enroller(struct rig *rig, const char *officer, const char *path,
	const struct codec *codec, const void *message);

/* Steps that many tests need; each fails the test when it is not answered 200. */
void rig_found(struct rig *rig);
void rig_join(struct rig *rig); /* CY, FR, PT; serial 1 */
void rig_enrol(struct rig *rig, const char *officer, enum subject_kind kind);

/* The founding file of a member, a roster note, a signed directory; append. */
void rig_founding(const char *member, struct buf *out);
struct roster *rig_roster(void);
void rig_directory(const char *member, uint32_t number, const char *const *officers,
	size_t count, struct buf *out);
struct rd rig_bytes(const struct buf *b);

/* How many rows went to a member on a path since rig_forget(). */
size_t rig_queued(const struct rig *rig, const char *member, const char *path);

/* How many messages of a type were let out since rig_forget(). */
size_t rig_said(const struct rig *rig, enum role to, uint8_t type);

#endif
