/* SPDX-License-Identifier: Apache-2.0 */
#include "aid.h"

#include "envelope/core.h"
#include "fixture.h"

/*
 * Every rule of docs/format/envelope.md, section 1, is broken once.  The bytes come from a
 * writer that checks nothing, because core_write() would refuse them; that it does is asked
 * at the same time.
 */

static const uint8_t zeros[HASH_LEN];
static struct buf label; /* of the fixture */

static struct core
solo_core(void)
{
	return (struct core){.suite = SUITE_1,
		.label = bytes_of(&label),
		.rule = CORE_RULE_SOLO,
		.threshold = 1,
		.custodian_count = 1};
}

static struct core
members_core(void)
{
	struct core core = solo_core();

	core.rule = CORE_RULE_MEMBERS;
	core.log_origin = TEXT("log.concord.example/pt");
	core.roster_hash = rd_of(zeros, sizeof zeros);
	core.originator = TEXT("PT");
	core.threshold = 2;
	core.custodian_count = 3;
	core.custodians[0].member = TEXT("FR");
	core.custodians[1].member = TEXT("EN-2");
	core.custodians[2].member = TEXT("A2345678901234567890123456789012");
	return core;
}

/* As core_write(), without a single question.  count may exceed what the struct can hold. */
static void
write_raw(const struct core *core, size_t count, struct buf *out)
{
	size_t mark;

	buf_text(out, "VALISE\r\n");
	buf_u16(out, CORE_VERSION);
	buf_u16(out, core->suite);
	buf_bytes(out, core->document_id, CORE_DOCUMENT_ID_LEN);
	buf_vec(out, 1, core->log_origin.ptr, core->log_origin.len);
	buf_vec(out, 1, core->roster_hash.ptr, core->roster_hash.len);
	buf_vec(out, 1, core->originator.ptr, core->originator.len);
	buf_vec(out, 2, core->label.ptr, core->label.len);
	buf_u32(out, core->flags);
	buf_u64(out, core->expiry_s);
	buf_u8(out, core->rule);
	buf_u8(out, core->threshold);
	mark = buf_vec_begin(out, 2);
	for (size_t i = 0; i < count; i++) {
		struct rd member = core->custodians[i % CORE_CUSTODIANS_MAX].member;
		char name[8];

		if (i >= CORE_CUSTODIANS_MAX)
			member = rd_of(
				name, (size_t)snprintf(name, sizeof name, "Z%zu", i));
		buf_vec(out, 1, member.ptr, member.len);
		buf_bytes(out, zeros, sizeof zeros);
	}
	buf_vec_end(out, mark, 2);
	for (size_t i = 0; i < 3; i++)
		buf_bytes(out, zeros, sizeof zeros);
	assert_int_equal(buf_error(out), 0);
}

static int
parse_raw(const struct core *core, size_t count)
{
	struct core parsed;
	struct buf raw;
	struct rd in;
	int r;

	buf_init(&raw, 2 * CORE_LEN_MAX);
	write_raw(core, count, &raw);
	in = bytes_of(&raw);
	r = core_parse(&in, &parsed);
	assert_true(r == 0 || in.len == raw.len); /* a refused reader does not move */
	buf_done(&raw);
	return r;
}

static void
suite_0(struct core *c)
{
	c->suite = 0;
}

static void
suite_3(struct core *c)
{
	c->suite = 3;
}

static void
unknown_flag(struct core *c)
{
	c->flags = 1u << 2;
}

static void
highest_flag(struct core *c)
{
	c->flags = 1u << 31;
}

static void
rule_3(struct core *c)
{
	c->rule = 3;
}

static void
threshold_0(struct core *c)
{
	c->threshold = 0;
}

static void
threshold_over_n(struct core *c)
{
	c->threshold = (uint8_t)(c->custodian_count + 1);
}

static void
with_log_origin(struct core *c)
{
	c->log_origin = TEXT("log.concord.example/pt");
}

static void
with_roster(struct core *c)
{
	c->roster_hash = rd_of(zeros, sizeof zeros);
}

static void
with_originator(struct core *c)
{
	c->originator = TEXT("PT");
}

static void
with_named_custodian(struct core *c)
{
	c->custodians[0].member = TEXT("FR");
}

static void
with_two_custodians(struct core *c)
{
	c->custodian_count = 2;
}

static void
without_log_origin(struct core *c)
{
	c->log_origin = TEXT("");
}

static void
log_origin_of_two_lines(struct core *c)
{
	c->log_origin = TEXT("log\nconcord");
}

static void
log_origin_not_utf8(struct core *c)
{
	c->log_origin = TEXT("log\xff");
}

static void
without_roster(struct core *c)
{
	c->roster_hash = TEXT("");
}

static void
short_roster(struct core *c)
{
	c->roster_hash = rd_of(zeros, HASH_LEN - 1);
}

