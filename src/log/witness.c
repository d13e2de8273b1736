/* SPDX-License-Identifier: Apache-2.0 */
#include "log/witness.h"

#include <string.h>

#include "log/line.h"

int
witness_parse(struct rd body, struct witness_request *ret_request)
{
	static const char old[] = "old ";
	struct rd line;
	int r;

	if ((r = line_take(&body, &line)) != 0)
		return r;
	if (line.len < sizeof old - 1 || memcmp(line.ptr, old, sizeof old - 1) != 0)
		return FAIL_FORMAT;
	line = rd_of(line.ptr + sizeof old - 1, line.len - (sizeof old - 1));
	if ((r = line_number(line, &ret_request->old_size)) != 0 ||
		(r = line_hashes(&body, WITNESS_HASHES_MAX, &ret_request->proof)) != 0)
		return r;
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
