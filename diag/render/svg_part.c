/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render/svg_part.h"

#include <stdint.h>
#include <string.h>

#include "render/render.h"

const struct svg_font svg_code = {"mp-code", 73, 16, true};
const struct svg_font svg_strong = {"mp-code mp-bold", 73, 16, true};
const struct svg_font svg_address = {"mp-address", 103, 22, true};
const struct svg_font svg_prose = {"mp-prose", 68, 17, false};
const struct svg_font svg_label = {"mp-label", 76, 16, false};
const struct svg_font svg_quiet = {"mp-quiet", 68, 16, false};

void svg_part_init(struct svg_part *part, struct arena *arena, int width)
{
	*part = (struct svg_part){.width = width};
	str_init(&part->svg, arena);
}

/* An inner <svg> cuts off what is wider than was reckoned, without an id for a clipPath. */
void svg_part_place(struct svg_part *into, struct svg_part *part, int x, int y)
{
	const char *svg = str_done(&part->svg);

	if (svg == NULL)
		return;
	str_addf(&into->svg, "<svg x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\">", x, y,
		 part->width, part->height);
	str_add(&into->svg, svg);
	str_add(&into->svg, "</svg>");
}

/* --- characters -------------------------------------------------------------------------- */

/* Decodes the next character of valid UTF-8. Returns how long it is. */
static size_t next_character(const char *text, uint32_t *ret)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t len = bytes[0] < 0x80 ? 1 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4, i;

	*ret = len == 1 ? bytes[0] : bytes[0] & (0x7fu >> len);
	for (i = 1; i < len; i++)
		*ret = *ret << 6 | (bytes[i] & 0x3f);
	return len;
}

/* Is it one that East Asian fonts make twice as wide (Unicode's UAX 11), or a picture? */
static bool is_wide(uint32_t character)
{
	return (character >= 0x1100 && character <= 0x115f) ||
	       (character >= 0x2e80 && character <= 0xa4cf) ||
	       (character >= 0xac00 && character <= 0xd7a3) ||
	       (character >= 0xf900 && character <= 0xfdff) ||
	       (character >= 0xfe30 && character <= 0xfe6f) ||
	       (character >= 0xff00 && character <= 0xff60) || character >= 0x1f000;
}

/* In tenths of a unit: the fonts are those of the viewer, so this is about the widest of them. */
static size_t width_of(const struct svg_font *font, uint32_t character)
{
	static const char broad[] = "ABCDEFGHKLMNOPQRSTUVWXYZmw@%&+=";
	size_t width = (size_t)font->column;

	if (is_wide(character))
		return 2 * width;
	if (!font->fixed && character < 0x80 && strchr(broad, (int)character) != NULL)
		return width * 13 / 10;
	return width;
}

/* What is safe to show, and valid UTF-8; in the arena. NULL when out of memory. */
static const char *clean(struct arena *arena, const char *text)
{
	struct str str;

	str_init(&str, arena);
	render_add(&str, text);
	return str_done(&str);
}

/* What stands for a character that may not stand for itself; NULL = it may. */
static const char *reference_of(uint32_t character)
{
	switch (character) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case 0xfffe:
		return "\\u{fffe}";
	case 0xffff:
		return "\\u{ffff}";
	default:
		return NULL;
	}
}

static void add_markup(struct str *svg, const char *text, size_t len)
{
	const char *end = text + len, *plain = text;
	uint32_t character;

	while (text < end) {
		size_t n = next_character(text, &character);
		const char *reference = reference_of(character);

		text += n;
		if (reference == NULL && text != end)
			continue;
		n = reference != NULL ? n : 0;
		str_addf(svg, "%.*s%s", (int)(text - n - plain), plain,
			 reference != NULL ? reference : "");
		plain = text;
	}
}

void svg_add(struct str *svg, const char *text)
{
	const char *cleaned = clean(svg->arena, text);

	if (cleaned != NULL)
		add_markup(svg, cleaned, strlen(cleaned));
}

