/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_VALISED_VAULT_OPENING_H
#define TESTS_VALISED_VAULT_OPENING_H
/*
 * vault_opening: one document sent and kept, and one device that opens it: what store and a
 * client do around custody, so that tests can change any part of it.
 */
#include "envelope/schedule.h"
#include "vault_rig.h"

struct vault_opening {
	struct rig_envelope envelope;
	size_t member; /* whose ana opens it */
	uint64_t number;
	struct buf request;
	struct buf evidence;
	struct buf enrols; /* of the device that asks */
	struct buf authorisation;
	struct buf kept[CORE_CUSTODIANS_MAX]; /* sealed shares, by custodian */
	struct schedule_secrets three;
	struct shamir_share shares[CORE_CUSTODIANS_MAX];
	uint8_t shares_taken;
};

/* The station of custodian i of an envelope. */
size_t opening_custodian(const struct rig_envelope *e, size_t i);

/* SEND, KEEP at all custodians, REQUEST and evidence (R slots). */
void opening_init(struct rig *rig, const struct rig_plan *plan, size_t member,
	uint64_t number, struct vault_opening *o);
void opening_done(struct vault_opening *o);

/* The two messages as store would put them together. */
void opening_authorise_message(
	const struct vault_opening *o, struct vault_open *ret_message);
void opening_share_message(
	const struct vault_opening *o, size_t i, struct vault_open *ret_message);

/* Insist on the answer that is expected; a good one's keys are taken into o. */
void opening_authorise(struct rig *rig, struct vault_opening *o, int expected);
void opening_share(struct rig *rig, struct vault_opening *o, size_t i, int expected);

/* From all custodians; how many. */
uint8_t opening_shares(struct rig *rig, struct vault_opening *o);

/* What the device computes in the end, R being known. */
void opening_body_key(struct vault_opening *o, uint8_t ret_body_key[SCHEDULE_LEN]);

#endif
