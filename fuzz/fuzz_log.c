/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "crypto/crypto.h"
#include "fuzz.h"
#include "log/checkpoint.h"
#include "log/evidence.h"
#include "log/policy.h"
#include "log/tile.h"
#include "log/witness.h"

/* The first byte says what the rest is: a head, a witness's request, a proof, a policy, a path. */

static void
fuzz_checkpoint(struct rd in)
{
	struct checkpoint c;
	struct buf out;

	if (checkpoint_parse(in, &c) != 0)
		return;
	buf_init(&out, CHECKPOINT_TEXT_MAX);
	CHECK(checkpoint_write(&c, &out) == 0);
	/* Extension lines follow; what stands before them is written the same. */
	CHECK(out.len <= in.len && memcmp(out.data, in.ptr, out.len) == 0);
	buf_done(&out);
}

static void
fuzz_evidence(struct rd in)
{
	struct evidence e;
	struct buf out;

	if (evidence_parse(in, &e) != 0)
		return;
	buf_init(&out, EVIDENCE_LEN_MAX);
	CHECK(evidence_write(&e, &out) == 0);
	CHECK(out.len == in.len && memcmp(out.data, in.ptr, out.len) == 0);
	buf_done(&out);
}

static void
fuzz_witness(struct rd in)
{
	struct witness_request request;

	if (witness_parse(in, &request) == 0)
		CHECK(request.proof.count <= WITNESS_HASHES_MAX &&
			request.head.ptr + request.head.len == in.ptr + in.len);
}

static void
fuzz_policy(struct rd in)
{
	bool has[POLICY_NODES_MAX] = {false};
	struct policy *policy;
	size_t line;

	if (policy_parse(in, &policy, &line) != 0)
		return;
	CHECK(policy_is_met(policy, has) == (policy->quorum == POLICY_NONE));
	memset(has, true, sizeof has);
	CHECK(policy_is_met(policy, has));
	policy_free(policy);
}

static void
fuzz_tile(struct rd in)
{
	char path[TILE_PATH_MAX];
	struct tile tile;

	if (tile_parse(in, &tile) != 0)
		return;
	tile_path(&tile, path);
	CHECK(strlen(path) == in.len && memcmp(path, in.ptr, in.len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *ptr, size_t len)
{
	static void (*const kinds[])(struct rd) = {
		fuzz_checkpoint, fuzz_witness, fuzz_evidence, fuzz_policy, fuzz_tile};

	CHECK(crypto_init() == 0);
	if (len > 0)
		kinds[ptr[0] % (sizeof kinds / sizeof kinds[0])](rd_of(ptr + 1, len - 1));
	return 0;
}
