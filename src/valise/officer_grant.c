/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/officer_grant.h"

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "member/credential.h"
#include "sys/clock.h"
#include "valise/exchange.h"
#include "valise/report.h"

/*
 * What is granted is the first officer's decision alone: two opinions in one credential could
 * not be told apart.
 */

enum { YEAR_S = 365 * 24 * 3600, DAY_TEXT_LEN = 10 };

struct clearance_list {
	size_t count;
	struct clearance *list[CLEARANCES_MAX]; /* ascending by policy */
};

static void
list_done(struct clearance_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		clearance_free(l->list[i]);
}

static int
list_add(struct clearance_list *l, struct clearance *c)
{
	size_t at = 0;

	while (at < l->count && strcmp(l->list[at]->policy, c->policy) < 0)
		at++;
	if (l->count == CLEARANCES_MAX ||
		(at < l->count && strcmp(l->list[at]->policy, c->policy) == 0))
		return FAIL_EXISTS;
	memmove(&l->list[at + 1], &l->list[at], (l->count - at) * sizeof l->list[0]);
	l->list[at] = c;
	l->count++;
	return 0;
}

/* All --clearance options.  Reports. */
static int
list_take(const struct args *args, struct clearance_list *ret_list)
{
	struct clearance *c = NULL;
	const char *text;
	size_t at = 0;
	int r;

	while ((text = args_next(args, "clearance", &at)) != NULL) {
		if ((r = clearance_from_text(text, strlen(text), &c)) == FAIL_NOMEM)
			return exchange_fail(args, "read", "--clearance", NULL, r);
		if (r != 0)
			return report_usage("officer",
				"--clearance %s: such as SECRET, or 'SECRET REL TO PT'",
				text);
		if (list_add(ret_list, c) != 0) {
			clearance_free(c);
			return report_usage(
				"officer", "--clearance %s: one for each policy", text);
		}
	}
	return 0;
}

int
officer_ceilings(const struct args *args, struct buf *lines, struct entry *entry)
{
	struct clearance_list list = {0};
	int r;

	if ((r = list_take(args, &list)) != 0)
		goto out;
	for (size_t i = 0; i < list.count; i++) {
		buf_init(&lines[i], CLEARANCES_LINE_MAX);
		if ((r = clearances_line_write(list.list[i], &lines[i])) != 0) {
			r = exchange_fail(args, "write", "a clearance", NULL, r);
			goto out;
		}
		entry->ceilings[entry->ceiling_count++] =
			rd_of(lines[i].data, lines[i].len);
	}
out:
	list_done(&list);
	return r;
}

static int
take_until(const struct args *args, uint64_t now_s, uint64_t *ret_until_s)
{
	const char *day = args_get(args, "until");
	char text[TIME_TEXT_MAX];
	uint64_t until_s = now_s + YEAR_S;

	if (day != NULL) {
		(void)snprintf(text, sizeof text, "%.10sT00:00:00Z", day);
		if (strlen(day) != DAY_TEXT_LEN ||
			time_parse_rfc3339(text, strlen(text), &until_s) != 0 ||
			until_s <= now_s)
			return report_usage("officer",
				"--until %s: a day to come, such as 2027-06-30", day);
	}
	*ret_until_s = until_s;
	return 0;
}

/* What is asked for, unless --desk says otherwise. */
static int
take_desks(const struct args *args, const struct desks *asked, struct desks *ret_desks)
{
	struct desks desks = {0};
	const char *name;
	size_t at = 0;

	while ((name = args_next(args, "desk", &at)) != NULL)
		if (desks_add(&desks, address_of(name)) != 0)
			return report_usage("officer",
				"--desk %s: a desk is named as in defence-policy", name);
	*ret_desks = desks.count > 0 ? desks : *asked;
	return 0;
}

int
officer_grant(const struct args *args, const struct request *q, const char *object,
	struct buf *ret_bytes)
{
	struct credential c = {.subject = q->subject, .from_s = clock_now_s()};
	struct clearance_list list = {0};
	struct buf clearances;
	int r;

	buf_init(&clearances, CREDENTIAL_BYTES_MAX);
	memcpy(c.possession, q->possession, sizeof c.possession);
	if ((r = take_until(args, c.from_s, &c.until_s)) != 0 ||
		(r = take_desks(args, &q->desks, &c.desks)) != 0 ||
		(r = list_take(args, &list)) != 0)
		goto out;
	if (list.count == 0) {
		r = report_usage("officer", "sign needs --clearance for a request");
		goto out;
	}
	for (size_t i = 0; i < list.count; i++)
		clearance_write(list.list[i], &clearances);
	c.clearances = rd_of(clearances.data, clearances.len);
	if ((r = buf_error(&clearances)) != 0 ||
		(r = credential_write(&c, ret_bytes)) != 0)
		r = exchange_fail(args, "grant", object, NULL, r);
out:
	list_done(&list);
	buf_done(&clearances);
	return r;
}
