/* SPDX-License-Identifier: Apache-2.0 */
#include "store/figures.h"

static int
take_documents(void *ctx, const struct db_row *row)
{
	struct figures_documents *f = ctx;
	uint64_t *const fields[] = {
		&f->all, &f->arriving, &f->sealing, &f->keeping, &f->clocks};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof fields / sizeof fields[0]; i++)
		r = db_row_int(row, i, DB_INT_MAX, fields[i]);
	return r;
}

int
figures_count(struct db *db, struct figures_documents *ret_figures)
{
	struct figures_documents figures = {0};
	int r;

	r = db_query_one(
		db, STATEMENT_FIGURES_DOCUMENTS, DB_NO_ARGS, take_documents, &figures);
	if (r == 0)
		*ret_figures = figures;
	return r;
}

static int
take_count(void *ctx, const struct db_row *row)
{
	return db_row_int(row, 0, DB_INT_MAX, ctx);
}

int
figures_queue(struct db *db, struct rd member, uint64_t *ret_count)
{
	return db_query_one(db, STATEMENT_FIGURES_QUEUE, DB_ARGS(db_text(member)),
		take_count, ret_count);
}
