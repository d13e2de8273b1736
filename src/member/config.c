/* SPDX-License-Identifier: Apache-2.0 */
#include "member/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/*
 * One table says which keys there are, how each is read, and what is told when it cannot be.
 * Each reader gets the value with no space at either end, never empty.
 */
struct key {
	const char *name;
	int (*read)(struct config *c, const char *value, size_t number);
	size_t number; /* which of several that are read alike */
	const char *right;
};

static int
copy(char *ret_out, size_t size, const char *value)
{
	size_t len = strlen(value);

	if (len >= size)
		return FAIL_FORMAT;
	memcpy(ret_out, value, len + 1);
	return 0;
}

static int
read_member(struct config *c, const char *value, size_t number)
{
	(void)number;
	if (!address_is_member(address_of(value)))
		return FAIL_FORMAT;
	return copy(c->member, sizeof c->member, value);
}

static int
parse_port(const char *text, uint16_t *ret_port)
{
	unsigned port = 0;
	size_t len = strlen(text);

	if (len == 0 || len > 5 || (text[0] == '0' && len > 1))
		return FAIL_FORMAT;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return FAIL_FORMAT;
		port = port * 10 + (unsigned)(text[i] - '0');
	}
	if (port > UINT16_MAX)
		return FAIL_FORMAT;
	*ret_port = (uint16_t)port;
	return 0;
}

/* Only the shape; whether it is an address of this machine the system says. */
static int
read_listen(struct config *c, const char *value, size_t number)
{
	const char *colon = strrchr(value, ':'), *begin = value, *end = colon;
	bool is_six = value[0] == '[';
	size_t len;

	(void)number;
	if (colon == NULL || parse_port(colon + 1, &c->listen_port) != 0)
		return FAIL_FORMAT;
	if (is_six) {
		begin++;
		end--;
		if (*end != ']')
			return FAIL_FORMAT;
	}
	if (end <= begin || (len = (size_t)(end - begin)) >= sizeof c->listen_host ||
		strspn(begin, is_six ? "0123456789abcdefABCDEF:." : "0123456789.") !=
			len ||
		is_six != (memchr(begin, ':', len) != NULL))
		return FAIL_FORMAT;
	memcpy(c->listen_host, begin, len);
	c->listen_host[len] = '\0';
	return 0;
}

static int
read_url(struct config *c, const char *value, size_t number)
{
	(void)number;
	if (!address_is_url(address_of(value)))
		return FAIL_FORMAT;
	return copy(c->url, sizeof c->url, value);
}

/* Words without quoting: a program that needs more is a script of the administrator's. */
static int
split_command(const char *value, struct config_command *ret_command)
{
	char *at = ret_command->text;

	if (value[0] != '/' || copy(at, sizeof ret_command->text, value) != 0)
		return FAIL_FORMAT;
	ret_command->count = 0;
	while (*at != '\0') {
		if (ret_command->count == CONFIG_ARGS_MAX)
			return FAIL_FORMAT;
		ret_command->argv[ret_command->count++] = at;
		at += strcspn(at, " \t");
		while (*at == ' ' || *at == '\t')
			*at++ = '\0';
	}
	ret_command->argv[ret_command->count] = NULL;
	return 0;
}

/* What follows a first word and the space behind it; NULL when the word is another. */
static const char *
after_word(const char *value, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(value, word, len) != 0 || (value[len] != ' ' && value[len] != '\t'))
		return NULL;
	return value + len + strspn(value + len, " \t");
}

static int
read_unlock(struct config *c, const char *value, size_t number)
{
	const char *rest;

	(void)number;
	if (strcmp(value, "passphrase") == 0) {
		c->unlock = CONFIG_PASSPHRASE;
		return 0;
	}
	if ((rest = after_word(value, "file")) != NULL) {
		c->unlock = CONFIG_FILE;
		return copy(c->unlock_file, sizeof c->unlock_file, rest);
	}
	if ((rest = after_word(value, "command")) != NULL) {
		c->unlock = CONFIG_COMMAND;
		return split_command(rest, &c->unlock_command);
	}
	return FAIL_FORMAT;
}

/* The unit must be written: "30" alone is read as minutes by one and seconds by another. */
static int
parse_duration(const char *value, uint64_t max_s, uint64_t *ret_s)
{
	size_t digits = strspn(value, "0123456789"), len = strlen(value);
	char shorter[32];
	uint64_t s = 0;

	if (digits == 0 || digits == len || len >= sizeof shorter)
		return FAIL_FORMAT;
	memcpy(shorter, value, len + 1);
	if (strcmp(shorter + digits, "min") == 0)
		shorter[digits + 1] = '\0';
	if (text_parse_duration(shorter, max_s, &s) != 0 || s == 0)
		return FAIL_FORMAT;
	*ret_s = s;
	return 0;
}

