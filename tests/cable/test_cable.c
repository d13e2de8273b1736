/* SPDX-License-Identifier: Apache-2.0 */
#include "cable/cable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

/* A cable with every header, in its canonical form. */
static const char whole[] = "To: PT/defence-policy, FR/ana.silva\n"
			    "Info: CY/duty\n"
			    "Exempt: EU/archive\n"
			    "Prec: IMMEDIATE/ROUTINE\n"
			    "Label: CONCORD:SECRET EXERCISE REL TO FR, PT\n"
			    "Title: Northern port\n"
			    "Subject: Readiness of the northern port in winter\n"
			    "SIC: ABC, D1E2\n"
			    "Ref: MNE 4711/26\n"
			    "Refers-to: FR 12/26\n"
			    "Refers-to: id:000102030405060708090a0b0c0d0e0f our last\n"
			    "Refers-to: id:ffffffffffffffffffffffffffffffff\n"
			    "Reply-by: 221030Z NOV 26\n"
			    "Expires: 2026-12-01T00:00:07Z\n"
			    "Control: ORCON\n"
			    "Type: exercise: GREY HERON\n"
			    "Attach: maps/port.pdf\n"
			    "Attach: list.txt\n"
			    "\n"
			    "First line.\n"
			    "\n"
			    "\tSecond: with a tab and a colon.\n";

static struct cable *
parsed(const char *text)
{
	struct cable_fault fault;
	struct cable *c = NULL;

	if (cable_parse(text, strlen(text), &c, &fault) != 0)
		fail_msg("line %zu: %s: %s (%s)", fault.line, fault.header, fault.what,
			fault.value);
	return c;
}

static void
assert_writes(const struct cable *c, const char *want)
{
	struct buf b;

	buf_init(&b, CABLE_LEN_MAX);
	assert_int_equal(cable_write(c, &b), 0);
	buf_u8(&b, 0);
	assert_int_equal(buf_error(&b), 0);
	assert_string_equal((const char *)b.data, want);
	buf_done(&b);
}

static void
assert_span(struct rd span, const char *want)
{
	assert_int_equal(span.len, strlen(want));
	if (span.len > 0)
		assert_memory_equal(span.ptr, want, span.len);
}

static void
test_every_header(void **state)
{
	struct cable *c = parsed(whole);
	const struct addressing *a = &c->addressing;

	(void)state;
	assert_int_equal(a->action_count, 2);
	assert_int_equal(a->info_count, 1);
	assert_int_equal(a->exempted_count, 1);
	assert_span(a->addresses[1], "FR/ana.silva");
	assert_span(a->addresses[2], "CY/duty");
	assert_span(a->addresses[3], "EU/archive");
	assert_int_equal(a->precedence_action, PRECEDENCE_IMMEDIATE);
	assert_int_equal(a->precedence_info, PRECEDENCE_ROUTINE);
	assert_string_equal(c->label->classification, "SECRET");
	assert_span(a->title, "Northern port");
	assert_span(c->subject, "Readiness of the northern port in winter");
	assert_int_equal(a->sic_count, 2);
	assert_span(a->reference, "MNE 4711/26");
	assert_int_equal(a->reference_count, 3);
	assert_int_equal(a->references[0].document_id.len, 0);
	assert_int_equal(a->references[1].document_id.ptr[15], 15);
	assert_span(a->references[1].text, "our last");
	assert_int_equal(a->references[2].text.len, 0);
	assert_int_equal(a->reply_by_s, 1795343400);
	assert_int_equal(c->expiry_s, 1796083207);
	assert_true(c->is_controlled);
	assert_int_equal(a->type, MESSAGE_EXERCISE);
	assert_span(a->type_name, "GREY HERON");
	assert_int_equal(c->attachment_count, 2);
	assert_span(cable_base_name(c->attachments[0]), "port.pdf");
	assert_span(c->text, "First line.\n\n\tSecond: with a tab and a colon.\n");
	assert_int_equal(a->dtg_s, 0);
	assert_writes(c, whole);
	cable_free(c);
	cable_free(NULL);
}

