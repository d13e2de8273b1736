/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/station_status.h"

#include "base/buf.h"
#include "valise/link.h"

enum { ANSWER_MAX = 70000, ASK_MS = 10000 };

static int
parse(const struct buf *answer, json_t **ret_status)
{
	struct post_status status;
	json_t *object;

	if (codec_parse_whole(
		    &post_status_codec, rd_of(answer->data, answer->len), &status) != 0)
		return FAIL_FORMAT;
	object = json_loadb((const char *)status.json.ptr, status.json.len,
		JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(object)) {
		json_decref(object);
		return FAIL_FORMAT;
	}
	*ret_status = object;
	return 0;
}

int
station_status(const char *dir, json_t **ret_status)
{
	struct link *link = NULL;
	struct buf answer;
	int r;

	buf_init(&answer, ANSWER_MAX);
	if ((r = link_new_admin(dir, &link)) != 0)
		goto out;
	link_set_timeout(link, ASK_MS);
	if ((r = link_ask(link, "status", NULL, NULL, &answer)) == 0)
		r = parse(&answer, ret_status);
	if (r == FAIL_ABSENT)
		r = FAIL_AGAIN;
out:
	link_free(link);
	buf_done(&answer);
	return r;
}

const char *
station_status_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

uint64_t
station_status_number(const json_t *object, const char *name)
{
	json_int_t number = json_integer_value(json_object_get(object, name));

	return number > 0 ? (uint64_t)number : 0;
}

bool
station_status_is(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}
