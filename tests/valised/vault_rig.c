/* SPDX-License-Identifier: Apache-2.0 */
#include "vault_rig.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "community.h"
#include "crypto/crypto.h"
#include "label/label.h"
#include "member/custodians.h"
#include "people.h"

/* A helper of tests: whatever fails here, and is not what a test asks about, is a CHECK. */

const char *const rig_names[RIG_MEMBERS] = {"PT", "FR", "CY", "EU"};

enum { BYTES_MAX = 4 << 20 };

/* SHA-256 of a counter. */
static int
fill(struct rng *rng, void *out, size_t len)
{
	struct rig *rig = (struct rig *)rng;
	uint8_t hash[HASH_LEN];
	uint8_t *at = out;

	while (len > 0) {
		size_t n = len < HASH_LEN ? len : HASH_LEN;

		hash_sha256(&rig->drawn, sizeof rig->drawn, hash);
		rig->drawn++;
		memcpy(at, hash, n);
		at += n;
		len -= n;
	}
	return 0;
}

static struct own_station *
keys_of(struct rig *rig, const char *name)
{
	static const struct {
		enum own_station_seed which;
		const char *purpose;
	} seeds[] = {{STATION_TLS, "tls"}, {STATION_LOG, "log"},
		{STATION_WITNESS, "witness"}, {STATION_SIGN, "sign"},
		{STATION_UNLOCK, "unlock"}};
	struct own_station *station = NULL;
	struct entry entry;
	char domain[128], url[128];

	community_entry(name, &entry);
	(void)snprintf(domain, sizeof domain, "%.*s", (int)entry.domain.len,
		(const char *)entry.domain.ptr);
	(void)snprintf(
		url, sizeof url, "%.*s", (int)entry.url.len, (const char *)entry.url.ptr);
	CHECK(own_station_new(name, domain, url, &rig->rng, &station) == 0);
	for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++)
		people_seed(name, "station", seeds[i].purpose,
			station->seeds->bytes + 32 * (size_t)seeds[i].which);
	return station;
}

/* What was said, parsed as far as every DONE is the same. */
static void
emit(void *ctx, const struct wire_message *message)
{
	struct rig_station *station = ctx;
	struct rig_said *said;
	struct vault_done done;

	CHECK(station->said_count < RIG_ANSWERS);
	CHECK(vault_may(ROLE_CUSTODY, message->type, message->body.len));
	said = &station->said[station->said_count++];
	*said = (struct rig_said){.type = message->type,
		.number = message->number,
		.was_dirty = memory_disk_is_dirty(&station->disk)};
	buf_init(&said->body, BYTES_MAX);
	if (message->type == VAULT_READY) {
		buf_bytes(&said->body, message->body.ptr, message->body.len);
		return;
	}
	CHECK(codec_parse_whole(&vault_done_codec, message->body, &done) == 0);
	said->fail = -(int)done.fail;
	if (done.why.len > 0)
		memcpy(said->why, done.why.ptr,
			done.why.len < sizeof said->why - 1 ? done.why.len
							    : sizeof said->why - 1);
	if (done.body.len > 0)
		buf_bytes(&said->body, done.body.ptr, done.body.len);
}

void
rig_forget(struct rig_station *station)
{
	for (size_t i = 0; i < station->said_count; i++)
		buf_done(&station->said[i].body);
	station->said_count = 0;
}

int
rig_start(struct rig *rig, size_t station)
{
	struct rig_station *s = &rig->stations[station];
	struct vault_plan plan = {.station = s->keys,
		.unlocked_by = VAULT_BY_PASSPHRASE,
		.disk = memory_disk_table(&s->disk),
		.rng = &rig->rng,
		.out = {.emit = emit, .ctx = s}};

	return vault_new(&plan, rig->now_s * 1000, &s->vault);
}

void
rig_stop(struct rig *rig, size_t station)
{
	vault_free(rig->stations[station].vault);
	rig->stations[station].vault = NULL;
}

