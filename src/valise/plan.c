/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/plan.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "envelope/body.h"
#include "label/label.h"
#include "label/policy.h"
#include "valise/report.h"
#include "valise/verb.h"

/*
 * Solo: R goes to this device and to the recovery key, the one share and V to the solo key.
 * The addresses are part of the record that the envelope is, and wrap to nobody.
 */

#define DEFAULT_LABEL "business:CONFIDENTIAL"

struct plan {
	const struct args *args;
	struct header_plan header;
	struct addressing addressing;
	struct buf addressing_bytes;
	struct buf label_bytes;
	struct kem_public readers[2];
	char marking[LABEL_TEXT_MAX + 1];
};

static int
usage(const struct plan *plan, const char *option, const char *value, const char *why)
{
	return report_exit(
		report_usage(plan->args->verb, "--%s %s: %s", option, value, why));
}

static int
no_memory(const struct args *args)
{
	struct report report = {
		.verb = args->verb, .attempt = "begin", .object = "a header"};

	return report_fail(&report, FAIL_NOMEM);
}

/* The next word of a list separated by commas; false at its end.  Spaces around do not count. */
static bool
next_word(const char **list, const char **ret_word, size_t *ret_len)
{
	const char *start = *list, *end;

	if (start == NULL)
		return false;
	end = strchrnul(start, ',');
	*list = *end == ',' ? end + 1 : NULL;
	while (start < end && *start == ' ')
		start++;
	while (end > start && end[-1] == ' ')
		end--;
	*ret_word = start;
	*ret_len = (size_t)(end - start);
	return true;
}

static int
add_addresses(struct plan *plan, const char *option, size_t *count)
{
	struct addressing *a = &plan->addressing;
	const char *list, *word;
	size_t at = 0, len;

	while ((list = args_next(plan->args, option, &at)) != NULL) {
		const char *whole = list;

		while (next_word(&list, &word, &len)) {
			size_t next = a->action_count + a->info_count;

			if (!addressing_is_address((const uint8_t *)word, len))
				return usage(plan, option, whole,
					"an address looks like PT/defence-policy or "
					"PT/ana.silva");
			if (next == ADDRESSING_ADDRESSES_MAX)
				return usage(
					plan, option, whole, "more than 1,024 addresses");
			a->addresses[next] = rd_of(word, len);
			(*count)++;
		}
	}
	return EXIT_OK;
}

static int
add_sics(struct plan *plan)
{
	struct addressing *a = &plan->addressing;
	const char *list, *word;
	size_t at = 0, len;

	while ((list = args_next(plan->args, "sic", &at)) != NULL) {
		const char *whole = list;

		while (next_word(&list, &word, &len)) {
			if (!addressing_is_sic((const uint8_t *)word, len))
				return usage(plan, "sic", whole,
					"a SIC is 3 to 8 of A-Z and 0-9");
			if (a->sic_count == ADDRESSING_SICS_MAX)
				return usage(plan, "sic", whole, "more than 8 SICs");
			a->sics[a->sic_count++] = rd_of(word, len);
		}
	}
	return EXIT_OK;
}

static int
set_precedence(struct plan *plan)
{
	struct addressing *a = &plan->addressing;
	const char *text = args_get(plan->args, "prec");
	const char *slash;
	size_t len;

	if (text == NULL)
		return EXIT_OK;
	slash = strchr(text, '/');
	len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	if (precedence_parse(text, len, &a->precedence_action) != 0)
		return usage(
			plan, "prec", text, "is ROUTINE, PRIORITY, IMMEDIATE or FLASH");
	a->precedence_info = a->precedence_action;
	if (slash != NULL &&
		precedence_parse(slash + 1, strlen(slash + 1), &a->precedence_info) != 0)
		return usage(
			plan, "prec", text, "is ROUTINE, PRIORITY, IMMEDIATE or FLASH");
	return EXIT_OK;
}

static int
set_type(struct plan *plan)
{
	struct addressing *a = &plan->addressing;
	const char *text = args_get(plan->args, "type");
	const char *colon;
	size_t len;

	if (text == NULL)
		return EXIT_OK;
	colon = strchr(text, ':');
	len = colon != NULL ? (size_t)(colon - text) : strlen(text);
	if (message_type_parse(text, len, &a->type) != 0)
		return usage(plan, "type", text,
			"is message, operation, exercise, drill or project");
	if (colon != NULL && a->type == MESSAGE_NORMAL)
		return usage(plan, "type", text, "a plain message has no name");
	if (colon != NULL)
		a->type_name = rd_of(colon + 1, strlen(colon + 1));
	return EXIT_OK;
}

/* One line of text of at most max bytes into ret_text. */
static int
set_line(struct plan *plan, const char *option, size_t max, struct rd *ret_text)
{
	const char *text = args_get(plan->args, option);

	if (text == NULL)
		return EXIT_OK;
	if (strlen(text) > max || (text[0] != '\0' && !text_is_line(text, strlen(text))))
		return usage(
			plan, option, text, "is one line of UTF-8, and not too long");
	*ret_text = rd_of(text, strlen(text));
	return EXIT_OK;
}

