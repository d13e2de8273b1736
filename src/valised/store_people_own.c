/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/objects.h"
#include "valised/store_people.h"

/*
 * Our own directory is a function of what is kept: the credentials of our member that are
 * valid and not revoked, the desks they name, the administrator's word about desks, and
 * custody's keys.  When something changes, the text is written; if it differs from the newest
 * one, custody signs it under the next number.  While custody signs, further changes wait: so
 * what changes together goes out together, and after a crash nothing is forgotten.
 */

/* One line of a desk: an officer on it, or, officer empty, the desk itself. */
struct place {
	struct rd desk;
	struct rd officer;
};

/* Everything points into `bytes`, which holds what the rows said. */
struct making {
	struct store *s;
	struct buf bytes;
	struct directory_credential *credentials;
	size_t credential_count;
	size_t credential_places;
	struct place *places;
	size_t place_count;
	size_t place_room;
	struct buf desks; /* the administrator's word: list of vectors, four a desk */
};

static void
making_done(struct making *m)
{
	buf_done(&m->bytes);
	buf_done(&m->desks);
	mem_free(m->credentials);
	mem_free(m->places);
}

/* Reading: rows as vectors, one after the other. */

static int
take_enrol(void *ctx, struct rd enrol, uint64_t first_kept_s)
{
	struct making *m = ctx;

	(void)first_kept_s;
	buf_vec(&m->bytes, 2, enrol.ptr, enrol.len);
	return buf_error(&m->bytes);
}

static int
take_desk(void *ctx, const struct people_desk *desk)
{
	struct making *m = ctx;

	buf_vec(&m->desks, 1, desk->name.ptr, desk->name.len);
	buf_vec(&m->desks, 1, desk->officer.ptr, desk->officer.len);
	buf_u8(&m->desks, desk->is_removed);
	buf_vec(&m->desks, 1, desk->hours.ptr, desk->hours.len);
	return buf_error(&m->desks);
}

static int
next_desk(struct rd *in, struct people_desk *ret_desk)
{
	uint8_t is_removed;
	int r;

	if ((r = rd_vec8(in, 1, ADDRESS_NAME_MAX, &ret_desk->name)) != 0 ||
		(r = rd_vec8(in, 0, ADDRESS_NAME_MAX, &ret_desk->officer)) != 0 ||
		(r = rd_u8(in, &is_removed)) != 0)
		return r;
	ret_desk->is_removed = is_removed == 1;
	return rd_vec8(in, 0, DIRECTORY_HOURS_MAX, &ret_desk->hours);
}

/* Does it stand in a directory today? */
static int
judge(struct store *s, struct rd enrol, bool *ret_is_good)
{
	struct store_credential c = {.enrol = enrol};
	struct enrol e;
	int r;

	if ((r = enrol_parse(enrol.ptr, enrol.len, &e)) != 0 ||
		(r = credential_parse(
			 e.credential.ptr, e.credential.len, &c.credential)) != 0)
		return r;
	hash_sha256(e.credential.ptr, e.credential.len, c.hash);
	*ret_is_good = false;
	if (c.credential.until_s <= s->now_ms / 1000 || people_is_revoked(s, &c))
		return 0;
	/* Want of memory must not leave anybody out: that is an error, the others a verdict. */
	r = people_verify_once(s, enrol, &e);
	if (r != 0 && r != FAIL_SIGNATURE && r != FAIL_SIGNER && r != FAIL_ABSENT)
		return r;
	*ret_is_good = r == 0;
	return 0;
}

static int
add_place(struct making *m, struct rd desk, struct rd officer)
{
	int r;

	if (m->place_count == m->place_room) {
		size_t more = m->place_room == 0 ? 64 : 2 * m->place_room;

		if ((r = mem_grow(&m->places, m->place_room * sizeof *m->places,
			     more * sizeof *m->places)) != 0)
			return r;
		m->place_room = more;
	}
	m->places[m->place_count++] = (struct place){.desk = desk, .officer = officer};
	return 0;
}

static int
add_credential(struct making *m, struct rd enrol)
{
	struct directory_credential *c;
	struct rd desks, name;
	bool is_good = false;
	int r;

	if ((r = judge(m->s, enrol, &is_good)) != 0 || !is_good)
		return r;
	if (m->credential_count == m->credential_places) {
		size_t more = m->credential_places == 0 ? 16 : 2 * m->credential_places;

		if ((r = mem_grow(&m->credentials, m->credential_places * sizeof *c,
			     more * sizeof *c)) != 0)
			return r;
		m->credential_places = more;
	}
	c = &m->credentials[m->credential_count];
	if ((r = directory_credential_of(enrol, c)) != 0)
		return r;
	m->credential_count++;
	for (desks = c->desks; desks.len > 0;) {
		if ((r = rd_vec8(&desks, 1, ADDRESS_NAME_MAX, &name)) != 0 ||
			(r = add_place(m, name, rd_of("", 0))) != 0 ||
			(r = add_place(m, name, c->officer)) != 0)
			return r;
	}
	return 0;
}