static int
read_due(struct config *c, const char *value, size_t number)
{
	return parse_duration(value, CONFIG_DUE_MAX_S, &c->due_s[number]);
}

static int
read_retry(struct config *c, const char *value, size_t number)
{
	(void)number;
	return parse_duration(value, CONFIG_RETRY_MAX_S, &c->retry_max_s);
}

static int
read_notify(struct config *c, const char *value, size_t number)
{
	(void)number;
	return split_command(value, &c->notify);
}

static int
read_sandbox(struct config *c, const char *value, size_t number)
{
	(void)number;
	c->is_sandbox_off = strcmp(value, "off") == 0;
	return c->is_sandbox_off || strcmp(value, "on") == 0 ? 0 : FAIL_FORMAT;
}

static int
read_holder(struct config *c, const char *value, size_t number)
{
	(void)number;
	return copy(c->second_holder, sizeof c->second_holder, value);
}

static int
read_backup(struct config *c, const char *value, size_t number)
{
	(void)number;
	return copy(c->backup_dir, sizeof c->backup_dir, value);
}

static const char due_right[] = "a duration of 1s to 30d, such as 30min";

static const struct key keys[] = {
	{"member", read_member, 0, "a member's name, such as PT"},
	{"listen", read_listen, 0,
		"a numeric address and a port, such as 0.0.0.0:7443 or [::]:7443"},
	{"url", read_url, 0, "such as https://valise.example:7443"},
	{"unlock", read_unlock, 0,
		"`passphrase`, `file PATH` or `command /PATH/PROGRAM ARGUMENT...`"},
	{"due-routine", read_due, 0, due_right},
	{"due-priority", read_due, 1, due_right},
	{"due-immediate", read_due, 2, due_right},
	{"due-flash", read_due, 3, due_right},
	{"retry-max", read_retry, 0, "a duration of 1s to 1d, such as 10min"},
	{"notify", read_notify, 0, "a program with its absolute path, and its arguments"},
	{"sandbox", read_sandbox, 0, "`on` or `off`"},
	{"second-holder", read_holder, 0, "a directory"},
	{"backup-dir", read_backup, 0, "a directory"},
};

enum { KEYS = sizeof keys / sizeof keys[0], MUST_KEYS = 3 };

