/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mole: an administrator with every file and password of a station enrols an officer of the
 * own, without the two enrolment officers.
 *
 *   mole HOME REQUEST MODEL WAY      HOME/station, its passphrase in HOME/unlock; not running
 *
 *   REQUEST  the false officer's request (VALISE_DIR/request)
 *   MODEL    an officer whose clearance he gets
 *   WAY 1    signed with the station's own keys, which is all that lies there
 *   WAY 2    the same, in the name of the two true enrolment officers
 *
 * It makes the ENROL, puts it into the database as long kept, writes a directory with him on
 * the desks he asks for, signs that with the station's key, puts it in the place of the newest,
 * and sends it to every other member with the station's TLS key.
 * Prints   a line a member: "PT 403 ..."; exit 0 when the forging worked, whoever believes it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "crypto/crypto.h"
#include "member/credential.h"
#include "member/directory.h"
#include "member/enrol.h"
#include "member/own_station.h"
#include "member/request.h"
#include "member/roster.h"
#include "store/db_sqlite.h"
#include "store/people.h"
#include "store/station.h"
#include "sys/clock.h"
#include "sys/http_client.h"
#include "sys/loop.h"
#include "sys/tls.h"
#include "wire/front.h"
#include "wire/post.h"

enum { PATH_LEN = 1024, YEAR_S = 365 * 24 * 3600 };

struct mole {
	struct own_station *station;
	struct rd member;
	struct db *db;
	const char *model;
	int way;
	struct buf roster_note, clearances, credential, enrol, directory_note;
	struct roster *roster;
	size_t us; /* our entry in it */
};

static int
read_file(const char *path, size_t max, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	uint8_t piece[4096];
	size_t n;

	if (f == NULL)
		return FAIL_ABSENT;
	buf_init(out, max);
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_bytes(out, piece, n);
	(void)fclose(f);
	return buf_error(out);
}

static int
open_station(struct mole *m, const char *home)
{
	char path[PATH_LEN];
	struct buf key = {0}, unlock = {0};
	struct secret *passphrase = NULL;
	int r;

	(void)snprintf(path, sizeof path, "%s/unlock", home);
	if ((r = read_file(path, 1024, &unlock)) != 0)
		goto out;
	while (unlock.len > 0 && unlock.data[unlock.len - 1] == '\n')
		unlock.len--;
	(void)snprintf(path, sizeof path, "%s/station/key", home);
	if ((r = read_file(path, KEYFILE_MAX, &key)) != 0 ||
		(r = secret_new(unlock.len, &passphrase)) != 0)
		goto out;
	memcpy(passphrase->bytes, unlock.data, unlock.len);
	if ((r = own_station_open(key.data, key.len, passphrase, &m->station)) != 0)
		goto out;
	m->member = rd_of(m->station->member, strlen(m->station->member));
	(void)snprintf(path, sizeof path, "%s/station/store/station.db", home);
	r = station_open(db_sqlite(), path, clock_now_s(), &m->db);
out:
	buf_done(&key);
	buf_done(&unlock);
	secret_free(passphrase);
	return r;
}

/* The clearances of the model, as two true officers granted them. */
static int
copy_clearances(void *ctx, struct rd bytes, uint64_t first_kept_s)
{
	struct mole *m = ctx;
	struct enrol enrol;
	struct credential c;

	(void)first_kept_s;
	if (enrol_parse(bytes.ptr, bytes.len, &enrol) != 0 ||
		credential_parse(enrol.credential.ptr, enrol.credential.len, &c) != 0 ||
		c.subject.officer.len != strlen(m->model) ||
		memcmp(c.subject.officer.ptr, m->model, c.subject.officer.len) != 0)
		return 0;
	buf_clear(&m->clearances);
	buf_bytes(&m->clearances, c.clearances.ptr, c.clearances.len);
	return buf_error(&m->clearances);
}

static int
load_roster(struct mole *m)
{
	struct note *note = NULL;
	uint32_t serial;
	int r;

	buf_init(&m->roster_note, NOTE_BYTES_MAX);
	if ((r = people_newest_roster(m->db, &m->roster_note, &serial)) != 0 ||
		(r = note_parse(m->roster_note.data, m->roster_note.len, &note)) != 0 ||
		(r = roster_parse(note->text, &m->roster)) != 0)
		return r;
	/* The note stays: the roster points into it, and the process is short. */
	return roster_find(m->roster, m->member, &m->us);
}

/* A signature by the station's key under the name of somebody else's. */
static int
sign_as(const struct mole *m, const uint8_t *key, const uint8_t *seed,
	struct enrol *enrol)
{
	struct enrol ours = {.credential = enrol->credential};
	struct enrol_signature signature;
	int r;