static void
without_originator(struct core *c)
{
	c->originator = TEXT("");
}

static void
small_originator(struct core *c)
{
	c->originator = TEXT("pt");
}

static void
originator_from_digit(struct core *c)
{
	c->originator = TEXT("1PT");
}

static void
originator_with_space(struct core *c)
{
	c->originator = TEXT("P T");
}

static void
originator_of_33(struct core *c)
{
	c->originator = TEXT("A23456789012345678901234567890123");
}

static void
custodian_nameless(struct core *c)
{
	c->custodians[1].member = TEXT("");
}

static void
custodian_with_underscore(struct core *c)
{
	c->custodians[1].member = TEXT("F_R");
}

static void
custodian_twice(struct core *c)
{
	c->custodians[2].member = c->custodians[0].member;
}

static void
label_with_a_byte_more(struct core *c)
{
	c->label = TEXT("\001P\001S\000\000x");
}

static void
label_cut(struct core *c)
{
	c->label = TEXT("\001P\001S\000");
}

static void
label_empty(struct core *c)
{
	c->label = TEXT("");
}

static void
label_unsorted(struct core *c)
{
	c->label = TEXT("\001P\001S\000\014"
			"\001B\002\000\002\001x"
			"\001A\002\000\000");
}

static void
label_with_spaces(struct core *c)
{
	c->label = TEXT("\002P \001S\000\000");
}

/* Each of nine categories is well; the label as a whole is over its limit. */
static void
label_of_nine_categories(struct core *c)
{
	static const char nine[] = "\001P\001S\000\055"
				   "\001A\002\000\000\001B\002\000\000\001C\002\000\000"
				   "\001D\002\000\000\001E\002\000\000\001F\002\000\000"
				   "\001G\002\000\000\001H\002\000\000\001I\002\000\000";

	c->label = rd_of(nine, sizeof nine - 1);
}

struct row {
	const char *name;
	struct core (*from)(void);
	void (*bend)(struct core *core);
	int want;
};

#define SOLO(fn, want)                                                                   \
	{                                                                                \
#fn, solo_core, fn, want                                                 \
	}
#define MEMBERS(fn, want)                                                                \
	{                                                                                \
#fn, members_core, fn, want                                              \
	}

static const struct row rows[] = {
	SOLO(suite_0, FAIL_SUITE),
	SOLO(suite_3, FAIL_SUITE),
	SOLO(unknown_flag, FAIL_FORMAT),
	SOLO(highest_flag, FAIL_FORMAT),
	SOLO(rule_3, FAIL_FORMAT),
	SOLO(threshold_0, FAIL_FORMAT),
	SOLO(threshold_over_n, FAIL_FORMAT),
	SOLO(with_log_origin, FAIL_FORMAT),
	SOLO(with_roster, FAIL_FORMAT),
	SOLO(with_originator, FAIL_FORMAT),
	SOLO(with_named_custodian, FAIL_FORMAT),
	SOLO(with_two_custodians, FAIL_FORMAT),
	MEMBERS(rule_3, FAIL_FORMAT),
	MEMBERS(threshold_0, FAIL_FORMAT),
	MEMBERS(threshold_over_n, FAIL_FORMAT),
	MEMBERS(without_log_origin, FAIL_FORMAT),
	MEMBERS(log_origin_of_two_lines, FAIL_FORMAT),
	MEMBERS(log_origin_not_utf8, FAIL_FORMAT),
	MEMBERS(without_roster, FAIL_FORMAT),
	MEMBERS(short_roster, FAIL_FORMAT),
	MEMBERS(without_originator, FAIL_FORMAT),
	MEMBERS(small_originator, FAIL_FORMAT),
	MEMBERS(originator_from_digit, FAIL_FORMAT),
	MEMBERS(originator_with_space, FAIL_FORMAT),
	MEMBERS(originator_of_33, FAIL_FORMAT),
	MEMBERS(custodian_nameless, FAIL_FORMAT),
	MEMBERS(custodian_with_underscore, FAIL_FORMAT),
	MEMBERS(custodian_twice, FAIL_FORMAT),
	SOLO(label_empty, FAIL_FORMAT),
	SOLO(label_cut, FAIL_FORMAT),
	SOLO(label_with_a_byte_more, FAIL_FORMAT),
	SOLO(label_unsorted, FAIL_FORMAT),
	SOLO(label_with_spaces, FAIL_FORMAT),
	SOLO(label_of_nine_categories, FAIL_FORMAT),
};

static void
refuses_every_broken_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct core core = rows[i].from();
		struct buf out;

		assert_answer(rows[i].name, "unbent",
			parse_raw(&core, core.custodian_count), 0);
		rows[i].bend(&core);
		assert_answer(rows[i].name, "core_parse",
			parse_raw(&core, core.custodian_count), rows[i].want);
		buf_init(&out, CORE_LEN_MAX);
		assert_answer(rows[i].name, "core_write", core_write(&core, &out),
			rows[i].want);
		assert_int_equal(out.len, 0);
		buf_done(&out);
	}
}

