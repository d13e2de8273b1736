/* SPDX-License-Identifier: Apache-2.0 */
/*
 * custody: document keys on a disk: how many are kept durably a second, what a start and a
 * destruction cost when there are many, and how much memory that takes.
 *
 *   custody DIR [DOCUMENTS]        DIR on the disk to be measured; one million
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "sys/clock.h"
#include "sys/random.h"
#include "valised/vault_state.h"

enum { NOW_S = 1795000000, BATCH = 64, BIG_BATCH = 4096, TURN_DOCUMENTS = 20000 };

static const uint8_t unlock[VAULT_SEED_LEN] = {1};

static struct vault_document
document(uint64_t n)
{
	struct vault_document d = {.kind = VAULT_OWN};

	hash_sha256(&n, sizeof n, d.key);
	memcpy(d.id, d.key, sizeof d.id);
	memcpy(d.envelope_hash, d.key, sizeof d.envelope_hash);
	return d;
}

static void
add(struct vault_state *state, uint64_t from, uint64_t to, unsigned batch)
{
	for (uint64_t n = from; n < to; n++) {
		struct vault_document d = document(n);

		CHECK(documents_add(state_documents(state), random_system(), &d) == 0);
		if ((n + 1) % batch == 0)
			CHECK(state_commit(state, NOW_S) == 0);
	}
	CHECK(state_commit(state, NOW_S) == 0);
}

/* Kilobytes of this process: "VmRSS", "VmHWM". */
static unsigned long
memory_kib(const char *what)
{
	FILE *file = fopen("/proc/self/status", "r");
	unsigned long kib = 0;
	char line[256];

	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, what, strlen(what)) == 0)
			kib = strtoul(line + strlen(what) + 1, NULL, 10);
	if (file != NULL)
		(void)fclose(file);
	return kib;
}

static void
tell(const char *what, uint64_t since_ms, uint64_t count)
{
	uint64_t ms = clock_monotonic_ms() - since_ms;

	printf("%-34s %8llu ms", what, (unsigned long long)ms);
	if (count > 0)
		printf("  %10.0f a second",
			(double)count * 1000 / (double)(ms + (ms == 0)));
	printf("  %lu KiB\n", memory_kib("VmRSS:"));
}

int
main(int argc, char **argv)
{
	uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000, since_ms;
	struct state_plan plan = {.unlock = unlock, .rng = random_system()};
	struct vault_disk_sys *disk = NULL;
	struct vault_state *state = NULL;
	struct vault_document d;

	if (argc < 2 || crypto_init() != 0 || vault_disk_sys_new(argv[1], &disk) != 0) {
		fprintf(stderr, "usage: custody DIR [DOCUMENTS]; DIR must be ours\n");
		return 2;
	}
	d = document(7);
	plan.disk = vault_disk_sys_table(disk);
	CHECK(state_open(&plan, NOW_S, &state) == 0);
	CHECK(state_turn(state, SUITE_1, NOW_S) == 0);
	since_ms = clock_monotonic_ms();
	add(state, 0, TURN_DOCUMENTS, BATCH);
	tell("keys kept, 64 a sync", since_ms, TURN_DOCUMENTS);
	add(state, TURN_DOCUMENTS, count, BIG_BATCH);
	state_free(state);
	since_ms = clock_monotonic_ms();
	CHECK(state_open(&plan, NOW_S, &state) == 0);
	tell("start", since_ms, 0);
	CHECK(documents_count(state_documents(state)) == count);
	CHECK(documents_destroy(state_documents(state), d.id) == 0);
	since_ms = clock_monotonic_ms();
	CHECK(state_commit(state, NOW_S) == 0);
	tell("one destroyed, durable", since_ms, 0);
	printf("most memory: %lu KiB for %llu documents\n", memory_kib("VmHWM:"),
		(unsigned long long)count);
	state_free(state);
	vault_disk_sys_free(disk);
	return 0;
}
