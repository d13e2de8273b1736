/* SPDX-License-Identifier: Apache-2.0 */
#include "log/evidence.h"

#include <string.h>

#include "base/text.h"
#include "log/line.h"

static const char first_line[] = "c2sp.org/tlog-proof@v1";

/* The value of a line "word value"; FAIL_ABSENT when it is another line. */
static int
value_of(struct rd line, const char *word, struct rd *ret_value)
{
	size_t len = strlen(word);

	if (line.len <= len || memcmp(line.ptr, word, len) != 0 || line.ptr[len] != ' ')
		return FAIL_ABSENT;
	*ret_value = rd_of(line.ptr + len + 1, line.len - len - 1);
	return 0;
}

static int
parse_head(struct rd *text, struct evidence *e)
{
	struct rd line, value;
	int r;

	if ((r = line_take(text, &line)) != 0)
		return r;
	if (line.len != sizeof first_line - 1 ||
		memcmp(line.ptr, first_line, line.len) != 0)
		return FAIL_FORMAT;
	if ((r = line_take(text, &line)) != 0)
		return r;
	if (value_of(line, "extra", &value) == 0) {
		if (value.len > EVIDENCE_EXTRA_MAX || !text_is_line(value.ptr, value.len))
			return FAIL_FORMAT;
		e->extra = value;
		if ((r = line_take(text, &line)) != 0)
			return r;
	}
	if (value_of(line, "index", &value) != 0)
		return FAIL_FORMAT;
	return line_number(value, &e->index);
}

int
evidence_parse(struct rd text, struct evidence *ret_evidence)
{
	struct evidence *e = ret_evidence;
	int r;

	if (text.len > EVIDENCE_LEN_MAX)
		return FAIL_LIMIT;
	e->extra = rd_of("", 0);
	if ((r = parse_head(&text, e)) != 0 ||
		(r = line_hashes(&text, TREE_HEIGHT_MAX, &e->proof)) != 0)
		return r;
	if (text.len == 0)
		return FAIL_FORMAT;
	e->head = text;
	return 0;
}

int
evidence_write(const struct evidence *evidence, struct buf *out)
{
	if (evidence->index >> 63 != 0 || evidence->extra.len > EVIDENCE_EXTRA_MAX)
		return FAIL_FORMAT;
	buf_printf(out, "%s\n", first_line);
	if (evidence->extra.len > 0) {
		buf_text(out, "extra ");
		buf_bytes(out, evidence->extra.ptr, evidence->extra.len);
		buf_text(out, "\n");
	}
	buf_printf(out, "index %llu\n", (unsigned long long)evidence->index);
	line_write_hashes(&evidence->proof, out);
	buf_bytes(out, evidence->head.ptr, evidence->head.len);
	return buf_error(out);
}

int
evidence_check(const struct evidence *evidence, const struct evidence_question *question,
	struct checkpoint *ret_head, bool *ret_has_cosigned)
{
	struct checkpoint head;
	struct note *note;
	int r;

	if ((r = note_parse(evidence->head.ptr, evidence->head.len, &note)) != 0)
		return r;
	if ((r = checkpoint_verify(note, question->log, &head)) == 0 &&
		(r = proof_check_inclusion(&evidence->proof, evidence->index,
			 question->leaf, head.size, head.root)) == 0 &&
		(r = policy_judge(question->policy, note, question->times,
			 ret_has_cosigned)) == 0) {
		*ret_head = head;
		ret_head->origin = evidence->head;
		ret_head->origin.len = head.origin.len;
	}
	note_free(note);
	return r;
}
