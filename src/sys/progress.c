/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/progress.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "sys/clock.h"
#include "sys/terminal.h"

/*
 * Counting is one atomic addition.  Whoever adds when the next drawing is due draws; the
 * compare-and-swap lets one thread through, so nobody waits for the terminal but that one.
 */

enum { FIRST_MS = 1000, EVERY_MS = 200, WHAT_MAX = 60, LINE_MAX_LEN = 256 };

struct progress {
	char what[WHAT_MAX + 1];
	uint64_t total;
	uint64_t start_ms;
	bool is_shown;
	atomic_bool is_drawn;
	atomic_uint_fast64_t done;
	atomic_uint_fast64_t next_ms;
};

int
progress_new(
	const char *what, uint64_t total, bool is_quiet, struct progress **ret_progress)
{
	struct progress *p = NULL;
	int r;

	if ((r = mem_new(&p, sizeof *p)) != 0)
		return r;
	(void)snprintf(p->what, sizeof p->what, "%s", what);
	/* A cut may fall into a character; what a terminal must not see is not shown at all. */
	if (!text_is_line(p->what, strlen(p->what)))
		p->what[0] = '\0';
	p->total = total;
	p->start_ms = clock_monotonic_ms();
	p->is_shown = !is_quiet && terminal_is(STDERR_FILENO);
	atomic_store(&p->next_ms, p->start_ms + FIRST_MS);
	*ret_progress = p;
	return 0;
}

static void
put(const char *line)
{
	size_t len = strlen(line);

	/* Nothing depends on it, so nothing is done about a terminal that is gone. */
	if (write(STDERR_FILENO, line, len) != (ssize_t)len)
		return;
}

static void
draw(struct progress *p, uint64_t done, uint64_t now_ms)
{
	char of[TEXT_HUMAN_MAX], sum[TEXT_HUMAN_MAX], rate[TEXT_HUMAN_MAX],
		left[TEXT_HUMAN_MAX];
	uint64_t ms = now_ms - p->start_ms;
	double per_ms = (double)done / (double)(ms > 0 ? ms : 1);
	char line[LINE_MAX_LEN];

	text_size(done, sum);
	text_size((uint64_t)(per_ms * 1000), rate);
	if (p->total == 0 || done > p->total || done == 0) {
		(void)snprintf(
			line, sizeof line, "\r\033[K%s  %s, %s/s", p->what, sum, rate);
	} else {
		text_size(p->total, of);
		text_duration((uint64_t)((double)(p->total - done) / per_ms), left);
		(void)snprintf(line, sizeof line,
			"\r\033[K%s  %3.0f %%  %s of %s, %s/s, %s left", p->what,
			100.0 * (double)done / (double)p->total, sum, of, rate, left);
	}
	atomic_store(&p->is_drawn, true);
	put(line);
}

void
progress_add(struct progress *p, uint64_t bytes)
{
	uint_fast64_t next;
	uint64_t done, now_ms;

	if (p == NULL)
		return;
	done = atomic_fetch_add(&p->done, bytes) + bytes;
	if (!p->is_shown)
		return;
	now_ms = clock_monotonic_ms();
	next = atomic_load(&p->next_ms);
	if (now_ms >= next &&
		atomic_compare_exchange_strong(&p->next_ms, &next, now_ms + EVERY_MS))
		draw(p, done, now_ms);
}

void
progress_free(struct progress *p)
{
	if (p != NULL && atomic_load(&p->is_drawn))
		put("\r\033[K");
	mem_free(p);
}
