/* SPDX-License-Identifier: Apache-2.0 */
#include "community.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "people.h"

/* Texts of entries live as long as the program: the names are few. */

enum { TEXTS_MAX = 512, TEXT_MAX = 128 };

static struct rd
keep(const char *format, const char *name)
{
	static char texts[TEXTS_MAX][TEXT_MAX];
	static size_t count;
	char text[TEXT_MAX], lower[TEXT_MAX / 4];
	size_t i = 0;

	for (; name[i] != '\0' && i + 1 < sizeof lower; i++)
		lower[i] =
			(char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
	lower[i] = '\0';
	memset(text, 0, sizeof text);
	if (format[0] == '\0')
		(void)snprintf(text, sizeof text, "%.*s", (int)i, name);
	else
		(void)snprintf(text, sizeof text, "%.16s%s.example", format, lower);
	for (i = 0; i < count; i++)
		if (strcmp(texts[i], text) == 0)
			return address_of(texts[i]);
	CHECK(count < TEXTS_MAX);
	memcpy(texts[count], text, sizeof text);
	return address_of(texts[count++]);
}

static void
key_of(const char *name, const char *officer, const char *purpose, uint8_t *ret_key)
{
	uint8_t seed[32];

	people_seed(name, officer, purpose, seed);
	sign_public(seed, ret_key);
}

void
community_entry(const char *name, struct entry *ret_entry)
{
	struct entry e = {.log_number = 1, .enrol_count = 2, .ceiling_count = 1};
	struct rd url = keep("https://", name);
	uint8_t seed[32];

	e.name = keep("", name);
	e.url = url;
	e.domain = rd_of(url.ptr + strlen("https://"), url.len - strlen("https://"));
	e.ceilings[0] = address_of("CONCORD: RESTRICTED, SECRET, UNCLASSIFIED");
	key_of(name, "station", "tls", e.tls);
	key_of(name, "station", "log", e.log);
	key_of(name, "station", "witness", e.witness);
	key_of(name, "station", "sign", e.sign);
	e.enrols[0].number = 1;
	key_of(name, "rita", "enrol", e.enrols[0].key);
	e.enrols[1].number = 2;
	e.enrols[1].is_security = true;
	key_of(name, "sergio", "enrol", e.enrols[1].key);
	people_seed(name, "sergio", "audit", seed);
	CHECK(kem_public_of_seed(SUITE_1, seed, &e.audit) == 0);
	*ret_entry = e;
}

struct roster *
community_roster(const char *const *names, size_t count)
{
	struct roster *roster = NULL;
	struct entry e;

	CHECK(mem_new(&roster, sizeof *roster) == 0);
	roster->community = address_of("allies");
	roster->serial = 1;
	roster->threshold = 1;
	roster->enrol_delay_s = ROSTER_ENROL_DELAY_S;
	roster->require_suite = SUITE_1;
	roster->policy_count = 1;
	roster->policies[0] = address_of("CONCORD");
	roster->outside = rd_of("", 0);
	for (size_t i = 0; i < count; i++) {
		community_entry(names[i], &e);
		CHECK(roster_add(roster, &e) == 0);
	}
	return roster;
}

/* signer: "PT", or "PT1" for one key of it. */
static void
sign_as(const struct buf *text, const char *signer, struct buf *out)
{
	static const char *const officers[] = {"rita", "sergio"};
	size_t len = strlen(signer);
	char last = signer[len - 1];
	bool is_one = last == '1' || last == '2';
	char member[TEXT_MAX], name[2 * TEXT_MAX];
	uint8_t seed[32];

	(void)snprintf(
		member, sizeof member, "%.*s", (int)(is_one ? len - 1 : len), signer);
	for (int i = 0; i < 2; i++) {
		if (is_one && last != '1' + i)
			continue;
		(void)snprintf(name, sizeof name, "%s/enrol/%d", member, i + 1);
		people_seed(member, officers[i], "enrol", seed);
		CHECK(note_sign(text->data, text->len, name, seed, out) == 0);
	}
}

void
community_sign(const struct roster *roster, const char *const *signers, size_t count,
	struct buf *out)
{
	struct buf text;

	buf_init(&text, ROSTER_TEXT_MAX);
	CHECK(roster_write(roster, &text) == 0);
	CHECK(note_text_write(text.data, text.len, out) == 0);
	for (size_t i = 0; i < count; i++)
		sign_as(&text, signers[i], out);
	buf_done(&text);
}

struct note *
community_note(const struct roster *roster, const char *const *signers, size_t count)
{
	struct note *note = NULL;
	struct buf bytes;

	buf_init(&bytes, NOTE_BYTES_MAX);
	community_sign(roster, signers, count, &bytes);
	CHECK(note_parse(bytes.data, bytes.len, &note) == 0);
	buf_done(&bytes);
	return note;
}
