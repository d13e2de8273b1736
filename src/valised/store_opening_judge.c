/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "valised/store_opening.h"

/*
 * What the receiving station says to each of its addressees' documents, before anybody has
 * asked to open one: the sender learns at once that nobody there may read it, and why.
 */

static int
say(struct opening_verdict *verdict, uint8_t answer)
{
	verdict->kind = RECEIPT_REFUSED;
	verdict->answer = answer;
	return 0;
}

/* What the readers of one name have come to, the best of them. */
struct readers {
	uint64_t now_s;
	size_t count;
	size_t with_slot;
	size_t cleared;
	size_t free; /* cleared, valid today, not revoked, not held */
	struct opening_why why;
};

/* A rule's refusal is no error here, but counted. */
static int
is_allowed(int r, bool *ret_is_allowed)
{
	*ret_is_allowed = r == 0;
	return r == FAIL_REFUSED ? 0 : r;
}

/*
 * One device of one reader.  It must have a slot, or the officer could not open it whatever he
 * may; a device that came after the sealing has none, and another of the same name may.
 */
static int
judge_reader(struct store *s, const struct store_document *document,
	const struct directory_credential *reader, struct readers *readers)
{
	const struct core *core = &document->header.core;
	const struct store_credential *credential;
	bool is_cleared;
	size_t at;
	int r;

	readers->count++;
	if (slots_find(&document->header.r, reader->reader_id, &at) != 0)
		return 0;
	readers->with_slot++;
	if ((r = store_credential_find(s, reader->hash, &credential)) != 0)
		return r == FAIL_ABSENT ? 0 : r;
	r = opening_cleared_person(&credential->credential, core->label, &readers->why);
	if ((r = is_allowed(r, &is_cleared)) != 0 || !is_cleared)
		return r;
	readers->cleared++;
	if (!credential->is_revoked &&
		credential_is_valid_at(&credential->credential, readers->now_s) &&
		!store_is_held(s, core->originator, credential))
		readers->free++;
	return 0;
}

static int
judge_readers(struct store *s, const struct store_document *document, struct rd name,
	struct readers *readers)
{
	const struct directory *directory = store_directory(s, store_ready(s)->member);
	size_t at = 0, i = 0;
	int r;

	while (directory != NULL && directory_next_reader(directory, name, &at, &i)) {
		r = judge_reader(s, document, &directory->credentials[i], readers);
		if (r != 0)
			return r;
	}
	return 0;
}

/* One reader is enough.  Else the reason that came nearest is told: it is the one to mend. */
static int
judge_name(struct store *s, const struct store_document *document, struct rd name,
	uint64_t now_s, struct opening_verdict *verdict)
{
	struct readers readers = {.now_s = now_s};
	int r;

	if ((r = judge_readers(s, document, name, &readers)) != 0)
		return r;
	if (readers.free > 0)
		return 0;
	if (readers.count == 0) {
		(void)opening_refuse(&verdict->why, 0,
			"nobody reads for this address; ask for the right one");
		return say(verdict, RECEIPT_NO_SUCH_ADDRESSEE);
	}
	if (readers.with_slot == 0) {
		(void)opening_refuse(&verdict->why, 0,
			"it is sealed to none of those who read for this address; fetch "
			"the newest directory and seal it again");
		return say(verdict, RECEIPT_NOT_VALID);
	}
	if (readers.cleared == 0) {
		verdict->why = readers.why;
		return say(verdict, RECEIPT_NOT_CLEARED);
	}
	(void)opening_refuse(&verdict->why, 0,
		"all who read for this address are revoked, on hold, or past their "
		"time");
	return say(verdict, RECEIPT_ON_HOLD);
}

/* Why a document that is not alive is not: the sentence says it, the receipt has a number. */
static uint8_t
end_of(const struct core *core, uint64_t now_s, const struct opening_why *why)
{
	if (core->expiry_s != 0 && now_s >= core->expiry_s &&
		strncmp(why->text, "expired", strlen("expired")) == 0)
		return RECEIPT_EXPIRED;
	return RECEIPT_RECALLED;
}

/* In the order in which a sender can mend it: the document, the station, the people. */
int
opening_judge(struct store *s, const struct store_document *document, struct rd name,
	uint64_t now_s, struct opening_verdict *ret_verdict)
{
	const struct core *core = &document->header.core;
	const struct entry *entry;
	bool is_allowed_here;
	int r;

	*ret_verdict = (struct opening_verdict){.kind = RECEIPT_DELIVERED};
	r = opening_alive(s, core, now_s, &ret_verdict->why);
	if (r == FAIL_REFUSED)
		return say(ret_verdict, end_of(core, now_s, &ret_verdict->why));
	if (r != 0 || (r = opening_entry(s, store_ready(s)->member, &entry)) != 0)
		return r;
	r = opening_cleared_station(entry, core->label, &ret_verdict->why);
	if ((r = is_allowed(r, &is_allowed_here)) != 0)
		return r;
	if (!is_allowed_here)
		return say(ret_verdict, RECEIPT_NOT_CLEARED);
	return judge_name(s, document, name, now_s, ret_verdict);
}