	if ((r = enrol_sign(&ours, seed)) != 0)
		return r;
	(void)m;
	signature = ours.signatures[0];
	hash_sha256(key, SIGN_PUBLIC_LEN, signature.key_id);
	return enrol_add(enrol, &signature);
}

static int
forge_signatures(const struct mole *m, struct enrol *enrol)
{
	const struct entry *us = &m->roster->members[m->us];
	const uint8_t *first = own_station_seed(m->station, STATION_SIGN);
	const uint8_t *second = own_station_seed(m->station, STATION_LOG);
	int r;

	if (m->way == 1) {
		if ((r = enrol_sign(enrol, first)) != 0)
			return r;
		return enrol_sign(enrol, second);
	}
	if ((r = sign_as(m, us->enrols[0].key, first, enrol)) != 0)
		return r;
	return sign_as(m, us->enrols[1].key, second, enrol);
}

static int
forge_enrol(struct mole *m, struct rd request_bytes, struct people_credential *ret_row)
{
	struct request q;
	struct credential c = {.from_s = clock_now_s() - YEAR_S / 12};
	struct enrol enrol = {0};
	int r;

	buf_init(&m->clearances, CREDENTIAL_BYTES_MAX);
	buf_init(&m->credential, CREDENTIAL_BYTES_MAX);
	buf_init(&m->enrol, ENROL_BYTES_MAX);
	if ((r = request_parse(request_bytes.ptr, request_bytes.len, &q)) != 0 ||
		(r = people_each_credential(m->db, m->member, copy_clearances, m)) != 0)
		return r;
	c.subject = q.subject;
	memcpy(c.possession, q.possession, sizeof c.possession);
	c.desks = q.desks;
	c.until_s = c.from_s + YEAR_S;
	c.clearances = rd_of(m->clearances.data, m->clearances.len);
	if ((r = credential_write(&c, &m->credential)) != 0)
		return r;
	enrol.credential = rd_of(m->credential.data, m->credential.len);
	if ((r = forge_signatures(m, &enrol)) != 0 ||
		(r = enrol_write(&enrol, &m->enrol)) != 0)
		return r;
	*ret_row = (struct people_credential){.member = m->member,
		.officer = q.subject.officer,
		.device = q.subject.device,
		.enrol = rd_of(m->enrol.data, m->enrol.len),
		.first_kept_s = c.from_s};
	hash_sha256(m->credential.data, m->credential.len, ret_row->hash);
	return 0;
}

