/* SPDX-License-Identifier: Apache-2.0 */

/*
 * draw: fixtures that need a renderer.
 *
 *   draw pdf FILE LINE...    a page of text for each group of 40 lines
 *   draw png FILE LINE...    a picture of the lines
 *   draw scan FILE LINE...   a PDF whose one page is that picture
 */
#include <cairo-pdf.h>
#include <cairo.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 1240, HEIGHT = 700, LINES = 40 };

static void
draw_lines(cairo_t *cr, double size, double top, char **lines, int count)
{
	cairo_select_font_face(
		cr, "serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(cr, size);
	cairo_set_source_rgb(cr, 0, 0, 0);
	for (int i = 0; i < count; i++) {
		cairo_move_to(cr, 2 * size, top + (i + 1) * size * 1.5);
		cairo_show_text(cr, lines[i]);
	}
}

static cairo_surface_t *
picture(char **lines, int count)
{
	cairo_surface_t *surface =
		cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
	cairo_t *cr = cairo_create(surface);

	cairo_set_source_rgb(cr, 1, 1, 1);
	cairo_paint(cr);
	draw_lines(cr, 28, 30, lines, count);
	cairo_destroy(cr);
	return surface;
}

static void
draw_pdf(const char *path, char **lines, int count)
{
	cairo_surface_t *surface = cairo_pdf_surface_create(path, 595, 842);
	cairo_t *cr = cairo_create(surface);

	for (int i = 0; i < count; i += LINES) {
		draw_lines(cr, 11, 30, lines + i, count - i < LINES ? count - i : LINES);
		cairo_show_page(cr);
	}
	cairo_destroy(cr);
	cairo_surface_destroy(surface);
}

static void
draw_scan(const char *path, char **lines, int count)
{
	cairo_surface_t *surface = cairo_pdf_surface_create(path, 595, 336);
	cairo_surface_t *image = picture(lines, count);
	cairo_t *cr = cairo_create(surface);

	cairo_scale(cr, 595.0 / WIDTH, 336.0 / HEIGHT);
	cairo_set_source_surface(cr, image, 0, 0);
	cairo_paint(cr);
	cairo_show_page(cr);
	cairo_destroy(cr);
	cairo_surface_destroy(image);
	cairo_surface_destroy(surface);
}

int
main(int argc, char **argv)
{
	if (argc < 4) {
		(void)fprintf(stderr, "usage: draw pdf|png|scan FILE LINE...\n");
		return 2;
	}
	if (strcmp(argv[1], "pdf") == 0) {
		draw_pdf(argv[2], argv + 3, argc - 3);
	} else if (strcmp(argv[1], "png") == 0) {
		cairo_surface_t *image = picture(argv + 3, argc - 3);

		if (cairo_surface_write_to_png(image, argv[2]) != CAIRO_STATUS_SUCCESS)
			return 1;
		cairo_surface_destroy(image);
	} else {
		draw_scan(argv[2], argv + 3, argc - 3);
	}
	return 0;
}
