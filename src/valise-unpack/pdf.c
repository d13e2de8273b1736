/* SPDX-License-Identifier: Apache-2.0 */

/*
 * valise-unpack-pdf: text, comments, form fields, properties and attachments of a PDF; pages
 * that are pictures are rendered and handed out for character recognition.
 *
 * A program of its own because poppler is under the GPL, and because no other reader has had as
 * many ways to go wrong: whatever happens here stays in a process that has one input and a pipe.
 */
#include <cairo.h>
#include <glib.h>
#include <poppler.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "valise-unpack/charset.h"
#include "valise-unpack/helper.h"
#include "valise-unpack/prose.h"

enum {
	PIXELS_MAX = 24000000, /* of a rendered page: A3 at 300 dpi has 17 million */
	DPI_MIN = 150,
	DPI_MAX = 300,
	SCAN_TEXT_MAX = 300,  /* letters on a page that may still be a scan */
	PICTURE_PERCENT = 25, /* of a page, from where on it is worth reading */
};

struct pdf {
	const struct helper_job *job;
	PopplerDocument *document;
	struct prose prose;
	uint64_t unread_pictures; /* on pages of text */
	uint64_t no_ocr;	  /* pages that are pictures, with nobody to read them */
};

/* A string of poppler's is UTF-8, but the bytes came from the file: clean it as any text. */
static void
put_text(struct pdf *pdf, const char *s)
{
	const struct charset_out out = {prose_put, &pdf->prose};
	struct charset_decoder d;

	if (s == NULL)
		return;
	charset_decoder_init(&d, CHARSET_UTF8, 0);
	charset_feed(&d, (const uint8_t *)s, strlen(s), &out);
	charset_end(&d, &out);
	prose_char(&pdf->prose, '\n', 0, 0);
}

static void
put_and_free(struct pdf *pdf, char *s)
{
	put_text(pdf, s);
	g_free(s);
}

static void
tell_properties(struct pdf *pdf)
{
	emit_member(pdf->job->emit, UNPACK_KIND_PDF, "", 0);
	prose_turn(&pdf->prose, UNPACK_TEXT_META, 0);
	put_and_free(pdf, poppler_document_get_title(pdf->document));
	put_and_free(pdf, poppler_document_get_author(pdf->document));
	put_and_free(pdf, poppler_document_get_subject(pdf->document));
	put_and_free(pdf, poppler_document_get_keywords(pdf->document));
	put_and_free(pdf, poppler_document_get_metadata(pdf->document));
	prose_flush(&pdf->prose);
	emit_end(pdf->job->emit, UNPACK_COMPLETE, 0);
}

static gboolean
on_attachment(const gchar *ptr, gsize len, gpointer arg, GError **error)
{
	struct pdf *pdf = arg;

	(void)error;
	if (pdf->job->emit->blob_bytes + len > pdf->job->limits.blob_max)
		return FALSE;
	emit_blob_data(pdf->job->emit, ptr, len);
	return pdf->job->emit->error == 0;
}

static void
tell_attachment(struct pdf *pdf, PopplerAttachment *attachment)
{
	struct emit *emit = pdf->job->emit;
	struct unpack_blob blob = {.helper = UNPACK_HELPER_ANY,
		.kind = UNPACK_KIND_RAW,
		.depth = pdf->job->limits.depth_start + 1};
	const char *given = poppler_attachment_get_name(attachment);
	struct buf name;
	bool is_whole;

	buf_init(&name, 2 * UNPACK_NAME_MAX);
	unpack_name_put(
		&name, given != NULL ? given : "", given != NULL ? strlen(given) : 0);
	if (buf_error(&name) == 0 && blob.depth <= UNPACK_DEPTH_MAX) {
		blob.path = (const char *)name.data;
		blob.path_len = name.len;
		emit_blob(emit, &blob);
		is_whole = poppler_attachment_save_to_callback(
			attachment, on_attachment, pdf, NULL);
		emit_blob_end(emit);
		if (!is_whole)
			emit_skip(emit, UNPACK_LIMIT, &name,
				"attachment handed on in part");
	}
	buf_done(&name);
}

static void
tell_attachments(struct pdf *pdf)
{
	GList *list = poppler_document_get_attachments(pdf->document);

	for (GList *at = list; at != NULL; at = at->next) {
		tell_attachment(pdf, at->data);
		g_object_unref(at->data);
	}
	g_list_free(list);
}

