/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/people.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "sys/clock.h"
#include "valise/link_impl.h"
#include "valise/people_impl.h"
#include "wire/front.h"

/*
 * What is held is read first, then what is newer is asked for: own enrolment, roster,
 * directories, in this order, since each is verified by the one before.
 */

enum { ROSTER_STEPS_MAX = 256 };

static int
people_new(struct link *link, struct people **ret_people)
{
	struct people *p = NULL;
	int r;

	CHECK(link_dir(link) != NULL);
	if ((r = mem_new(&p, sizeof *p)) != 0)
		return r;
	p->link = link;
	(void)snprintf(p->dir, sizeof p->dir, "%s", link_dir(link));
	buf_init(&p->enrol, ENROL_BYTES_MAX);
	*ret_people = p;
	return 0;
}

void
people_free(struct people *p)
{
	if (p == NULL)
		return;
	people_slots_done(p);
	roster_free(p->roster);
	note_free(p->roster_note);
	note_free(p->founding_note);
	buf_done(&p->enrol);
	mem_free(p);
}

static int
read_held(struct people *p)
{
	char path[DISK_PATH_MAX];
	const char *name = "station";
	int r;

	if ((r = link_station_read(p->dir, &p->station)) == FAIL_ABSENT)
		return link_because(p->link, r,
			"Enrol first: `valise enrol MEMBER URL --as NAME`.",
			"this directory belongs to no station");
	if (r == 0 && (r = link_file_path(p->dir, "directories", path)) == 0 &&
		(r = disk_make_private_dir(path)) == 0)
		r = people_read_held(p, &name);
	if (r == 0 || r == FAIL_NOMEM)
		return r;
	return link_because(p->link, r,
		"Move it away; it is fetched from the station again.",
		"%s/%s cannot be used: %s", p->dir, name, fail_text(r));
}

/* How far our enrolment is; that it still waits is no error. */
static int
refresh_enrol(struct people *p)
{
	int r;

	if (p->enrol.len > 0 && clock_now_s() < p->self.until_s)
		return 0;
	r = link_enrol(p->link);
	if (r == 0)
		return people_read_enrol(p);
	if (r != FAIL_ABSENT && (r != FAIL_AGAIN || !link_has_answered(p->link)))
		return r;
	(void)snprintf(p->waiting, sizeof p->waiting, "%s", link_why(p->link));
	return 0;
}

/* A roster by serial, or a directory by member; an empty note is none. */
static int
ask_note(struct people *p, const char *path, struct rd member, uint32_t known,
	struct buf *answer, struct rd *ret_note)
{
	struct post_ask_note question = {.member = member, .known = known};
	struct post_note note;
	int r;

	*ret_note = rd_of("", 0);
	r = link_ask(p->link, path, &post_ask_note_codec, &question, answer);
	if (r == FAIL_ABSENT)
		return 0;
	if (r != 0)
		return r;
	r = codec_parse_whole(&post_note_codec, rd_of(answer->data, answer->len), &note);
	if (r != 0)
		return link_because(p->link, FAIL_FORMAT, "Is it a station of Valise?",
			"the answer to '%s' is malformed", path);
	*ret_note = note.note;
	return 0;
}

static int
because_of_roster(struct people *p, int r)
{
	if (r == FAIL_REFUSED)
		return link_because(p->link, r,
			"Do not go on; ask your security officer.",
			"the station's roster does not follow the one held here");
	if (r == FAIL_MISMATCH)
		return link_because(p->link, r,
			"Do not go on; ask your security officer.",
			"the station's roster is older than the one seen before, or "
			"names another station key");
	return link_because(p->link, r, "Do not go on; ask your security officer.",
		"the station's roster is not good: %s", fail_text(r));
}

static int
refresh_roster(struct people *p)
{
	struct buf answer;
	struct rd note;
	int r = 0;

	buf_init(&answer, FRONT_HTTP_MAX);
	for (int i = 0; i < ROSTER_STEPS_MAX; i++) {
		uint32_t known = p->roster != NULL ? p->roster->serial : 0;

		buf_clear(&answer);
		if ((r = ask_note(p, "roster", rd_of("", 0), known, &answer, &note)) !=
				0 ||
			note.len == 0)
			break;
		if ((r = people_take_roster(p, note)) != 0) {
			r = because_of_roster(p, r);
			break;
		}
	}
	buf_done(&answer);
	return r;
}

/* Before the first roster, the founding file says whose enrolments count. */
static int
refresh_founding(struct people *p)
{
	struct post_station station;
	struct buf answer;
	int r;

	if (p->slot_count > 0)
		return 0;
	buf_init(&answer, FRONT_HTTP_MAX);
	if ((r = link_ask(p->link, "station", NULL, NULL, &answer)) != 0)
		goto out;
	if ((r = codec_parse_whole(&post_station_codec, rd_of(answer.data, answer.len),
		     &station)) == 0 &&
		station.founding.len > 0)
		r = people_take_founding(p, station.founding);
	if (r != 0)
		r = link_because(p->link, r, "Do not go on; ask your administrator.",
			"the station's founding file is not good: %s", fail_text(r));
out:
	buf_done(&answer);
	return r;
}

