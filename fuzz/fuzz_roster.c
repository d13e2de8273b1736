/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "member/roster.h"

/*
 * A roster or a founding file, as a note or, behind the byte t, as its text alone.  What
 * parses writes as the same bytes; a roster is judged by itself, so that counting runs.
 */

static void
must_write(const struct roster *roster, struct rd text)
{
	struct buf again;

	buf_init(&again, ROSTER_TEXT_MAX);
	CHECK(roster_write(roster, &again) == 0);
	CHECK(again.len == text.len && memcmp(again.data, text.ptr, text.len) == 0);
	buf_done(&again);
}

static void
check_text(struct rd text, const struct note *note)
{
	struct roster *roster = NULL;
	struct roster_verdict v;
	int r;

	if (roster_parse(text, &roster) != 0)
		return;
	must_write(roster, text);
	if (note != NULL) {
		r = roster_first(roster, note, &v);
		CHECK(r != 0 || v.signers.member_count == roster->member_count);
		/* Nothing follows itself. */
		CHECK(roster_follows(roster, roster, note, &v) != 0);
	}
	roster_free(roster);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_ready;
	struct note *note = NULL;
	struct entry entry;

	if (!is_ready)
		CHECK(crypto_init() == 0);
	is_ready = true;
	if (size > 0 && data[0] == 't')
		check_text(rd_of(data + 1, size - 1), NULL);
	if (note_parse(data, size, &note) != 0)
		return 0;
	check_text(note->text, note);
	if (entry_note_parse(note, &entry) == 0)
		CHECK(address_is_member(entry.name));
	note_free(note);
	return 0;
}
