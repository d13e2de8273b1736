/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_station.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/disk.h"
#include "sys/http.h"
#include "sys/http_accept.h"
#include "sys/peer.h"
#include "sys/random.h"
#include "valise/keys.h"
#include "wire/front.h"

static void
handle(void *arg, const struct http_request *request, struct http_answer *answer)
{
	fake_answer_fn *fn = *(fake_answer_fn *const *)arg;
	struct fake_answer a = {.status = 404};

	buf_init(&a.body, FRONT_HTTP_MAX);
	fn(request->path, request->body, &a);
	if (a.status != 0)
		http_answer(answer, a.status, rd_of(a.body.data, a.body.len));
	buf_done(&a.body);
}

/* A process that ends with the test, however that ends, and holds none of its output. */
static bool
is_child(struct fake_station *f)
{
	f->pid = fork();
	assert_true(f->pid >= 0);
	if (f->pid != 0)
		return false;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	disk_close(STDOUT_FILENO);
	disk_close(STDERR_FILENO);
	return true;
}

/* The child's whole life; it ends by a signal. */
static _Noreturn void
serve(int fd, const uint8_t *seed, fake_answer_fn *fn)
{
	static const struct http_route all[] = {{"POST", "/c/1/"}, {"POST", "/a/1/"}};
	struct http_service service = {
		.routes = all, .routes_count = 2, .handle = handle, .arg = &fn};
	struct http_limits limits = http_limits_usual();
	struct http_server *server;
	struct tls *tls = NULL;
	struct loop *loop;

	limits.body_max = FRONT_HTTP_MAX;
	if (loop_new(&loop) != 0 ||
		(seed != NULL &&
			tls_new(TLS_SERVER, seed, (struct tls_pins){NULL, 0}, &tls) !=
				0) ||
		http_server_new(loop, fd, tls, &limits, &service, &server) != 0)
		_exit(1);
	_exit(loop_run(loop) == 0 ? 0 : 1);
}

static void
place_at(struct fake_station *f, uint16_t port, const uint8_t *seed)
{
	memset(&f->place, 0, sizeof f->place);
	(void)snprintf(f->place.url, sizeof f->place.url, "https://127.0.0.1:%u", port);
	(void)snprintf(f->place.member, sizeof f->place.member, "PT");
	if (seed != NULL)
		sign_public(seed, f->place.key);
}

void
fake_station_start(struct fake_station *f, uint8_t seed_byte, fake_answer_fn *answer)
{
	uint8_t seed[SIGN_SEED_LEN];

	memset(seed, seed_byte, sizeof seed);
	fake_station_start_seed(f, seed, answer);
}

void
fake_station_start_seed(
	struct fake_station *f, const uint8_t seed[SIGN_SEED_LEN], fake_answer_fn *answer)
{
	uint16_t port;
	int fd = -1;

	assert_int_equal(http_accept_listen("127.0.0.1", 0, &fd, &port), 0);
	place_at(f, port, seed);
	if (is_child(f))
		serve(fd, seed, answer);
	disk_close(fd);
}

void
fake_station_start_local(struct fake_station *f, const char *dir, fake_answer_fn *answer)
{
	char path[DISK_PATH_MAX];
	int fd = -1;

	(void)snprintf(path, sizeof path, "%s/run", dir);
	assert_int_equal(disk_make_private_dir(path), 0);
	(void)snprintf(path, sizeof path, "%s/run/admin", dir);
	assert_int_equal(peer_listen(path, &fd), 0);
	if (is_child(f))
		serve(fd, NULL, answer);
	disk_close(fd);
}

static _Noreturn void
serve_raw(int fd, const char *text)
{
	for (;;) {
		int client = accept(fd, NULL, NULL);

		if (client >= 0 && disk_write(client, text, strlen(text)) != 0)
			_exit(1);
		disk_close(client);
	}
}

void
fake_station_start_raw(struct fake_station *f, const char *text)
{
	static const uint8_t seed[SIGN_SEED_LEN] = {1};
	uint16_t port;
	int fd = -1;

	assert_int_equal(http_accept_listen("127.0.0.1", 0, &fd, &port), 0);
	/* The listening socket of http_accept does not block; this child waits in accept(). */
	assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
	place_at(f, port, seed);
	if (is_child(f))
		serve_raw(fd, text);
	disk_close(fd);
}

void
fake_station_stop(struct fake_station *f)
{
	int status;

	if (f->pid <= 0)
		return;
	assert_int_equal(kill(f->pid, SIGKILL), 0);
	assert_int_equal(waitpid(f->pid, &status, 0), f->pid);
	f->pid = 0;
}

static struct secret *
word(void)
{
	struct secret *passphrase = NULL;

	assert_int_equal(secret_new(4, &passphrase), 0);
	memcpy(passphrase->bytes, "word", 4);
	return passphrase;
}

static struct own_officer *
make_officer(const char *dir, const struct own_officer_name *name, struct rng *rng)
{
	struct own_officer *officer = NULL;
	struct secret *passphrase = word();
	char path[DISK_PATH_MAX];
	struct buf file;

	buf_init(&file, KEYFILE_MAX);
	assert_int_equal(own_officer_new(name, rng, &officer), 0);
	assert_int_equal(
		own_officer_seal(officer, passphrase, random_system(), &file), 0);
	assert_int_equal(disk_make_private_dir(dir), 0);
	assert_int_equal(keys_file_path(dir, path), 0);
	assert_int_equal(disk_write_small(path, file.data, file.len, true), 0);
	buf_done(&file);
	secret_free(passphrase);
	return officer;
}

struct own_officer *
fake_officer(const char *dir, uint8_t kind, const char *name)
{
	struct own_officer_name who = {.member = "PT",
		.officer = name,
		.device = "device1",
		.kind = kind,
		.suite = SUITE_1};

	return make_officer(dir, &who, random_system());
}

void
fake_home(const char *dir, const struct own_officer_name *name, struct rng *rng)
{
	own_officer_free(make_officer(dir, name, rng));
}

struct keys *
fake_keys(const char *dir)
{
	struct secret *passphrase = word();
	struct keys *keys = NULL;

	assert_int_equal(keys_from_passphrase(dir, passphrase, &keys), 0);
	secret_free(passphrase);
	return keys;
}