/* What goes into an envelope is a good addressing, but for the DTG. */
static void
test_addressing_is_one_that_envelopes_take(void **state)
{
	struct cable *c = parsed(whole);
	struct buf b;

	(void)state;
	buf_init(&b, ADDRESSING_LEN_MAX);
	assert_int_equal(addressing_write(&c->addressing, &b), 0);
	buf_done(&b);
	cable_free(c);
}

/* Typed on the left of test and written in one way. */
static void
test_one_written_form(void **state)
{
	static const struct {
		const char *typed, *written;
	} pairs[] = {
		{"to:PT/a\nlabel:secret\n",
			"To: PT/a\nPrec: ROUTINE\nLabel: CONCORD:SECRET\n\n"},
		{"LABEL:\tsecret\r\nINFO: PT/a\r\n\r\nText.\r\n",
			"Info: PT/a\nPrec: ROUTINE\nLabel: CONCORD:SECRET\n\nText.\n"},
		{"Label: tlp:white\nTo: PT/a ,\n  FR/b,\n\tCY/c\nprec: Z / O\n\nno end",
			"To: PT/a, FR/b, CY/c\nPrec: FLASH/IMMEDIATE\nLabel: "
			"TLP:CLEAR\n\n"
			"no end\n"},
		{"To: PT/a\nSubject:\nTitle:   \nInfo:\nAttach:\nLabel: SECRET\nType: "
		 "message:\n",
			"To: PT/a\nPrec: ROUTINE\nLabel: CONCORD:SECRET\n\n"},
		{"To: PT/a\nLabel: SECRET\nReply-by: 2026-11-22T10:30:00Z\nControl: "
		 "orcon\n\n\n\n",
			"To: PT/a\nPrec: ROUTINE\nLabel: CONCORD:SECRET\nReply-by: "
			"221030Z "
			"NOV 26\nControl: ORCON\n\n\n\n"},
		{"To: PT/a\nLabel: SECRET\nType: EXERCISE :  A: B\n",
			"To: PT/a\nPrec: ROUTINE\nLabel: CONCORD:SECRET\nType: exercise: "
			"A: "
			"B\n\n"},
		{"To: PT/a\nLabel: SECRET\nSubject: Préparation à l'hiver\n\nÉté.\n",
			"To: PT/a\nPrec: ROUTINE\nLabel: CONCORD:SECRET\nSubject: "
			"Préparation à l'hiver\n\nÉté.\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		struct cable *c = parsed(pairs[i].typed), *again = NULL;

		assert_writes(c, pairs[i].written);
		again = parsed(pairs[i].written);
		assert_writes(again, pairs[i].written);
		cable_free(c);
		cable_free(again);
	}
}

/* A long list goes on below, never beyond column 78, and reads as the same list. */
static void
test_folding(void **state)
{
	struct cable *c = NULL, *again = NULL;
	struct cable_fault fault;
	const char *line, *end;
	struct buf in, out;

	(void)state;
	buf_init(&in, CABLE_LEN_MAX);
	buf_init(&out, CABLE_LEN_MAX);
	buf_text(&in, "Label: SECRET\nTo: ");
	for (int i = 0; i < ADDRESSING_ADDRESSES_MAX; i++)
		buf_printf(&in, "%sPT/desk-%d", i > 0 ? "," : "", i);
	buf_text(&in, "\n\ntext\n");
	assert_int_equal(cable_parse(in.data, in.len, &c, &fault), 0);
	assert_int_equal(c->addressing.action_count, ADDRESSING_ADDRESSES_MAX);
	assert_int_equal(cable_write(c, &out), 0);
	line = (const char *)out.data;
	while ((end = memchr(line, '\n', out.len - (size_t)(line - (char *)out.data))) !=
		NULL) {
		assert_true(end - line <= CABLE_WIDTH);
		line = end + 1;
	}
	assert_int_equal(cable_parse(out.data, out.len, &again, &fault), 0);
	assert_int_equal(again->addressing.action_count, ADDRESSING_ADDRESSES_MAX);
	buf_clear(&in);
	assert_int_equal(cable_write(again, &in), 0);
	assert_int_equal(in.len, out.len);
	assert_memory_equal(in.data, out.data, in.len);
	buf_done(&in);
	buf_done(&out);
	cable_free(c);
	cable_free(again);
}

#define HEAD "To: PT/a\nLabel: SECRET\n"
#define C61  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
	const char *text;
	size_t line;
	const char *header, *value, *what;
} faults[] = {
	{"", 0, NULL, "", "goes to nobody"}, {"To: PT/a\n", 0, NULL, "", "no label"},
	{"Label: SECRET\nExempt: PT/a\n", 0, NULL, "", "goes to nobody"},
	{"To: PT/a\nHello, world\n", 2, NULL, "Hello, world", "no header"},
	{"To: PT/a\nBcc: PT/b\n", 2, NULL, "Bcc", "no header that"},
	{"To : PT/a\n", 1, NULL, "To ", "no header that"},
	{"# To: PT/a\n", 1, NULL, "# To", "no header that"},
	{HEAD "To: PT/b\n", 3, "To", "", "twice"},
	{HEAD "Subject:\nSubject: x\n", 4, "Subject", "", "twice"},
	{" To: PT/a\n", 1, NULL, " To", "no header that"},
	{HEAD "Subject: a\n b\n", 4, NULL, "", "begins with a space"},
	{HEAD "   \n\ntext", 3, NULL, "", "spaces only"},
	{"Label: SECRET\nTo: PT/a,\n  \n\ntext", 3, NULL, "", "spaces only"},
	{"Label: SECRET\nTo: PT/a\n  FR/b\n", 2, "To", "", "no address"},
	{"Label: SECRET\nTo: PT/a,\n  FR/b,\n  nobody\n", 4, "To", "nobody",
		"no address"},
	{"Label: SECRET\nTo: PT/a,\n", 2, "To", "", "no address"},
	{"Label: SECRET\nTo: PT/a,,FR/b\n", 2, "To", "", "no address"},
	{"Label: SECRET\nTo: PT/a; FR/b\n", 2, "To", "PT/a; FR/b", "no address"},
	{HEAD "Info: FR/b,\n PT/a\n", 4, "Info", "PT/a", "twice"},
	{HEAD "Prec: URGENT\n", 3, "Prec", "URGENT", "no precedence"},
	{HEAD "Prec: FLASH/\n", 3, "Prec", "", "no precedence"},
	{HEAD "Prec: FLASH/ROUTINE/ROUTINE\n", 3, "Prec", "ROUTINE/ROUTINE",
		"no precedence"},
	{"To: PT/a\nLabel: COSMIC\n", 2, "Label", "COSMIC", "no label"},
	{HEAD "SIC: AB\n", 3, "SIC", "AB", "no SIC"},
	{HEAD "SIC: ABC, ABC\n", 3, "SIC", "ABC", "twice"},
	{HEAD "SIC: A11,A12,A13,A14,A15,A16,A17,A18,A19\n", 3, "SIC", "A19", "too many"},
	{HEAD "Title: " C61 C61 "\n", 3, "Title", NULL, "120"},
	{HEAD "Title: a\tb\n", 3, "Title", "", "tab"},
	{HEAD "Ref: " C61 "abcd\n", 3, "Ref", NULL, "too long"},
	{HEAD "Refers-to: id:00\n", 3, "Refers-to", "id:00", "no document id"},
	{HEAD "Refers-to: id:000102030405060708090a0b0c0d0e0fx\n", 3, "Refers-to", NULL,
		"no document id"},
	{HEAD "Refers-to: id:000102030405060708090A0B0C0D0E0F\n", 3, "Refers-to", NULL,
		"no document id"},
	{HEAD "Reply-by: tomorrow\n", 3, "Reply-by", "tomorrow", "no time"},
	{HEAD "Reply-by: 311030Z NOV 26\n", 3, "Reply-by", NULL, "no time"},
	{HEAD "Expires: 1970-01-01T00:00:00Z\n", 3, "Expires", NULL, "no time"},
	{HEAD "Control: NOFORN\n", 3, "Control", "NOFORN", "no control"},
	{HEAD "Type: rumour\n", 3, "Type", "rumour", "no message type"},
	{HEAD "Type: message: x\n", 3, "Type", "x", "no name"},
	{HEAD "Type: drill: " C61 "abcd\n", 3, "Type", NULL, "too long"},
	{HEAD "Attach: a/..\n", 3, "Attach", "a/..", "no file name"},
	{HEAD "Attach: a/\n", 3, "Attach", "a/", "no file name"},
	{HEAD "Attach: a/x\nAttach: b/x\n", 4, "Attach", "x", "twice"},
	{"\xef\xbb\xbf" HEAD, 1, NULL, "", "byte order mark"},
	{HEAD "\ntext\n\x1b[31m\n", 5, NULL, "", "no text"},
	{HEAD "\na\rb\n", 4, NULL, "", "no text"},
	{HEAD "Subject: \xff\n", 3, NULL, "", "no text"},
	{HEAD "\n\xe2\x80\xae\n", 4, NULL, "", "no text"}, /* right-to-left override */
};