/* Comments and filled-in fields are on the page, but not in its text. */
static void
put_annotations(struct pdf *pdf, PopplerPage *page, GList **attached)
{
	GList *list = poppler_page_get_annot_mapping(page);

	for (GList *at = list; at != NULL; at = at->next) {
		PopplerAnnot *annot = ((PopplerAnnotMapping *)at->data)->annot;

		put_and_free(pdf, poppler_annot_get_contents(annot));
		if (POPPLER_IS_ANNOT_FILE_ATTACHMENT(annot)) {
			PopplerAttachment *a =
				poppler_annot_file_attachment_get_attachment(
					POPPLER_ANNOT_FILE_ATTACHMENT(annot));

			if (a != NULL)
				*attached = g_list_prepend(*attached, a);
		}
	}
	poppler_page_free_annot_mapping(list);
	list = poppler_page_get_form_field_mapping(page);
	for (GList *at = list; at != NULL; at = at->next) {
		PopplerFormField *field = ((PopplerFormFieldMapping *)at->data)->field;

		if (poppler_form_field_get_field_type(field) == POPPLER_FORM_FIELD_TEXT)
			put_and_free(pdf, poppler_form_field_text_get_text(field));
	}
	poppler_page_free_form_field_mapping(list);
}

static size_t
count_letters(const char *s)
{
	size_t n = 0;

	for (; s != NULL && *s != '\0'; s++)
		n += (uint8_t)*s > ' ';
	return n;
}

/* The largest picture on the page: its share of the page in percent, and its resolution. */
static unsigned
find_picture(PopplerPage *page, double *ret_dpi)
{
	GList *list = poppler_page_get_image_mapping(page);
	double width, height, best = 0, dpi = DPI_MAX;

	poppler_page_get_size(page, &width, &height);
	for (GList *at = list; at != NULL; at = at->next) {
		const PopplerImageMapping *m = at->data;
		double w = m->area.x2 - m->area.x1, h = m->area.y2 - m->area.y1;
		cairo_surface_t *image;

		if (w <= 0 || h <= 0 || w * h <= best)
			continue;
		best = w * h;
		image = poppler_page_get_image(page, m->image_id);
		if (image != NULL) {
			dpi = cairo_image_surface_get_width(image) * 72.0 / w;
			cairo_surface_destroy(image);
		}
	}
	poppler_page_free_image_mapping(list);
	*ret_dpi = dpi < DPI_MIN ? DPI_MIN : dpi > DPI_MAX ? DPI_MAX : dpi;
	return width > 0 && height > 0 ? (unsigned)(best * 100 / (width * height)) : 0;
}

/* White paper, then the page. */
static cairo_surface_t *
render(PopplerPage *page, double dpi)
{
	cairo_surface_t *surface;
	double width, height, scale = dpi / 72;
	cairo_t *cr;

	poppler_page_get_size(page, &width, &height);
	if (!(width > 0 && height > 0 && width < 100000 && height < 100000))
		return NULL;
	/* A page may claim any size: what is too large is rendered smaller. */
	while (width * scale * height * scale > PIXELS_MAX)
		scale /= 2;
	if (width * scale < 16 || height * scale < 16)
		return NULL;
	surface = cairo_image_surface_create(
		CAIRO_FORMAT_RGB24, (int)(width * scale), (int)(height * scale));
	if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
		cairo_surface_destroy(surface);
		return NULL;
	}
	cr = cairo_create(surface);
	cairo_set_source_rgb(cr, 1, 1, 1);
	cairo_paint(cr);
	cairo_scale(cr, scale, scale);
	poppler_page_render(page, cr);
	cairo_destroy(cr);
	cairo_surface_flush(surface);
	return surface;
}

