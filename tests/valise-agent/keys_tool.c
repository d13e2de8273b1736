/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys_tool: a client of the agent for tests/valise-agent/agent.sh.
 *
 *   keys_tool DIR make | unlock SECONDS | sign COUNT | local COUNT | until | lock | path |
 *             hold
 *
 * The passphrase comes from VALISE_PASSPHRASE.  `sign` verifies every signature and unwraps
 * one slot for each; `hold` signs, prints "ready" and waits for its end, so that its memory can
 * be searched.  Exit status: 0, or the FAIL_* code without its sign.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/hpke.h"
#include "member/keyfile.h"
#include "sys/clock.h"
#include "sys/harden.h"
#include "sys/passphrase.h"
#include "sys/random.h"
#include "valise/keys.h"

/*
 * What the search of agent.sh looks for.  Nothing of it stands in this program: seeds come from
 * the recovery secret by derivation, and the wrapped key is a hash.
 */
static const uint8_t recovery[SOLO_SECRET_LEN] = "canary-of-the-recovery-secret-00";

static void
wrapped_key(uint8_t ret_key[SLOT_SECRET_LEN])
{
	static const char text[] = "canary of the wrapped key";

	hash_sha256(text, sizeof text - 1, ret_key);
}

static int
make(const char *dir, const struct secret *passphrase)
{
	char path[DISK_PATH_MAX];
	struct solo *solo = NULL;
	struct buf file;
	int r;

	buf_init(&file, KEYFILE_MAX);
	if ((r = solo_new(SUITE_1, recovery, false, clock_now_s(), random_system(),
		     &solo)) == 0 &&
		(r = keyfile_seal(solo, passphrase, random_system(), &file)) == 0 &&
		(r = disk_make_private_dir(dir)) == 0 &&
		(r = keys_file_path(dir, path)) == 0)
		r = disk_write_small(path, file.data, file.len, false);
	buf_done(&file);
	solo_free(solo);
	return r;
}

static int
wrap(const struct keys *k, struct own_slot *slot)
{
	uint8_t info[14] = "valise/v1 R", aad[HASH_LEN + KEM_ID_LEN + 4] = {0};
	uint8_t key[SLOT_SECRET_LEN];
	int r;

	memset(slot, 0, sizeof *slot);
	slot->role = 'R';
	slot->suite = SUITE_1;
	slot->enc_len = (uint16_t)kem_enc_len(SUITE_1);
	kem_id(&keys_public(k)->reader, slot->key_id);
	memcpy(aad + HASH_LEN, slot->key_id, KEM_ID_LEN);
	info[13] = SUITE_1;
	wrapped_key(key);
	r = hpke_seal(&keys_public(k)->reader, random_system(),
		(struct hpke_bytes){info, sizeof info},
		(struct hpke_bytes){aad, sizeof aad},
		(struct hpke_bytes){key, sizeof key}, slot->enc, slot->sealed);
	mem_wipe(key, sizeof key);
	return r;
}

static int
sign_once(struct keys *k, const struct own_slot *slot, uint64_t i)
{
	struct own_signing what = {.sums = {.body_len = i, .segments = 1}};
	uint8_t bytes[TRAILER_SIGNED_LEN], signature[SIGN_LEN], key[SLOT_SECRET_LEN];
	uint8_t want[SLOT_SECRET_LEN];
	int r;

	if ((r = keys_sign(k, &what, signature)) != 0 ||
		(r = keys_unwrap(k, slot, key)) != 0)
		return r;
	trailer_signed(what.header_hash, &what.sums, bytes);
	if (i == 0 &&
		(r = sign_verify(keys_public(k)->sign, bytes, sizeof bytes, signature)) !=
			0)
		return r;
	wrapped_key(want);
	r = memcmp(key, want, sizeof key) == 0 ? 0 : FAIL_MISMATCH;
	mem_wipe(want, sizeof want);
	mem_wipe(key, sizeof key);
	return r;
}

static int
sign_many(struct keys *k, uint64_t count)
{
	uint64_t start_ms = clock_monotonic_ms();
	struct own_slot slot;
	int r;

	if ((r = wrap(k, &slot)) != 0)
		return r;
	for (uint64_t i = 0; r == 0 && i < count; i++)
		r = sign_once(k, &slot, i);
	if (r == 0)
		printf("%" PRIu64 " signed and unwrapped in %" PRIu64 " ms\n", count,
			clock_monotonic_ms() - start_ms);
	return r;
}

static int
with_keys(const char *dir, const char *verb, const char *argument,
	const struct secret *passphrase)
{
	uint64_t until_s, count = strtoull(argument, NULL, 10);
	struct keys *k = NULL;
	int r;

	if (strcmp(verb, "local") == 0)
		r = keys_from_passphrase(dir, passphrase, &k);
	else
		r = keys_from_agent(dir, &k);
	if (r == 0 && strcmp(verb, "until") == 0) {
		if ((r = keys_until(k, &until_s)) == 0)
			printf("%" PRIu64 "\n", until_s);
	} else if (r == 0) {
		r = sign_many(k, count);
	}
	if (r == 0 && strcmp(verb, "hold") == 0) {
		puts("ready");
		(void)fflush(stdout);
		(void)pause();
	}
	keys_free(k);
	return r;
}

static int
run(const char *dir, const char *verb, const char *argument,
	const struct secret *passphrase)
{
	char path[DISK_PATH_MAX];
	int r;

	if (strcmp(verb, "make") == 0)
		return make(dir, passphrase);
	if (strcmp(verb, "lock") == 0)
		return keys_lock(dir);
	if (strcmp(verb, "path") == 0) {
		if ((r = keys_socket_path(dir, path)) == 0)
			puts(path);
		return r;
	}
	if (strcmp(verb, "unlock") != 0)
		return with_keys(dir, verb, argument, passphrase);
	return keys_unlock(dir, passphrase, strtoull(argument, NULL, 10));
}

int
main(int argc, char **argv)
{
	struct secret *passphrase = NULL;
	int r;

	if (argc < 3 || (r = harden_process()) != 0 || (r = crypto_init()) != 0 ||
		(r = passphrase_from_env(&passphrase)) != 0)
		return 100;
	if (strcmp(argv[2], "hold") == 0) {
		secret_free(passphrase);
		passphrase = NULL;
	}
	if ((r = run(argv[1], argv[2], argc > 3 ? argv[3] : "1", passphrase)) != 0)
		(void)fprintf(stderr, "keys_tool %s: %s\n", argv[2], fail_text(r));
	secret_free(passphrase);
	return -r;
}