static void
test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		char text[CABLE_FAULT_TEXT_MAX];
		struct cable_fault fault;
		struct cable *c = NULL;

		if (cable_parse(faults[i].text, strlen(faults[i].text), &c, &fault) !=
			FAIL_FORMAT)
			fail_msg("accepted: %s", faults[i].text);
		assert_null(c);
		cable_fault_text(&fault, text);
		if (fault.line != faults[i].line ||
			strstr(text, faults[i].what) == NULL ||
			(faults[i].value != NULL &&
				strcmp(fault.value, faults[i].value) != 0))
			fail_msg("%s -> %s", faults[i].text, text);
		if (faults[i].header != NULL)
			assert_string_equal(fault.header, faults[i].header);
		assert_true(strlen(fault.remedy) > 0);
	}
}

static void
test_fault_text(void **state)
{
	char text[CABLE_FAULT_TEXT_MAX];
	struct cable_fault fault;
	struct cable *c = NULL;

	(void)state;
	assert_int_equal(
		cable_parse(HEAD "Control: x\n", strlen(HEAD "Control: x\n"), &c, &fault),
		FAIL_FORMAT);
	cable_fault_text(&fault, text);
	assert_string_equal(text,
		"line 3: Control: 'x' is no control; write ORCON (forwarding needs your "
		"consent), or leave it out");
}

