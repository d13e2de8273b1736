/* SPDX-License-Identifier: Apache-2.0 */
#include "log/policy.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static bool
is_text(struct rd word, const char *text)
{
	return word.len == strlen(text) && memcmp(word.ptr, text, word.len) == 0;
}

static bool
is_same(struct rd a, struct rd b)
{
	return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* The next word of a line; words stand apart by spaces and tabs. */
static struct rd
take_word(struct rd *line)
{
	size_t n = 0;
	struct rd word;

	while (line->len > 0 && (line->ptr[0] == ' ' || line->ptr[0] == '\t'))
		*line = rd_of(line->ptr + 1, line->len - 1);
	while (n < line->len && line->ptr[n] != ' ' && line->ptr[n] != '\t')
		n++;
	word = rd_of(line->ptr, n);
	*line = rd_of(line->ptr + n, line->len - n);
	return word;
}

static int
find(const struct policy *p, struct rd name)
{
	for (size_t i = 0; i < p->node_count; i++)
		if (is_same(p->nodes[i].name, name))
			return (int)i;
	return POLICY_NONE;
}

static size_t
count_groups(const struct policy *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->node_count; i++)
		n += p->nodes[i].is_group ? 1 : 0;
	return n;
}

static int
add_node(struct policy *p, const struct policy_node *node)
{
	size_t groups = count_groups(p);

	if (node->name.len == 0 || is_text(node->name, "none") ||
		!text_is_line(node->name.ptr, node->name.len) ||
		find(p, node->name) != POLICY_NONE)
		return FAIL_FORMAT;
	if (node->is_group ? groups == POLICY_GROUPS_MAX
			   : p->node_count - groups == POLICY_WITNESSES_MAX)
		return FAIL_LIMIT;
	p->nodes[p->node_count++] = *node;
	return 0;
}

static int
take_log(struct policy *p, struct rd line)
{
	struct rd vkey = take_word(&line), url = take_word(&line);
	struct policy_log log = {.url = url};
	int r;

	if (take_word(&line).len > 0)
		return FAIL_FORMAT;
	if (p->log_count == POLICY_LOGS_MAX)
		return FAIL_LIMIT;
	if ((r = note_key_parse((const char *)vkey.ptr, vkey.len, &log.key)) != 0)
		return r;
	if (log.key.type != NOTE_ED25519)
		return FAIL_FORMAT;
	for (size_t i = 0; i < p->log_count; i++)
		if (strcmp(p->logs[i].key.name, log.key.name) == 0)
			return FAIL_FORMAT;
	p->logs[p->log_count++] = log;
	return 0;
}

static int
take_witness(struct policy *p, struct rd line)
{
	struct policy_node node = {.parent = POLICY_NONE, .name = take_word(&line)};
	struct rd vkey = take_word(&line);
	int r;

	node.url = take_word(&line);
	if (take_word(&line).len > 0)
		return FAIL_FORMAT;
	if ((r = note_key_parse((const char *)vkey.ptr, vkey.len, &node.key)) != 0)
		return r;
	if (node.key.type != NOTE_COSIGNATURE)
		return FAIL_FORMAT;
	for (size_t i = 0; i < p->node_count; i++)
		if (!p->nodes[i].is_group &&
			memcmp(p->nodes[i].key.public_key, node.key.public_key,
				SIGN_PUBLIC_LEN) == 0)
			return FAIL_FORMAT;
	return add_node(p, &node);
}

static int
parse_threshold(struct rd word, size_t members, size_t *ret_threshold)
{
	size_t v = 0;

	if (is_text(word, "all")) {
		*ret_threshold = members;
		return 0;
	}
	if (is_text(word, "any")) {
		*ret_threshold = 1;
		return 0;
	}
	if (word.len == 0 || word.len > 2 || word.ptr[0] == '0')
		return FAIL_FORMAT;
	for (size_t i = 0; i < word.len; i++) {
		if (word.ptr[i] < '0' || word.ptr[i] > '9')
			return FAIL_FORMAT;
		v = 10 * v + (size_t)(word.ptr[i] - '0');
	}
	if (v > members)
		return FAIL_FORMAT;
	*ret_threshold = v;
	return 0;
}

