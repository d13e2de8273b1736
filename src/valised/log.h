/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VALISED_LOG_H
#define VALISED_LOG_H
/*
 * log: what the processes of a station tell whoever runs it, on standard error.
 *
 *   level event key=value key=value ...        "info serves member=PT address=127.0.0.1:7443"
 *
 * One line is one write, so that lines of several processes do not mix.  The journal adds time
 * and process.  Never logged: titles, addresses of documents, names of officers, keys, or any
 * bytes that somebody else chose; members, counts, sizes and our own phrases are.
 *
 * Limit  LOG_LINE_MAX bytes; the rest is cut.  Control characters become '?'.
 */
enum log_level { LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

enum { LOG_LINE_MAX = 1024 };

/* event is one word; format makes the pairs and may be "". */
void log_line(enum log_level level, const char *event, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