/* Ascending, as a directory has them. */

static int
compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = address_compare(x->desk, y->desk);

	return order != 0 ? order : address_compare(x->officer, y->officer);
}

static int
compare_credentials(const void *a, const void *b)
{
	const struct directory_credential *x = a, *y = b;
	int order = address_compare(x->officer, y->officer);

	if (order == 0)
		order = address_compare(x->device, y->device);
	return order != 0 ? order : memcmp(x->hash, y->hash, sizeof x->hash);
}

/* What the administrator says of a desk, or of an officer on it. */
static bool
find_word(const struct making *m, const struct place *place, struct people_desk *ret_desk)
{
	struct rd in = rd_of(m->desks.data, m->desks.len);

	while (in.len > 0 && next_desk(&in, ret_desk) == 0)
		if (address_compare(ret_desk->name, place->desk) == 0 &&
			address_compare(ret_desk->officer, place->officer) == 0)
			return true;
	*ret_desk = (struct people_desk){0};
	return false;
}

static int
add_empty_desks(struct making *m)
{
	struct rd in = rd_of(m->desks.data, m->desks.len);
	struct people_desk desk;
	int r;

	while (in.len > 0) {
		if ((r = next_desk(&in, &desk)) != 0)
			return r;
		if (desk.officer.len == 0 && !desk.is_removed &&
			(r = add_place(m, desk.name, desk.officer)) != 0)
			return r;
	}
	return 0;
}

static void
put_desks(const struct making *m, struct directory *d)
{
	struct directory_desk *desk = NULL;
	bool is_left_out = false;

	for (size_t i = 0; i < m->place_count; i++) {
		const struct place *p = &m->places[i];
		struct people_desk word = {0};
		bool is_removed = find_word(m, p, &word) && word.is_removed;

		if (i > 0 && compare_places(p - 1, p) == 0)
			continue;
		if (p->officer.len == 0) {
			is_left_out = is_removed;
			if (is_left_out)
				continue;
			desk = &d->desks[d->desk_count++];
			*desk = (struct directory_desk){.name = p->desk,
				.hours = word.hours,
				.officer_first = d->officer_count};
		} else if (!is_left_out && !is_removed) {
			d->officers[d->officer_count++] = p->officer;
			desk->officer_count++;
		}
	}
}

static int
write_directory(const struct making *m, uint32_t number, struct buf *out)
{
	const struct people *p = m->s->people;
	struct directory *d = NULL;
	int r;

	if ((r = directory_new(
		     m->place_count, m->place_count, m->credential_count, &d)) != 0)
		return r;
	d->member = m->s->ready.member;
	d->number = number;
	d->custody_count = p->custody_count;
	memcpy(d->custody, p->custody, sizeof d->custody);
	if (m->credential_count > 0)
		memcpy(d->credentials, m->credentials,
			m->credential_count * sizeof *m->credentials);
	d->credential_count = m->credential_count;
	put_desks(m, d);
	r = directory_write(d, out);
	directory_free(d);
	return r;
}

static int
make(struct making *m, uint32_t number, struct buf *out)
{
	struct store *s = m->s;
	struct rd in, enrol;
	int r;

	if ((r = people_each_credential(s->plan.db, s->ready.member, take_enrol, m)) !=
			0 ||
		(r = people_each_desk(s->plan.db, take_desk, m)) != 0)
		return r;
	for (in = rd_of(m->bytes.data, m->bytes.len); in.len > 0;)
		if ((r = rd_vec16(&in, 1, ENROL_BYTES_MAX, &enrol)) != 0 ||
			(r = add_credential(m, enrol)) != 0)
			return r;
	if ((r = add_empty_desks(m)) != 0)
		return r;
	if (m->credential_count > 0)
		qsort(m->credentials, m->credential_count, sizeof *m->credentials,
			compare_credentials);
	if (m->place_count > 0)
		qsort(m->places, m->place_count, sizeof *m->places, compare_places);
	return write_directory(m, number, out);
}

int
people_own_write(struct store *s, uint32_t number, struct buf *out)
{
	struct making m = {.s = s};
	int r;

	buf_init(&m.bytes, DB_BYTES_MAX);
	buf_init(&m.desks, DB_BYTES_MAX);
	r = make(&m, number, out);
	making_done(&m);
	/* Whoever was left out was no error. */
	s->because[0] = '\0';
	return r;
}

int
people_own_changed(struct store *s)
{
	struct people *p = s->people;
	struct buf text;
	int r;

	if (p->custody_count == 0)
		return store_because(s, FAIL_AGAIN, "the station is starting");
	buf_init(&text, DIRECTORY_TEXT_MAX);
	r = people_own_write(s, 1, &text);
	buf_done(&text);
	if (r == FAIL_FORMAT)
		return store_because(
			s, FAIL_MISMATCH, "an officer would have the name of a desk");
	if (r == 0) {
		p->is_due = true;
		p->sign_ms = 0;
	}
	return r;
}