void svg_add_title(struct str *svg, const char *text)
{
	str_add(svg, "<title>");
	svg_add(svg, text);
	str_add(svg, "</title>");
}

/* --- lines ------------------------------------------------------------------------------- */

int svg_text_width(const struct svg_font *font, const char *text)
{
	size_t width = 9;
	uint32_t character;

	while (*text != '\0') {
		text += next_character(text, &character);
		width += width_of(font, character);
	}
	return (int)(width / 10);
}

struct line {
	size_t len;  /* bytes to show */
	size_t next; /* where the next line begins */
};

/* Takes what fits into that width, in tenths: up to the last blank, or up to the middle of a long
 * word. */
static struct line take_line(const struct svg_font *font, const char *text, size_t width)
{
	size_t used = 0, at = 0, blank = 0;
	uint32_t character;

	while (text[at] != '\0') {
		size_t len = next_character(text + at, &character);

		if (character == ' ')
			blank = at;
		used += width_of(font, character);
		if (used > width && at != 0)
			break;
		at += len;
	}
	if (text[at] == '\0')
		return (struct line){at, at};
	/* A blank near the beginning would leave the line nearly empty. */
	if (blank > at / 3)
		return (struct line){blank, blank + 1};
	return (struct line){at, at};
}

static void add_line(struct str *svg, const struct svg_block *block, int y, const char *text,
		     size_t len)
{
	str_addf(svg, "<text class=\"%s\" x=\"%d\" y=\"%d\">", block->font->class, block->x,
		 y + block->font->line_height - 4);
	add_markup(svg, text, len);
}

int svg_add_block(struct str *svg, const struct svg_block *block)
{
	const struct svg_font *font = block->font;
	size_t width = (size_t)(block->width < 0 ? 0 : block->width) * 10, n;
	const char *text = clean(svg->arena, block->text);
	int y = block->y;

	for (n = 1; text != NULL && *text != '\0'; n++) {
		struct line line = take_line(font, text, width);
		bool cut = n >= block->max_lines && text[line.next] != '\0';

		if (cut)
			line = take_line(font, text, width - width_of(font, 0x2026));
		add_line(svg, block, y, text, line.len);
		str_add(svg, cut ? "…</text>" : "</text>");
		y += font->line_height;
		if (cut)
			break;
		text += line.next;
	}
	return y;
}

int svg_add_right(struct str *svg, const struct svg_block *block)
{
	str_addf(svg, "<text class=\"%s\" x=\"%d\" y=\"%d\" text-anchor=\"end\">",
		 block->font->class, block->x + block->width,
		 block->y + block->font->line_height - 4);
	svg_add(svg, block->text);
	str_add(svg, "</text>");
	return block->y + block->font->line_height;
}

/* --- shapes ------------------------------------------------------------------------------ */

void svg_add_box(struct str *svg, const char *class, struct svg_box box)
{
	/* Half a unit in, so that the border is sharp and not cut off. */
	str_addf(svg,
		 "<rect class=\"%s\" x=\"%d.5\" y=\"%d.5\" width=\"%d\" height=\"%d\" rx=\"%d\"/>",
		 class, box.x, box.y, box.width - 1, box.height - 1, box.radius);
}

void svg_add_sign(struct str *svg, enum svg_sign sign, int x, int y)
{
	static const char *const classes[] = {
		[SVG_CHECK] = "mp-check",
		[SVG_CROSS] = "mp-cross",
		[SVG_QUESTION] = "mp-question",
		[SVG_DASH] = "mp-dash",
	};
	static const char *const paths[] = {
		[SVG_CHECK] = "m-4.5 .5 3 3 6-7",
		[SVG_CROSS] = "m-4-4 8 8m0-8-8 8",
		[SVG_QUESTION] = "m-3-2.5c.4-3.4 6.4-3.3 6 .2c-.3 2-3 1.9-3 4.3m0 3v.1",
		[SVG_DASH] = "m-4.5 0h9",
	};

	str_addf(svg, "<path class=\"%s\" d=\"M%d %d%s\"/>", classes[sign], x, y, paths[sign]);
}
