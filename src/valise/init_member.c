/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/init_member.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "member/config.h"
#include "sys/random.h"
#include "valise/exchange.h"
#include "valise/home.h"
#include "valise/link_impl.h"
#include "valise/report.h"
#include "valise/verb.h"

/* What the station's own TLS key looks like on the telephone. */
static void
station_words(const struct own_station *station, char ret_words[EXCHANGE_WORDS_MAX])
{
	uint8_t key[SIGN_PUBLIC_LEN], hash[HASH_LEN];

	sign_public(own_station_seed(station, STATION_TLS), key);
	exchange_station_hash(station->member, key, hash);
	exchange_words(hash, ret_words);
}

static int
say(const struct args *args, const struct own_station *station)
{
	char words[EXCHANGE_WORDS_MAX];

	station_words(station, words);
	if (args_has(args, "json"))
		return exchange_json(args,
			json_pack("{s:s, s:s, s:s, s:s}", "member", station->member,
				"domain", station->domain, "url", station->url, "words",
				words));
	report_say("Keys of the station of %s made.  Nobody is enrolled yet: two "
		   "enrolment officers come first.\n"
		   "The station's words: %s\n"
		   "Next: start `valised`; then each of them on the own machine:\n"
		   "  valise enrol %s %s --as NAME --kind registrar|security-officer\n",
		station->member, words, station->member, station->url);
	return 0;
}

/* "0.0.0.0:PORT" of the url, unless --listen says where. */
static void
choose_listen(const struct args *args, const char *url, char *ret_listen, size_t size)
{
	const char *given = args_get(args, "listen"), *port = strrchr(url, ':');

	if (given != NULL)
		(void)snprintf(ret_listen, size, "%s", given);
	else
		(void)snprintf(ret_listen, size, "0.0.0.0:%s",
			strlen(port) > 1 && port[1] != '/' ? port + 1 : "443");
}

/* Read again before it is written: what valised would refuse is refused here. */
static int
make_config(const struct args *args, const struct own_station *station, struct buf *out)
{
	char listen[CONFIG_LINE_MAX];
	struct config_error error = {0};
	struct config *config = NULL;
	int r;

	choose_listen(args, station->url, listen, sizeof listen);
	config_write_first(station->member, listen, station->url, out);
	if ((r = buf_error(out)) == 0 && (r = mem_new(&config, sizeof *config)) == 0)
		r = config_parse(rd_of(out->data, out->len), config, &error);
	mem_free(config);
	if (r == FAIL_FORMAT)
		return report_usage("init", "--listen %s: %s", listen, error.text);
	return r == 0 ? 0 : exchange_fail(args, "write", "valise.conf", NULL, r);
}

static int
write_config(const struct args *args, const struct buf *text)
{
	char dir[DISK_PATH_MAX], path[DISK_PATH_MAX];
	int r;

	if ((r = home_dir(args, dir)) != 0)
		return r;
	if ((r = link_file_path(dir, "valise.conf", path)) == 0)
		r = disk_write_small(path, text->data, text->len, false);
	return r == 0 || r == FAIL_EXISTS ? 0
					  : exchange_fail(args, "write", path, NULL, r);
}

static int
make(const struct args *args, const struct own_station *station)
{
	struct buf config;
	int r;

	buf_init(&config, CONFIG_MAX);
	if ((r = make_config(args, station, &config)) == 0 &&
		(r = exchange_station_save(args, station)) == 0 &&
		(r = write_config(args, &config)) == 0)
		r = say(args, station);
	buf_done(&config);
	return r;
}

int
init_member(const struct args *args)
{
	const char *domain = args_get(args, "domain"), *url = args_get(args, "url");
	struct own_station *station = NULL;
	char made[ADDRESS_URL_MAX + 1];
	int r;

	if (domain == NULL)
		return report_exit(report_usage("init", "a member needs --domain"));
	if (url == NULL) {
		(void)snprintf(
			made, sizeof made, "https://%.*s", ADDRESS_HOST_MAX, domain);
		url = made;
	}
	r = own_station_new(args->operands[0], domain, url, random_system(), &station);
	if (r == FAIL_FORMAT)
		return report_exit(report_usage("init",
			"a member is such as PT, its --domain such as pt.example, its "
			"--url "
			"such as https://pt.example:7443"));
	if (r != 0)
		return report_exit(exchange_fail(args, "make", "keys", NULL, r));
	r = make(args, station);
	own_station_free(station);
	return report_exit(r);
}
