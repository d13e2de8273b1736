/* SPDX-License-Identifier: Apache-2.0 */

/*
 * rogue: an unpacker that was taken over by its input.  Installed under the name of a helper,
 * it does what the input's first word says; every answer of the reading side is tested on it.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sys/disk.h"
#include "sys/zygote.h"
#include "wire/unpack.h"

static int
say(int fd, struct buf *b)
{
	int r = buf_error(b) != 0 ? buf_error(b) : disk_write(fd, b->data, b->len);

	buf_done(b);
	return r;
}

static void
put_text(struct buf *b)
{
	unpack_put_hello(b);
	unpack_put_member(b, &(struct unpack_member){UNPACK_KIND_TEXT, "inner.txt", 9});
	unpack_put_text(b, &(struct unpack_text){.ptr = "seen before", .len = 11});
}

/* Blobs within blobs, each said to be the input itself, each said to be at the top. */
static void
put_loop(struct buf *b)
{
	unpack_put_hello(b);
	unpack_put_blob(b, &(struct unpack_blob){.helper = UNPACK_HELPER_ANY});
	unpack_put_blob_end(b, 0);
	unpack_put_total(b, &(struct unpack_total){0});
}

static int
flood(int fd)
{
	for (;;) {
		struct buf b;
		int r;

		buf_init(&b, 1 << 20);
		for (int i = 0; i < 1000; i++)
			unpack_put_text(&b,
				&(struct unpack_text){.ptr = "xxxxxxxxxx", .len = 10});
		if ((r = say(fd, &b)) != 0)
			return 1;
	}
}

static int
misbehave(const char *how, int fd)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	if (strcmp(how, "loop") == 0) {
		put_loop(&b);
		return say(fd, &b);
	}
	put_text(&b);
	if (strcmp(how, "lie") == 0)
		buf_text(&b, "\x63\0\0\0 garbage");
	else if (strcmp(how, "path") == 0) {
		unpack_put_end(&b, &(struct unpack_end){0});
		unpack_put_member(&b, &(struct unpack_member){1, "a\033[2Jb", 6});
	}
	if (say(fd, &b) != 0)
		return 1;
	if (strcmp(how, "hang") == 0)
		for (;;)
			(void)sleep(1);
	if (strcmp(how, "crash") == 0)
		(void)raise(SIGSEGV);
	if (strcmp(how, "kill") == 0)
		(void)raise(SIGKILL);
	if (strcmp(how, "flood") == 0)
		return flood(fd);
	if (strcmp(how, "nolock") == 0)
		return ZYGOTE_NO_LOCK;
	return strcmp(how, "status") == 0 ? 7 : 0;
}

static int
run(void *arg, int in_fd, int out_fd, const uint8_t *note, size_t note_len)
{
	char how[32] = "";

	(void)arg;
	(void)note;
	(void)note_len;
	/* Not read(): several children may get the same open file. */
	if (pread(in_fd, how, sizeof how - 1, 0) < 0)
		return 1;
	how[strcspn(how, "\n")] = '\0';
	return misbehave(how, out_fd);
}

int
main(void)
{
	const struct zygote_work work = {.is_unlocked = true, .run = run};

	(void)signal(SIGPIPE, SIG_IGN);
	return zygote_serve(&work) == 0 ? 0 : 1;
}
