/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/drafts.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS_MAX = 9 };

bool
drafts_is_number(const char *word)
{
	size_t len = strspn(word, "0123456789");

	return len > 0 && len <= DIGITS_MAX && word[len] == '\0' && word[0] != '0';
}

static int
print_path(const char *dir, const char *word, char ret_path[DISK_PATH_MAX])
{
	int n = snprintf(ret_path, DISK_PATH_MAX, "%s/drafts/%s.cable", dir, word);

	return n > 0 && n < DISK_PATH_MAX ? 0 : FAIL_USAGE;
}

int
drafts_path(const char *dir, const char *word, char ret_path[DISK_PATH_MAX])
{
	int n;

	if (drafts_is_number(word))
		return print_path(dir, word, ret_path);
	n = snprintf(ret_path, DISK_PATH_MAX, "%s", word);
	return n >= 0 && n < DISK_PATH_MAX ? 0 : FAIL_USAGE;
}

/* "12.cable" is 12; anything else is no draft of ours. */
static uint64_t
number_of(const char *name)
{
	size_t len = strspn(name, "0123456789");
	uint64_t number = 0;

	if (len == 0 || len > DIGITS_MAX || strcmp(name + len, ".cable") != 0)
		return 0;
	for (size_t i = 0; i < len; i++)
		number = number * 10 + (uint64_t)(name[i] - '0');
	return number;
}

int
drafts_new(const char *dir, uint64_t *ret_number, char ret_path[DISK_PATH_MAX])
{
	char path[DISK_PATH_MAX], word[DIGITS_MAX + 12];
	int n = snprintf(path, sizeof path, "%s/drafts", dir);
	uint64_t largest = 0;
	struct dirent *entry;
	DIR *drafts;
	int r;

	if (n < 0 || n >= DISK_PATH_MAX)
		return FAIL_USAGE;
	if ((r = disk_make_private_dir(path)) != 0)
		return r;
	if ((drafts = opendir(path)) == NULL)
		return FAIL_DENIED;
	while ((entry = readdir(drafts)) != NULL)
		if (number_of(entry->d_name) > largest)
			largest = number_of(entry->d_name);
	(void)closedir(drafts);
	(void)snprintf(word, sizeof word, "%" PRIu64, largest + 1);
	if ((r = print_path(dir, word, ret_path)) != 0)
		return r;
	*ret_number = largest + 1;
	return 0;
}
