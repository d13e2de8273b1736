/* SPDX-License-Identifier: Apache-2.0 */

/*
 * pack: containers for the shell tests, written by libarchive.
 *
 *   pack [-p PASSPHRASE] FORMAT OUT NAME=FILE...
 *
 * FORMAT  zip, 7z, iso, cpio, tar, tgz, tbz2, txz, tzst, gz, bz2, xz, zst (the last four: one
 *         file without a container), and rar (version 4, stored: written here, because no
 *         free program writes it).
 * A NAME of "@N" packs FILE N times, as 0, 1, 2 ...
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 64 << 20 };

static char content[FILE_MAX];
static size_t content_len;

static bool
read_file(const char *path)
{
	FILE *f = fopen(path, "rb");

	if (f == NULL)
		return false;
	content_len = fread(content, 1, sizeof content, f);
	return fclose(f) == 0;
}

static const struct {
	const char *name;
	int (*format)(struct archive *);
	int (*filter)(struct archive *);
} formats[] = {
	{"zip", archive_write_set_format_zip, NULL},
	{"7z", archive_write_set_format_7zip, NULL},
	{"iso", archive_write_set_format_iso9660, NULL},
	{"cpio", archive_write_set_format_cpio, NULL},
	{"tar", archive_write_set_format_pax_restricted, NULL},
	{"tgz", archive_write_set_format_ustar, archive_write_add_filter_gzip},
	{"tbz2", archive_write_set_format_gnutar, archive_write_add_filter_bzip2},
	{"txz", archive_write_set_format_ustar, archive_write_add_filter_xz},
	{"tzst", archive_write_set_format_ustar, archive_write_add_filter_zstd},
	{"gz", archive_write_set_format_raw, archive_write_add_filter_gzip},
	{"bz2", archive_write_set_format_raw, archive_write_add_filter_bzip2},
	{"xz", archive_write_set_format_raw, archive_write_add_filter_xz},
	{"zst", archive_write_set_format_raw, archive_write_add_filter_zstd},
};

static bool
put_entry(struct archive *a, const char *name)
{
	struct archive_entry *entry = archive_entry_new();
	bool is_put;

	archive_entry_set_pathname(entry, name);
	archive_entry_set_size(entry, (la_int64_t)content_len);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	is_put = archive_write_header(a, entry) == ARCHIVE_OK &&
		archive_write_data(a, content, content_len) == (la_ssize_t)content_len;
	archive_entry_free(entry);
	return is_put;
}

static bool
put_argument(struct archive *a, char *argument)
{
	char *file = strchr(argument, '='), number[32];
	unsigned long count;

	if (file == NULL)
		return false;
	*file++ = '\0';
	if (!read_file(file))
		return false;
	if (argument[0] != '@')
		return put_entry(a, argument);
	count = strtoul(argument + 1, NULL, 10);
	for (unsigned long i = 0; i < count; i++) {
		(void)snprintf(number, sizeof number, "%lu", i);
		if (!put_entry(a, number))
			return false;
	}
	return true;
}

static bool
write_archive(
	size_t format, const char *out, const char *passphrase, char **args, int count)
{
	struct archive *a = archive_write_new();
	bool is_written = formats[format].format(a) == ARCHIVE_OK;

	if (is_written && formats[format].filter != NULL)
		is_written = formats[format].filter(a) == ARCHIVE_OK;
	if (is_written && passphrase != NULL)
		is_written = archive_write_set_options(a, "zip:encryption=aes256") ==
				ARCHIVE_OK &&
			archive_write_set_passphrase(a, passphrase) == ARCHIVE_OK;
	if (is_written)
		is_written = archive_write_open_filename(a, out) == ARCHIVE_OK;
	for (int i = 0; i < count && is_written; i++)
		is_written = put_argument(a, args[i]);
	if (!is_written)
		(void)fprintf(stderr, "pack: %s\n", archive_error_string(a));
	return archive_write_free(a) == ARCHIVE_OK && is_written;
}

static uint32_t
crc32_of(const void *ptr, size_t len)
{
	const uint8_t *p = ptr;
	uint32_t crc = 0xffffffff;

	for (; len > 0; len--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (0xedb88320 & (0 - (crc & 1)));
	}
	return ~crc;
}

static uint8_t *
put_le(uint8_t *p, uint32_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		*p++ = (uint8_t)(v >> 8 * i);
	return p;
}

/* Headers begin with 16 bits of the CRC of what follows them. */
static bool
put_header(FILE *f, uint8_t *head, size_t len)
{
	(void)put_le(head, crc32_of(head + 2, len - 2) & 0xffff, 2);
	return fwrite(head, 1, len, f) == len;
}

static bool
write_rar(const char *out, char *argument)
{
	uint8_t head[300] = {0}, *p;
	char *file = strchr(argument, '=');
	FILE *f = fopen(out, "wb");
	size_t name_len;
	bool is_written;

	if (file == NULL || f == NULL)
		return false;
	*file++ = '\0';
	name_len = strlen(argument);
	is_written = name_len < 200 && read_file(file) &&
		fwrite("Rar!\x1a\x07\0", 1, 7, f) == 7;
	p = put_le(put_le(put_le(head + 2, 0x73, 1), 0, 2), 13, 2);
	is_written = is_written && put_header(f, head, 13);
	memset(head, 0, sizeof head);
	p = put_le(put_le(put_le(head + 2, 0x74, 1), 0x8000, 2),
		(uint32_t)(32 + name_len), 2);
	p = put_le(put_le(p, (uint32_t)content_len, 4), (uint32_t)content_len, 4);
	p = put_le(put_le(p, 3, 1), crc32_of(content, content_len), 4);
	p = put_le(put_le(p, 0x5a214000, 4), 20, 1);
	p = put_le(put_le(p, 0x30, 1), (uint32_t)name_len, 2);
	p = put_le(p, 0100644, 4);
	memcpy(p, argument, name_len);
	is_written = is_written && put_header(f, head, 32 + name_len) &&
		fwrite(content, 1, content_len, f) == content_len;
	return fclose(f) == 0 && is_written;
}

int
main(int argc, char **argv)
{
	const char *passphrase = NULL;
	int at = 1;

	if (argc > 3 && strcmp(argv[1], "-p") == 0) {
		passphrase = argv[2];
		at = 3;
	}
	if (argc < at + 3) {
		(void)fprintf(
			stderr, "usage: pack [-p PASSPHRASE] FORMAT OUT NAME=FILE...\n");
		return 2;
	}
	if (strcmp(argv[at], "rar") == 0)
		return write_rar(argv[at + 1], argv[at + 2]) ? 0 : 1;
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(formats[i].name, argv[at]) == 0)
			return write_archive(i, argv[at + 1], passphrase, argv + at + 2,
				       argc - at - 2)
				? 0
				: 1;
	return 2;
}