/* Marking and bytes of a valid label. */
static int
put_label(struct plan *plan, const struct label *label)
{
	int r;

	if ((r = label_marking(label, POLICY_EN, plan->marking, sizeof plan->marking)) !=
		0)
		return r;
	label_write(label, &plan->label_bytes);
	plan->header.core.label = rd_of(plan->label_bytes.data, plan->label_bytes.len);
	return buf_error(&plan->label_bytes);
}

static int
set_label(struct plan *plan)
{
	const char *text = args_get(plan->args, "label");
	struct label *label = NULL;
	int r;

	if (text == NULL)
		text = DEFAULT_LABEL;
	r = label_from_text(text, strlen(text), &label);
	if (r == 0)
		r = put_label(plan, label);
	label_free(label);
	if (r == FAIL_NOMEM)
		return no_memory(plan->args);
	if (r != 0)
		return usage(plan, "label", text,
			"no policy knows it; such as SECRET, TLP:AMBER, "
			"business:INTERNAL");
	return EXIT_OK;
}

static int
put_addressing(struct plan *plan)
{
	int r = addressing_write(&plan->addressing, &plan->addressing_bytes);

	plan->header.addressing =
		rd_of(plan->addressing_bytes.data, plan->addressing_bytes.len);
	return r;
}

static int
set_addressing(struct plan *plan)
{
	struct addressing *a = &plan->addressing;
	struct rd subject = {0};
	int r, status;

	if ((status = add_addresses(plan, "to", &a->action_count)) != EXIT_OK ||
		(status = add_addresses(plan, "info", &a->info_count)) != EXIT_OK ||
		(status = add_sics(plan)) != EXIT_OK ||
		(status = set_precedence(plan)) != EXIT_OK ||
		(status = set_type(plan)) != EXIT_OK ||
		(status = set_line(plan, "title", ADDRESSING_TITLE_MAX, &a->title)) !=
			EXIT_OK ||
		(status = set_line(plan, "ref", ADDRESSING_REFERENCE_MAX,
			 &a->reference)) != EXIT_OK ||
		(status = set_line(plan, "subject", BODY_SUBJECT_MAX, &subject)) !=
			EXIT_OK)
		return status;
	if ((r = put_addressing(plan)) == FAIL_NOMEM)
		return no_memory(plan->args);
	if (r != 0)
		return report_exit(report_usage(plan->args->verb,
			"an address or SIC is there twice, or the title is over 120 "
			"characters"));
	return EXIT_OK;
}

static int
set_from_options(struct plan *plan)
{
	int status = set_label(plan);

	return status == EXIT_OK ? set_addressing(plan) : status;
}

static int
set_from_cable(struct plan *plan, const struct cable *cable)
{
	struct report report = {.verb = plan->args->verb,
		.attempt = "begin",
		.object = "the header of the cable"};
	uint64_t dtg_s = plan->addressing.dtg_s;
	int r;

	plan->addressing = cable->addressing;
	plan->addressing.dtg_s = dtg_s;
	plan->header.core.expiry_s = cable->expiry_s;
	if (cable->is_controlled)
		plan->header.core.flags |= CORE_CONTROLLED;
	if ((r = put_label(plan, cable->label)) != 0 || (r = put_addressing(plan)) != 0)
		return report_fail(&report, r);
	return EXIT_OK;
}

void
plan_seal_to(struct plan *plan, const struct solo_public *public)
{
	struct core *core = &plan->header.core;

	plan->readers[0] = public->reader;
	plan->readers[1] = public->recovery;
	plan->header.readers = plan->readers;
	plan->header.reader_count = 2;
	plan->header.custodians = &public->solo;
	plan->header.originator = &public->solo;
	core->suite = public->suite;
	core->rule = CORE_RULE_SOLO;
	core->threshold = 1;
	core->custodian_count = 1;
	if (addressing_is_flash(&plan->addressing))
		core->flags |= CORE_FLASH;
}

int
plan_new(const struct args *args, const struct cable *cable, uint64_t now_s,
	struct plan **ret_plan)
{
	struct plan *plan = NULL;
	int status;

	if (mem_new(&plan, sizeof *plan) != 0)
		return no_memory(args);
	plan->args = args;
	plan->addressing.dtg_s = now_s;
	buf_init(&plan->addressing_bytes, ADDRESSING_LEN_MAX);
	buf_init(&plan->label_bytes, CORE_LABEL_MAX);
	status = cable != NULL ? set_from_cable(plan, cable) : set_from_options(plan);
	if (status == EXIT_OK) {
		*ret_plan = plan;
		plan = NULL;
	}
	plan_free(plan);
	return status;
}

void
plan_free(struct plan *plan)
{
	if (plan == NULL)
		return;
	buf_done(&plan->addressing_bytes);
	buf_done(&plan->label_bytes);
	mem_free(plan);
}

const struct header_plan *
plan_header(const struct plan *plan)
{
	CHECK(plan->header.reader_count > 0);
	return &plan->header;
}

const char *
plan_marking(const struct plan *plan)
{
	return plan->marking;
}