/* Hand the page out as a grey picture (PGM), to be read under the PDF's own path. */
static int
hand_out(struct pdf *pdf, cairo_surface_t *surface, uint32_t number)
{
	struct emit *emit = pdf->job->emit;
	const struct unpack_blob blob = {.helper = UNPACK_HELPER_OCR,
		.kind = UNPACK_KIND_IMAGE,
		.depth = pdf->job->limits.depth_start,
		.page = number,
		.path = ""};
	size_t width = (size_t)cairo_image_surface_get_width(surface);
	size_t height = (size_t)cairo_image_surface_get_height(surface);
	size_t stride = (size_t)cairo_image_surface_get_stride(surface);
	const uint8_t *data = cairo_image_surface_get_data(surface);
	uint8_t *row = NULL;
	char head[64];
	int n, r;

	if ((r = mem_new(&row, width)) != 0)
		return r;
	n = snprintf(head, sizeof head, "P5\n%zu %zu\n255\n", width, height);
	emit_blob(emit, &blob);
	emit_blob_data(emit, head, (size_t)n);
	for (size_t y = 0; y < height; y++) {
		const uint8_t *p = data + y * stride;

		for (size_t x = 0; x < width; x++, p += 4)
			row[x] = (uint8_t)((p[0] * 29U + p[1] * 150U + p[2] * 77U) >> 8);
		emit_blob_data(emit, row, width);
	}
	emit_blob_end(emit);
	mem_free(row);
	return 0;
}

/* Text flows from page to page, so pages share one member until a picture comes between. */
static void
begin_text(struct pdf *pdf)
{
	if (!pdf->job->emit->is_in_member)
		emit_member(pdf->job->emit, UNPACK_KIND_PDF, "", 0);
}

static void
end_text(struct pdf *pdf)
{
	prose_flush(&pdf->prose);
	if (pdf->job->emit->is_in_member)
		emit_end(pdf->job->emit, UNPACK_COMPLETE, 0);
}

/* A page with little text under a large picture is a scan. */
static int
look_at_pictures(struct pdf *pdf, PopplerPage *page, size_t letters, uint32_t number)
{
	cairo_surface_t *surface;
	double dpi;
	unsigned percent = find_picture(page, &dpi);
	int r = 0;

	if (percent == 0)
		return 0;
	if (percent < PICTURE_PERCENT || letters > SCAN_TEXT_MAX) {
		pdf->unread_pictures++;
		return 0;
	}
	if (!pdf->job->limits.is_ocr) {
		pdf->no_ocr++;
		return 0;
	}
	if ((surface = render(page, dpi)) == NULL)
		return FAIL_LIMIT;
	end_text(pdf);
	r = hand_out(pdf, surface, number);
	cairo_surface_destroy(surface);
	return r;
}

static int
tell_page(struct pdf *pdf, int index)
{
	PopplerPage *page = poppler_document_get_page(pdf->document, index);
	size_t letters;
	char *text;
	int r;

	if (page == NULL)
		return FAIL_FORMAT;
	text = poppler_page_get_text(page);
	letters = count_letters(text);
	if (letters > 0) {
		begin_text(pdf);
		prose_page(&pdf->prose, (uint32_t)index + 1);
		put_text(pdf, text);
	}
	g_free(text);
	r = look_at_pictures(pdf, page, letters, (uint32_t)index + 1);
	g_object_unref(page);
	return r;
}

static void
tell_pages(struct pdf *pdf, int pages)
{
	const struct buf root = {0};
	struct emit *emit = pdf->job->emit;
	int r;

	prose_turn(&pdf->prose, 0, 0);
	for (int i = 0; i < pages && emit->error == 0; i++) {
		if (*pdf->job->is_time_up) {
			end_text(pdf);
			emit_skip(emit, UNPACK_LIMIT, &root,
				"out of time before the last page");
			return;
		}
		if ((r = tell_page(pdf, i)) != 0) {
			end_text(pdf);
			emit_skip(emit, emit_reason_of(r), &root,
				"a page could not be read");
		}
	}
	end_text(pdf);
}

/* A second pass, because comments stand between the words of no page. */
static void
tell_annotations(struct pdf *pdf, int pages)
{
	GList *attached = NULL;

	emit_member(pdf->job->emit, UNPACK_KIND_PDF, "", 0);
	for (int i = 0; i < pages && pdf->job->emit->error == 0; i++) {
		PopplerPage *page;

		if (*pdf->job->is_time_up)
			break;
		page = poppler_document_get_page(pdf->document, i);
		prose_turn(&pdf->prose, UNPACK_TEXT_HIDDEN, (uint32_t)i + 1);
		if (page != NULL) {
			put_annotations(pdf, page, &attached);
			g_object_unref(page);
		}
	}
	end_text(pdf);
	for (GList *at = attached; at != NULL; at = at->next) {
		tell_attachment(pdf, at->data);
		g_object_unref(at->data);
	}
	g_list_free(attached);
}

