/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "member/config.h"

static struct config config;
static struct config_error error;

#define FIRST "member PT\nlisten 127.0.0.1:7443\nurl https://pt.example:7443\n"

static int
parse(const char *text)
{
	return config_parse(rd_of(text, strlen(text)), &config, &error);
}

static void
test_smallest(void **state)
{
	(void)state;
	assert_int_equal(parse(FIRST), 0);
	assert_string_equal(config.member, "PT");
	assert_string_equal(config.listen_host, "127.0.0.1");
	assert_int_equal(config.listen_port, 7443);
	assert_string_equal(config.url, "https://pt.example:7443");
	assert_int_equal(config.unlock, CONFIG_PASSPHRASE);
	assert_int_equal(config.due_s[3], 0);
	assert_int_equal(config.notify.count, 0);
	assert_false(config.is_sandbox_off);
}

static void
test_everything(void **state)
{
	(void)state;
	assert_int_equal(parse("# the station\n\n   \t\n"
			       "member  \t FR-2 \n"
			       "listen [::1]:0\n"
			       "url https://fr.example\n"
			       "unlock command /usr/bin/tool  decrypt\t-\n"
			       "due-routine 6h\ndue-priority 180min\n"
			       "due-immediate 30min\ndue-flash 5s\n"
			       "retry-max 1d\nnotify /usr/local/bin/bell loud\n"
			       "sandbox off\nsecond-holder ../other\n"
			       "backup-dir /mnt/a b/backup"),
		0);
	assert_string_equal(config.member, "FR-2");
	assert_string_equal(config.listen_host, "::1");
	assert_int_equal(config.listen_port, 0);
	assert_int_equal(config.unlock, CONFIG_COMMAND);
	assert_int_equal(config.unlock_command.count, 3);
	assert_string_equal(config.unlock_command.argv[0], "/usr/bin/tool");
	assert_string_equal(config.unlock_command.argv[2], "-");
	assert_null(config.unlock_command.argv[3]);
	assert_int_equal(config.due_s[0], 6 * 3600);
	assert_int_equal(config.due_s[1], 3 * 3600);
	assert_int_equal(config.due_s[2], 1800);
	assert_int_equal(config.due_s[3], 5);
	assert_int_equal(config.retry_max_s, 86400);
	assert_string_equal(config.notify.argv[1], "loud");
	assert_true(config.is_sandbox_off);
	assert_string_equal(config.second_holder, "../other");
	assert_string_equal(config.backup_dir, "/mnt/a b/backup");
	assert_int_equal(parse(FIRST "unlock file /etc/valise/unlock\n"), 0);
	assert_int_equal(config.unlock, CONFIG_FILE);
	assert_string_equal(config.unlock_file, "/etc/valise/unlock");
}

/* What is wrong, in which line, and a word that the message must have. */
static const struct {
	const char *text;
	unsigned line;
	const char *word;
} faults[] = {
	{"", 0, "'member' is missing"},
	{"member PT\n", 0, "'listen' is missing"},
	{"member PT\nlisten 127.0.0.1:1\n", 0, "'url' is missing"},
	{FIRST "colour red\n", 4, "no key 'colour'"},
	{FIRST "colour red\n", 4, "due-flash"},
	{FIRST "Member PT\n", 4, "no key 'Member'"},
	{FIRST "member PT\n", 4, "twice"},
	{FIRST "retry-max\n", 4, "needs a value"},
	{FIRST "retry-max   \n", 4, "needs a value"},
	{"member pt\n", 1, "such as PT"},
	{"member P T\n", 1, "such as PT"},
	{"\nlisten localhost:7443\n", 2, "numeric"},
	{"listen 127.0.0.1\n", 1, "numeric"},
	{"listen :7443\n", 1, "numeric"},
	{"listen [::1:7443\n", 1, "numeric"},
	{"listen []:7443\n", 1, "numeric"},
	{"listen [bb1]:7443\n", 1, "numeric"},
	{"listen [127.0.0.1]:7443\n", 1, "numeric"},
	{"listen ::1:7443\n", 1, "numeric"},
	{"listen 127.0.0.1:65536\n", 1, "numeric"},
	{"listen 127.0.0.1:07443\n", 1, "numeric"},
	{"listen 127.0.0.1:-1\n", 1, "numeric"},
	{"listen 127.0.0.1:7443x\n", 1, "numeric"},
	{"url http://pt.example\n", 1, "https://"},
	{"url https://pt.example/path\n", 1, "https://"},
	{"unlock\n", 1, "passphrase"},
	{"unlock please\n", 1, "passphrase"},
	{"unlock file\n", 1, "file PATH"},
	{"unlock command tool\n", 1, "command /PATH"},
	{"notify bell\n", 1, "absolute"},
	{"due-flash 30\n", 1, "1s to 30d"},
	{"due-flash 0s\n", 1, "1s to 30d"},
	{"due-flash 31d\n", 1, "1s to 30d"},
	{"due-flash min\n", 1, "1s to 30d"},
	{"due-flash 5 s\n", 1, "1s to 30d"},
	{"due-flash 99999999999999999999s\n", 1, "1s to 30d"},
	{"retry-max 25h\n", 1, "1s to 1d"},
	{"sandbox maybe\n", 1, "`off`"},
	{"member PT\r\n", 1, "no text"},
	{"member P\x01T\n", 1, "no text"},
	{"member \xff\n", 1, "no text"},
};

