/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOG_POLICY_H
#define LOG_POLICY_H
/*
 * policy: which cosignatures make a head count: a quorum over witnesses and groups of them.
 *
 *   log VKEY [URL]                   a log whose heads are judged
 *   witness NAME VKEY [URL]          a cosigning key, type 04
 *   group NAME all|any|K NAME...     witnesses or groups named before, each in one group
 *   quorum NAME|none                 once
 *
 * Empty lines and lines that begin with '#' do not count.  One organisation is one witness or
 * one group, so that nobody counts twice: no key and no name stands in two places.
 *
 * Source  C2SP tlog-policy; it asks readers to take 32 of each.
 * Errors  FAIL_FORMAT (ret_line says where), FAIL_LIMIT, FAIL_NOMEM.
 */
#include <stdbool.h>

#include "log/checkpoint.h"

enum { POLICY_LOGS_MAX = 32, POLICY_WITNESSES_MAX = 32, POLICY_GROUPS_MAX = 32 };
enum {
	POLICY_NODES_MAX = POLICY_WITNESSES_MAX + POLICY_GROUPS_MAX,
	POLICY_LEN_MAX = 1 << 16,
	POLICY_NONE = -1,
};

/* A witness, or a group of `threshold` of the nodes whose parent it is. */
struct policy_node {
	struct rd name;
	struct rd url; /* len 0: none */
	bool is_group;
	struct note_key key; /* of a witness */
	size_t threshold;
	int parent; /* index of its group, or POLICY_NONE */
};

struct policy_log {
	struct note_key key;
	struct rd url;
};

/* Points into the text, which must outlive it. */
struct policy {
	size_t log_count;
	struct policy_log logs[POLICY_LOGS_MAX];
	size_t node_count; /* groups stand behind what they hold */
	struct policy_node nodes[POLICY_NODES_MAX];
	int quorum; /* a node, or POLICY_NONE: every head of the log counts */
};

/* *ret_line: the number of the first wrong line. */
MUST int policy_parse(struct rd text, struct policy **ret_policy, size_t *ret_line);
void policy_free(struct policy *policy);

/* Is the quorum there, when exactly these nodes' witnesses have cosigned?  One bool a node. */
MUST bool policy_is_met(const struct policy *policy, const bool *has_cosigned);

/*
 * Judge a head: which witnesses have cosigned it within [oldest_s, newest_s], and is that the
 * quorum?  A false signature by a known witness refuses the head: FAIL_SIGNATURE.
 * FAIL_REFUSED: no quorum; ret_has_cosigned (POLICY_NODES_MAX) is written in this case too.
 */
struct policy_times {
	uint64_t oldest_s, newest_s;
};
MUST int policy_judge(const struct policy *policy, const struct note *head,
	const struct policy_times *times, bool *ret_has_cosigned);

#endif