static int
tell_document(struct pdf *pdf)
{
	const struct buf root = {0};
	struct emit *emit = pdf->job->emit;
	int pages = poppler_document_get_n_pages(pdf->document);

	pdf->prose.is_unplaced = true;
	tell_properties(pdf);
	if (pages <= 0)
		emit_skip(emit, UNPACK_DAMAGED, &root, "no pages");
	tell_pages(pdf, pages);
	tell_annotations(pdf, pages);
	tell_attachments(pdf);
	if (pdf->no_ocr > 0)
		emit_skip(emit, UNPACK_NO_OCR, &root, "pages that are pictures");
	if (pdf->unread_pictures > 0)
		emit_skip(emit, UNPACK_NO_OCR, &root, "pictures on pages of text");
	return 0;
}

static enum unpack_reason
reason_of(const GError *error)
{
	if (error != NULL &&
		g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED))
		return UNPACK_ENCRYPTED;
	return UNPACK_DAMAGED;
}

static int
read_document(struct pdf *pdf, const uint8_t *ptr, size_t len)
{
	const struct buf root = {0};
	GBytes *bytes = g_bytes_new_static(ptr, len);
	GError *error = NULL;

	pdf->document = poppler_document_new_from_bytes(bytes, NULL, &error);
	if (pdf->document == NULL) {
		emit_skip(pdf->job->emit, reason_of(error), &root, "");
	} else {
		prose_init(&pdf->prose, pdf->job->emit, 0);
		(void)tell_document(pdf);
		prose_done(&pdf->prose);
		g_object_unref(pdf->document);
	}
	if (error != NULL)
		g_error_free(error);
	g_bytes_unref(bytes);
	return 0;
}

static int
run(const struct helper_job *job)
{
	const struct buf root = {0};
	struct pdf *pdf = NULL;
	struct source input = {0};
	const uint8_t *ptr = NULL;
	struct buf data;
	size_t len = 0;
	int r;

	buf_init(&data, (size_t)job->limits.blob_max + UNPACK_DATA_MAX);
	emit_hello(job->emit);
	if ((r = mem_new(&pdf, sizeof *pdf)) == 0 &&
		(r = source_open_fd(&input, job->in_fd)) == 0 &&
		(r = source_load(
			 &input, (size_t)job->limits.blob_max, &data, &ptr, &len)) == 0) {
		pdf->job = job;
		job->emit->total.bytes += len;
		r = read_document(pdf, ptr, len);
	}
	if (r != 0)
		emit_skip(job->emit, emit_reason_of(r), &root, "");
	source_close(&input);
	mem_free(data.data);
	mem_free(pdf);
	return emit_total(job->emit);
}

/* Nothing of poppler's is quiet about damaged files; nobody reads it. */
static void
be_silent(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer arg)
{
	(void)domain;
	(void)level;
	(void)message;
	(void)arg;
}

/*
 * Reading a document of one empty page before the locks fall makes poppler, cairo and
 * fontconfig load what they load at first use: types, tables, the list of fonts.
 */
static int
prepare(void)
{
	static const char page[] =
		"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
		"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]/Contents 4 0 R"
		"/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
		"4 0 obj<</Length 30>>stream\nBT /F 9 Tf 9 9 Td (warm) Tj ET\nendstream "
		"endobj\n"
		"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
		"trailer<</Root 1 0 R>>\n";
	GBytes *bytes = g_bytes_new_static(page, sizeof page - 1);
	PopplerDocument *document;

	(void)g_log_set_default_handler(be_silent, NULL);
	document = poppler_document_new_from_bytes(bytes, NULL, NULL);
	if (document != NULL) {
		PopplerPage *first = poppler_document_get_page(document, 0);

		if (first != NULL) {
			cairo_surface_t *surface = render(first, 72);

			g_free(poppler_page_get_text(first));
			if (surface != NULL)
				cairo_surface_destroy(surface);
			g_object_unref(first);
		}
		g_object_unref(document);
	}
	g_bytes_unref(bytes);
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct helper helper = {
		"valise-unpack-pdf", UINT64_C(1) << 30, prepare, run};

	return helper_main(argc, argv, &helper);
}
