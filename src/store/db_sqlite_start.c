/* SPDX-License-Identifier: Apache-2.0 */
#include "store/db_sqlite.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"

/*
 * SQLite asks how long a block is, and base/mem does not tell; so the length stands before
 * the block, in as many bytes as keep every type aligned.
 */
enum { HEAD = 16 };
_Static_assert(HEAD >= sizeof(size_t) && HEAD % _Alignof(max_align_t) == 0,
	"the block behind the length is aligned");

static void *
memory_new(int len)
{
	const size_t size = len > 0 ? (size_t)len : 0;
	uint8_t *p;

	if (mem_new(&p, HEAD + size) != 0)
		return NULL;
	memcpy(p, &size, sizeof size);
	return p + HEAD;
}

static int
memory_size(void *ptr)
{
	size_t size = 0;

	if (ptr != NULL)
		memcpy(&size, (uint8_t *)ptr - HEAD, sizeof size);
	return (int)size;
}

static void
memory_free(void *ptr)
{
	if (ptr != NULL)
		mem_free((uint8_t *)ptr - HEAD);
}

static void *
memory_resize(void *ptr, int len)
{
	const int old = memory_size(ptr);
	void *new = memory_new(len);

	if (new == NULL)
		return NULL;
	memcpy(new, ptr, (size_t)(old < len ? old : len));
	memory_free(ptr);
	return new;
}

static int
memory_round(int len)
{
	return (len + 7) & ~7;
}

static int
memory_start(void *ctx)
{
	(void)ctx;
	return SQLITE_OK;
}

static void
memory_stop(void *ctx)
{
	(void)ctx;
}

/* What a caller expects and hears by its FAIL_* is left out: rules of tables, other holders. */
static bool
is_news(int code)
{
	switch (code & 0xff) {
	case SQLITE_ERROR:
	case SQLITE_IOERR:
	case SQLITE_CORRUPT:
	case SQLITE_FULL:
	case SQLITE_CANTOPEN:
	case SQLITE_NOTADB:
	case SQLITE_INTERNAL:
	case SQLITE_MISUSE:
		return true;
	default:
		return false;
	}
}

static void (*listener)(int code, const char *words);

static void
on_words(void *ctx, int code, const char *words)
{
	static int told;

	(void)ctx;
	if (code == told || !is_news(code))
		return;
	told = code;
	listener(code, words);
}

void
db_sqlite_listen(void (*call)(int code, const char *words))
{
	listener = call;
}

int
db_sqlite_start(void)
{
	static const sqlite3_mem_methods memory = {memory_new, memory_free, memory_resize,
		memory_size, memory_round, memory_start, memory_stop, NULL};
	static bool is_configured;

	if (!is_configured) {
		/* Lookaside is a second allocator, which no test could make fail. */
		if (sqlite3_config(SQLITE_CONFIG_MULTITHREAD) != SQLITE_OK ||
			sqlite3_config(SQLITE_CONFIG_MALLOC, &memory) != SQLITE_OK ||
			sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK ||
			sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) != SQLITE_OK ||
			sqlite3_config(SQLITE_CONFIG_URI, 0) != SQLITE_OK ||
			(listener != NULL &&
				sqlite3_config(SQLITE_CONFIG_LOG, on_words, NULL) !=
					SQLITE_OK))
			return FAIL_UNSUPPORTED;
		is_configured = true;
	}
	return db_sqlite_fail(sqlite3_initialize());
}

/* Which rule of a table a row broke. */
static int
fail_of_constraint(int code)
{
	switch (code) {
	case SQLITE_CONSTRAINT_FOREIGNKEY:
	case SQLITE_CONSTRAINT_NOTNULL: /* a look-up inside the statement found nothing */
		return FAIL_ABSENT;
	case SQLITE_CONSTRAINT_CHECK:
		return FAIL_FORMAT;
	default:
		return FAIL_EXISTS;
	}
}

int
db_sqlite_fail(int code)
{
	if (code == SQLITE_IOERR_NOMEM)
		return FAIL_NOMEM;
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_NOMEM:
		return FAIL_NOMEM;
	case SQLITE_FULL:
		return FAIL_SPACE;
	case SQLITE_CONSTRAINT:
		return fail_of_constraint(code);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return FAIL_AGAIN;
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_READONLY:
		return FAIL_DENIED;
	case SQLITE_TOOBIG:
		return FAIL_LIMIT;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return FAIL_ALTERED;
	default:
		return FAIL_IO;
	}
}
