/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/jsonl.h"

#include <jansson.h>

#include "base/text.h"
#include "leak/segment.h"

/* The owner of the strings is jansson's object; nothing of it is seen outside. */

void
jsonl_done(struct jsonl_doc *doc)
{
	json_decref((json_t *)doc->owner);
	*doc = (struct jsonl_doc){0};
}

int
jsonl_parse(const char *line, size_t len, struct jsonl_doc *ret_doc)
{
	json_t *object = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *id = json_object_get(object, "id");
	const json_t *body = json_object_get(object, "body");
	struct jsonl_doc doc = {.owner = (struct jsonl *)object,
		.id = json_string_value(id),
		.body = json_string_value(body),
		.id_len = json_string_length(id),
		.body_len = json_string_length(body)};
	int r = 0;

	if (doc.id == NULL || doc.body == NULL || doc.id_len == 0)
		r = FAIL_FORMAT;
	else if (doc.id_len > SEGMENT_ID_MAX || !text_is_line(doc.id, doc.id_len))
		r = FAIL_LIMIT;
	if (r != 0)
		jsonl_done(&doc);
	else
		*ret_doc = doc;
	return r;
}
