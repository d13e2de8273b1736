/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/cablefile.h"

#include <stdio.h>
#include <string.h>

#include "cable/lists.h"
#include "envelope/core.h"
#include "label/join.h"
#include "label/policy.h"
#include "sys/infile.h"
#include "valise/report.h"
#include "valise/verb.h"

enum { CHUNK = 64 * 1024 };

int
cablefile_bytes(const char *path, struct buf *ret_bytes)
{
	struct infile *in = NULL;
	size_t len = CHUNK;
	int r;

	if ((r = infile_new(path, &in)) != 0)
		return r;
	while (r == 0 && len == CHUNK) {
		uint8_t *at = buf_extend(ret_bytes, CHUNK);

		if (at == NULL)
			r = buf_error(ret_bytes);
		else if ((r = infile_read(in, at, CHUNK, &len)) == 0)
			ret_bytes->len -= CHUNK - len;
	}
	infile_free(in);
	return r;
}

int
cablefile_report(const char *verb, const char *path, const struct cable_fault *fault)
{
	struct report report = {.verb = verb, .attempt = "understand", .object = path};
	char text[CABLE_FAULT_TEXT_MAX];
	char *remedy;

	cable_fault_text(fault, text);
	/* "line 3: Prec: 'URGENT' is no precedence" and what comes after "; ". */
	remedy = strstr(text, fault->remedy);
	if (remedy != NULL && remedy >= text + 2)
		remedy[-2] = '\0';
	report.why = text;
	report.remedy = remedy;
	(void)report_fail(&report, FAIL_FORMAT);
	return EXIT_FAILED;
}

static int
list_path(const char *home, struct rd name, char ret_path[DISK_PATH_MAX])
{
	int n = snprintf(ret_path, DISK_PATH_MAX, "%s/lists/%.*s", home, (int)name.len,
		(const char *)name.ptr);

	return n > 0 && n < DISK_PATH_MAX ? 0 : FAIL_LIMIT;
}

static int
find_list(void *ctx, struct rd name, struct buf *ret_text)
{
	char path[DISK_PATH_MAX];
	int r;

	if ((r = list_path(ctx, name, path)) != 0)
		return r;
	return disk_read_small(path, LISTS_LEN_MAX, ret_text);
}

/* A list that is not there, or holds what is no address. */
static int
report_list(const char *verb, const char *home, struct rd name, int r)
{
	struct report report = {.verb = verb, .attempt = "use the list"};
	char path[DISK_PATH_MAX] = "";

	if (name.len == 0 || list_path(home, name, path) != 0)
		report.object = "of addresses";
	else
		report.object = path;
	report.remedy = r == FAIL_ABSENT
		? "A list is a file of that name with one address a line."
		: "Write one address a line, such as PT/defence-policy.";
	(void)report_fail(&report, r);
	return EXIT_FAILED;
}

/* Replace @NAME by its addresses, in place. */
static int
expand_lists(const char *verb, const char *home, struct buf *bytes)
{
	struct lists_source source = {.find = find_list};
	struct rd name = {0};
	struct buf out;
	char dir[DISK_PATH_MAX];
	int r;

	if (home == NULL)
		return EXIT_OK;
	(void)snprintf(dir, sizeof dir, "%s", home);
	source.ctx = dir;
	buf_init(&out, bytes->max + LISTS_LEN_MAX);
	r = lists_expand(rd_of(bytes->data, bytes->len), &source, &out, &name);
	if (r != 0) {
		buf_done(&out);
		return report_list(verb, home, name, r);
	}
	buf_done(bytes);
	*bytes = out;
	return EXIT_OK;
}

static int
parse(const char *verb, const char *path, const struct buf *bytes,
	struct cable **ret_cable, struct cable_fault *ret_fault)
{
	struct report report = {.verb = verb, .attempt = "read", .object = path};
	int r = cable_parse(bytes->data, bytes->len, ret_cable, ret_fault);

	if (r == 0)
		return EXIT_OK;
	return r == FAIL_NOMEM ? report_fail(&report, r)
			       : cablefile_report(verb, path, ret_fault);
}

int
cablefile_read(const char *verb, const char *home, const char *path,
	struct cable **ret_cable, struct cable_fault *ret_fault)
{
	struct report report = {.verb = verb, .attempt = "read", .object = path};
	struct cable_fault fault = {.what = "", .remedy = ""};
	struct buf bytes;
	int r, status;

	/* A chunk more than a cable may have, so that the parser sees what is too long. */
	buf_init(&bytes, CABLE_LEN_MAX + 2 * CHUNK);
	if ((r = cablefile_bytes(path, &bytes)) != 0) {
		if (r == FAIL_LIMIT)
			report.remedy =
				"A cable has at most 16 MiB; attach what is long.";
		status = report_fail(&report, r);
	} else if ((status = expand_lists(verb, home, &bytes)) == EXIT_OK) {
		status = parse(verb, path, &bytes, ret_cable, &fault);
	}
	if (ret_fault != NULL)
		*ret_fault = fault;
	buf_done(&bytes);
	return status;
}

int
cablefile_attachment_path(
	const char *path, struct rd attachment, char ret_path[DISK_PATH_MAX])
{
	const char *slash = strcmp(path, "-") == 0 ? NULL : strrchr(path, '/');
	int dir_len = slash != NULL ? (int)(slash + 1 - path) : 0;
	int n;

	if (attachment.ptr[0] == '/')
		dir_len = 0;
	n = snprintf(ret_path, DISK_PATH_MAX, "%.*s%.*s", dir_len, path,
		(int)attachment.len, (const char *)attachment.ptr);
	return n > 0 && n < DISK_PATH_MAX ? 0 : FAIL_LIMIT;
}

/* The label of an envelope against that of the cable which is to carry it. */
static int
compare_labels(struct rd bytes, const struct label *label,
	struct cablefile_attachment *attachment)
{
	struct label *inner = NULL;
	struct rd rest;
	struct core core;
	int r;

	if ((r = core_parse(&bytes, &core)) != 0)
		return r == FAIL_TRUNCATED ? FAIL_FORMAT : r;
	rest = core.label;
	if ((r = label_parse(&rest, &inner)) != 0)
		return r;
	attachment->is_envelope = true;
	attachment->is_above = !label_covers(label, inner);
	if (label_marking(inner, POLICY_EN, attachment->marking,
		    sizeof attachment->marking) != 0)
		(void)snprintf(attachment->marking, sizeof attachment->marking,
			"a label of an unknown policy");
	label_free(inner);
	return 0;
}

int
cablefile_look(const char *path, const struct label *label,
	struct cablefile_attachment *ret_attachment)
{
	static const char magic[] = "VALISE\r\n";
	uint8_t head[CORE_LEN_MAX];
	struct infile *in = NULL;
	size_t len;
	int r;

	*ret_attachment = (struct cablefile_attachment){0};
	/* "-" is a file name here, and not the standard input. */
	if (strcmp(path, "-") == 0)
		path = "./-";
	if ((r = infile_new(path, &in)) != 0)
		return r;
	if (!infile_has_size(in, &ret_attachment->size))
		r = FAIL_USAGE;
	else if ((r = infile_read(in, head, sizeof head, &len)) == 0 &&
		len >= sizeof magic - 1 && memcmp(head, magic, sizeof magic - 1) == 0)
		r = compare_labels(rd_of(head, len), label, ret_attachment);
	infile_free(in);
	return r;
}