static int
refresh_directory(struct people *p, size_t slot, struct buf *answer)
{
	const struct entry *entry = people_entry(p, slot);
	const struct directory *held = p->slots[slot].directory;
	struct rd note;
	int r;

	buf_clear(answer);
	if ((r = ask_note(p, "directory", entry->name, held != NULL ? held->number : 0,
		     answer, &note)) != 0 ||
		note.len == 0)
		return r;
	if ((r = people_take_directory(p, slot, note)) == 0 || r == FAIL_NOMEM)
		return r;
	return link_because(p->link, r, "Do not go on; ask your security officer.",
		r == FAIL_MISMATCH
			? "the directory of %.*s is older than the one seen before (%s)"
			: "the directory of %.*s is not good: %s",
		(int)entry->name.len, (const char *)entry->name.ptr, fail_text(r));
}

/* Signed by two whom the member's entry names?  Until we know the entry, nobody can say. */
static int
check_self(struct people *p)
{
	uint8_t enrol_keys[ENTRY_ENROL_MAX][SIGN_PUBLIC_LEN];
	struct enrol enrol;
	size_t slot;
	int r;

	if (p->enrol.len == 0 || people_find_slot(p, p->self.subject.member, &slot) != 0)
		return 0;
	const struct entry *entry = people_entry(p, slot);
	for (size_t i = 0; i < entry->enrol_count; i++)
		memcpy(enrol_keys[i], entry->enrols[i].key, SIGN_PUBLIC_LEN);
	if ((r = enrol_parse(p->enrol.data, p->enrol.len, &enrol)) == 0)
		r = enrol_verify(&enrol, (const uint8_t(*)[SIGN_PUBLIC_LEN])enrol_keys,
			entry->enrol_count);
	if (r == 0)
		return 0;
	return link_because(p->link, r, "Ask your registrar to enrol you again.",
		"your enrolment is not signed by two enrolment officers of today");
}

static int
refresh(struct people *p)
{
	struct buf answer;
	int r;

	if ((r = refresh_enrol(p)) != 0)
		return r;
	if (p->enrol.len == 0 && !subject_has_enrol(keys_subject(link_keys(p->link))))
		return 0;
	if ((r = refresh_founding(p)) != 0 || (r = refresh_roster(p)) != 0)
		return r;
	buf_init(&answer, FRONT_HTTP_MAX);
	for (size_t i = 0; r == 0 && i < p->slot_count; i++)
		r = refresh_directory(p, i, &answer);
	buf_done(&answer);
	if (r != 0)
		return r;
	return people_keep_seen(p);
}

static int
load(struct link *link, bool is_asking, struct people **ret_people)
{
	struct people *p = NULL;
	int r;

	if ((r = people_new(link, &p)) != 0)
		return r;
	if ((r = read_held(p)) != 0 || (is_asking && (r = refresh(p)) != 0) ||
		(r = check_self(p)) != 0)
		goto out;
	*ret_people = p;
	p = NULL;
out:
	people_free(p);
	return r;
}

int
people_load(struct link *link, struct people **ret_people)
{
	return load(link, true, ret_people);
}

int
people_load_held(struct link *link, struct people **ret_people)
{
	return load(link, false, ret_people);
}

const struct roster *
people_roster(const struct people *p)
{
	return p->roster;
}

struct rd
people_roster_text(const struct people *p)
{
	return p->roster != NULL ? p->roster->text : rd_of("", 0);
}

const struct entry *
people_member(const struct people *p, size_t i)
{
	return i < p->slot_count ? people_entry(p, i) : NULL;
}

const struct directory *
people_directory(const struct people *p, struct rd member)
{
	size_t slot;

	return people_find_slot(p, member, &slot) == 0 ? p->slots[slot].directory : NULL;
}

struct rd
people_own_enrol(const struct people *p)
{
	return rd_of(p->enrol.data, p->enrol.len);
}

const char *
people_waiting(const struct people *p)
{
	return p->waiting;
}

const struct credential *
people_self(const struct people *p)
{
	return p->enrol.len > 0 ? &p->self : NULL;
}

/* One that has ended reads nothing, and gets no slot. */
static bool
is_valid(const struct directory_credential *credential, uint64_t now_s)
{
	struct credential c;
	struct enrol enrol;

	return enrol_parse(credential->enrol.ptr, credential->enrol.len, &enrol) == 0 &&
		credential_parse(enrol.credential.ptr, enrol.credential.len, &c) == 0 &&
		credential_is_valid_at(&c, now_s);
}

int
people_next_reader(struct people *p, struct rd address, size_t *at, struct rd *ret_enrol)
{
	struct rd member, name;
	size_t slot, i;
	int r;

	if (address_split(address, &member, &name) != 0 ||
		people_find_slot(p, member, &slot) != 0 ||
		p->slots[slot].directory == NULL)
		return FAIL_ABSENT;
	const struct people_slot *s = &p->slots[slot];
	do {
		if (!directory_next_reader(s->directory, name, at, &i))
			return FAIL_ABSENT;
	} while (!is_valid(&s->directory->credentials[i], clock_now_s()));
	if (!s->is_checked[i] &&
		(r = directory_verify_credential(
			 s->directory, i, people_entry(p, slot))) != 0)
		return r;
	s->is_checked[i] = true;
	*ret_enrol = s->directory->credentials[i].enrol;
	return 0;
}

bool
people_has(const struct people *p, struct rd address)
{
	const struct directory *d;
	struct rd member, name;
	size_t at = 0;

	if (address_split(address, &member, &name) != 0 ||
		(d = people_directory(p, member)) == NULL)
		return false;
	return directory_find_desk(d, name, &at) == 0 ||
		directory_next_reader(d, name, &(size_t){0}, &at);
}
