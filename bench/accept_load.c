/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accept_load: many senders at once at one station, over its TLS port.
 *
 *   accept_load STATION CABLE COUNT SENDERS     VALISE_DIR is the home of the officer who sends
 *   accept_load STATION METRIC                  one counter of the station's /metrics
 *
 * STATION  the station's directory, for its counters (run/admin)
 * CABLE    a cable as text; it is sealed COUNT times beforehand, each with an id of its own
 *
 * Then SENDERS connections hand them in as fast as they are taken, each as `valise send` would:
 * signed by the officer, acknowledged when it is durable.  Everything is prepared in memory; in
 * the time that is measured are the signatures, TLS and the station.
 * Prints   one JSON object: accepted, failed, seconds, bytes (of one), commits, batch.
 */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "member/enrol.h"
#include "sys/clock.h"
#include "sys/http_client.h"
#include "sys/random.h"
#include "valise/home.h"
#include "valise/sending.h"
#include "valise/verb.h"

enum { SENDERS_MAX = 256, METRICS_MAX = 1 << 16, TIMEOUT_MS = 60000 };

struct load;

struct sender {
	struct load *load;
	struct http_client *client;
};

struct load {
	struct session session;
	uint8_t credential[HASH_LEN];
	struct buf *bodies;
	size_t count, next, accepted, failed, answered;
	struct sender senders[SENDERS_MAX];
	struct loop *loop;
	struct buf *taking; /* where the courier's question goes */
};

/* Instead of the station: keep what it would be asked, and end the sending there. */
static int
take(void *ctx, const char *path, const struct codec *codec, const void *message,
	struct buf *ret_answer)
{
	struct load *load = ctx;

	(void)ret_answer;
	if (strcmp(path, "announce") != 0)
		return FAIL_USAGE;
	codec_write(codec, message, load->taking);
	return FAIL_CLOSED;
}

static int
prepare(struct load *load, const char *cable)
{
	struct courier true_courier = load->session.courier;
	const int words = dup(STDERR_FILENO),
		  nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int r = 0;

	/* Each sending tells that it was not taken; that is as it should be. */
	(void)dup2(nowhere, STDERR_FILENO);

	for (size_t i = 0; i < load->count && r == 0; i++) {
		struct sending s;

		buf_init(&load->bodies[i], FRONT_HTTP_MAX);
		load->taking = &load->bodies[i];
		if ((r = sending_begin(&load->session, cable, &s)) == EXIT_OK) {
			load->session.courier =
				(struct courier){.ask = take, .ctx = load};
			(void)!sending_upload(&s);
			load->session.courier = true_courier;
			(void)unlink(s.path);
			r = buf_error(&load->bodies[i]);
			if (r == 0 && load->bodies[i].len == 0)
				r = FAIL_ABSENT;
		}
		sending_end(&s);
	}
	(void)dup2(words, STDERR_FILENO);
	(void)close(words);
	(void)close(nowhere);
	return r;
}

/* The officer's request around a body. */
static int
wrap(struct load *load, const struct buf *body, struct buf *out)
{
	uint8_t nonce[16], signature[SIGN_LEN];
	struct post_signed s = {.version = 1,
		.key_kind = POST_BY_CREDENTIAL,
		.key_id = load->credential,
		.time_s = clock_now_s(),
		.nonce = nonce,
		.body = rd_of(body->data, body->len),
		.signature = signature};
	int r;

	if ((r = rng_fill(random_system(), nonce, sizeof nonce)) != 0 ||
		(r = keys_sign_client(load->session.keys, "announce", &s, signature)) !=
			0)
		return r;
	codec_write(&post_signed_codec, &s, out);
	return buf_error(out);
}

static void next_one(struct sender *sender);

static void
answered(void *arg, int r, unsigned status, struct rd body)
{
	struct sender *sender = arg;
	struct load *load = sender->load;
	struct post_error error = {0};

	if (r == 0 && status == 200) {
		load->accepted++;
	} else if (load->failed++ == 0) {
		if (r == 0)
			(void)!codec_parse_whole(&post_error_codec, body, &error);
		(void)fprintf(stderr, "accept_load: %s, status %u %.*s\n", fail_text(r),
			status, (int)error.text.len, (const char *)error.text.ptr);
	}
	if (++load->answered == load->count)
		loop_stop(load->loop);
	else
		next_one(sender);
}

static void
next_one(struct sender *sender)
{
	struct load *load = sender->load;
	struct buf wrapped;
	struct http_call call = {.method = "POST",
		.path = "/c/1/announce",
		.done = answered,
		.arg = sender};

	if (load->next == load->count)
		return;
	buf_init(&wrapped, FRONT_HTTP_MAX);
	CHECK(wrap(load, &load->bodies[load->next++], &wrapped) == 0);
	call.body = rd_of(wrapped.data, wrapped.len);
	CHECK(http_client_send(sender->client, &call) == 0);
	buf_done(&wrapped);
}

