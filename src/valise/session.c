/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/session.h"

#include <string.h>

#include "base/mem.h"
#include "valise/home.h"
#include "valise/report.h"

static int
ask_link(void *ctx, const char *path, const struct codec *codec, const void *message,
	struct buf *ret_answer)
{
	struct session *s = ctx;

	return link_ask(s->link, path, codec, message, ret_answer);
}

static const struct directory *
find_directory(const void *ctx, struct rd member)
{
	const struct session *s = ctx;

	return people_directory(s->people, member);
}

static const struct directory *
find_first(const void *ctx, struct rd member)
{
	const struct session *s = ctx;

	return first_directories_find(s->firsts, member);
}

int
session_begin_home(const struct args *args, struct session *ret_session)
{
	memset(ret_session, 0, sizeof *ret_session);
	ret_session->args = args;
	return report_exit(home_dir(args, ret_session->dir));
}

int
session_begin(const struct args *args, struct session *ret_session)
{
	int r, status;

	if ((status = session_begin_home(args, ret_session)) != EXIT_OK)
		return status;
	if ((r = home_officer(args, &ret_session->keys)) != 0)
		return report_exit(r);
	if ((r = link_new(ret_session->dir, ret_session->keys, &ret_session->link)) != 0)
		return session_fail_here(
			ret_session, "use the station of", ret_session->dir, r);
	ret_session->courier = (struct courier){.ask = ask_link, .ctx = ret_session};
	return EXIT_OK;
}

void
session_end(struct session *session)
{
	if (session->firsts != NULL)
		first_directories_done(session->firsts);
	mem_free(session->firsts);
	people_free(session->people);
	link_free(session->link);
	keys_free(session->keys);
}

static int
not_ready(struct session *s, const char *why, const char *remedy)
{
	struct report report = {.verb = s->args->verb,
		.attempt = "begin in",
		.object = s->dir,
		.why = why,
		.remedy = remedy};

	return report_fail(&report, FAIL_ABSENT);
}

int
session_people(struct session *s)
{
	int r;

	if (s->people != NULL)
		return EXIT_OK;
	r = s->is_offline ? people_load_held(s->link, &s->people)
			  : people_load(s->link, &s->people);
	if (r == FAIL_AGAIN && s->may_be_away) {
		s->is_away = true;
		r = people_load_held(s->link, &s->people);
	}
	if (r != 0)
		return session_fail(s, "learn who there is from", "the station", r);
	s->circle = (struct circle){.roster = people_roster(s->people),
		.enrol = people_own_enrol(s->people),
		.self = people_self(s->people),
		.directory = find_directory,
		.first = find_first,
		.ctx = s};
	if ((r = mem_new(&s->firsts, sizeof *s->firsts)) != 0)
		return session_fail_here(s, "begin in", s->dir, r);
	first_directories_init(
		s->firsts, s->dir, s->is_away ? NULL : &s->courier, s->circle.roster);
	if (s->circle.self == NULL)
		return not_ready(s, "this device is not enrolled yet",
			"Two enrolment officers sign for it: `valise officer sign "
			"NAME`.");
	if (s->circle.roster == NULL)
		return not_ready(s, "there is no roster yet",
			"The administrator takes the community's roster: `valise join "
			"FILE`.");
	return EXIT_OK;
}

int
session_fail(struct session *s, const char *attempt, const char *object, int r)
{
	return report_exit(link_fail(s->args, s->link, attempt, object, r));
}

int
session_fail_here(struct session *s, const char *attempt, const char *object, int r)
{
	struct report report = {
		.verb = s->args->verb, .attempt = attempt, .object = object};

	return report_fail(&report, r);
}

int
session_number(struct session *s, const char *word, uint64_t *ret_number)
{
	uint64_t number = 0;
	size_t len = strspn(word, "0123456789");

	if (len == 0 || len > 18 || word[len] != '\0' || word[0] == '0')
		return report_exit(report_usage(s->args->verb,
			"%s: say the number that `valise inbox` shows", word));
	for (size_t i = 0; i < len; i++)
		number = number * 10 + (uint64_t)(word[i] - '0');
	*ret_number = number;
	return EXIT_OK;
}
