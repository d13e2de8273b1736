/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/officer_found.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "valise/exchange.h"
#include "valise/home.h"
#include "valise/link_impl.h"
#include "valise/officer_grant.h"
#include "valise/pending.h"
#include "valise/report.h"
#include "wire/front.h"

/*
 * Requests come as files, or wait at the station.  The founding file is made and signed here,
 * with the station's keys: they are in the directory that the administrator works in.
 */

/* Where the requests are. */
struct founding {
	const struct args *args;
	struct own_station *station;
	struct link *link; /* NULL: files */
	struct pending_list list;
	struct entry entry;
	struct buf lines[CLEARANCES_MAX]; /* the entry's ceilings */
	size_t words_at;
};

/* The request's part of the founding file: the officer's enrol key gets the next number. */
static int
add_request(struct founding *f, const struct request *q, const char *object)
{
	struct entry *entry = &f->entry;
	struct entry_enrol *enrol = &entry->enrols[entry->enrol_count];
	char whose[ADDRESS_NAME_MAX + 1];
	uint8_t hash[HASH_LEN];
	int r;

	if (!subject_has_enrol(&q->subject) ||
		address_compare(q->subject.member, entry->name) != 0)
		return exchange_fail(f->args, "found with", object,
			"Founders are registrars and security officers of this member: "
			"`valise enrol MEMBER --kind registrar`.",
			FAIL_REFUSED);
	(void)snprintf(whose, sizeof whose, "%.*s", (int)q->subject.officer.len,
		(const char *)q->subject.officer.ptr);
	if ((r = subject_hash(&q->subject, hash)) != 0)
		return exchange_fail(f->args, "found with", object, NULL, r);
	if ((r = exchange_confirm(f->args, whose, hash, &f->words_at)) != 0)
		return r;
	entry->enrol_count++;
	enrol->number = (uint8_t)entry->enrol_count;
	enrol->is_security = q->subject.kind == SUBJECT_SECURITY;
	memcpy(enrol->key, q->subject.enrol, sizeof enrol->key);
	/* The first security officer's audit key becomes the member's. */
	if (entry->audit.len == 0 && q->audit.len > 0)
		entry->audit = q->audit;
	return 0;
}

static int
add_file(struct founding *f, const char *path)
{
	struct request q;
	struct buf bytes;
	int r;

	if ((r = exchange_read(f->args, path, REQUEST_BYTES_MAX, &bytes)) != 0)
		return r;
	if ((r = request_parse(bytes.data, bytes.len, &q)) != 0)
		r = exchange_fail(f->args, "read", path,
			"It is not a request of `valise enrol`, or it was altered.", r);
	else
		r = add_request(f, &q, path);
	buf_done(&bytes);
	return r;
}

static int
add_name(struct founding *f, const char *name)
{
	const struct pending *p;
	int r = pending_find(&f->list, name, args_get(f->args, "device"), &p);

	if (r == FAIL_ABSENT)
		return exchange_fail(f->args, "found with", name,
			"No such request has come yet: `valise enrol MEMBER URL --as "
			"NAME --kind registrar|security-officer`.",
			r);
	if (r != 0)
		return exchange_fail(f->args, "found with", name,
			"Several of this officer's devices wait: say --device NAME.", r);
	return add_request(f, &p->request, name);
}

/* DIR/founding: what `join --request` hands out. */
static int
keep(struct founding *f, const struct buf *out)
{
	char dir[DISK_PATH_MAX], path[DISK_PATH_MAX];
	int r;

	if ((r = home_dir(f->args, dir)) != 0)
		return r;
	if ((r = link_file_path(dir, "founding", path)) == 0)
		r = disk_write_small(path, out->data, out->len, true);
	return r == 0 ? 0 : exchange_fail(f->args, "write", path, NULL, r);
}

