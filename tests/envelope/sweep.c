/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep.h"

#include <stdio.h>
#include <string.h>

/*
 * The table is section 10 of docs/format/envelope.md made exact.  Length bytes may make a
 * vector too long for the file (truncated) or for its type (malformed); everything else has
 * one place where it is noticed.
 */

enum { PAIRS_MAX = 8, FIELDS_MAX = 20 };

struct refusal {
	enum stage stage;
	int r;
};

/* A range of the file, and how its alterations may be refused. */
struct field {
	const char *name;
	size_t from, to;
	struct refusal may[PAIRS_MAX];
};

#define FORMAT_AT(stage)                                                                 \
	{stage, FAIL_FORMAT},                                                            \
	{                                                                                \
		stage, FAIL_TRUNCATED                                                    \
	}

static const struct field core_fields[] = {
	{"magic", 0, 8, {{STAGE_HEADER, FAIL_FORMAT}}},
	{"version", 8, 10, {{STAGE_HEADER, FAIL_VERSION}}},
	/* 1 may become 2, and then the slots have another length. */
	{"suite", 10, 12, {{STAGE_HEADER, FAIL_SUITE}, FORMAT_AT(STAGE_HEADER)}},
	{"document id", 12, 28, {{STAGE_KEYS, FAIL_ALTERED}}},
};

static const struct field part_fields[PART_COUNT] = {
	[PART_CORE] = {.name = "core",
		.may = {FORMAT_AT(STAGE_HEADER), {STAGE_HEADER, FAIL_ALTERED},
			{STAGE_KEYS, FAIL_ALTERED}}},
	[PART_SALT] = {.name = "salt", .may = {{STAGE_HEADER, FAIL_ALTERED}}},
	[PART_ADDRESSING] = {.name = "addressing",
		.may = {FORMAT_AT(STAGE_HEADER), {STAGE_HEADER, FAIL_ALTERED}}},
	[PART_R] = {.name = "R slots",
		.may = {FORMAT_AT(STAGE_HEADER), {STAGE_KEYS, FAIL_ALTERED},
			{STAGE_KEYS, FAIL_NO_KEY}, {STAGE_SEGMENTS, FAIL_ALTERED}}},
	[PART_SV] = {.name = "S and V slots",
		.may = {FORMAT_AT(STAGE_HEADER), {STAGE_KEYS, FAIL_ALTERED},
			{STAGE_KEYS, FAIL_NO_KEY}, {STAGE_SEGMENTS, FAIL_ALTERED}}},
	[PART_SEGMENTS] = {.name = "segments",
		.may = {FORMAT_AT(STAGE_SEGMENTS), {STAGE_SEGMENTS, FAIL_ALTERED}}},
	[PART_BOXES] = {.name = "boxes",
		.may = {FORMAT_AT(STAGE_BOXES), {STAGE_COUNTS, FAIL_ALTERED}}},
	[PART_TRAILER] = {.name = "signers",
		.may = {FORMAT_AT(STAGE_TRAILER), {STAGE_SIGNER, FAIL_SIGNER},
			{STAGE_SIGNER, FAIL_FORMAT}, {STAGE_SIGNATURE, FAIL_SIGNATURE}}},
};

enum { COUNTS_LEN = 8 + 4 + 4, SUMS_LEN = COUNTS_LEN + HASH_LEN };

/* The field that a byte belongs to. */
static struct field
field_at(const struct sealed *sealed, size_t at)
{
	size_t trailer = sealed->at[PART_TRAILER];
	enum fixture_part part = PART_CORE;

	for (size_t i = 0; i < sizeof core_fields / sizeof core_fields[0]; i++)
		if (at >= core_fields[i].from && at < core_fields[i].to)
			return core_fields[i];
	while (part + 1 < PART_COUNT && at >= sealed->at[part + 1])
		part++;
	if (part == PART_CORE && at >= sealed->at[PART_SALT] - HASH_LEN)
		return (struct field){
			.name = "addressing hash", .may = {{STAGE_HEADER, FAIL_ALTERED}}};
	if (part == PART_TRAILER && at < trailer + COUNTS_LEN)
		return (struct field){.name = "counts",
			.may = {{STAGE_TRAILER, FAIL_FORMAT},
				{STAGE_COUNTS, FAIL_ALTERED}}};
	if (part == PART_TRAILER && at < trailer + SUMS_LEN)
		return (struct field){
			.name = "root", .may = {{STAGE_COUNTS, FAIL_ALTERED}}};
	return part_fields[part];
}

static bool
is_expected(const struct field *field, struct verdict verdict)
{
	for (size_t i = 0; i < PAIRS_MAX; i++)
		if (field->may[i].r != 0 && field->may[i].r == verdict.r &&
			field->may[i].stage == verdict.stage)
			return true;
	return false;
}

static void
judge(struct sweep *sweep, struct rd file, const struct field *field, const char *what,
	size_t at)
{
	struct verdict verdict;
	struct verifier v;

	verifier_init(&v);
	v.leave_out = sweep->leave_out;
	verdict = verifier_run(&v, file);
	verifier_done(&v);
	sweep->tried++;
	sweep->refused[verdict.stage]++;
	if (is_expected(field, verdict))
		return;
	if (sweep->faults++ < 5 && !sweep->is_quiet)
		(void)fprintf(stderr, "%s %zu (%s): %s, %d\n", what, at, field->name,
			stage_text(verdict.stage), verdict.r);
}

static size_t
ways_of(enum sweep_how how)
{
	return how == SWEEP_ALL_VALUES ? 255 : how == SWEEP_ONE_BIT ? 1 : 3;
}

static uint8_t
altered(enum sweep_how how, size_t way, uint8_t byte)
{
	if (how == SWEEP_ALL_VALUES)
		return (uint8_t)(byte + 1 + way);
	return (uint8_t)(way == 0 ? byte ^ 1 : way == 1 ? byte ^ 0x80 : byte + 1);
}

void
sweep_bytes(struct sweep *sweep, enum sweep_how how, size_t from, size_t to)
{
	const struct buf *bytes = &sweep->sealed->bytes;

	for (size_t at = from; at < to; at++) {
		struct field field = field_at(sweep->sealed, at);
		uint8_t honest = bytes->data[at];

		for (size_t way = 0; way < ways_of(how); way++) {
			bytes->data[at] = altered(how, way, honest);
			judge(sweep, rd_of(bytes->data, bytes->len), &field, "byte", at);
		}
		bytes->data[at] = honest;
	}
}

void
sweep_cuts(struct sweep *sweep)
{
	struct field any = {.name = "cut",
		.may = {FORMAT_AT(STAGE_HEADER), FORMAT_AT(STAGE_SEGMENTS),
			FORMAT_AT(STAGE_BOXES), FORMAT_AT(STAGE_TRAILER)}};

	for (size_t len = 0; len < sweep->sealed->bytes.len; len++)
		judge(sweep, rd_of(sweep->sealed->bytes.data, len), &any, "cut at", len);
}

void
sweep_appended(struct sweep *sweep)
{
	struct field end = {.name = "end", .may = {{STAGE_TRAILER, FAIL_FORMAT}}};
	const struct buf *bytes = &sweep->sealed->bytes;
	struct buf longer;

	buf_init(&longer, bytes->len + 1);
	buf_bytes(&longer, bytes->data, bytes->len);
	buf_u8(&longer, 0);
	for (unsigned value = 0; value < 256 && buf_error(&longer) == 0; value++) {
		longer.data[bytes->len] = (uint8_t)value;
		judge(sweep, rd_of(longer.data, longer.len), &end, "appended", value);
	}
	buf_done(&longer);
}
