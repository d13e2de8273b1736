/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/enrol_send.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "sys/clock.h"
#include "valise/exchange.h"
#include "valise/link_impl.h"
#include "valise/report.h"
#include "wire/front.h"

/* A clock that is off makes every signed request fail later; now is the time to say so. */
static void
warn_of_clock(uint64_t station_s)
{
	uint64_t now_s = clock_now_s();
	uint64_t off_s = now_s > station_s ? now_s - station_s : station_s - now_s;
	char text[TEXT_HUMAN_MAX];

	if (off_s < POST_CLOCK_S / 2)
		return;
	text_duration(off_s * 1000, text);
	report_say("This machine's clock and the station's differ by %s: set it, or the "
		   "station will refuse requests.\n",
		text);
}

static int
check_answer(const struct args *args, const struct link *link, const struct buf *answer,
	struct link_station *station)
{
	struct post_station said;
	uint8_t hash[HASH_LEN];
	size_t words_at = 0;
	int r;

	if ((r = codec_parse_whole(&post_station_codec, rd_of(answer->data, answer->len),
		     &said)) != 0 ||
		(r = link_key(link, station->key)) != 0)
		return exchange_fail(args, "enrol at", station->url,
			"Is it a station of Valise?", FAIL_FORMAT);
	if (address_compare(said.member, address_of(station->member)) != 0)
		return exchange_fail(args, "enrol at", station->url,
			"It is the station of another member; check member and URL.",
			FAIL_MISMATCH);
	exchange_station_hash(station->member, station->key, hash);
	if (args_get(args, "words") != NULL &&
		(r = exchange_confirm(args, "the station", hash, &words_at)) != 0)
		return r;
	warn_of_clock(said.time_s);
	return 0;
}

int
enrol_meet(const struct args *args, const char *member, const char *url,
	struct link_station *ret_station)
{
	struct link_station station = {0};
	struct link *link = NULL;
	struct buf answer;
	int r;

	buf_init(&answer, FRONT_HTTP_MAX);
	(void)snprintf(station.url, sizeof station.url, "%s", url);
	(void)snprintf(station.member, sizeof station.member, "%s", member);
	if ((r = link_new_at(url, &link)) != 0) {
		r = r == FAIL_USAGE ? report_usage(args->verb,
					      "'%s' is no URL: such as "
					      "https://pt.example:7443",
					      url)
				    : exchange_fail(args, "enrol at", url, NULL, r);
		goto out;
	}
	if ((r = link_ask(link, "station", NULL, NULL, &answer)) != 0)
		r = link_fail(args, link, "enrol at", url, r);
	else if ((r = check_answer(args, link, &answer, &station)) == 0)
		*ret_station = station;
out:
	link_free(link);
	buf_done(&answer);
	return r;
}

/* Before it is posted: what went out can then be asked for, and sent again. */
static int
keep(const struct args *args, const char *dir, const struct link_station *station,
	struct rd request)
{
	char path[DISK_PATH_MAX];
	int r;

	if ((r = link_station_write(dir, station)) == 0 &&
		(r = link_file_path(dir, "request", path)) == 0)
		r = disk_write_small(path, request.ptr, request.len, true);
	return r == 0 ? 0 : exchange_fail(args, "write into", dir, NULL, r);
}

int
enrol_send(const struct args *args, const char *dir, const struct link_station *station,
	struct rd request)
{
	struct post_request body = {.request = request};
	struct link *link = NULL;
	struct buf answer;
	int r;

	buf_init(&answer, FRONT_HTTP_MAX);
	if ((r = keep(args, dir, station, request)) != 0)
		goto out;
	if ((r = link_new(dir, NULL, &link)) != 0) {
		r = exchange_fail(args, "enrol at", station->url, NULL, r);
		goto out;
	}
	r = link_ask(link, "enrol", &post_request_codec, &body, &answer);
	if (r != 0)
		r = link_fail(args, link, "enrol at", station->url, r);
out:
	link_free(link);
	buf_done(&answer);
	return r;
}
