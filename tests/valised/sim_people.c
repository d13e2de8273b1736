/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "community.h"
#include "member/order.h"
#include "people.h"
#include "sim.h"

/* The community: founded, joined, and its people. */

static const char *const names[] = {"PT", "FR", "CY", "EU"};

static void
post_note(struct sim *sim, size_t at, const char *path, struct rd note)
{
	struct post_note post = {.note = note};
	struct buf body;

	buf_init(&body, POST_BODY_MAX);
	codec_write(&post_note_codec, &post, &body);
	CHECK(buf_error(&body) == 0);
	if (sim_admin(sim, at, path, rd_of(body.data, body.len)) != 200) {
		(void)fprintf(stderr, "%s %s: %s\n", names[at], path, sim_why(sim));
		sim_fail("refused");
	}
	buf_done(&body);
}

/* A ceiling for everything, so that people are what differs. */
static void
entry_of(struct sim *sim, size_t at, struct entry *ret_entry)
{
	struct entry own;

	community_entry(names[at], ret_entry);
	own_station_entry(sim->stations[at].keys, &own);
	memcpy(ret_entry->tls, own.tls, sizeof own.tls);
	memcpy(ret_entry->log, own.log, sizeof own.log);
	memcpy(ret_entry->witness, own.witness, sizeof own.witness);
	memcpy(ret_entry->sign, own.sign, sizeof own.sign);
	ret_entry->ceilings[0] = address_of(at == SIM_EU
			? "CONCORD: RESTRICTED, UNCLASSIFIED"
			: "CONCORD: CONFIDENTIAL, RESTRICTED, SECRET, UNCLASSIFIED");
}

static void
found(struct sim *sim, size_t at)
{
	struct entry entry;
	struct buf note;

	buf_init(&note, NOTE_BYTES_MAX);
	entry_of(sim, at, &entry);
	CHECK(entry_note_write(&entry,
		      own_station_seed(sim->stations[at].keys, STATION_SIGN),
		      &note) == 0);
	post_note(sim, at, "found", rd_of(note.data, note.len));
	buf_done(&note);
}

/* What `join --request` does: the newest directory of the station is the first. */
static void
name_directory(struct sim *sim, size_t at, struct entry *entry)
{
	struct note *note = NULL;
	struct post_note post;

	CHECK(sim_admin(sim, at, "directory", rd_of("", 0)) == 200);
	CHECK(codec_parse_whole(&post_note_codec, rd_of(sim->reply.data, sim->reply.len),
		      &post) == 0);
	CHECK(note_parse(post.note.ptr, post.note.len, &note) == 0);
	entry->has_first_directory = true;
	hash_sha256(note->text.ptr, note->text.len, entry->first_directory);
	note_free(note);
}

static void
join_all(struct sim *sim, const struct sim_plan *plan)
{
	struct roster *roster = community_roster(names, sim->station_count);
	struct buf note;

	buf_init(&note, NOTE_BYTES_MAX);
	roster->enrol_delay_s = plan->enrol_delay_s;
	for (size_t i = 0; i < sim->station_count; i++) {
		size_t at = 0;

		CHECK(roster_find(roster, address_of(names[i]), &at) == 0);
		entry_of(sim, i, &roster->members[at]);
		if (plan->first_count > 0)
			name_directory(sim, i, &roster->members[at]);
	}
	community_sign(roster, names, sim->station_count, &note);
	for (size_t i = 0; i < sim->station_count; i++)
		post_note(sim, i, "join", rd_of(note.data, note.len));
	buf_done(&note);
	roster_free(roster);
}

struct sim *
sim_new(const struct sim_plan *plan)
{
	struct sim *sim = sim_begin();

	if (plan->members != 0)
		sim->station_count = plan->members;
	for (size_t i = 0; i < sim->station_count; i++)
		sim_station_start(sim, i, names[i], plan->chunks_dir);
	sim_run(sim);
	for (size_t i = 0; i < sim->station_count; i++)
		found(sim, i);
	sim_run(sim);
	for (size_t i = 0; i < plan->first_count; i++)
		(void)sim_enrol(sim, &plan->first[i]);
	join_all(sim, plan);
	for (int i = 0; i < 5; i++)
		sim_pass(sim, 60 * 1000);
	return sim;
}

/* Officers. */

static void
write_clearance(const char *text, struct buf *out)
{
	struct clearance *clearance = NULL;

	CHECK(clearance_from_text(text, strlen(text), &clearance) == 0);
	clearance_write(clearance, out);
	clearance_free(clearance);
}

