/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/inputs.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "valise/cablefile.h"
#include "valise/report.h"
#include "valise/verb.h"

static int
fail(const struct inputs *inputs, const char *attempt, const char *object, int r)
{
	struct report report = {
		.verb = inputs->verb, .attempt = attempt, .object = object};

	return report_fail(&report, r);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

void
inputs_done(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->count; i++)
		infile_free(inputs->files[i]);
	mem_free(inputs->head);
}

static bool
is_name_taken(const struct body_head *head, const char *name)
{
	for (size_t i = 1; i < head->part_count; i++)
		if (head->parts[i].name.len == strlen(name) &&
			memcmp(head->parts[i].name.ptr, name, strlen(name)) == 0)
			return true;
	return false;
}

/* The name of the part is the caller's. */
static int
add_file(struct inputs *inputs, const char *path, uint8_t kind, struct rd name)
{
	struct body_part *part = &inputs->head->parts[inputs->head->part_count];
	struct infile *file = NULL;
	int r;

	if (inputs->head->part_count == BODY_PARTS_MAX)
		return fail(inputs, "attach", path, FAIL_LIMIT);
	if ((r = infile_new(path, &file)) != 0)
		return fail(inputs, "read", path, r);
	inputs->files[inputs->count++] = file;
	inputs->head->part_count++;
	if (!infile_has_size(file, &part->size))
		part->size = BODY_SIZE_REST;
	else
		inputs->total += part->size;
	part->kind = kind;
	part->name = name;
	if (name.len > 0 && !body_is_name(name.ptr, name.len))
		return fail(inputs, "use the name of", path, FAIL_FORMAT);
	return 0;
}

static int
add_input(struct inputs *inputs, const char *path, uint8_t kind)
{
	const char *name = strcmp(path, "-") == 0 ? "" : base_name(path);

	return add_file(inputs, path, kind, rd_of(name, strlen(name)));
}

/* Attachments have sizes and names of their own; only the file itself may be a pipe, alone. */
static int
check_inputs(const struct inputs *inputs, const char *path, const struct args *args)
{
	size_t at = 0, i = 1;
	const char *name;

	if (inputs->count > 1 && inputs->head->parts[0].size == BODY_SIZE_REST)
		return report_usage(
			"seal", "%s has no size, so nothing can be attached to it", path);
	while ((name = args_next(args, "attach", &at)) != NULL) {
		if (inputs->head->parts[i].size == BODY_SIZE_REST)
			return report_usage(
				"seal", "--attach %s is not a regular file", name);
		i++;
	}
	return 0;
}

int
inputs_init(struct inputs *inputs, const char *path, const struct args *args)
{
	const char *subject = args_get(args, "subject");
	const char *name;
	size_t at = 0;
	int r;

	*inputs = (struct inputs){.verb = args->verb};
	if ((r = mem_new(&inputs->head, sizeof *inputs->head)) != 0)
		return fail(inputs, "read", path, r);
	if (subject != NULL)
		inputs->head->subject = rd_of(subject, strlen(subject));
	if ((r = add_input(inputs, path, BODY_FILE)) != 0)
		return r;
	while ((name = args_next(args, "attach", &at)) != NULL) {
		if (is_name_taken(inputs->head, base_name(name)))
			return report_exit(report_usage("seal",
				"two attachments are called %s", base_name(name)));
		if ((r = add_input(inputs, name, BODY_ATTACHMENT)) != 0)
			return r;
	}
	return check_inputs(inputs, path, args) == 0 ? EXIT_OK : EXIT_USAGE;
}

/* What the cable attaches must be there, be a file, and not be above the cable. */
static int
add_attachment(struct inputs *inputs, const char *cable_path, const struct cable *cable,
	struct rd attachment)
{
	struct cablefile_attachment seen;
	struct report report = {.verb = inputs->verb,
		.attempt = "attach",
		.where = seen.marking,
		.remedy = "Its label is not covered by the cable's: raise that, or leave "
			  "it out."};
	char path[DISK_PATH_MAX];
	int r;

	if ((r = cablefile_attachment_path(cable_path, attachment, path)) != 0)
		return fail(inputs, "attach", cable_path, r);
	report.object = path;
	if ((r = cablefile_look(path, cable->label, &seen)) != 0)
		return fail(inputs, "attach", path, r);
	if (seen.is_above)
		return report_fail(&report, FAIL_REFUSED);
	return add_file(inputs, path, BODY_ATTACHMENT, cable_base_name(attachment));
}

int
inputs_init_cable(struct inputs *inputs, const char *verb, const char *path,
	const struct cable *cable)
{
	int r;

	*inputs = (struct inputs){
		.text = cable->text, .total = cable->text.len, .verb = verb};
	if ((r = mem_new(&inputs->head, sizeof *inputs->head)) != 0)
		return fail(inputs, "read", path, r);
	inputs->head->subject = cable->subject;
	inputs->head->parts[0].kind = BODY_TEXT;
	inputs->head->parts[0].size = cable->text.len;
	inputs->head->part_count = 1;
	for (size_t i = 0; i < cable->attachment_count; i++)
		if ((r = add_attachment(inputs, path, cable, cable->attachments[i])) != 0)
			return r;
	return EXIT_OK;
}