static void
takes_1_to_16_custodians(void **state)
{
	static char names[CORE_CUSTODIANS_MAX][4];
	struct core core = members_core();

	(void)state;
	for (size_t i = 0; i < CORE_CUSTODIANS_MAX; i++)
		core.custodians[i].member = rd_of(
			names[i], (size_t)snprintf(names[i], sizeof names[i], "M%zu", i));
	core.threshold = 1;
	assert_int_equal(parse_raw(&core, 0), FAIL_FORMAT);
	for (size_t n = 1; n <= CORE_CUSTODIANS_MAX; n++)
		assert_int_equal(parse_raw(&core, n), 0);
	assert_int_equal(parse_raw(&core, CORE_CUSTODIANS_MAX + 1), FAIL_FORMAT);
	assert_int_equal(parse_raw(&core, 200), FAIL_FORMAT);
}

static void
knows_its_magic_and_version(void **state)
{
	struct core core = solo_core(), parsed;
	struct buf raw;

	(void)state;
	buf_init(&raw, CORE_LEN_MAX);
	write_raw(&core, 1, &raw);
	for (size_t i = 0; i < 10; i++) {
		for (unsigned x = 1; x < 256; x++) {
			struct rd in = bytes_of(&raw);

			raw.data[i] ^= (uint8_t)x;
			assert_int_equal(core_parse(&in, &parsed),
				i < 8 ? FAIL_FORMAT : FAIL_VERSION);
			raw.data[i] ^= (uint8_t)x;
		}
	}
	buf_done(&raw);
}

static void
writes_what_it_parsed(void **state)
{
	struct core cores[] = {solo_core(), members_core(), members_core()}, parsed;
	struct buf raw, out;

	(void)state;
	cores[2].rule = CORE_RULE_INTERNAL;
	cores[2].suite = SUITE_2;
	cores[2].flags = CORE_FLASH | CORE_CONTROLLED;
	cores[2].expiry_s = UINT64_MAX;
	for (size_t i = 0; i < COUNT_OF(cores); i++) {
		struct rd in;

		buf_init(&raw, CORE_LEN_MAX);
		buf_init(&out, CORE_LEN_MAX);
		write_raw(&cores[i], cores[i].custodian_count, &raw);
		buf_u8(&raw, 0x55); /* what follows is left alone */
		in = bytes_of(&raw);
		assert_int_equal(core_parse(&in, &parsed), 0);
		assert_int_equal(in.len, 1);
		assert_int_equal(core_write(&parsed, &out), 0);
		assert_same_bytes(bytes_of(&out), rd_of(raw.data, raw.len - 1));
		buf_done(&raw);
		buf_done(&out);
	}
}

/* Every cut is "more bytes are needed": nothing that is there is wrong. */
static void
asks_for_more_at_every_cut(void **state)
{
	struct core core = members_core(), parsed;
	struct buf raw;

	(void)state;
	buf_init(&raw, CORE_LEN_MAX);
	write_raw(&core, core.custodian_count, &raw);
	for (size_t len = 0; len < raw.len; len++) {
		struct rd in = rd_of(raw.data, len);

		assert_int_equal(core_parse(&in, &parsed), FAIL_TRUNCATED);
		assert_int_equal(in.len, len);
	}
	buf_done(&raw);
}

static void
holds_shares_to_their_hashes(void **state)
{
	struct shamir_share share = {.number = 2, .value = {7}};
	struct core core = members_core();

	(void)state;
	core_share_hash(core.document_id, &share, core.custodians[1].share_hash);
	assert_int_equal(core_check_share(&core, &share), 0);
	share.value[31] ^= 1;
	assert_int_equal(core_check_share(&core, &share), FAIL_SHARE);
	share.value[31] ^= 1;
	for (unsigned number = 0; number < 256; number++) {
		share.number = (uint8_t)number;
		assert_int_equal(
			core_check_share(&core, &share), number == 2 ? 0 : FAIL_SHARE);
	}
	share.number = 2;
	core.document_id[0] ^= 1; /* a share of another document */
	assert_int_equal(core_check_share(&core, &share), FAIL_SHARE);
}

static int
setup(void **state)
{
	buf_init(&label, CORE_LABEL_MAX);
	return crypto_setup(state) != 0 ? -1 : fixture_label(&label);
}

static int
teardown(void **state)
{
	(void)state;
	buf_done(&label);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_every_broken_rule),
		cmocka_unit_test(takes_1_to_16_custodians),
		cmocka_unit_test(knows_its_magic_and_version),
		cmocka_unit_test(writes_what_it_parsed),
		cmocka_unit_test(asks_for_more_at_every_cut),
		cmocka_unit_test(holds_shares_to_their_hashes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
