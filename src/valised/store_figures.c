/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "store/figures.h"
#include "store/outgoing.h"
#include "valised/store_core.h"

/*
 * What /metrics shows: lines of the Prometheus text format.  Counts and sizes, and nothing of
 * anybody: no name, no address, no member.
 */

void
store_count_accepted(struct store *s)
{
	s->figures[FIGURE_ACCEPTED]++;
}

static void
put_counters(const struct store *s, struct buf *out)
{
	static const char *const names[FIGURES] = {"accepted", "asks", "refused", "calls",
		"calls_failed", "commits", "commits_failed"};

	for (size_t i = 0; i < FIGURES; i++)
		buf_printf(out,
			"# TYPE valise_store_%s_total counter\n"
			"valise_store_%s_total %" PRIu64 "\n",
			names[i], names[i], s->figures[i]);
}

static int
put_gauges(struct store *s, struct buf *out)
{
	struct figures_documents d;
	uint64_t queue = 0;
	int r;

	if ((r = figures_count(s->plan.db, &d)) != 0 ||
		(r = outgoing_count(s->plan.db, &queue)) != 0)
		return r;
	const struct {
		const char *name;
		uint64_t value;
	} gauges[] = {{"documents", d.all}, {"arriving", d.arriving},
		{"sealing", d.sealing}, {"keeping", d.keeping}, {"clocks", d.clocks},
		{"queue", queue}, {"open_asks", s->ask_count},
		{"open_questions", s->question_count}};

	for (size_t i = 0; i < sizeof gauges / sizeof gauges[0]; i++)
		buf_printf(out,
			"# TYPE valise_store_%s gauge\nvalise_store_%s %" PRIu64 "\n",
			gauges[i].name, gauges[i].name, gauges[i].value);
	return 0;
}

/* Once a second, when something was counted. */
int
store_show_figures(struct store *s)
{
	const struct wire_message head = {.type = FRONT_FIGURES};
	struct front_figures figures;
	struct buf text;
	int r;

	if (memcmp(s->figures, s->figures_shown, sizeof s->figures) == 0 ||
		s->now_ms - s->figures_ms < STORE_TICK_MS)
		return 0;
	s->figures_ms = s->now_ms;
	buf_init(&text, 8192);
	put_counters(s, &text);
	r = put_gauges(s, &text);
	figures.text = rd_of(text.data, text.len);
	if (r == 0 && (r = buf_error(&text)) == 0)
		r = store_hold(s, ROLE_FRONT, &head, &front_figures_codec, &figures);
	buf_done(&text);
	if (r == 0)
		memcpy(s->figures_shown, s->figures, sizeof s->figures);
	return r;
}