/* A NUL is no text either; too long is told as that. */
static void
test_bytes_that_strings_cannot_hold(void **state)
{
	static const char nul[] = HEAD "\na\0b\n";
	struct cable_fault fault;
	struct cable *c = NULL;
	char *big = NULL;

	(void)state;
	assert_int_equal(cable_parse(nul, sizeof nul - 1, &c, &fault), FAIL_FORMAT);
	assert_int_equal(fault.line, 4);
	assert_int_equal(mem_new(&big, CABLE_LEN_MAX + 1), 0);
	memset(big, 'a', CABLE_LEN_MAX + 1);
	memcpy(big, HEAD "\n", strlen(HEAD "\n"));
	assert_int_equal(cable_parse(big, CABLE_LEN_MAX + 1, &c, &fault), FAIL_LIMIT);
	assert_string_equal(fault.what, "the cable is longer than 16 MiB");
	assert_int_equal(cable_parse(big, CABLE_LEN_MAX, &c, &fault), 0);
	assert_int_equal(c->text.len, CABLE_LEN_MAX - strlen(HEAD "\n") + 1);
	cable_free(c);
	mem_free(big);
}

static void
test_limits_of_lists(void **state)
{
	struct cable_fault fault;
	struct cable *c = NULL;
	struct buf b;

	(void)state;
	buf_init(&b, CABLE_LEN_MAX);
	buf_text(&b, HEAD);
	for (int i = 0; i < ADDRESSING_REFERENCES_MAX; i++)
		buf_printf(&b, "Refers-to: r%d\n", i);
	for (int i = 0; i < CABLE_ATTACHMENTS_MAX; i++)
		buf_printf(&b, "Attach: f%d\n", i);
	assert_int_equal(cable_parse(b.data, b.len, &c, &fault), 0);
	cable_free(c);
	buf_text(&b, "Attach: one-more\n");
	assert_int_equal(cable_parse(b.data, b.len, &c, &fault), FAIL_FORMAT);
	assert_string_equal(fault.value, "one-more");
	buf_clear(&b);
	buf_text(&b, HEAD);
	for (int i = 0; i <= ADDRESSING_REFERENCES_MAX; i++)
		buf_printf(&b, "Refers-to: r%d\n", i);
	assert_int_equal(cable_parse(b.data, b.len, &c, &fault), FAIL_FORMAT);
	assert_int_equal(fault.line, 3 + ADDRESSING_REFERENCES_MAX);
	buf_clear(&b);
	buf_text(&b, HEAD "Info:");
	for (int i = 0; i < ADDRESSING_ADDRESSES_MAX; i++)
		buf_printf(&b, "%s FR/d%d", i > 0 ? "," : "", i);
	buf_text(&b, "\n");
	assert_int_equal(cable_parse(b.data, b.len, &c, &fault), FAIL_FORMAT);
	assert_string_equal(fault.what, "is one address too many");
	buf_done(&b);
}

