/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "sys/clock.h"
#include "sys/disk.h"
#include "sys/random.h"
#include "sys/spawn.h"
#include "valised/unlock.h"

/* Files, programs, a key file, and a token in software where its tools are there. */

static char dir[64];

/* A configuration with these lines behind the three that must be there. */
static void
configure(const char *lines, struct config *ret_config)
{
	struct config_error error;
	char text[2048];
	int n = snprintf(text, sizeof text,
		"member PT\nlisten 127.0.0.1:0\nurl https://pt.example\n%s\n", lines);

	assert_true(n > 0 && (size_t)n < sizeof text);
	assert_int_equal(config_parse(rd_of(text, (size_t)n), ret_config, &error), 0);
}

/* Run a program given as words; its exit status. */
static int
run(const char *words)
{
	struct spawn spawn = {.fds = {-1, -1, -1}, .fd_count = 3};
	struct config *config = NULL;
	char line[1024];
	int status = -1;
	pid_t pid;

	assert_int_equal(mem_new(&config, sizeof *config), 0);
	(void)snprintf(line, sizeof line, "unlock command %s", words);
	configure(line, config);
	spawn.argv = config->unlock_command.argv;
	spawn.path = spawn.argv[0];
	if (spawn_start(&spawn, &pid) == 0 && spawn_wait(pid, &status) != 0)
		status = -1;
	mem_free(config);
	return status;
}

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "/tmp/valise-unlock-XXXXXX");
	return mkdtemp(dir) == NULL;
}

static int
teardown(void **state)
{
	char words[128];

	(void)state;
	(void)snprintf(words, sizeof words, "/bin/rm -rf %s", dir);
	return run(words);
}

static const char *
path_of(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	return path;
}

static void
write_file(const char *name, const char *text, mode_t mode)
{
	assert_int_equal(disk_write_small(path_of(name), text, strlen(text), true), 0);
	assert_int_equal(chmod(path_of(name), mode), 0);
}

/* The passphrase is this, or the answer that. */
static void
expect(const struct unlock *unlock, int expected, const char *text)
{
	struct secret *s = NULL;

	assert_int_equal(unlock_passphrase(unlock, &s), expected);
	if (expected != 0) {
		assert_null(s);
		return;
	}
	assert_int_equal(s->len, strlen(text));
	assert_memory_equal(s->bytes, text, s->len);
	secret_free(s);
}

static void
a_file_of_ours_alone(void **state)
{
	struct unlock unlock = {.by = VAULT_BY_FILE};

	(void)state;
	write_file("pass", "correct horse\nsecond line\n", 0600);
	unlock.path = path_of("pass");
	expect(&unlock, 0, "correct horse");
	write_file("pass", "correct horse", 0400);
	expect(&unlock, 0, "correct horse");
	write_file("pass", "correct horse", 0640);
	expect(&unlock, FAIL_REFUSED, NULL);
	write_file("pass", "correct horse", 0602);
	expect(&unlock, FAIL_REFUSED, NULL);
	write_file("pass", "", 0600);
	expect(&unlock, FAIL_LIMIT, NULL);
	unlock.path = path_of("none");
	expect(&unlock, FAIL_ABSENT, NULL);
	unlock.path = dir;
	expect(&unlock, FAIL_REFUSED, NULL);
}

/* A link may lead to what somebody else may change. */
static void
a_link_is_not_followed(void **state)
{
	struct unlock unlock = {.by = VAULT_BY_FILE};
	char target[128];

	(void)state;
	write_file("pass", "correct horse", 0600);
	(void)snprintf(target, sizeof target, "%s", path_of("pass"));
	assert_int_equal(symlink(target, path_of("link")), 0);
	unlock.path = path_of("link");
	expect(&unlock, FAIL_USAGE, NULL);
}

static void
expect_of(int expected, const char *text, const char *script, unsigned timeout_ms)
{
	char shell[] = "/bin/sh", option[] = "-c", copy[256];
	char *argv[] = {shell, option, copy, NULL};
	struct unlock unlock = {
		.by = VAULT_BY_COMMAND, .argv = argv, .timeout_ms = timeout_ms};

	(void)snprintf(copy, sizeof copy, "%s", script);
	expect(&unlock, expected, text);
}

