/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/vault_pins.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"

enum { FILE_MAX = 3 * (NOTE_TEXT_MAX / 2) };

static const char name[] = "roster";

static void
pin_done(struct pin *pin)
{
	roster_free(pin->roster);
	note_free(pin->note);
	*pin = (struct pin){0};
}

void
pins_done(struct vault_pins *pins)
{
	note_free(pins->founding);
	pin_done(&pins->now);
	pin_done(&pins->before);
	*pins = (struct vault_pins){0};
}

static int
pin_parse(struct rd bytes, struct pin *ret_pin)
{
	struct pin pin = {0};
	int r;

	if ((r = note_parse(bytes.ptr, bytes.len, &pin.note)) != 0 ||
		(r = roster_parse(pin.note->text, &pin.roster)) != 0)
		goto out;
	roster_hash(pin.note->text, pin.hash);
	*ret_pin = pin;
	pin = (struct pin){0};
out:
	pin_done(&pin);
	return r;
}

static int
load_founding(struct vault_pins *pins, struct rd bytes)
{
	int r;

	if (bytes.len == 0)
		return 0;
	if ((r = note_parse(bytes.ptr, bytes.len, &pins->founding)) != 0)
		return r;
	return entry_note_parse(pins->founding, &pins->founded);
}

static int
parse(struct vault_pins *pins, struct rd in)
{
	struct rd founding, now, before;
	int r;

	if ((r = rd_vec32(&in, 0, NOTE_BYTES_MAX, &founding)) != 0 ||
		(r = rd_u64(&in, &pins->changed_s)) != 0 ||
		(r = rd_vec32(&in, 0, NOTE_BYTES_MAX, &now)) != 0 ||
		(r = rd_vec32(&in, 0, NOTE_BYTES_MAX, &before)) != 0 ||
		(r = rd_end(&in)) != 0 || (r = load_founding(pins, founding)) != 0)
		return r;
	if (now.len > 0 && (r = pin_parse(now, &pins->now)) != 0)
		return r;
	return before.len > 0 ? pin_parse(before, &pins->before) : 0;
}

int
pins_load(struct vault_pins *pins, struct vault_state *state)
{
	struct buf plain;
	int r;

	buf_init(&plain, FILE_MAX + VAULT_HEAD_LEN + VAULT_BOX_OVERHEAD);
	if ((r = state_get(state, name, FILE_MAX, &plain)) == 0)
		r = parse(pins, rd_of(plain.data, plain.len));
	else if (r == FAIL_ABSENT)
		r = 0;
	buf_done(&plain);
	if (r != 0)
		pins_done(pins);
	return r;
}

static void
put_note(const struct note *note, struct buf *out)
{
	size_t mark = buf_vec_begin(out, 4);

	if (note != NULL)
		note_write(note, out);
	buf_vec_end(out, mark, 4);
}

static int
save(const struct vault_pins *pins, struct vault_state *state)
{
	struct buf plain;
	int r;

	buf_init(&plain, FILE_MAX);
	put_note(pins->founding, &plain);
	buf_u64(&plain, pins->changed_s);
	put_note(pins->now.note, &plain);
	put_note(pins->before.note, &plain);
	if ((r = buf_error(&plain)) == 0)
		r = state_put(state, name, rd_of(plain.data, plain.len));
	buf_done(&plain);
	return r;
}

/* Whoever made this text knows our four keys; a roster with others in our name is not ours. */
static bool
is_ours(const struct entry *entry, const struct own_station *station)
{
	struct entry own;

	own_station_entry(station, &own);
	return address_compare(entry->name, own.name) == 0 &&
		memcmp(entry->tls, own.tls, sizeof own.tls) == 0 &&
		memcmp(entry->log, own.log, sizeof own.log) == 0 &&
		memcmp(entry->witness, own.witness, sizeof own.witness) == 0 &&
		memcmp(entry->sign, own.sign, sizeof own.sign) == 0;
}

int
pins_found(struct vault_pins *pins, struct vault_state *state,
	const struct own_station *station, struct rd note)
{
	struct vault_pins next = *pins;
	int r;

	next.founding = NULL;
	if ((r = load_founding(&next, note)) != 0)
		goto out;
	if (next.founding == NULL || !is_ours(&next.founded, station)) {
		r = FAIL_REFUSED;
		goto out;
	}
	if (pins->founding != NULL &&
		address_compare(next.founding->text, pins->founding->text) == 0)
		goto out;
	/* With a roster its keys count; a new founding file could say nothing any more. */
	if (pins->now.note != NULL) {
		r = FAIL_EXISTS;
		goto out;
	}
	if ((r = save(&next, state)) != 0)
		goto out;
	note_free(pins->founding);
	*pins = next;
	next.founding = NULL;
out:
	note_free(next.founding);
	return r;
}

static int
check_first(const struct pin *next)
{
	struct roster_signers signers;
	struct roster_verdict verdict;
	int r;

	if (next->roster->serial == 1)
		return roster_first(next->roster, next->note, &verdict);
	/* Its history is not ours: people compared its words.  It must at least be signed. */
	if ((r = roster_signers(next->roster, next->note, &signers)) != 0)
		return r;
	return signers.member_count >= next->roster->threshold ? 0 : FAIL_REFUSED;
}

static int
check_next(const struct vault_pins *pins, const struct pin *next,
	const struct own_station *station)
{
	struct roster_verdict verdict;
	size_t at;
	int r;

	if ((r = roster_find(next->roster, address_of(station->member), &at)) != 0 ||
		!is_ours(&next->roster->members[at], station))
		return FAIL_REFUSED;
	if (!crypto_has_suite(next->roster->require_suite))
		return FAIL_SUITE;
	if (pins->now.note == NULL)
		return check_first(next);
	return roster_follows(pins->now.roster, next->roster, next->note, &verdict);
}

int
pins_roster(struct vault_pins *pins, struct vault_state *state,
	const struct own_station *station, struct rd note, uint64_t now_s)
{
	struct vault_pins next = *pins;
	struct pin pin = {0};
	int r;

	if ((r = pin_parse(note, &pin)) != 0)
		return r;
	if (pins->now.note != NULL && memcmp(pin.hash, pins->now.hash, HASH_LEN) == 0)
		goto out;
	next.before = pins->now;
	next.now = pin;
	next.changed_s = now_s;
	if ((r = check_next(pins, &pin, station)) != 0 || (r = save(&next, state)) != 0)
		goto out;
	pin_done(&pins->before);
	*pins = next;
	pin = (struct pin){0};
out:
	pin_done(&pin);
	return r;
}

const struct entry *
pins_own(const struct vault_pins *pins, struct rd member)
{
	size_t at;

	if (pins->now.note == NULL)
		return pins->founding != NULL ? &pins->founded : NULL;
	return roster_find(pins->now.roster, member, &at) == 0
		? &pins->now.roster->members[at]
		: NULL;
}

int
pins_roster_of(const struct vault_pins *pins, struct rd hash, uint64_t made_s,
	const struct roster **ret_roster)
{
	if (hash.len != HASH_LEN)
		return FAIL_ABSENT;
	if (pins->now.note != NULL && memcmp(hash.ptr, pins->now.hash, HASH_LEN) == 0) {
		*ret_roster = pins->now.roster;
		return 0;
	}
	if (pins->before.note == NULL ||
		memcmp(hash.ptr, pins->before.hash, HASH_LEN) != 0 ||
		made_s > pins->changed_s + PINS_PREVIOUS_S)
		return FAIL_ABSENT;
	*ret_roster = pins->before.roster;
	return 0;
}
