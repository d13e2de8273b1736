/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/inspect.h"

#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "crypto/crypto.h"
#include "label/label.h"
#include "label/policy.h"
#include "member/credential.h"
#include "valise/identity.h"

/*
 * Two renderings of the same facts.  What is absent is left out for people and null, zero or
 * empty for programs.
 */

static void
line(FILE *out, const char *name, const char *value)
{
	(void)fprintf(out, "  %-11s %s\n", name, value);
}

static void
span(FILE *out, const char *name, struct rd text)
{
	if (text.len > 0)
		(void)fprintf(out, "  %-11s %.*s\n", name, (int)text.len,
			(const char *)text.ptr);
}

static void
list(FILE *out, const char *name, const struct rd *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		span(out, i == 0 ? name : "", texts[i]);
}

static void
moment(FILE *out, const char *name, uint64_t s)
{
	char dtg[TIME_TEXT_MAX], time[TIME_TEXT_MAX];

	if (s == 0 || time_dtg(s, dtg) != 0 || time_rfc3339(s, time) != 0)
		return;
	(void)fprintf(out, "  %-11s %s  (%s)\n", name, dtg, time);
}

static void
marking(const struct core *core, char ret_text[LABEL_TEXT_MAX + 1])
{
	struct label *label = NULL;
	struct rd bytes = core->label;

	if (label_parse(&bytes, &label) != 0 ||
		label_marking(label, POLICY_EN, ret_text, LABEL_TEXT_MAX + 1) != 0)
		(void)snprintf(
			ret_text, LABEL_TEXT_MAX + 1, "unknown policy: treat as closed");
	label_free(label);
}

static void
print_core(FILE *out, const struct core *core)
{
	char text[LABEL_TEXT_MAX + 1], id[2 * CORE_DOCUMENT_ID_LEN + 1];

	marking(core, text);
	text_hex(core->document_id, sizeof core->document_id, id);
	line(out, "Label", text);
	line(out, "Document", id);
	if (core_is_solo(core))
		line(out, "Community",
			"none (solo): no record and no second party binds anyone");
	span(out, "Originator", core->originator);
	span(out, "Log", core->log_origin);
	line(out, "Suite", core->suite == SUITE_1 ? "1, X25519" : "2, X-Wing");
	(void)fprintf(out, "  %-11s %u of %u%s\n", "Custody", core->threshold,
		core->custodian_count,
		core_is_solo(core)			   ? ", the sealer alone"
			: core->rule == CORE_RULE_INTERNAL ? ", internal"
							   : "");
	for (size_t i = 0; i < core->custodian_count; i++)
		span(out, "", core->custodians[i].member);
	if ((core->flags & CORE_CONTROLLED) != 0)
		line(out, "Forwarding", "with the originator's consent only");
	moment(out, "Expires", core->expiry_s);
}

static void
print_reference(FILE *out, const struct addressing_reference *ref)
{
	char id[2 * CORE_DOCUMENT_ID_LEN + 1] = "";

	text_hex(ref->document_id.ptr, ref->document_id.len, id);
	(void)fprintf(out, "  %-11s %s%s%.*s\n", "Refers to", id,
		ref->document_id.len > 0 && ref->text.len > 0 ? " " : "",
		(int)ref->text.len, (const char *)ref->text.ptr);
}

static void
print_addressing(FILE *out, const struct addressing *a)
{
	size_t first_info = a->action_count;
	size_t first_exempted = first_info + a->info_count;

	moment(out, "Sealed", a->dtg_s);
	(void)fprintf(out, "  %-11s %s", "Type", message_type_text(a->type));
	if (a->type_name.len > 0)
		(void)fprintf(out, " %.*s", (int)a->type_name.len,
			(const char *)a->type_name.ptr);
	(void)fprintf(
		out, "\n  %-11s %s", "Precedence", precedence_text(a->precedence_action));
	if (a->precedence_info != a->precedence_action)
		(void)fprintf(out, ", info %s", precedence_text(a->precedence_info));
	(void)fputc('\n', out);
	list(out, "To", a->addresses, a->action_count);
	list(out, "Info", a->addresses + first_info, a->info_count);
	list(out, "Exempted", a->addresses + first_exempted, a->exempted_count);
	span(out, "Title", a->title);
	span(out, "Reference", a->reference);
	list(out, "SIC", a->sics, a->sic_count);
	for (size_t i = 0; i < a->reference_count; i++)
		print_reference(out, &a->references[i]);
	moment(out, "Reply by", a->reply_by_s);
}

/* A bare key by its words; a credential by the address it states. */
static void
print_signer(FILE *out, const struct signer *signer)
{
	char words[IDENTITY_TEXT_MAX];
	struct credential credential;

	if (signer->kind == SIGNER_BARE_KEY) {
		identity_words(signer->identity.ptr, words);
		line(out, "Signer", words);
		return;
	}
	if (credential_parse(signer->identity.ptr, signer->identity.len, &credential) !=
		0)
		return;
	(void)fprintf(out, "  %-11s %.*s/%.*s, if the community's records say so\n",
		signer->role == SIGNER_RELEASER ? "Releaser" : "Signer",
		(int)credential.subject.member.len,
		(const char *)credential.subject.member.ptr,
		(int)credential.subject.officer.len,
		(const char *)credential.subject.officer.ptr);
}