void
rig_say(struct rig *rig, size_t station, enum vault_type type, const struct codec *codec,
	const void *message)
{
	struct rig_station *s = &rig->stations[station];
	struct wire_message m = {.type = (uint8_t)type, .number = ++s->number};
	struct buf body, frame;

	buf_init(&body, 8 << 20);
	buf_init(&frame, 8 << 20);
	if (codec != NULL)
		codec_write(codec, message, &body);
	CHECK(buf_error(&body) == 0);
	m.body = rd_of(body.data, body.len);
	wire_write(&m, &frame);
	CHECK(vault_handle(s->vault, rd_of(frame.data, frame.len), rig->now_s * 1000) ==
		0);
	buf_done(&body);
	buf_done(&frame);
}

int
rig_idle(struct rig *rig, size_t station)
{
	return vault_idle(rig->stations[station].vault);
}

const struct rig_said *
rig_ask(struct rig *rig, size_t station, enum vault_type type, const struct codec *codec,
	const void *message)
{
	struct rig_station *s = &rig->stations[station];

	rig_forget(s);
	rig_say(rig, station, type, codec, message);
	CHECK(rig_idle(rig, station) == 0);
	CHECK(s->said_count >= 1 && s->said[s->said_count - 1].number == s->number);
	return &s->said[s->said_count - 1];
}

void
rig_init(struct rig *rig)
{
	struct vault_roster message;

	memset(rig, 0, sizeof *rig);
	rig->rng.fill = fill;
	rig->now_s = RIG_NOW_S;
	rig->roster = community_roster(rig_names, RIG_MEMBERS);
	buf_init(&rig->roster_note, NOTE_BYTES_MAX);
	community_sign(rig->roster, rig_names, RIG_MEMBERS, &rig->roster_note);
	message.note = rd_of(rig->roster_note.data, rig->roster_note.len);
	for (size_t i = 0; i < RIG_MEMBERS; i++) {
		rig->stations[i].keys = keys_of(rig, rig_names[i]);
		memory_disk_init(&rig->stations[i].disk);
		CHECK(rig_start(rig, i) == 0);
		CHECK(rig_ask(rig, i, VAULT_ROSTER, &vault_roster_codec, &message)
				->fail == 0);
	}
	{
		struct buf text;

		buf_init(&text, ROSTER_TEXT_MAX);
		CHECK(roster_write(rig->roster, &text) == 0);
		roster_hash(rd_of(text.data, text.len), rig->roster_hash);
		buf_done(&text);
	}
}

void
rig_done(struct rig *rig)
{
	for (size_t i = 0; i < RIG_MEMBERS; i++) {
		rig_stop(rig, i);
		rig_forget(&rig->stations[i]);
		own_station_free(rig->stations[i].keys);
		memory_disk_done(&rig->stations[i].disk);
	}
	roster_free(rig->roster);
	buf_done(&rig->roster_note);
}

void
rig_custody_key(struct rig *rig, size_t station, struct kem_public *ret_key)
{
	const struct rig_said *said = rig_ask(rig, station, VAULT_TICK, NULL, NULL);
	struct vault_keys keys;
	struct vault_key key;

	CHECK(said->fail == 0);
	CHECK(codec_parse_whole(&vault_keys_codec, rd_of(said->body.data, said->body.len),
		      &keys) == 0);
	CHECK(codec_parse(&vault_key_codec, &keys.keys, &key) == 0);
	*ret_key = (struct kem_public){.suite = key.suite, .len = (uint16_t)key.key.len};
	memcpy(ret_key->bytes, key.key.ptr, key.key.len);
}

void
rig_enrol(const char *member, const char *officer, uint64_t since_s, bool is_first,
	struct buf *out)
{
	struct vault_enrol item = {.since_s = since_s, .is_first = is_first};
	struct buf enrol;

	buf_init(&enrol, ENROL_BYTES_MAX);
	people_enrol(member, officer, SUBJECT_OFFICER, &enrol);
	item.enrol = rd_of(enrol.data, enrol.len);
	codec_write(&vault_enrol_codec, &item, out);
	CHECK(buf_error(out) == 0);
	buf_done(&enrol);
}
