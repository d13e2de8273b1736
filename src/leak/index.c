/* SPDX-License-Identifier: Apache-2.0 */
#include "leak/index.h"

void
index_init(struct index *index, const struct gram_key *key)
{
	*index = (struct index){.key = *key};
}

int
index_add(struct index *index, const struct segment *segment, const uint8_t *dead)
{
	if (index->parts == INDEX_PARTS_MAX ||
		segment->shape.docs > UINT32_MAX - index->docs)
		return FAIL_LIMIT;
	index->part[index->parts++] = (struct index_part){*segment, dead, index->docs};
	index->docs += (uint32_t)segment->shape.docs;
	return 0;
}

int
index_doc(const struct index *index, uint32_t doc, const struct segment **ret_segment,
	struct segment_doc *ret_doc)
{
	size_t i = index->parts;

	CHECK(doc < index->docs);
	while (index->part[i - 1].first_doc > doc)
		i--;
	*ret_segment = &index->part[i - 1].segment;
	return segment_doc_get(*ret_segment, doc - index->part[i - 1].first_doc, ret_doc);
}
