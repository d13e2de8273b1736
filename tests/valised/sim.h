/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_VALISED_SIM_H
#define TESTS_VALISED_SIM_H
/*
 * sim: a community in one program: for each member its store and custody roles, joined as the
 * processes of a station are, and to each other as front would join them.
 *
 *   sim_new()       PT, FR, CY, EU: founded, one roster joined, directories exchanged
 *   sim_run()       everything that can be said is said; the clock stands
 *   sim_ask()       an officer asks his station, and gets status and body
 *   sim_peer()      the same as another member's station, for lies of our own
 *
 * Keys and randomness come from names, so a run is the same each time.  Members and their
 * enrolment officers are those of tests/member/community.h.  Whatever fails in here is a CHECK.
 */
#include "base/rng.h"
#include "cable/delivery.h"
#include "member/own_officer.h"
#include "member/own_station.h"
#include "store/db.h"
#include "valised/store_impl.h"
#include "valised/vault.h"

enum { SIM_PT, SIM_FR, SIM_CY, SIM_EU, SIM_STATIONS };
enum {
	SIM_NO_ANSWER = 599
}; /* the status that a client has when his station was killed */
enum {
	SIM_OFFICERS_MAX = 32,
	SIM_MESSAGES_MAX = 4096,
	SIM_FILES_MAX = 16,
	SIM_FILE_MAX = 16 << 20,
};

#define SIM_START_S UINT64_C(1790000000)

struct sim_message {
	enum role from;
	struct buf bytes;
};

struct sim_queue {
	size_t first, count;
	struct sim_message items[SIM_MESSAGES_MAX];
};

struct sim_file {
	char name[32];
	struct buf bytes;
};

struct sim;

struct sim_station {
	struct sim *sim;
	size_t at;
	const char *name;
	bool is_down; /* nobody reaches it */
	bool is_ending;
	bool is_custody_busy; /* it answers every question with "later" */
	struct own_station *keys;
	struct sim_file files[SIM_FILES_MAX]; /* custody's disk */
	struct vault *vault;
	struct db *db;
	struct store *store;
	char chunks_dir[128];
	struct sim_queue to_store, to_vault;
};

/* An officer's device. */
struct sim_officer {
	size_t station;
	char name[ADDRESS_NAME_MAX + 1];
	uint8_t sign_seed[SIGN_SEED_LEN];
	uint8_t reader_seed[KEM_SEED_LEN];
	struct buf enrol;
	uint8_t hash[HASH_LEN]; /* of the credential */
	struct credential credential;
};

/* What waits for a REPLY: a client (caller SIM_STATIONS), or another station's CALL. */
struct sim_wait {
	uint64_t number; /* 0: free */
	bool is_gone;	 /* whoever waited does not any more */
	size_t at;	 /* who was asked */
	size_t caller;
	uint64_t caller_number;
};

struct sim_rng {
	struct rng rng; /* first */
	uint64_t block;
};

struct sim {
	uint64_t now_ms;
	struct sim_rng rng;
	size_t station_count;
	struct sim_station stations[SIM_STATIONS];
	size_t officer_count;
	struct sim_officer officers[SIM_OFFICERS_MAX];
	uint64_t next_number;
	struct sim_wait waits[256];
	uint64_t client_number; /* the client's ask that is open */
	uint16_t status;
	struct buf reply;
	size_t kill_at, kill_in; /* kill_in 0: nobody */
	size_t kills;		 /* so far */
	long fail_at; /* each message to a store loses this allocation; -1: none */
	long failed;  /* how many were lost since it was set to 0 */
	size_t calls; /* between stations, so far */
	char last_path[FRONT_PATH_MAX + 1];
};

struct sim_officer_plan;
struct sim_plan {
	size_t members; /* the first so many of them; 0: all */
	uint32_t enrol_delay_s;
	/* Enrolled before there is a community; the roster names the directories they are in. */
	const struct sim_officer_plan *first;
	size_t first_count;
	const char *
		chunks_dir; /* NULL: small bodies only; else PT and so on are made there */
};

struct sim *sim_new(const struct sim_plan *plan);

/* The parts of sim_new(): nothing but memory; one station, which is started. */
struct sim *sim_begin(void);
_Noreturn void sim_fail(const char *why);
void sim_station_start(
	struct sim *sim, size_t at, const char *name, const char *chunks_dir);

void sim_free(struct sim *sim);

/*
 * The processes of a station end at once and begin anew: what is not committed is gone, and so
 * is what was on its way to them.  Who waited for an answer hears that nobody is there.
 */
void sim_kill(struct sim *sim, size_t at);

/* The same after so many messages more, in the middle of whatever goes on then. */
void sim_kill_later(struct sim *sim, size_t at, size_t messages);