static int complain(struct config_error *error, unsigned line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int
complain(struct config_error *error, unsigned line, const char *format, ...)
{
	va_list list;

	error->line = line;
	va_start(list, format);
	(void)vsnprintf(error->text, sizeof error->text, format, list);
	va_end(list);
	return FAIL_FORMAT;
}

static int
complain_unknown(struct config_error *error, unsigned line, const char *word)
{
	size_t at;

	(void)complain(error, line, "there is no key '%.40s'; known are", word);
	at = strlen(error->text);
	for (size_t i = 0; i < KEYS; i++) {
		int n = snprintf(error->text + at, sizeof error->text - at, "%s %s",
			i > 0 ? "," : "", keys[i].name);

		if (n < 0 || (size_t)n >= sizeof error->text - at)
			break;
		at += (size_t)n;
	}
	return FAIL_FORMAT;
}

static size_t
find_key(const char *word)
{
	size_t i = 0;

	while (i < KEYS && strcmp(keys[i].name, word) != 0)
		i++;
	return i;
}

/* line: no line feed, NUL at the end, ours to cut. */
static int
parse_line(struct config *c, char *line, unsigned number, unsigned *seen,
	struct config_error *error)
{
	char *word = line + strspn(line, " \t"), *value = word + strcspn(word, " \t");
	size_t key, len;

	if (*word == '\0' || *word == '#')
		return 0;
	if (*value != '\0') {
		*value++ = '\0';
		value += strspn(value, " \t");
	}
	len = strlen(value);
	while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
		value[--len] = '\0';
	if ((key = find_key(word)) == KEYS)
		return complain_unknown(error, number, word);
	if ((*seen & 1u << key) != 0)
		return complain(error, number, "'%s' stands here twice", word);
	*seen |= 1u << key;
	if (len == 0)
		return complain(
			error, number, "'%s' needs a value: %s", word, keys[key].right);
	if (keys[key].read(c, value, keys[key].number) != 0)
		return complain(error, number, "'%s' cannot be '%.60s': it is %s", word,
			value, keys[key].right);
	return 0;
}

/* One line of the text, copied with its NUL; tabs are the only control characters. */
static int
take_line(struct rd *text, unsigned number, char line[CONFIG_LINE_MAX],
	struct config_error *error)
{
	const uint8_t *end = memchr(text->ptr, '\n', text->len);
	size_t len = end != NULL ? (size_t)(end - text->ptr) : text->len;

	if (len >= CONFIG_LINE_MAX)
		return complain(error, number, "the line is longer than %d bytes",
			CONFIG_LINE_MAX - 1);
	memcpy(line, text->ptr, len);
	line[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (line[i] == '\t')
			line[i] = ' ';
	if (!text_is_line(line, len))
		return complain(error, number,
			"there are bytes that are no text in the line (a carriage "
			"return?)");
	len += end != NULL ? 1 : 0;
	*text = rd_of(text->ptr + len, text->len - len);
	return 0;
}

int
config_parse(struct rd text, struct config *ret_config, struct config_error *ret_error)
{
	char line[CONFIG_LINE_MAX];
	unsigned seen = 0, number = 0;
	int r;

	*ret_config = (struct config){.unlock = CONFIG_PASSPHRASE};
	*ret_error = (struct config_error){.line = 0};
	if (text.len > CONFIG_MAX) {
		(void)complain(
			ret_error, 0, "the file is larger than %d bytes", CONFIG_MAX);
		return FAIL_LIMIT;
	}
	while (text.len > 0) {
		number++;
		if ((r = take_line(&text, number, line, ret_error)) != 0 ||
			(r = parse_line(ret_config, line, number, &seen, ret_error)) != 0)
			return r;
	}
	for (size_t i = 0; i < MUST_KEYS; i++)
		if ((seen & 1u << i) == 0)
			return complain(ret_error, 0, "'%s' is missing: %s", keys[i].name,
				keys[i].right);
	return 0;
}

static void
write_command(const char *key, const struct config_command *command, struct buf *out)
{
	buf_text(out, key);
	for (size_t i = 0; i < command->count; i++)
		buf_printf(out, " %s", command->argv[i]);
	buf_u8(out, '\n');
}

static void
write_unlock(const struct config *c, struct buf *out)
{
	switch (c->unlock) {
	case CONFIG_PASSPHRASE:
		buf_text(out, "unlock passphrase\n");
		break;
	case CONFIG_FILE:
		buf_printf(out, "unlock file %s\n", c->unlock_file);
		break;
	case CONFIG_COMMAND:
		write_command("unlock command", &c->unlock_command, out);
		break;
	}
}

void
config_write(const struct config *c, struct buf *out)
{
	static const char *const dues[CONFIG_DUES] = {
		"due-routine", "due-priority", "due-immediate", "due-flash"};
	bool is_six = strchr(c->listen_host, ':') != NULL;

	buf_printf(out, "member %s\nlisten %s%s%s:%u\nurl %s\n", c->member,
		is_six ? "[" : "", c->listen_host, is_six ? "]" : "", c->listen_port,
		c->url);
	write_unlock(c, out);
	for (size_t i = 0; i < CONFIG_DUES; i++)
		if (c->due_s[i] > 0)
			buf_printf(out, "%s %llus\n", dues[i],
				(unsigned long long)c->due_s[i]);
	if (c->retry_max_s > 0)
		buf_printf(out, "retry-max %llus\n", (unsigned long long)c->retry_max_s);
	if (c->notify.count > 0)
		write_command("notify", &c->notify, out);
	if (c->is_sandbox_off)
		buf_text(out, "sandbox off\n");
	if (c->second_holder[0] != '\0')
		buf_printf(out, "second-holder %s\n", c->second_holder);
	if (c->backup_dir[0] != '\0')
		buf_printf(out, "backup-dir %s\n", c->backup_dir);
}

void
config_write_first(
	const char *member, const char *listen, const char *url, struct buf *out)
{
	buf_printf(out,
		"# The station of %s: valise.conf(5).  Check with `valised -n`.\n"
		"member %s\nlisten %s\nurl %s\n\n",
		member, member, listen, url);
	buf_text(out,
		"# How the keys are unlocked at the start.  A file starts by itself, but "
		"then a\n"
		"# stolen disk is a stolen station.\n"
		"unlock passphrase\n"
		"#unlock file unlock\n"
		"#unlock command /usr/bin/systemd-creds decrypt /etc/valise/unlock.cred "
		"-\n\n"
		"# Until when an addressee has to have acknowledged.\n"
		"#due-routine 6h\n#due-priority 3h\n#due-immediate 30min\n#due-flash "
		"10min\n\n"
		"# A second copy of the keys of documents, on another disk.\n"
		"#second-holder /mnt/other/valise\n\n"
		"# Run with precedence and number when a cable has come.\n"
		"#notify /usr/local/bin/ring-the-bell\n");
}
