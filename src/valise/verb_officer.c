/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "member/enrol.h"
#include "sys/clock.h"
#include "valise/exchange.h"
#include "valise/officer_sign.h"
#include "valise/officer_show.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * officer found: the administrator names the enrolment officers of a new member.
 * officer sign:  an enrolment officer grants a request, or signs what a colleague granted.
 * officer show:  what a request or an enrolment says.
 */

/* The request's part of the founding file: the officer's enrol key gets the next number. */
static int
add_founder(
	const struct args *args, const char *path, size_t *words_at, struct entry *entry)
{
	struct request q;
	struct buf bytes;
	uint8_t hash[HASH_LEN];
	char whose[ADDRESS_NAME_MAX + 1];
	int r;

	if ((r = exchange_read(args, path, REQUEST_BYTES_MAX, &bytes)) != 0)
		return r;
	if ((r = request_parse(bytes.data, bytes.len, &q)) != 0) {
		r = exchange_fail(args, "read", path,
			"It is not a request of `valise enrol`, or it was altered.", r);
		goto out;
	}
	if (!subject_has_enrol(&q.subject) ||
		address_compare(q.subject.member, entry->name) != 0) {
		r = exchange_fail(args, "found with", path,
			"Founders are registrars and security officers of this member: "
			"`valise enrol MEMBER --kind registrar`.",
			FAIL_REFUSED);
		goto out;
	}
	(void)snprintf(whose, sizeof whose, "%.*s", (int)q.subject.officer.len,
		(const char *)q.subject.officer.ptr);
	if ((r = subject_hash(&q.subject, hash)) != 0 ||
		(r = exchange_confirm(args, whose, hash, words_at)) != 0)
		goto out;
	struct entry_enrol *enrol = &entry->enrols[entry->enrol_count++];
	enrol->number = (uint8_t)entry->enrol_count;
	enrol->is_security = q.subject.kind == SUBJECT_SECURITY;
	memcpy(enrol->key, q.subject.enrol, sizeof enrol->key);
	/* The first security officer's audit key becomes the member's. */
	if (entry->audit.len == 0 && q.audit.len > 0)
		entry->audit = q.audit;
out:
	buf_done(&bytes);
	return r;
}

static int
write_founding(const struct args *args, const struct own_station *station,
	const struct entry *entry)
{
	char words[EXCHANGE_WORDS_MAX];
	uint8_t hash[HASH_LEN];
	struct buf out;
	int r;

	buf_init(&out, ENTRY_TEXT_MAX);
	if ((r = entry_note_write(
		     entry, own_station_seed(station, STATION_SIGN), &out)) != 0 ||
		(r = entry_hash(entry, hash)) != 0)
		r = exchange_fail(args, "found", station->member,
			"It takes two enrolment officers or more, each once, and one of "
			"them a "
			"security officer.",
			r == FAIL_SUITE ? FAIL_FORMAT : r);
	else if ((r = exchange_write(args, out.data, out.len)) == 0) {
		exchange_words(hash, words);
		report_say("%s founded with %zu enrolment officers.  Its words: %s\n",
			station->member, entry->enrol_count, words);
	}
	buf_done(&out);
	return r;
}

static int
found(const struct args *args)
{
	struct buf lines[CLEARANCES_MAX] = {0};
	struct own_station *station = NULL;
	struct entry entry;
	size_t words_at = 0;
	int r;

	if (args->operand_count - 1 > ENTRY_ENROL_MAX)
		return report_usage(
			"officer", "found takes at most %d requests", ENTRY_ENROL_MAX);
	if ((r = exchange_station(args, &station)) != 0)
		return r;
	own_station_entry(station, &entry);
	if ((r = officer_ceilings(args, lines, &entry)) != 0)
		goto out;
	for (size_t i = 1; i < args->operand_count; i++)
		if ((r = add_founder(args, args->operands[i], &words_at, &entry)) != 0)
			goto out;
	r = write_founding(args, station, &entry);
out:
	for (size_t i = 0; i < CLEARANCES_MAX; i++)
		buf_done(&lines[i]);
	own_station_free(station);
	return r;
}

static int
run(const struct args *args)
{
	const char *word = args->operands[0];

	if (args->operand_count < 2)
		return report_exit(report_usage("officer", "%s needs a file", word));
	if (strcmp(word, "found") == 0)
		return report_exit(found(args));
	if (strcmp(word, "sign") != 0 && strcmp(word, "show") != 0)
		return report_exit(
			report_usage("officer", "'%s' is not found, sign or show", word));
	if (args->operand_count > 2)
		return report_exit(report_usage(
			"officer", "'%s' is one too many", args->operands[2]));
	return report_exit(
		strcmp(word, "sign") == 0 ? officer_sign(args) : officer_show(args));
}

static const struct arg_option options[] = {
	{"clearance", "CLEARANCE",
		"found: what the station may hold; sign: the officer's: such as SECRET",
		true},
	{"desk", "NAME", "sign: this desk instead of those asked for", true},
	{"until", "DAY", "sign: valid until 00:00 UTC of that day (a year from now)",
		false},
	{"words", "WORDS", "the 12 words of the file, in the order of the files", true},
	{"out", "FILE", "write there instead of to stdout", false},
	{NULL, NULL, NULL, false},
};

const struct verb verb_officer = {
	.name = "officer",
	.synopsis =
		"found REQUEST... [--clearance CLEARANCE]... [--words WORDS]... [--out "
		"FILE]\n"
		"sign REQUEST --clearance CLEARANCE... [--desk NAME]... [--until DAY] "
		"[--words WORDS] [--out FILE]\n"
		"sign ENROLMENT [--words WORDS] [--out FILE]\n"
		"show FILE",
	.summary = "found a member's enrolment, grant requests, show them",
	.text = "found   at the station's key directory: these registrars and security "
		"officers "
		"enrol\n        for the member from now on; writes the founding file, "
		"which is "
		"also the\n        request to join a community\n"
		"sign    by an enrolment officer: grants a request, or signs as the "
		"second one "
		"what a\n        colleague granted; with two signatures it counts\n"
		"show    what a request or an enrolment says, and its words\n"
		"\nWhoever accepts a file types 3 of the 12 words that its owner reads "
		"on the "
		"telephone.",
	.options = options,
	.operands_min = 1,
	.operands_max = SIZE_MAX,
	.run = run,
};
