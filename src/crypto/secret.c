/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/secret.h"

#include <sodium.h>
#include <string.h>

#include "base/mem.h"

/*
 * The bytes sit at the end of their pages, right before a guard page: an overrun stops the
 * process at once.  sodium_malloc() takes it lightly when the pages cannot be locked; we do
 * not, because a key in swap outlives the process, so the lock is asked for again and its
 * answer heard.
 */

int
secret_new(size_t len, struct secret **ret_secret)
{
	struct secret *s = NULL;
	int r;

	if ((r = mem_new(&s, sizeof *s)) != 0)
		goto out;
	if ((s->bytes = sodium_malloc(len)) == NULL || sodium_mlock(s->bytes, len) != 0) {
		r = FAIL_NOMEM;
		goto out;
	}
	s->len = len;
	memset(s->bytes, 0, len);
	*ret_secret = s;
	s = NULL;
out:
	secret_free(s);
	return r;
}

void
secret_free(struct secret *s)
{
	if (s == NULL)
		return;
	sodium_free(s->bytes);
	mem_free(s);
}