static void
what_a_program_writes(void **state)
{
	char name[] = "sh", path[] = "/nowhere/tool";
	char *relative[] = {name, NULL}, *absent[] = {path, NULL};
	struct unlock unlock = {.by = VAULT_BY_COMMAND, .argv = relative};

	(void)state;
	expect_of(0, "horse", "echo horse", 0);
	expect_of(0, "horse", "printf horse", 0);
	expect_of(0, "horse", "printf ho; sleep 0.1; printf 'rse\\nmore'", 0);
	/* Standard input is closed: it cannot wait for somebody to type. */
	expect_of(0, "horse", "cat; echo horse", 0);
	expect_of(FAIL_LIMIT, NULL, "true", 0);
	expect_of(FAIL_REFUSED, NULL, "echo horse; exit 3", 0);
	expect_of(FAIL_FORMAT, NULL, "printf 'ho\\0rse'", 0);
	expect_of(FAIL_LIMIT, NULL, "head -c 1025 /dev/zero | tr '\\0' a", 0);
	expect_of(FAIL_LIMIT, NULL, "yes", 0);
	expect(&unlock, FAIL_USAGE, NULL);
	unlock.argv = absent;
	expect(&unlock, FAIL_ABSENT, NULL);
}

static void
the_longest_just_fits(void **state)
{
	char text[UNLOCK_MAX + 1];

	(void)state;
	memset(text, 'a', UNLOCK_MAX);
	text[UNLOCK_MAX] = '\0';
	expect_of(0, text, "head -c 1024 /dev/zero | tr '\\0' a; echo", 0);
}

/* One that hangs is ended, whether it has written something or not. */
static void
a_program_that_hangs_is_ended(void **state)
{
	uint64_t before_ms = clock_monotonic_ms();

	(void)state;
	expect_of(FAIL_TIMEOUT, NULL, "exec sleep 30", 200);
	expect_of(FAIL_TIMEOUT, NULL, "echo horse; exec sleep 30", 200);
	assert_true(clock_monotonic_ms() - before_ms < 10 * 1000);
}

static void
make_key(const char *member, const char *passphrase)
{
	struct own_station *station = NULL;
	struct secret *s = NULL;
	struct buf file;

	assert_int_equal(own_station_new(member, "pt.example", "https://pt.example",
				 random_system(), &station),
		0);
	assert_int_equal(secret_new(strlen(passphrase), &s), 0);
	memcpy(s->bytes, passphrase, s->len);
	buf_init(&file, KEYFILE_MAX);
	assert_int_equal(own_station_seal(station, s, random_system(), &file), 0);
	assert_int_equal(disk_write_small(path_of("key"), file.data, file.len, true), 0);
	buf_done(&file);
	secret_free(s);
	own_station_free(station);
}

static int
unlock_with(const char *lines, uint8_t *ret_by)
{
	struct own_station *station = NULL;
	struct config *config = NULL;
	int r;

	assert_int_equal(mem_new(&config, sizeof *config), 0);
	configure(lines, config);
	r = unlock_station(config, dir, &station, ret_by);
	if (r == 0)
		assert_string_equal(station->member, "PT");
	own_station_free(station);
	mem_free(config);
	return r;
}

static void
a_station_is_unlocked(void **state)
{
	uint8_t by = 0;

	(void)state;
	make_key("PT", "correct horse");
	write_file("pass", "correct horse\n", 0600);
	assert_int_equal(unlock_with("unlock file pass", &by), 0);
	assert_int_equal(by, VAULT_BY_FILE);
	assert_int_equal(unlock_with("unlock command /bin/echo correct horse", &by), 0);
	assert_int_equal(by, VAULT_BY_COMMAND);
	assert_int_equal(setenv("VALISE_PASSPHRASE", "correct horse", 1), 0);
	assert_int_equal(unlock_with("", &by), 0);
	assert_int_equal(by, VAULT_BY_PASSPHRASE);
	assert_int_equal(
		unlock_with("unlock command /bin/echo wrong", &by), FAIL_PASSPHRASE);
	make_key("FR", "correct horse");
	assert_int_equal(unlock_with("unlock file pass", &by), FAIL_MISMATCH);
	assert_int_equal(unlink(path_of("key")), 0);
	assert_int_equal(unlock_with("unlock file pass", &by), FAIL_ABSENT);
}

