/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_front: any bytes as what one process of a station says to another.
 *
 * The permit tables let each type through from one sender at most; what is let through and
 * parses is written again and must give the same bytes.
 */
#include <string.h>

#include "../tests/wire/messages.h"
#include "fuzz.h"

static void
check_body(const struct process_message *p, const struct wire_message *m, struct rd whole)
{
	_Alignas(16) uint8_t message[MESSAGE_SIZE_MAX];
	struct buf body, out;

	if (p->codec == NULL) {
		CHECK(m->body.len == 0);
		return;
	}
	if (codec_parse_whole(p->codec, m->body, message) != 0)
		return;
	buf_init(&body, WIRE_BODY_MAX);
	buf_init(&out, whole.len);
	codec_write(p->codec, message, &body);
	CHECK(buf_error(&body) == 0);
	wire_write(&(struct wire_message){m->type, m->number, rd_of(body.data, body.len)},
		&out);
	CHECK(buf_error(&out) == 0);
	CHECK(out.len == whole.len && memcmp(out.data, whole.ptr, whole.len) == 0);
	buf_done(&body);
	buf_done(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wire_message m;
	struct rd in = rd_of(data, size);

	if (wire_parse(in, &m) != 0)
		return 0;
	for (int role = ROLE_PARENT; role <= ROLE_CUSTODY; role++)
		for (int is_vault = 0; is_vault <= 1; is_vault++) {
			bool let_in = is_vault
				? vault_may((enum role)role, m.type, m.body.len)
				: front_may((enum role)role, m.type, m.body.len);
			unsigned found = 0;

			for (size_t i = 0; let_in && i < PROCESS_MESSAGES; i++)
				if (process_messages[i].type == m.type &&
					process_messages[i].is_vault == is_vault) {
					CHECK(process_messages[i].sender ==
						(enum role)role);
					check_body(&process_messages[i], &m, in);
					found++;
				}
			CHECK(found == (let_in ? 1 : 0));
		}
	return 0;
}
