/* SPDX-License-Identifier: Apache-2.0 */
#include "valise/pager.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "sys/disk.h"
#include "sys/terminal.h"

/*
 * One screen at a time is composed and written; what is not on it is in memory only.  Signals
 * set a flag, and the loop leaves by the same way as for `q`.
 */

enum { ROWS_MIN = 5, COLUMNS_MIN = 10, SEARCH_MAX = 128, TAB = 8, ESCAPE_MS = 50 };

enum key {
	KEY_OTHER = 256,
	KEY_UP,
	KEY_DOWN,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_END,
	KEY_RESIZE,
	KEY_ENDED,
};

static volatile sig_atomic_t is_ended, is_resized;

/* Where keys come from: standard input, or the terminal behind it when that is a pipe. */
static int keyboard = STDIN_FILENO;

struct view {
	const struct pager *pager;
	struct termios before;
	size_t rows, columns;
	size_t *lines; /* offsets of the screen lines */
	size_t count;
	size_t top;
	char search[SEARCH_MAX + 1];
	const char *message;
};

/* East Asian wide forms and pictures, in the coarse blocks that matter. */
static const struct {
	unsigned first, last;
} wide_blocks[] = {{0x1100, 0x115f}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3}, {0xf900, 0xfaff},
	{0xff00, 0xff60}, {0x1f300, 0x1faff}};

static bool
is_wide(unsigned v)
{
	for (size_t i = 0; i < sizeof wide_blocks / sizeof wide_blocks[0]; i++)
		if (v >= wide_blocks[i].first && v <= wide_blocks[i].last)
			return true;
	return false;
}

/* Bytes and columns of the code point that begins at `at`; the text is UTF-8 or is cut. */
static size_t
take_char(struct rd text, size_t at, size_t column, size_t *ret_columns)
{
	uint8_t c = text.ptr[at];
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	unsigned v;

	*ret_columns = c == '\t' ? TAB - column % TAB : 1;
	if (len == 1 || at + len > text.len)
		return 1;
	v = c & (0x7fu >> len);
	for (size_t i = 1; i < len; i++)
		v = v << 6 | (text.ptr[at + i] & 0x3fu);
	if (is_wide(v))
		*ret_columns = 2;
	return len;
}

static int
add_line(size_t **lines, size_t *max, size_t count, size_t offset)
{
	int r;

	if (count == *max) {
		size_t more = *max == 0 ? 256 : 2 * *max;

		if ((r = mem_grow(lines, *max * sizeof **lines, more * sizeof **lines)) !=
			0)
			return r;
		*max = more;
	}
	(*lines)[count] = offset;
	return 0;
}

int
pager_wrap(struct rd text, size_t columns, size_t **ret_lines, size_t *ret_count)
{
	size_t *lines = NULL, max = 0, count = 0, column = 0, at = 0, wide;
	bool is_new = true;
	int r;

	CHECK(columns >= 2);
	while (at < text.len) {
		size_t len = take_char(text, at, column, &wide);
		bool is_end = text.ptr[at] == '\n';

		if (is_new || (!is_end && column + wide > columns)) {
			if ((r = add_line(&lines, &max, count, at)) != 0) {
				mem_free(lines);
				return r;
			}
			count++;
			column = 0;
		}
		is_new = is_end;
		column += is_end ? 0 : wide;
		at += len;
	}
	*ret_lines = lines;
	*ret_count = count;
	return 0;
}

static void
note_signal(int number)
{
	if (number == SIGWINCH)
		is_resized = 1;
	else
		is_ended = 1;
}

static void
look_at_size(struct view *v)
{
	struct winsize size;

	v->rows = 24;
	v->columns = TERMINAL_WIDTH;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) {
		v->rows = size.ws_row;
		v->columns = size.ws_col;
	}
	if (v->rows < ROWS_MIN)
		v->rows = ROWS_MIN;
	if (v->columns < COLUMNS_MIN)
		v->columns = COLUMNS_MIN;
}

/* Lines of text between the two banners; a notice takes one above. */
static size_t
page(const struct view *v)
{
	return v->rows - 3 - (v->pager->notice[0] != '\0' ? 1 : 0);
}

static size_t
top_max(const struct view *v)
{
	return v->count > page(v) ? v->count - page(v) : 0;
}

/* The line in which an offset lies. */
static size_t
line_at(const struct view *v, size_t offset)
{
	size_t i = 0;

	while (i + 1 < v->count && v->lines[i + 1] <= offset)
		i++;
	return i;
}

/* Wrap anew for this size, with the same text on top. */
static int
lay_out(struct view *v)
{
	size_t offset = v->count > 0 ? v->lines[v->top] : 0;
	size_t *lines = NULL, count = 0;
	int r;

	look_at_size(v);
	if ((r = pager_wrap(v->pager->text, v->columns, &lines, &count)) != 0)
		return r;
	mem_free(v->lines);
	v->lines = lines;
	v->count = count;
	v->top = line_at(v, offset);
	if (v->top > top_max(v))
		v->top = top_max(v);
	return 0;
}