static void
write_enrol(
	const struct sim_officer_plan *plan, struct sim_officer *officer, struct buf *out)
{
	const char *member = names[plan->station];
	struct credential c = {.from_s = PEOPLE_FROM_S,
		.until_s = plan->until_s != 0 ? plan->until_s : PEOPLE_UNTIL_S,
		.subject = people_subject(member, officer->name,
			plan->kind != 0 ? plan->kind : SUBJECT_OFFICER)};
	struct buf clearances, credential;
	struct enrol enrol = {0};
	uint8_t seed[32];

	buf_init(&clearances, CLEARANCE_BYTES_MAX);
	buf_init(&credential, CREDENTIAL_BYTES_MAX);
	people_seed(member, officer->name, "sign", officer->sign_seed);
	people_seed(member, officer->name, "reader", officer->reader_seed);
	CHECK(subject_prove(&c.subject, officer->sign_seed, c.possession) == 0);
	if (plan->desk != NULL)
		CHECK(desks_add(&c.desks, address_of(plan->desk)) == 0);
	write_clearance(plan->clearance, &clearances);
	c.clearances = rd_of(clearances.data, clearances.len);
	CHECK(credential_write(&c, &credential) == 0);
	enrol.credential = rd_of(credential.data, credential.len);
	people_seed(member, "rita", "enrol", seed);
	CHECK(enrol_sign(&enrol, seed) == 0);
	people_seed(member, "sergio", "enrol", seed);
	CHECK(enrol_sign(&enrol, seed) == 0);
	CHECK(enrol_write(&enrol, out) == 0);
	buf_done(&clearances);
	buf_done(&credential);
}

/* The credential points into the ENROL object that the officer holds. */
static void
fill(struct sim_officer *officer)
{
	struct enrol enrol;

	CHECK(enrol_parse(officer->enrol.data, officer->enrol.len, &enrol) == 0);
	CHECK(credential_parse(enrol.credential.ptr, enrol.credential.len,
		      &officer->credential) == 0);
	hash_sha256(enrol.credential.ptr, enrol.credential.len, officer->hash);
}

static void
send_in(struct sim *sim, struct sim_officer *officer)
{
	struct request request = {
		.made_s = PEOPLE_FROM_S, .subject = officer->credential.subject};
	struct post_enrol post = {
		.enrol = rd_of(officer->enrol.data, officer->enrol.len)};
	struct post_request asked;
	struct buf bytes;

	buf_init(&bytes, REQUEST_BYTES_MAX);
	CHECK(request_write(&request, officer->sign_seed, NULL, &bytes) == 0);
	asked.request = rd_of(bytes.data, bytes.len);
	CHECK(sim_open_path(sim, officer->station, "enrol", &post_request_codec,
		      &asked) == 200);
	buf_done(&bytes);
	if (sim_open_path(sim, officer->station, "enrol-sign", &post_enrol_codec,
		    &post) != 200) {
		(void)fprintf(stderr, "%s: %s\n", officer->name, sim_why(sim));
		sim_fail("refused");
	}
}

struct sim_officer *
sim_enrol(struct sim *sim, const struct sim_officer_plan *plan)
{
	struct sim_officer *officer = &sim->officers[sim->officer_count++];

	CHECK(sim->officer_count <= SIM_OFFICERS_MAX);
	*officer = (struct sim_officer){.station = plan->station};
	(void)snprintf(officer->name, sizeof officer->name, "%s", plan->name);
	buf_init(&officer->enrol, ENROL_BYTES_MAX);
	write_enrol(plan, officer, &officer->enrol);
	fill(officer);
	send_in(sim, officer);
	for (int i = 0; i < 3; i++)
		sim_pass(sim, 30 * 1000);
	return officer;
}

uint16_t
sim_order(struct sim *sim, size_t station, uint8_t type, const char *target)
{
	struct order order = {.type = type,
		.member = address_of(names[station]),
		.target = address_of(target),
		.credential = rd_of("", 0),
		.at_s = sim->now_ms / 1000,
		.reason = rd_of("", 0)};
	struct post_order post;
	struct buf bytes;
	uint8_t seed[32];
	uint16_t status;

	people_seed(names[station], "sergio", "enrol", seed);
	buf_init(&bytes, ORDER_BYTES_MAX);
	CHECK(order_sign(&order, seed, &bytes) == 0);
	post.order = rd_of(bytes.data, bytes.len);
	status = sim_open_path(sim, station, "order", &post_order_codec, &post);
	buf_done(&bytes);
	sim_run(sim);
	return status;
}