static int
take_group(struct policy *p, struct rd line)
{
	struct policy_node node = {
		.is_group = true, .parent = POLICY_NONE, .name = take_word(&line)};
	struct rd threshold = take_word(&line), name;
	size_t members = 0;
	int i, r;

	while ((name = take_word(&line)).len > 0) {
		i = find(p, name);
		if (i == POLICY_NONE || p->nodes[i].parent != POLICY_NONE)
			return FAIL_FORMAT;
		p->nodes[i].parent = (int)p->node_count;
		members++;
	}
	if (members == 0)
		return FAIL_FORMAT;
	if ((r = parse_threshold(threshold, members, &node.threshold)) != 0)
		return r;
	return add_node(p, &node);
}

static int
take_quorum(struct policy *p, struct rd line, bool *has_quorum)
{
	struct rd name = take_word(&line);

	if (*has_quorum || name.len == 0 || take_word(&line).len > 0)
		return FAIL_FORMAT;
	*has_quorum = true;
	p->quorum = find(p, name);
	return p->quorum != POLICY_NONE || is_text(name, "none") ? 0 : FAIL_FORMAT;
}

static int
take_line(struct policy *p, struct rd line, bool *has_quorum)
{
	struct rd word = take_word(&line);

	if (word.len == 0 || word.ptr[0] == '#')
		return 0;
	if (is_text(word, "log"))
		return take_log(p, line);
	if (is_text(word, "witness"))
		return take_witness(p, line);
	if (is_text(word, "group"))
		return take_group(p, line);
	return is_text(word, "quorum") ? take_quorum(p, line, has_quorum) : FAIL_FORMAT;
}

int
policy_parse(struct rd text, struct policy **ret_policy, size_t *ret_line)
{
	struct policy *p = NULL;
	bool has_quorum = false;
	size_t line = 0;
	int r;

	if (text.len > POLICY_LEN_MAX)
		return FAIL_LIMIT;
	if ((r = mem_new(&p, sizeof *p)) != 0)
		return r;
	p->quorum = POLICY_NONE;
	while (text.len > 0 && r == 0) {
		const uint8_t *end = memchr(text.ptr, '\n', text.len);
		size_t len = end == NULL ? text.len : (size_t)(end - text.ptr);

		line++;
		r = take_line(p, rd_of(text.ptr, len), &has_quorum);
		len += end == NULL ? 0 : 1;
		text = rd_of(text.ptr + len, text.len - len);
	}
	if (r == 0 && !has_quorum)
		r = FAIL_FORMAT;
	*ret_line = line;
	if (r != 0) {
		policy_free(p);
		return r;
	}
	*ret_policy = p;
	return 0;
}

void
policy_free(struct policy *policy)
{
	mem_free(policy);
}

bool
policy_is_met(const struct policy *policy, const bool *has_cosigned)
{
	size_t met[POLICY_NODES_MAX] = {0}; /* how many members of a group are */
	bool is_met = policy->quorum == POLICY_NONE;

	/* Whatever a group holds stands before it, so one pass is enough. */
	for (size_t i = 0; i < policy->node_count; i++) {
		const struct policy_node *node = &policy->nodes[i];
		bool is_node_met =
			node->is_group ? met[i] >= node->threshold : has_cosigned[i];

		if (is_node_met && node->parent != POLICY_NONE)
			met[node->parent]++;
		if (is_node_met && (int)i == policy->quorum)
			is_met = true;
	}
	return is_met;
}

int
policy_judge(const struct policy *policy, const struct note *head,
	const struct policy_times *times, bool *ret_has_cosigned)
{
	int r;

	memset(ret_has_cosigned, 0, POLICY_NODES_MAX * sizeof *ret_has_cosigned);
	for (size_t i = 0; i < policy->node_count; i++) {
		uint64_t time_s;

		if (policy->nodes[i].is_group)
			continue;
		r = checkpoint_cosigned(head, &policy->nodes[i].key, &time_s);
		if (r == FAIL_ABSENT)
			continue;
		if (r != 0)
			return r;
		ret_has_cosigned[i] =
			time_s >= times->oldest_s && time_s <= times->newest_s;
	}
	return policy_is_met(policy, ret_has_cosigned) ? 0 : FAIL_REFUSED;
}
