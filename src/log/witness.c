/* SPDX-License-Identifier: Apache-2.0 */
#include "log/witness.h"

#include <string.h>

#include "base/text.h"

static int
take_line(struct rd *text, struct rd *ret_line)
{
	const uint8_t *end = text->len > 0 ? memchr(text->ptr, '\n', text->len) : NULL;
	size_t len;

	if (end == NULL)
		return FAIL_FORMAT;
	len = (size_t)(end - text->ptr);
	*ret_line = rd_of(text->ptr, len);
	*text = rd_of(end + 1, text->len - len - 1);
	return 0;
}

/* "old 17" in the one spelling. */
static int
parse_old(struct rd line, uint64_t *ret_size)
{
	uint64_t v = 0;

	if (line.len < 5 || line.len > 4 + 19 || memcmp(line.ptr, "old ", 4) != 0 ||
		(line.len > 5 && line.ptr[4] == '0'))
		return FAIL_FORMAT;
	for (size_t i = 4; i < line.len; i++) {
		if (line.ptr[i] < '0' || line.ptr[i] > '9')
			return FAIL_FORMAT;
		v = 10 * v + (uint64_t)(line.ptr[i] - '0');
	}
	if (v >> 63 != 0)
		return FAIL_FORMAT;
	*ret_size = v;
	return 0;
}

int
witness_parse(struct rd body, struct witness_request *ret_request)
{
	struct rd line;
	size_t len;
	int r;

	ret_request->proof.count = 0;
	if ((r = take_line(&body, &line)) != 0 ||
		(r = parse_old(line, &ret_request->old_size)) != 0)
		return r;
	for (;;) {
		struct proof *p = &ret_request->proof;

		if ((r = take_line(&body, &line)) != 0)
			return r;
		if (line.len == 0)
			break;
		if (p->count == WITNESS_HASHES_MAX)
			return FAIL_LIMIT;
		if (text_unbase64((const char *)line.ptr, line.len, p->hashes[p->count],
			    HASH_LEN, &len) != 0 ||
			len != HASH_LEN)
			return FAIL_FORMAT;
		p->count++;
	}
	ret_request->head = body;
	return 0;
}

/* Does the new head hold against what was seen? */
static int
judge_growth(const struct witness_request *request, const struct checkpoint *head,
	const struct witness_seen *seen)
{
	struct proof_sizes sizes = {.old_size = seen->size,
		.new_size = head->size,
		.old_root = seen->root,
		.new_root = head->root};
	uint8_t empty[HASH_LEN];

	hash_sha256("", 0, empty);
	if (seen->size == 0) {
		if (request->proof.count != 0)
			return 422;
		return head->size == 0 && memcmp(head->root, empty, HASH_LEN) != 0 ? 422
										   : 200;
	}
	return proof_check_consistency(&request->proof, &sizes) == 0 ? 200 : 422;
}

int
witness_judge(const struct witness_request *request, const struct note *head,
	const struct note_key *log, const struct witness_seen *seen,
	struct checkpoint *ret_head)
{
	struct checkpoint c;
	int status;

	if (log == NULL)
		return 404;
	if (head == NULL)
		return 403;
	if (checkpoint_parse(head->text, &c) != 0)
		return 400;
	if (checkpoint_verify(head, log, &c) != 0)
		return 403;
	if (request->old_size > c.size)
		return 400;
	if (request->old_size != seen->size)
		return 409;
	status = judge_growth(request, &c, seen);
	if (status == 200)
		*ret_head = c;
	return status;
}
