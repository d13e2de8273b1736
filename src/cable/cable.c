/* SPDX-License-Identifier: Apache-2.0 */
#include "cable/cable.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

int
cable_new(struct cable **ret_cable)
{
	struct cable *c = NULL;
	int r;

	if ((r = mem_new(&c, sizeof *c)) != 0)
		return r;
	/* One byte more for the LF that a last line may lack. */
	buf_init(&c->bytes, CABLE_LEN_MAX + 1);
	*ret_cable = c;
	return 0;
}

void
cable_free(struct cable *cable)
{
	if (cable == NULL)
		return;
	label_free(cable->label);
	buf_done(&cable->bytes);
	mem_free_wiped(cable, sizeof *cable);
}

void
cable_fault_text(const struct cable_fault *fault, char ret_text[CABLE_FAULT_TEXT_MAX])
{
	char line[32] = "";

	if (fault->line > 0)
		(void)snprintf(line, sizeof line, "line %zu: ", fault->line);
	(void)snprintf(ret_text, CABLE_FAULT_TEXT_MAX, "%s%s%s%s%s%s%s; %s", line,
		fault->header != NULL ? fault->header : "",
		fault->header != NULL ? ": " : "", fault->value[0] != '\0' ? "'" : "",
		fault->value, fault->value[0] != '\0' ? "' " : "", fault->what,
		fault->remedy);
}

struct rd
cable_base_name(struct rd path)
{
	const uint8_t *slash = path.len > 0 ? memrchr(path.ptr, '/', path.len) : NULL;

	if (slash == NULL)
		return path;
	return rd_of(slash + 1, path.len - (size_t)(slash + 1 - path.ptr));
}