/* Until nobody has anything more to say. */
void sim_run(struct sim *sim);

/* The clock goes on; each station has its ticks. */
void sim_pass(struct sim *sim, uint64_t ms);

/* What people type: "SECRET", the desks separated by spaces.  Signed, sent in, exchanged. */
struct sim_officer_plan {
	size_t station;
	const char *name;
	const char *clearance;
	const char *desk; /* or NULL */
	uint64_t until_s; /* 0: long */
	uint8_t kind;	  /* enum subject_kind; 0: an officer */
};
struct sim_officer *sim_enrol(struct sim *sim, const struct sim_officer_plan *plan);

/* Status of the answer; its body is in sim->reply. */
MUST uint16_t sim_ask(struct sim *sim, const struct sim_officer *officer,
	const char *path, const struct codec *codec, const void *message);
MUST uint16_t sim_ask_bytes(struct sim *sim, const struct sim_officer *officer,
	const char *path, struct rd body);

/* A request that is open to all: what it carries is signed by itself. */
MUST uint16_t sim_open_path(struct sim *sim, size_t at, const char *path,
	const struct codec *codec, const void *message);
MUST uint16_t sim_peer(
	struct sim *sim, size_t from, size_t to, const char *path, struct rd body);
MUST uint16_t sim_admin(struct sim *sim, size_t at, const char *path, struct rd body);

/* Put a question and leave it open: everything else goes on in sim_run(). */
void sim_ask_begin(struct sim *sim, const struct sim_officer *officer, const char *path,
	struct rd body);

/* The sentence of the last answer that was not 200. */
const char *sim_why(const struct sim *sim);

struct rd sim_name(const struct sim *sim, size_t station);

/* An order of the security officer of a member, taken to its own station. */
uint16_t sim_order(struct sim *sim, size_t station, uint8_t type, const char *target);

/* A cable, sealed on the device of an officer. */
struct sim_cable_plan {
	const struct sim_officer *author;
	const char *label;
	const char *to[4];   /* action; NULL ends */
	const char *info[4]; /* info; NULL ends */
	const char *text;
	uint32_t flags;
	uint64_t expiry_s;
	const struct sim_officer *readers[8]; /* instead of those of the directories */
	const uint8_t *document_id;	      /* NULL: a new one */
};

struct sim_cable {
	uint8_t document_id[16];
	uint8_t envelope_hash[HASH_LEN];
	struct buf header;
	struct buf body;
	struct buf trailer;
	uint64_t body_len;
};

void sim_seal(
	struct sim *sim, const struct sim_cable_plan *plan, struct sim_cable *cable);
void sim_cable_done(struct sim_cable *cable);

/* Take it to the author's station; status of the answer. */
MUST uint16_t sim_announce(
	struct sim *sim, const struct sim_officer *author, const struct sim_cable *cable);

/* Seal, announce, run: CHECK that it was taken. */
void sim_send(
	struct sim *sim, const struct sim_cable_plan *plan, struct sim_cable *cable);

/* State of one addressee as the originator's station knows it. */
enum delivery sim_state(struct sim *sim, const struct sim_officer *author,
	const uint8_t *id, const char *to);

/* One opening, step by step; spoil() may change what is sent. */
struct sim_opening {
	const struct sim_officer *officer;
	const struct sim_cable *cable;
	struct rd grant;      /* instead of an R slot */
	uint64_t not_after_s; /* 0: in 5 minutes */
	uint8_t ephemeral_seed[KEM_SEED_LEN];
	struct buf request;
	struct buf evidence;
	struct buf authorisation;
	uint8_t request_hash[HASH_LEN];
};

/* The REQUEST and its evidence. */
void sim_opening_begin(struct sim *sim, const struct sim_officer *officer,
	const struct sim_cable *cable, struct sim_opening *opening);
void sim_opening_done(struct sim_opening *opening);

/* Sign the request anew, after a change. */
struct opening_request;
void sim_opening_sign(
	struct sim *sim, struct sim_opening *opening, struct opening_request *request);

/* Ask one member through the home station; status. */
MUST uint16_t sim_opening_ask(
	struct sim *sim, struct sim_opening *opening, size_t member);

/* R of an envelope, by an officer's slot: to make a GRANT of. */
void sim_r_secret(const struct sim_officer *officer, const struct sim_cable *cable,
	uint8_t ret_r[32]);

/* The whole of it: originator, then custodians until there is enough; the text in `text`.
 * Returns the status of the first refusal, or 200. */
MUST uint16_t sim_open(struct sim *sim, const struct sim_officer *officer,
	const struct sim_cable *cable, struct rd grant, struct buf *text);

#endif