static void
put_bar(const struct view *v, const char *text, uint32_t ground, uint32_t color)
{
	size_t len = 0, left;

	for (const char *c = text; *c != '\0'; c++)
		len += ((unsigned char)*c & 0xc0) != 0x80;
	left = v->columns > len ? (v->columns - len) / 2 : 0;
	if (v->pager->has_color)
		(void)printf("\033[1;38;2;%u;%u;%u;48;2;%u;%u;%um", color >> 16 & 0xff,
			color >> 8 & 0xff, color & 0xff, ground >> 16 & 0xff,
			ground >> 8 & 0xff, ground & 0xff);
	else
		(void)fputs("\033[1m", stdout);
	(void)printf("%*s%s%*s\033[0m", (int)left, "", text,
		(int)(v->columns > len + left ? v->columns - len - left : 0), "");
}

/* One line of the text, with nothing in it that a terminal would obey. */
static void
put_line(const struct view *v, size_t i)
{
	size_t at = v->lines[i];
	size_t end = i + 1 < v->count ? v->lines[i + 1] : v->pager->text.len;
	const uint8_t *text = v->pager->text.ptr;
	size_t column = 0, wide;

	while (at < end && text[at] != '\n') {
		size_t len = take_char(v->pager->text, at, column, &wide);

		if (text[at] == '\t')
			(void)printf("%*s", (int)wide, "");
		else if (!text_is_line(text + at, len))
			(void)putchar('?');
		else
			(void)fwrite(text + at, 1, len, stdout);
		column += wide;
		at += len;
	}
}

static void
put_status(const struct view *v)
{
	size_t last = v->top + page(v) < v->count ? v->top + page(v) : v->count;

	(void)printf("\033[%zu;1H\033[2K", v->rows);
	if (v->message != NULL)
		(void)printf("%.*s", (int)v->columns, v->message);
	else
		(void)printf("%.*s", (int)v->columns - 1,
			last == v->count ? "end   q done  / search  b back"
					 : "space on  b back  / search  q done");
}

static void
draw(const struct view *v)
{
	const struct pager *p = v->pager;
	size_t row = 2;

	(void)fputs("\033[H\033[2J", stdout);
	put_bar(v, p->marking, p->color, p->color_of_text);
	if (p->notice[0] != '\0') {
		(void)printf("\033[%zu;1H", row++);
		put_bar(v, p->notice, 0xffff00, 0x000000);
	}
	for (size_t i = 0; i < page(v) && v->top + i < v->count; i++) {
		(void)printf("\033[%zu;1H", row + i);
		put_line(v, v->top + i);
	}
	(void)printf("\033[%zu;1H", v->rows - 1);
	put_bar(v, p->marking, p->color, p->color_of_text);
	put_status(v);
	(void)fflush(stdout);
}

static int
read_byte(int timeout_ms)
{
	struct pollfd fd = {.fd = keyboard, .events = POLLIN};
	unsigned char c;
	int n = poll(&fd, 1, timeout_ms);

	if (n < 0 && errno == EINTR)
		return is_ended ? KEY_ENDED : KEY_RESIZE;
	if (n == 0)
		return KEY_OTHER;
	return read(keyboard, &c, 1) == 1 ? c : KEY_ENDED;
}

/* After ESC [ or ESC O. */
static int
read_sequence(void)
{
	static const struct {
		char last;
		int key;
	} keys[] = {{'A', KEY_UP}, {'B', KEY_DOWN}, {'H', KEY_HOME}, {'F', KEY_END},
		{'5', KEY_PAGE_UP}, {'6', KEY_PAGE_DOWN}, {'1', KEY_HOME},
		{'4', KEY_END}};
	int c = read_byte(ESCAPE_MS);

	if (c != '[' && c != 'O')
		return KEY_OTHER;
	c = read_byte(ESCAPE_MS);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (c == keys[i].last) {
			if (c >= '0' && c <= '9')
				(void)read_byte(ESCAPE_MS);
			return keys[i].key;
		}
	return KEY_OTHER;
}

static int
read_key(void)
{
	int c;

	if (is_ended)
		return KEY_ENDED;
	if (is_resized)
		return KEY_RESIZE;
	c = read_byte(-1);
	return c == 033 ? read_sequence() : c;
}

/* One key into the words; false when they are complete. */
static bool
take_search_key(char words[SEARCH_MAX + 1], int c)
{
	size_t len = strlen(words);

	if (c == '\r' || c == '\n')
		return false;
	if (c == 0x7f || c == '\b') {
		if (len > 0)
			words[len - 1] = '\0';
	} else if (c >= 0x20 && c < 0x100 && len < SEARCH_MAX) {
		words[len] = (char)c;
		words[len + 1] = '\0';
	}
	return true;
}

