/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/pending.h"

#include <string.h>

#include "base/mem.h"
#include "member/address.h"
#include "valise/link_impl.h"
#include "wire/front.h"

/* One item; false when it is none of ours to show. */
static bool
take(const struct post_pending *p, struct pending *ret_pending)
{
	struct pending item = {.request_bytes = p->request};
	struct credential c;

	if (request_parse(p->request.ptr, p->request.len, &item.request) != 0)
		return false;
	/* What a colleague granted must be for the very keys that ask. */
	if (p->enrol.len > 0 &&
		(enrol_parse(p->enrol.ptr, p->enrol.len, &item.enrol) != 0 ||
			credential_parse(item.enrol.credential.ptr,
				item.enrol.credential.len, &c) != 0 ||
			!subject_equal(&c.subject, &item.request.subject)))
		return false;
	*ret_pending = item;
	return true;
}

static int
parse(struct pending_list *list)
{
	struct post_pending item;
	struct post_list items;
	int r;

	if ((r = codec_parse_whole(&post_list_codec,
		     rd_of(list->bytes.data, list->bytes.len), &items)) != 0)
		return r;
	while (items.items.len > 0) {
		if ((r = codec_parse(&post_pending_codec, &items.items, &item)) != 0)
			return r;
		if (list->count == PENDING_MAX)
			return FAIL_LIMIT;
		if (take(&item, &list->items[list->count]))
			list->count++;
	}
	return 0;
}

int
pending_load(struct link *link, struct pending_list *ret_list)
{
	struct pending_list list = {0};
	int r;

	buf_init(&list.bytes, FRONT_HTTP_MAX);
	if ((r = mem_new_array(&list.items, PENDING_MAX, sizeof list.items[0])) != 0 ||
		(r = link_ask(link, "pending", NULL, NULL, &list.bytes)) != 0)
		goto out;
	if ((r = parse(&list)) != 0) {
		r = link_because(link, FAIL_FORMAT, "Is it a station of Valise?",
			"its list of requests is malformed");
		goto out;
	}
	*ret_list = list;
	list = (struct pending_list){0};
out:
	pending_done(&list);
	return r;
}

void
pending_done(struct pending_list *list)
{
	mem_free(list->items);
	buf_done(&list->bytes);
}

int
pending_find(const struct pending_list *list, const char *officer, const char *device,
	const struct pending **ret_pending)
{
	const struct pending *found = NULL;

	for (size_t i = 0; i < list->count; i++) {
		const struct subject *s = &list->items[i].request.subject;

		if (address_compare(s->officer, address_of(officer)) != 0 ||
			(device != NULL &&
				address_compare(s->device, address_of(device)) != 0))
			continue;
		if (found != NULL)
			return FAIL_EXISTS;
		found = &list->items[i];
	}
	if (found == NULL)
		return FAIL_ABSENT;
	*ret_pending = found;
	return 0;
}