static void
want_of_memory_is_told(void **state)
{
	uint8_t by = 0;
	int r = FAIL_NOMEM;

	(void)state;
	make_key("PT", "correct horse");
	write_file("pass", "correct horse", 0600);
	for (long n = 0; r != 0; n++) {
		struct own_station *station = NULL;
		struct config *config = NULL;

		assert_true(n < 1000);
		assert_int_equal(mem_new(&config, sizeof *config), 0);
		configure("unlock file pass", config);
		mem_fail_after(n, false);
		r = unlock_station(config, dir, &station, &by);
		mem_fail_never();
		assert_true(r == 0 || r == FAIL_NOMEM);
		own_station_free(station);
		mem_free(config);
	}
}

/* A token. */

static const char *
module_path(void)
{
	static const char *const places[] = {"/usr/lib/softhsm/libsofthsm2.so",
		"/usr/lib64/softhsm/libsofthsm2.so",
		"/usr/local/lib/softhsm/libsofthsm2.so"};

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

/* A token with one private object, the passphrase; its PIN in the environment. */
static void
make_token(const char *util, const char *tool, const char *module)
{
	char conf[256], words[2 * DISK_PATH_MAX];

	assert_int_equal(mkdir(path_of("tokens"), 0700), 0);
	(void)snprintf(conf, sizeof conf,
		"directories.tokendir = %s/tokens\nobjectstore.backend = file\n", dir);
	write_file("softhsm2.conf", conf, 0600);
	assert_int_equal(setenv("SOFTHSM2_CONF", path_of("softhsm2.conf"), 1), 0);
	assert_int_equal(setenv("VALISE_PIN", "1234", 1), 0);
	write_file("object", "correct horse\n", 0600);
	(void)snprintf(words, sizeof words,
		"%s --init-token --free --label valise --pin 1234 --so-pin 5678", util);
	assert_int_equal(run(words), 0);
	(void)snprintf(words, sizeof words,
		"%s --module %s --token-label valise --login --pin env:VALISE_PIN "
		"--write-object %s --type data --label valise --private",
		tool, module, path_of("object"));
	assert_int_equal(run(words), 0);
	assert_int_equal(unlink(path_of("object")), 0);
}

static void
a_token_unlocks(void **state)
{
	char util[DISK_PATH_MAX], tool[DISK_PATH_MAX], line[DISK_PATH_MAX + 256];
	const char *module = module_path();
	uint8_t by = 0;

	(void)state;
	if (module == NULL || spawn_find("softhsm2-util", util) != 0 ||
		spawn_find("pkcs11-tool", tool) != 0) {
		print_message("SKIP: softhsm2-util or pkcs11-tool is missing\n");
		skip();
	}
	make_token(util, tool, module);
	make_key("PT", "correct horse");
	(void)snprintf(line, sizeof line,
		"unlock command %s --module %s --token-label valise --login "
		"--pin env:VALISE_PIN --read-object --type data --label valise",
		tool, module);
	assert_int_equal(unlock_with(line, &by), 0);
	assert_int_equal(by, VAULT_BY_COMMAND);
	/* Whoever has the disk and not the PIN has nothing. */
	assert_int_equal(setenv("VALISE_PIN", "4321", 1), 0);
	assert_int_not_equal(unlock_with(line, &by), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_of_ours_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(a_link_is_not_followed, setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_program_writes, setup, teardown),
		cmocka_unit_test_setup_teardown(the_longest_just_fits, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_program_that_hangs_is_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(want_of_memory_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_station_is_unlocked, setup, teardown),
		cmocka_unit_test_setup_teardown(a_token_unlocks, setup, teardown),
	};

	if (crypto_init() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