static int
compare(struct rd a, struct rd b)
{
	int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Behind whom he sorts, in a list of names. */
static void
insert_name(struct rd *names, size_t count, struct rd name)
{
	size_t at = count;

	while (at > 0 && compare(names[at - 1], name) > 0) {
		names[at] = names[at - 1];
		at--;
	}
	names[at] = name;
}

/* The newest directory, and he in it: on each desk that his credential names. */
static int
add_to_directory(const struct mole *m, const struct directory *old, struct directory *out)
{
	struct directory_credential c;
	struct credential credential;
	size_t at = old->credential_count;
	int r;

	if ((r = directory_credential_of(rd_of(m->enrol.data, m->enrol.len), &c)) != 0 ||
		(r = credential_parse(
			 m->credential.data, m->credential.len, &credential)) != 0)
		return r;
	out->member = old->member;
	out->number = old->number + 1;
	out->custody_count = old->custody_count;
	memcpy(out->custody, old->custody, sizeof out->custody);
	for (size_t i = 0; i < old->desk_count; i++) {
		struct directory_desk *desk = &out->desks[i];
		struct rd *names = &out->officers[out->officer_count];

		*desk = old->desks[i];
		desk->officer_first = out->officer_count;
		for (size_t k = 0; k < desk->officer_count; k++)
			names[k] = old->officers[old->desks[i].officer_first + k];
		if (desks_have(&credential.desks, desk->name))
			insert_name(names, desk->officer_count++, c.officer);
		out->officer_count += desk->officer_count;
	}
	out->desk_count = old->desk_count;
	for (size_t i = 0; i < old->credential_count; i++)
		out->credentials[i] = old->credentials[i];
	while (at > 0 && compare(out->credentials[at - 1].officer, c.officer) > 0) {
		out->credentials[at] = out->credentials[at - 1];
		at--;
	}
	out->credentials[at] = c;
	out->credential_count = old->credential_count + 1;
	return 0;
}

static int
forge_directory(struct mole *m)
{
	struct directory *old = NULL, *next = NULL;
	struct note *note = NULL;
	struct buf bytes, text;
	char name[NOTE_NAME_MAX + 1];
	uint32_t number;
	int r;

	buf_init(&bytes, NOTE_BYTES_MAX);
	buf_init(&text, DIRECTORY_TEXT_MAX);
	buf_init(&m->directory_note, NOTE_BYTES_MAX);
	(void)snprintf(name, sizeof name, "%s/sign", m->station->member);
	if ((r = people_newest_directory(m->db, m->member, &bytes, &number)) != 0 ||
		(r = note_parse(bytes.data, bytes.len, &note)) != 0 ||
		(r = directory_parse(note->text, &old)) != 0 ||
		(r = directory_new(old->desk_count + 1, old->officer_count + 64,
			 old->credential_count + 1, &next)) != 0 ||
		(r = add_to_directory(m, old, next)) != 0 ||
		(r = directory_write(next, &text)) != 0 ||
		(r = note_text_write(text.data, text.len, &m->directory_note)) != 0 ||
		(r = note_sign(text.data, text.len, name,
			 own_station_seed(m->station, STATION_SIGN),
			 &m->directory_note)) != 0)
		goto out;
	r = people_put_directory(m->db,
		&(struct people_directory){.member = m->member,
			.number = next->number,
			.note = rd_of(m->directory_note.data, m->directory_note.len),
			.kept_s = clock_now_s()});
out:
	directory_free(old);
	directory_free(next);
	note_free(note);
	buf_done(&bytes);
	buf_done(&text);
	return r;
}

struct push {
	struct loop *loop;
	const struct entry *to;
};

static void
pushed(void *arg, int r, unsigned status, struct rd body)
{
	const struct push *p = arg;
	struct post_error error = {0};

	if (r == 0 && status != 200)
		(void)!codec_parse_whole(&post_error_codec, body, &error);
	(void)printf("%.*s %u %.*s\n", (int)p->to->name.len, p->to->name.ptr,
		r == 0 ? status : 0, (int)error.text.len, error.text.ptr);
	loop_stop(p->loop);
}

/* The directory to one member, as our station would send it. */
static int
push(const struct mole *m, const struct entry *to)
{
	struct push p = {.to = to};
	struct tls *tls = NULL;
	struct http_client *client = NULL;
	struct http_target target = {
		.body_max = FRONT_HTTP_MAX, .timeout_ms = 5000, .idle_ms = 1000};
	struct http_call call = {
		.method = "POST", .path = "/p/1/directory", .done = pushed, .arg = &p};
	struct buf body;
	char host[ADDRESS_URL_MAX + 1] = "";
	unsigned port = 0;
	int r;

	buf_init(&body, FRONT_HTTP_MAX);
	codec_write(&post_note_codec,
		&(struct post_note){
			.note = rd_of(m->directory_note.data, m->directory_note.len)},
		&body);
	if (sscanf((const char *)to->url.ptr, "https://%63[0-9.]:%u", host, &port) != 2)
		return FAIL_FORMAT;
	target.host = host;
	target.port = (uint16_t)port;
	call.body = rd_of(body.data, body.len);
	if ((r = loop_new(&p.loop)) != 0 ||
		(r = tls_new(TLS_CLIENT, own_station_seed(m->station, STATION_TLS),
			 (struct tls_pins){&to->tls, 1}, &tls)) != 0)
		return r;
	target.tls = tls;
	if ((r = http_client_new(p.loop, &target, &client)) == 0 &&
		(r = http_client_send(client, &call)) == 0)
		r = loop_run(p.loop);
	http_client_free(client);
	tls_free(tls);
	loop_free(p.loop);
	buf_done(&body);
	return r;
}

/* The forged enrolment and a directory that names it, as one transaction. */
static MUST int
plant(struct mole *m, struct rd request)
{
	struct people_credential row;
	int r;

	if ((r = forge_enrol(m, request, &row)) != 0 || (r = db_begin(m->db)) != 0)
		return r;
	if ((r = people_put_credential(m->db, &row)) != 0 ||
		(r = forge_directory(m)) != 0)
		return r;
	return db_commit(m->db);
}

int
main(int argc, char **argv)
{
	struct mole m = {0};
	struct buf request;
	int r = FAIL_UNSUPPORTED;

	if (argc != 5) {
		(void)fputs("usage: mole HOME REQUEST MODEL 1|2\n", stderr);
		return 2;
	}
	m.model = argv[3];
	m.way = argv[4][0] == '2' ? 2 : 1;
	if (crypto_init() != 0 || (r = open_station(&m, argv[1])) != 0 ||
		(r = load_roster(&m)) != 0 ||
		(r = read_file(argv[2], REQUEST_BYTES_MAX, &request)) != 0 ||
		(r = plant(&m, rd_of(request.data, request.len))) != 0) {
		(void)fprintf(stderr, "mole: %s\n", fail_text(r));
		return 1;
	}
	db_close(m.db);
	for (size_t i = 0; i < m.roster->member_count; i++)
		if (i != m.us && (r = push(&m, &m.roster->members[i])) != 0)
			(void)fprintf(stderr, "mole: cannot send it: %s\n", fail_text(r));
	own_station_free(m.station);
	return 0;
}
