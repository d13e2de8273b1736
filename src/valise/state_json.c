/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/state_json.h"

#include "base/text.h"
#include "base/time.h"
#include "cable/delivery.h"

json_t *
state_json_names(struct rd list)
{
	json_t *array = json_array();
	struct post_name name;

	while (list.len > 0 && codec_parse(&post_name_codec, &list, &name) == 0)
		(void)json_array_append_new(
			array, json_stringn((const char *)name.name.ptr, name.name.len));
	return array;
}

json_t *
state_json_addressees(struct rd list)
{
	json_t *array = json_array();
	struct post_progress p;

	while (list.len > 0 && codec_parse(&post_progress_codec, &list, &p) == 0)
		(void)json_array_append_new(array,
			json_pack("{s:s%, s:s, s:s}", "address", p.address.ptr,
				p.address.len, "role", p.role == 1 ? "action" : "info",
				"state",
				p.state < DELIVERY_STATES ? delivery_text(p.state)
							  : "unknown"));
	return array;
}

int
state_json_add(struct session *session, const uint8_t document_id[CORE_DOCUMENT_ID_LEN],
	json_t *object)
{
	struct post_which which = {
		.document_id = rd_of(document_id, CORE_DOCUMENT_ID_LEN)};
	struct courier_question question = {.path = "state",
		.codec = &post_which_codec,
		.message = &which,
		.answer_codec = &post_state_codec};
	struct post_state state;
	struct buf bytes;
	int r;

	buf_init(&bytes, COURIER_ANSWER_MAX);
	r = courier_ask(&session->courier, &question, &bytes, &state);
	if (r == 0) {
		(void)json_object_set_new(
			object, "kept_by", state_json_names(state.kept_by));
		(void)json_object_set_new(
			object, "addressees", state_json_addressees(state.addressees));
	}
	buf_done(&bytes);
	return r == 0 ? EXIT_OK
		      : session_fail(session, "ask how far it is:", "a cable", r);
}