static void
print_end(FILE *out, const struct reader_end *end)
{
	char hash[2 * HASH_LEN + 1], size[TEXT_HUMAN_MAX];

	if (!end->has_trailer)
		return;
	text_size(end->trailer.sums.body_len, size);
	(void)fprintf(out, "  %-11s %s in %u segment%s", "Body", size,
		end->trailer.sums.segments, end->trailer.sums.segments == 1 ? "" : "s");
	if (end->trailer.sums.boxes > 0)
		(void)fprintf(out, ", %u boxes", end->trailer.sums.boxes);
	(void)fputc('\n', out);
	for (size_t i = 0; i < end->trailer.signer_count; i++)
		print_signer(out, &end->trailer.signers[i]);
	text_hex(end->envelope_hash, HASH_LEN, hash);
	line(out, "Envelope", hash);
}

void
inspect_print(FILE *out, const struct reader *reader, const struct addressing *a)
{
	const struct header *header = reader_header(reader);

	print_core(out, &header->core);
	print_addressing(out, a);
	(void)fprintf(out, "  %-11s %zu key%s\n", "Readers", header->r.count,
		header->r.count == 1 ? "" : "s");
	print_end(out, reader_end(reader));
}

static json_t *
json_span(struct rd text)
{
	return json_stringn((const char *)text.ptr, text.len);
}

static json_t *
json_hex(const uint8_t *ptr, size_t len)
{
	char hex[2 * HASH_LEN + 1];

	CHECK(len <= HASH_LEN);
	text_hex(ptr, len, hex);
	return json_string(hex);
}

static json_t *
json_list(const struct rd *texts, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(array, json_span(texts[i]));
	return array;
}

static json_t *
json_time(uint64_t s)
{
	char time[TIME_TEXT_MAX];

	return s != 0 && time_rfc3339(s, time) == 0 ? json_string(time) : json_null();
}

static json_t *
json_custodians(const struct core *core)
{
	json_t *array = json_array();

	for (size_t i = 0; i < core->custodian_count; i++)
		(void)json_array_append_new(array,
			json_pack("{s:o, s:o}", "member",
				json_span(core->custodians[i].member), "share_hash",
				json_hex(core->custodians[i].share_hash, HASH_LEN)));
	return array;
}

static json_t *
json_key_ids(const struct slots *slots)
{
	json_t *array = json_array();
	struct slot slot;

	for (size_t i = 0; i < slots->count; i++) {
		slots_at(slots, i, &slot);
		(void)json_array_append_new(array, json_hex(slot.key_id, KEM_ID_LEN));
	}
	return array;
}

static json_t *
json_core(const struct core *core)
{
	char text[LABEL_TEXT_MAX + 1];

	marking(core, text);
	return json_pack("{s:o, s:i, s:b, s:o, s:o, s:s, s:b, s:b, s:o, s:i, s:o, s:o}",
		"document_id", json_hex(core->document_id, CORE_DOCUMENT_ID_LEN), "suite",
		core->suite, "solo", core_is_solo(core), "log_origin",
		json_span(core->log_origin), "originator", json_span(core->originator),
		"label", text, "flash", (core->flags & CORE_FLASH) != 0, "controlled",
		(core->flags & CORE_CONTROLLED) != 0, "expires",
		json_time(core->expiry_s), "threshold", core->threshold, "custodians",
		json_custodians(core), "roster_hash",
		json_hex(core->roster_hash.ptr, core->roster_hash.len));
}

static json_t *
json_references(const struct addressing *a)
{
	json_t *array = json_array();

	for (size_t i = 0; i < a->reference_count; i++) {
		const struct addressing_reference *ref = &a->references[i];

		(void)json_array_append_new(array,
			json_pack("{s:o, s:o}", "document_id",
				json_hex(ref->document_id.ptr, ref->document_id.len),
				"text", json_span(ref->text)));
	}
	return array;
}

static json_t *
json_addressing(const struct addressing *a)
{
	const struct rd *info = a->addresses + a->action_count;

	return json_pack(
		"{s:o, s:s, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"dtg", json_time(a->dtg_s), "type", message_type_text(a->type),
		"type_name", json_span(a->type_name), "precedence_action",
		precedence_text(a->precedence_action), "precedence_info",
		precedence_text(a->precedence_info), "action",
		json_list(a->addresses, a->action_count), "info",
		json_list(info, a->info_count), "exempted",
		json_list(info + a->info_count, a->exempted_count), "title",
		json_span(a->title), "reference", json_span(a->reference), "sics",
		json_list(a->sics, a->sic_count), "references", json_references(a),
		"reply_by", json_time(a->reply_by_s));
}

static json_t *
json_end(const struct reader_end *end)
{
	char words[IDENTITY_TEXT_MAX] = "";

	if (!end->has_trailer)
		return json_null();
	if (end->trailer.signers[0].kind == SIGNER_BARE_KEY)
		identity_words(end->trailer.signers[0].identity.ptr, words);
	return json_pack("{s:I, s:I, s:I, s:o, s:o, s:s}", "body_len",
		(json_int_t)end->trailer.sums.body_len, "segments",
		(json_int_t)end->trailer.sums.segments, "boxes",
		(json_int_t)end->trailer.sums.boxes, "root",
		json_hex(end->trailer.sums.root, HASH_LEN), "envelope_hash",
		json_hex(end->envelope_hash, HASH_LEN), "signer", words);
}

json_t *
inspect_json(const struct reader *reader, const struct addressing *a)
{
	const struct header *header = reader_header(reader);

	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "core", json_core(&header->core),
		"addressing", json_addressing(a), "reader_keys", json_key_ids(&header->r),
		"custody_keys", json_key_ids(&header->sv), "trailer",
		json_end(reader_end(reader)));
}
