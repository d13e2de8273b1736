/* SPDX-License-Identifier: Apache-2.0 */

/*
 * valise-unpack-ocr: the text in a picture, by tesseract (English, French, Portuguese as far as
 * the machine has their data).
 *
 * The models are loaded once, before any picture is seen; each picture is read by a fork.
 * Pictures are brought to the size that the models were made for: letters of about 30 pixels.
 */
#include <leptonica/allheaders.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tesseract/capi.h>
#include <unistd.h>

#include "base/mem.h"
#include "valise-unpack/charset.h"
#include "valise-unpack/helper.h"
#include "valise-unpack/prose.h"

enum {
	SIDE_MIN = 24,	   /* pixels; less holds no line of text */
	SMALL_SIDE = 1500, /* shorter than this on its longer side: doubled */
	LARGE_SIDE = 5000, /* longer: halved */
	PIXELS_MAX = 100000000,
	PAGES_MAX = 500,     /* of one TIFF */
	DEADLINE_MS = 40000, /* of one page: before the processor limit kills */
	RESOLUTION = 300,
};

static TessBaseAPI *api;

static void
put_text(const struct helper_job *job, const char *s, uint32_t page)
{
	struct prose *prose = NULL;
	struct charset_decoder d;
	int r;

	if ((r = mem_new(&prose, sizeof *prose)) != 0) {
		job->emit->error = r;
		return;
	}
	prose_init(prose, job->emit, UNPACK_TEXT_OCR);
	prose->page = page;
	prose->is_unplaced = true;
	charset_decoder_init(&d, CHARSET_UTF8, 0);
	charset_feed(&d, (const uint8_t *)s, strlen(s),
		&(struct charset_out){prose_put, prose});
	prose_flush(prose);
	prose_done(prose);
	mem_free(prose);
}

/* Grey, and of a size that the models can read.  Takes the picture over. */
static PIX *
adapt(PIX *pix)
{
	l_int32 side = pixGetWidth(pix) > pixGetHeight(pix) ? pixGetWidth(pix)
							    : pixGetHeight(pix);
	PIX *grey = pixConvertTo8(pix, 0), *scaled;
	l_float32 factor = side < SMALL_SIDE ? 2.0F : side > LARGE_SIDE ? 0.5F : 1.0F;

	pixDestroy(&pix);
	if (grey == NULL || factor == 1.0F)
		return grey;
	scaled = pixScale(grey, factor, factor);
	pixDestroy(&grey);
	return scaled;
}

static int
read_picture(const struct helper_job *job, PIX *pix, uint32_t page)
{
	ETEXT_DESC *monitor;
	char *text = NULL;
	int r = 0;

	if (pixGetWidth(pix) < SIDE_MIN || pixGetHeight(pix) < SIDE_MIN) {
		pixDestroy(&pix);
		return 0;
	}
	if ((pix = adapt(pix)) == NULL)
		return FAIL_NOMEM;
	monitor = TessMonitorCreate();
	TessMonitorSetDeadlineMSecs(monitor, DEADLINE_MS);
	TessBaseAPISetImage2(api, pix);
	TessBaseAPISetSourceResolution(api, RESOLUTION);
	if (TessBaseAPIRecognize(api, monitor) != 0)
		r = FAIL_TIMEOUT;
	if ((text = TessBaseAPIGetUTF8Text(api)) != NULL)
		put_text(job, text, page);
	TessDeleteText(text);
	TessBaseAPIClear(api);
	TessMonitorDelete(monitor);
	pixDestroy(&pix);
	return r;
}

/* A picture says its size before it is unfolded: the bomb is refused at the door. */
static int
check_size(const uint8_t *ptr, size_t len)
{
	l_int32 format = 0, width = 0, height = 0, bits = 0, samples = 0, is_cmap = 0;

	if (pixReadHeaderMem(
		    ptr, len, &format, &width, &height, &bits, &samples, &is_cmap) != 0)
		return FAIL_FORMAT;
	if (width <= 0 || height <= 0)
		return FAIL_FORMAT;
	return (uint64_t)width * (uint64_t)height <= PIXELS_MAX ? 0 : FAIL_TOO_BIG;
}

static bool
is_tiff(const uint8_t *ptr, size_t len)
{
	return len >= 4 && (memcmp(ptr, "II*\0", 4) == 0 || memcmp(ptr, "MM\0*", 4) == 0);
}

static int
read_tiff(const struct helper_job *job, const uint8_t *ptr, size_t len)
{
	size_t offset = 0;
	uint32_t page = 0;
	int r;

	do {
		PIX *pix = pixReadMemFromMultipageTiff(ptr, len, &offset);

		if (pix == NULL)
			return page == 0 ? FAIL_FORMAT : 0;
		if (++page > PAGES_MAX || *job->is_time_up) {
			pixDestroy(&pix);
			return FAIL_LIMIT;
		}
		if ((r = read_picture(job, pix, page)) != 0)
			return r;
	} while (offset != 0);
	return 0;
}

static int
read_bytes(const struct helper_job *job, const uint8_t *ptr, size_t len)
{
	PIX *pix;
	int r;

	if ((r = check_size(ptr, len)) != 0)
		return r;
	if (is_tiff(ptr, len))
		return read_tiff(job, ptr, len);
	if ((pix = pixReadMem(ptr, len)) == NULL)
		return FAIL_FORMAT;
	return read_picture(job, pix, 0);
}

static int
run(const struct helper_job *job)
{
	struct source input = {0};
	const uint8_t *ptr = NULL;
	struct buf data;
	size_t len = 0;
	int r;

	buf_init(&data, (size_t)job->limits.blob_max + UNPACK_DATA_MAX);
	emit_hello(job->emit);
	emit_member(job->emit, UNPACK_KIND_IMAGE, "", 0);
	if ((r = source_open_fd(&input, job->in_fd)) == 0 &&
		(r = source_load(
			 &input, (size_t)job->limits.blob_max, &data, &ptr, &len)) == 0)
		r = read_bytes(job, ptr, len);
	emit_end(job->emit, emit_reason_of(r), len);
	job->emit->total.bytes += len;
	source_close(&input);
	mem_free(data.data);
	return emit_total(job->emit);
}

/* All three languages, or those that are there; English must be. */
static int
prepare(void)
{
	static const char *const languages[] = {
		"eng+fra+por", "eng+fra", "eng+por", "eng"};

	(void)setMsgSeverity(L_SEVERITY_NONE);
	for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
		if ((api = TessBaseAPICreate()) == NULL)
			return FAIL_NOMEM;
		if (TessBaseAPIInit3(api, NULL, languages[i]) == 0) {
			TessBaseAPISetPageSegMode(api, PSM_AUTO);
			(void)TessBaseAPISetVariable(api, "debug_file", "/dev/null");
			return 0;
		}
		TessBaseAPIDelete(api);
	}
	return FAIL_ABSENT;
}

/*
 * One thread: threads of OpenMP do not survive a fork, and two children on two cores are faster
 * anyway.  The library reads this before main(), hence the second start, by its own path so that
 * the process keeps its name.
 */
static int
start_again(char **argv)
{
	char path[4096];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);

	if (len <= 0 || setenv("OMP_THREAD_LIMIT", "1", 1) != 0)
		return 1;
	path[len] = '\0';
	(void)execv(path, argv);
	return 1;
}

int
main(int argc, char **argv)
{
	static const struct helper helper = {
		"valise-unpack-ocr", UINT64_C(1) << 30, prepare, run};

	if (getenv("OMP_THREAD_LIMIT") == NULL)
		return start_again(argv);
	return helper_main(argc, argv, &helper);
}