/* To the station that runs here; or to --out or stdout, as a file. */
static int
deliver(struct founding *f, const struct buf *out)
{
	struct post_note note = {.note = rd_of(out->data, out->len)};
	struct buf answer;
	int r;

	if (f->link == NULL)
		return exchange_write(f->args, out->data, out->len);
	buf_init(&answer, FRONT_HTTP_MAX);
	if ((r = link_ask(f->link, "found", &post_note_codec, &note, &answer)) != 0)
		r = link_fail(f->args, f->link, "found", f->station->member, r);
	else if (args_get(f->args, "out") != NULL)
		r = exchange_write(f->args, out->data, out->len);
	buf_done(&answer);
	return r;
}

static void
say_next(const struct founding *f)
{
	report_say("Next, each of them:  valise officer sign");
	for (size_t i = 1; i < f->args->operand_count; i++)
		report_say(" %s", f->args->operands[i]);
	report_say("  (the first one with --clearance)\n");
}

static int
say_founded(const struct founding *f)
{
	char words[EXCHANGE_WORDS_MAX];
	uint8_t hash[HASH_LEN];
	int r;

	if ((r = entry_hash(&f->entry, hash)) != 0)
		return exchange_fail(f->args, "found", f->station->member, NULL, r);
	exchange_words(hash, words);
	if (f->link != NULL && args_has(f->args, "json"))
		return exchange_json(f->args,
			json_pack("{s:s, s:i, s:s}", "member", f->station->member,
				"officers", (int)f->entry.enrol_count, "words", words));
	report_say("%s founded with %zu enrolment officers.  Its words: %s\n",
		f->station->member, f->entry.enrol_count, words);
	if (f->link != NULL)
		say_next(f);
	return 0;
}

static int
write_founding(struct founding *f)
{
	uint8_t hash[HASH_LEN];
	struct buf out;
	int r;

	buf_init(&out, ENTRY_TEXT_MAX);
	if ((r = entry_note_write(
		     &f->entry, own_station_seed(f->station, STATION_SIGN), &out)) != 0 ||
		(r = entry_hash(&f->entry, hash)) != 0)
		r = exchange_fail(f->args, "found", f->station->member,
			"It takes two enrolment officers or more, each once, and one of "
			"them a security officer.",
			r == FAIL_SUITE ? FAIL_FORMAT : r);
	else if ((r = deliver(f, &out)) == 0 && (r = keep(f, &out)) == 0)
		r = say_founded(f);
	buf_done(&out);
	return r;
}

/* Names mean the station's own list; a file name anywhere means files. */
static bool
are_names(const struct args *args)
{
	for (size_t i = 1; i < args->operand_count; i++)
		if (exchange_is_file(args->operands[i]) ||
			!address_is_name(address_of(args->operands[i])))
			return false;
	return true;
}

static int
ask_station(struct founding *f)
{
	char dir[DISK_PATH_MAX];
	int r;

	if ((r = home_dir(f->args, dir)) != 0)
		return r;
	if ((r = link_new_admin(dir, &f->link)) != 0)
		return exchange_fail(f->args, "use", dir, NULL, r);
	if ((r = pending_load(f->link, &f->list)) != 0)
		return link_fail(
			f->args, f->link, "ask for requests at", "the station", r);
	return 0;
}

static int
found(struct founding *f)
{
	const struct args *args = f->args;
	bool is_by_name = are_names(args);
	int r;

	if (is_by_name && (r = ask_station(f)) != 0)
		return r;
	if ((r = exchange_station(args, &f->station)) != 0)
		return r;
	own_station_entry(f->station, &f->entry);
	if ((r = officer_ceilings(args, f->lines, &f->entry)) != 0)
		return r;
	for (size_t i = 1; i < args->operand_count; i++)
		if ((r = is_by_name ? add_name(f, args->operands[i])
				    : add_file(f, args->operands[i])) != 0)
			return r;
	return write_founding(f);
}

int
officer_found(const struct args *args)
{
	struct founding f = {.args = args};
	int r;

	if (args->operand_count - 1 > ENTRY_ENROL_MAX)
		return report_usage(
			"officer", "found takes at most %d requests", ENTRY_ENROL_MAX);
	r = found(&f);
	for (size_t i = 0; i < CLEARANCES_MAX; i++)
		buf_done(&f.lines[i]);
	own_station_free(f.station);
	pending_done(&f.list);
	link_free(f.link);
	return r;
}