static int
connect_all(struct load *load, size_t senders, struct tls **ret_tls)
{
	struct link_station station;
	const struct link_station *known = &station;
	struct http_target target = {.body_max = FRONT_HTTP_MAX,
		.timeout_ms = TIMEOUT_MS,
		.idle_ms = TIMEOUT_MS};
	char host[64];
	unsigned port;
	int r;

	if ((r = link_station_read(load->session.dir, &station)) != 0)
		return r;
	if (sscanf(station.url, "https://%63[0-9.]:%u", host, &port) != 2)
		return FAIL_FORMAT;
	if ((r = loop_new(&load->loop)) != 0 ||
		(r = tls_new(TLS_CLIENT, NULL, (struct tls_pins){&known->key, 1},
			 ret_tls)) != 0)
		return r;
	target.host = host;
	target.port = (uint16_t)port;
	target.tls = *ret_tls;
	for (size_t i = 0; i < senders && r == 0; i++) {
		load->senders[i].load = load;
		r = http_client_new(load->loop, &target, &load->senders[i].client);
	}
	return r;
}

/* One counter of the station's /metrics; 0 when it has none. */
static double
metric(const char *station, const char *name)
{
	static const char question[] =
		"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
	static char answer[METRICS_MAX];
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t len = 0;
	ssize_t n;
	char *at;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(to.sun_path, sizeof to.sun_path, "%s/run/admin", station);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) != 0 ||
		write(fd, question, sizeof question - 1) < 0)
		return 0;
	while (len < sizeof answer - 1 &&
		(n = read(fd, answer + len, sizeof answer - 1 - len)) > 0)
		len += (size_t)n;
	(void)close(fd);
	answer[len] = '\0';
	for (at = answer; (at = strstr(at, name)) != NULL; at++)
		if (at[strlen(name)] == ' ' && at > answer && at[-1] == '\n')
			return strtod(at + strlen(name), NULL);
	return 0;
}

static int
credential_of(struct load *load)
{
	struct rd bytes = people_own_enrol(load->session.people);
	struct enrol enrol;
	int r;

	if ((r = enrol_parse(bytes.ptr, bytes.len, &enrol)) == 0)
		hash_sha256(enrol.credential.ptr, enrol.credential.len, load->credential);
	return r;
}

static int
measure(struct load *load, const char *station, size_t senders)
{
	struct tls *tls = NULL;
	uint64_t begun_ms;
	double seconds, commits;
	int r;

	if ((r = connect_all(load, senders, &tls)) != 0)
		return r;
	commits = metric(station, "valise_store_commits_total");
	begun_ms = clock_monotonic_ms();
	for (size_t i = 0; i < senders; i++)
		next_one(&load->senders[i]);
	r = loop_run(load->loop);
	seconds = (double)(clock_monotonic_ms() - begun_ms) / 1000;
	/* The counter is told once a second: what is missing makes the batch larger, and so the
	 * disk that we are compared with faster. */
	commits = metric(station, "valise_store_commits_total") - commits;
	(void)printf(
		"{\"accepted\": %zu, \"failed\": %zu, \"seconds\": %.3f, \"bytes\": %zu, "
		"\"commits\": %.0f, \"batch\": %.1f}\n",
		load->accepted, load->failed, seconds, load->bodies[0].len, commits,
		commits > 0 ? (double)load->accepted / commits : 0);
	for (size_t i = 0; i < senders; i++)
		http_client_free(load->senders[i].client);
	tls_free(tls);
	loop_free(load->loop);
	return r;
}

/* STATION CABLE COUNT SENDERS, and the officer of VALISE_DIR. */
static MUST int
send_all(struct load *load, char **argv, size_t senders)
{
	int r;

	if ((r = credential_of(load)) != 0 ||
		(r = mem_new_array(&load->bodies, load->count, sizeof *load->bodies)) !=
			0 ||
		(r = prepare(load, argv[1])) != 0)
		return r;
	return measure(load, argv[0], senders);
}

static int
begin(struct load *load, const struct args *args)
{
	if (crypto_init() != 0 || home_take_environment() != 0 ||
		session_begin(args, &load->session) != EXIT_OK)
		return EXIT_FAILED;
	return session_people(&load->session);
}

static int
usage(void)
{
	(void)fputs("usage: accept_load STATION CABLE COUNT SENDERS\n", stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	static struct load load;
	static struct args args = {
		.verb = "send", .given[0] = {.name = "quiet"}, .count = 1};
	size_t senders;
	int r;

	if (argc == 3) {
		(void)printf("%.0f\n", metric(argv[1], argv[2]));
		return 0;
	}
	senders = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;
	if (senders < 1 || senders > SENDERS_MAX)
		return usage();
	load.count = strtoul(argv[3], NULL, 10);
	if (load.count < senders)
		return usage();
	if (begin(&load, &args) != EXIT_OK)
		return 1;
	if ((r = send_all(&load, argv + 1, senders)) != 0)
		(void)fprintf(stderr, "accept_load: %s\n", fail_text(r));
	session_end(&load.session);
	return r != 0 || load.failed > 0;
}
