/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "cable/delivery.h"
#include "valise/sending.h"
#include "valise/state_json.h"

/*
 * What is said of a cable that left: one line,
 *   PT/2026/0001  221030Z NOV 26  kept by CY  delivered CY 0.3 s
 * or one JSON object.
 */

static const char *
overall(const struct sending *s)
{
	struct rd list = s->state.addressees;
	struct post_progress p;
	uint8_t least = UINT8_MAX;

	while (list.len > 0 && codec_parse(&post_progress_codec, &list, &p) == 0)
		if (p.state < least)
			least = p.state;
	if (!s->is_kept && (least == UINT8_MAX || least >= DELIVERY_KEPT))
		return delivery_text(DELIVERY_SENT);
	return least < DELIVERY_STATES ? delivery_text(least)
				       : delivery_text(DELIVERY_QUEUED);
}

static void
print_names(struct rd list)
{
	struct post_name name;
	bool is_first = true;

	while (list.len > 0 && codec_parse(&post_name_codec, &list, &name) == 0) {
		(void)printf("%s%.*s", is_first ? "" : ", ", (int)name.name.len,
			(const char *)name.name.ptr);
		is_first = false;
	}
}

/* The member of an address, once for all of its addresses in one state. */
static bool
is_first_of_member(const struct sending *s, const struct post_progress *seen)
{
	struct rd list = s->state.addressees;
	struct post_progress p;

	while (list.len > 0 && codec_parse(&post_progress_codec, &list, &p) == 0) {
		struct rd member, name, other;

		if (address_split(p.address, &member, &name) != 0 ||
			address_split(seen->address, &other, &name) != 0)
			return true;
		if (p.state == seen->state && address_compare(member, other) == 0)
			return p.address.ptr == seen->address.ptr;
	}
	return true;
}

static void
print_addressees(const struct sending *s)
{
	struct rd list = s->state.addressees, member, name;
	struct post_progress p;
	char time[TEXT_HUMAN_MAX];

	while (list.len > 0 && codec_parse(&post_progress_codec, &list, &p) == 0) {
		if (p.state <= DELIVERY_KEPT || p.state >= DELIVERY_STATES ||
			!is_first_of_member(s, &p) ||
			address_split(p.address, &member, &name) != 0)
			continue;
		(void)printf("  %s %.*s", delivery_text(p.state), (int)member.len,
			(const char *)member.ptr);
	}
	text_duration(s->kept_ms, time);
	if (s->is_kept)
		(void)printf(" %s", time);
}

void
sending_print(const struct sending *s)
{
	char dtg[TIME_TEXT_MAX] = "";

	if (time_dtg(s->dtg_s, dtg) != 0)
		dtg[0] = '\0';
	(void)printf("%s  %s  ", s->reference[0] != '\0' ? s->reference : s->word, dtg);
	if (s->state.kept_by.len > 0) {
		(void)fputs("kept by ", stdout);
		print_names(s->state.kept_by);
	} else {
		(void)fputs("not kept yet", stdout);
	}
	print_addressees(s);
	(void)putchar('\n');
	(void)fflush(stdout);
}

void
sending_print_json(const struct sending *s)
{
	char id[2 * CORE_DOCUMENT_ID_LEN + 1];
	json_t *object;

	text_hex(s->file.header->core.document_id, CORE_DOCUMENT_ID_LEN, id);
	object = json_pack("{s:s, s:I, s:s, s:s, s:s, s:o, s:o}", "file", s->word,
		"number", (json_int_t)s->number, "reference", s->reference, "document_id",
		id, "state", overall(s), "kept_by", state_json_names(s->state.kept_by),
		"addressees", state_json_addressees(s->state.addressees));
	if (object != NULL)
		(void)json_dumpf(object, stdout, JSON_COMPACT);
	(void)putchar('\n');
	(void)fflush(stdout);
	json_decref(object);
}