/* Words after '/', until Enter; Escape gives up, and an empty one repeats the last. */
static bool
read_search(struct view *v)
{
	char words[SEARCH_MAX + 1] = "";
	int c;

	do {
		(void)printf("\033[%zu;1H\033[2K/%s", v->rows, words);
		(void)fflush(stdout);
		c = read_byte(-1);
		if (c == 033 || c == KEY_ENDED)
			return false;
	} while (take_search_key(words, c));
	if (words[0] != '\0')
		memcpy(v->search, words, sizeof words);
	mem_wipe(words, sizeof words);
	return v->search[0] != '\0';
}

static void
find_next(struct view *v)
{
	struct rd text = v->pager->text;
	size_t from = v->top + 1 < v->count ? v->lines[v->top + 1] : text.len;
	const uint8_t *hit =
		memmem(text.ptr + from, text.len - from, v->search, strlen(v->search));

	v->message = hit == NULL ? "not found below" : NULL;
	if (hit != NULL)
		v->top = line_at(v, (size_t)(hit - text.ptr));
}

static void
find_previous(struct view *v)
{
	struct rd text = v->pager->text;
	size_t end = v->count > 0 ? v->lines[v->top] : 0, at = 0;
	const uint8_t *hit, *last = NULL;

	while ((hit = memmem(text.ptr + at, end - at, v->search, strlen(v->search))) !=
		NULL) {
		last = hit;
		at = (size_t)(hit - text.ptr) + 1;
	}
	v->message = last == NULL ? "not found above" : NULL;
	if (last != NULL)
		v->top = line_at(v, (size_t)(last - text.ptr));
}

static void
move(struct view *v, bool is_on, size_t lines)
{
	size_t max = top_max(v);

	if (is_on)
		v->top = v->top + lines < max ? v->top + lines : max;
	else
		v->top = v->top > lines ? v->top - lines : 0;
}

static void
search(struct view *v, int key)
{
	if (key == '/' && !read_search(v))
		return;
	if (v->search[0] == '\0')
		return;
	if (key == 'N')
		find_previous(v);
	else
		find_next(v);
	if (v->top > top_max(v))
		v->top = top_max(v);
}

/* False when it is done. */
static bool
obey(struct view *v, int key)
{
	v->message = NULL;
	switch (key) {
	case 'q':
	case 'Q':
	case KEY_ENDED:
		return false;
	case ' ':
	case 'f':
	case KEY_PAGE_DOWN:
		move(v, true, page(v));
		break;
	case 'b':
	case KEY_PAGE_UP:
		move(v, false, page(v));
		break;
	case 'j':
	case '\r':
	case '\n':
	case KEY_DOWN:
		move(v, true, 1);
		break;
	case 'k':
	case KEY_UP:
		move(v, false, 1);
		break;
	case 'g':
	case KEY_HOME:
		v->top = 0;
		break;
	case 'G':
	case KEY_END:
		v->top = top_max(v);
		break;
	case '/':
	case 'n':
	case 'N':
		search(v, key);
		break;
	default:
		break;
	}
	return true;
}

static int
loop(struct view *v)
{
	int r = lay_out(v);

	while (r == 0) {
		int key;

		draw(v);
		key = read_key();
		if (key == KEY_RESIZE) {
			is_resized = 0;
			r = lay_out(v);
		} else if (!obey(v, key)) {
			break;
		}
	}
	return r;
}

/* Signals, raw input, the other screen; and back, with the screen wiped first. */
static int
enter(struct view *v, struct sigaction old[4])
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};
	struct sigaction act = {.sa_handler = note_signal};
	struct termios raw;

	if (tcgetattr(keyboard, &v->before) != 0)
		return FAIL_UNSUPPORTED;
	is_ended = is_resized = 0;
	for (size_t i = 0; i < 4; i++)
		(void)sigaction(signals[i], &act, &old[i]);
	raw = v->before;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	(void)tcsetattr(keyboard, TCSAFLUSH, &raw);
	(void)fputs("\033[?1049h\033[?25l", stdout);
	return 0;
}

static void
leave(const struct view *v, const struct sigaction old[4])
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};

	(void)fputs("\033[H\033[2J\033[?25h\033[?1049l", stdout);
	(void)fflush(stdout);
	(void)tcsetattr(keyboard, TCSAFLUSH, &v->before);
	for (size_t i = 0; i < 4; i++)
		(void)sigaction(signals[i], &old[i], NULL);
}

int
pager_run(const struct pager *pager)
{
	struct view v = {.pager = pager};
	struct sigaction old[4];
	int r;

	if (!terminal_is(STDOUT_FILENO))
		return FAIL_UNSUPPORTED;
	keyboard = STDIN_FILENO;
	if (!terminal_is(STDIN_FILENO) &&
		disk_open(AT_FDCWD, "/dev/tty", O_RDONLY, 0, &keyboard) != 0)
		return FAIL_UNSUPPORTED;
	if ((r = enter(&v, old)) == 0) {
		r = loop(&v);
		leave(&v, old);
	}
	if (keyboard != STDIN_FILENO)
		disk_close(keyboard);
	mem_free(v.lines);
	mem_wipe(&v, sizeof v);
	return r;
}
