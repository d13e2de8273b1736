/* SPDX-License-Identifier: Apache-2.0 */
#include "valised/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"

static const char *
level_name(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_INFO:
		return "info";
	case LOG_LEVEL_WARNING:
		return "warning";
	case LOG_LEVEL_ERROR:
		return "error";
	}
	return "error";
}

void
log_line(enum log_level level, const char *event, const char *format, ...)
{
	char line[LOG_LINE_MAX];
	va_list list;
	size_t len;
	int n;

	n = snprintf(line, sizeof line, "%s %s ", level_name(level), event);
	CHECK(n > 0 && (size_t)n < sizeof line);
	len = (size_t)n;
	va_start(list, format);
	n = vsnprintf(line + len, sizeof line - len, format, list);
	va_end(list);
	if (n > 0)
		len += (size_t)n;
	if (len > sizeof line - 1)
		len = sizeof line - 1;
	while (len > 0 && line[len - 1] == ' ')
		len--;
	/* A line that somebody else could break in two would be a line that he wrote. */
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[len++] = '\n';
	/* Who cannot be heard goes on working; there is nobody to tell. */
	if (write(STDERR_FILENO, line, len) < 0)
		return;
}