static void
test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		assert_int_equal(parse(faults[i].text), FAIL_FORMAT);
		assert_int_equal(error.line, faults[i].line);
		if (strstr(error.text, faults[i].word) == NULL)
			fail_msg("fault %zu: %s", i, error.text);
	}
	assert_int_equal(
		config_parse(rd_of("member PT\nlisten\0x\n", 19), &config, &error),
		FAIL_FORMAT);
}

static void
test_limits(void **state)
{
	static char text[CONFIG_MAX + 2];
	const char head[] = FIRST "backup-dir ";
	const char args[] = FIRST "notify /x";
	size_t at = sizeof head - 1;

	(void)state;
	/* The longest line, and one byte more. */
	memset(text, 'a', sizeof text);
	memcpy(text, head, at);
	memcpy(text + at + CONFIG_LINE_MAX - 12, "\n", 2);
	assert_int_equal(parse(text), 0);
	memcpy(text + at + CONFIG_LINE_MAX - 12, "a\n", 3);
	assert_int_equal(parse(text), FAIL_FORMAT);
	assert_int_equal(error.line, 4);
	/* The most arguments, and one more. */
	memcpy(text, args, at = sizeof args - 1);
	for (int i = 1; i < CONFIG_ARGS_MAX; i++, at += 2)
		memcpy(text + at, " a", 3);
	assert_int_equal(parse(text), 0);
	assert_int_equal(config.notify.count, CONFIG_ARGS_MAX);
	memcpy(text + at, " a", 3);
	assert_int_equal(parse(text), FAIL_FORMAT);
	/* A whole file. */
	memset(text, '\n', sizeof text);
	memcpy(text, FIRST, sizeof FIRST - 1);
	assert_int_equal(config_parse(rd_of(text, CONFIG_MAX), &config, &error), 0);
	assert_int_equal(
		config_parse(rd_of(text, CONFIG_MAX + 1), &config, &error), FAIL_LIMIT);
}

static void
test_written(void **state)
{
	struct buf out, again;

	(void)state;
	buf_init(&out, CONFIG_MAX);
	buf_init(&again, CONFIG_MAX);
	config_write_first("PT", "127.0.0.1:0", "https://127.0.0.1:7443", &out);
	assert_int_equal(buf_error(&out), 0);
	assert_int_equal(config_parse(rd_of(out.data, out.len), &config, &error), 0);
	assert_string_equal(config.member, "PT");
	assert_int_equal(config.listen_port, 0);
	assert_int_equal(
		parse(FIRST "unlock command /a b c\ndue-flash 5s\nretry-max 2h\n"
			    "notify /n x\nsandbox off\nsecond-holder h\nbackup-dir b\n"),
		0);
	buf_clear(&out);
	config_write(&config, &out);
	assert_int_equal(config_parse(rd_of(out.data, out.len), &config, &error), 0);
	config_write(&config, &again);
	assert_int_equal(out.len, again.len);
	assert_memory_equal(out.data, again.data, out.len);
	assert_int_equal(config.retry_max_s, 7200);
	buf_done(&out);
	buf_done(&again);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smallest),
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