/* An envelope may hold what the text form cannot say: that is refused, not bent. */
static void
test_what_cannot_be_written(void **state)
{
	struct cable *c = parsed(whole);
	struct cable good = *c;
	struct buf b;

	(void)state;
	buf_init(&b, CABLE_LEN_MAX);
	c->addressing.title = rd_of(" space", 6);
	assert_int_equal(cable_write(c, &b), FAIL_FORMAT);
	*c = good;
	c->subject = rd_of("a\nb", 3);
	assert_int_equal(cable_write(c, &b), FAIL_FORMAT);
	*c = good;
	c->addressing.references[0].text = rd_of("id:x", 4);
	assert_int_equal(cable_write(c, &b), FAIL_FORMAT);
	*c = good;
	c->addressing.action_count = c->addressing.info_count = 0;
	assert_int_equal(cable_write(c, &b), FAIL_FORMAT);
	*c = good;
	c->label = NULL;
	assert_int_equal(cable_write(c, &b), FAIL_FORMAT);
	*c = good;
	c->addressing.precedence_info = 4;
	assert_int_equal(cable_write(c, &b), FAIL_FORMAT);
	*c = good;
	c->addressing.type = MESSAGE_NORMAL;
	assert_int_equal(cable_write(c, &b), FAIL_FORMAT);
	*c = good;
	c->expiry_s = UINT64_MAX;
	assert_int_equal(cable_write(c, &b), FAIL_FORMAT);
	*c = good;
	buf_done(&b);
	cable_free(c);
}

static int
scenario(void)
{
	struct cable_fault fault;
	struct cable *c = NULL;
	struct buf b;
	int r;

	buf_init(&b, CABLE_LEN_MAX);
	if ((r = cable_parse(whole, sizeof whole - 1, &c, &fault)) == 0)
		r = cable_write(c, &b);
	buf_done(&b);
	cable_free(c);
	return r;
}

static void
test_want_of_memory(void **state)
{
	int r = FAIL_NOMEM;
	long n;

	(void)state;
	for (n = 0; r != 0; n++) {
		mem_fail_after(n, true);
		r = scenario();
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM);
	}
	assert_true(n > 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_header),
		cmocka_unit_test(test_addressing_is_one_that_envelopes_take),
		cmocka_unit_test(test_one_written_form),
		cmocka_unit_test(test_folding),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_fault_text),
		cmocka_unit_test(test_bytes_that_strings_cannot_hold),
		cmocka_unit_test(test_limits_of_lists),
		cmocka_unit_test(test_what_cannot_be_written),
		cmocka_unit_test(test_want_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
