/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "str.h"

#include <stdio.h>
#include <string.h>

void str_init(struct str *str, struct arena *arena)
{
	memset(str, 0, sizeof(*str));
	str->arena = arena;
}

/* Makes room for `len` more bytes and the NUL. The old buffer stays in the arena as waste; doubling
 * bounds that by the size of the text. */
static bool reserve(struct str *str, size_t len)
{
	size_t capacity = str->capacity == 0 ? 64 : str->capacity;
	char *data;

	if (str->data != NULL && str->capacity - str->len > len)
		return true;
	while (capacity - str->len <= len)
		capacity *= 2;
	data = arena_alloc(str->arena, capacity);
	if (data == NULL)
		return false;
	if (str->len != 0)
		memcpy(data, str->data, str->len);
	str->data = data;
	str->capacity = capacity;
	return true;
}

static void add_bytes(struct str *str, const char *data, size_t len)
{
	if (!reserve(str, len))
		return;
	memcpy(str->data + str->len, data, len);
	str->len += len;
	str->data[str->len] = '\0';
}

void str_add(struct str *str, const char *text)
{
	add_bytes(str, text, strlen(text));
}

void str_vaddf(struct str *str, const char *format, va_list arguments)
{
	va_list again;
	int len;

	va_copy(again, arguments);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0 || !reserve(str, (size_t)len))
		return;
	vsnprintf(str->data + str->len, (size_t)len + 1, format, arguments);
	str->len += (size_t)len;
}

void str_addf(struct str *str, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	str_vaddf(str, format, arguments);
	va_end(arguments);
}

/*
 * Decodes one character of UTF-8 as RFC 3629 section 4 has it. Returns its length in bytes, or 0
 * when the bytes are no valid UTF-8 (overlong, surrogate, above U+10FFFF, cut off).
 */
static size_t decode_utf8(struct mux_slice bytes, uint32_t *ret_character)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *data = (const unsigned char *)bytes.data;
	size_t i, len = data[0] < 0x80	       ? 1
			: data[0] >> 5 == 0x06 ? 2
			: data[0] >> 4 == 0x0e ? 3
			: data[0] >> 3 == 0x1e ? 4
					       : 0;
	uint32_t character;

	if (len == 0 || len > bytes.len)
		return 0;
	character = len == 1 ? data[0] : data[0] & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if (data[i] >> 6 != 0x02)
			return 0;
		character = character << 6 | (data[i] & 0x3f);
	}
	if (character < least[len] || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff))
		return 0;
	*ret_character = character;
	return len;
}

/*
 * Would a terminal or a reader be misled by the character? Unicode's categories Cc (C0, DEL, C1),
 * Cf (zero-width and bidirectional controls, UAX 9, "Trojan Source"; tags; signs that enclose what
 * follows), Co (private use: it looks like what the font likes), and line and paragraph separators.
 */
static bool is_dangerous(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x00, 0x1f},	    {0x7f, 0x9f},	{0xad, 0xad},	     {0x600, 0x605},
		{0x61c, 0x61c},	    {0x6dd, 0x6dd},	{0x70f, 0x70f},	     {0x890, 0x891},
		{0x8e2, 0x8e2},	    {0x180e, 0x180e},	{0x200b, 0x200f},    {0x2028, 0x202e},
		{0x2060, 0x206f},   {0xe000, 0xf8ff},	{0xfeff, 0xfeff},    {0xfff9, 0xfffb},
		{0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f},  {0x1bca0, 0x1bca3},
		{0x1d173, 0x1d17a}, {0xe0000, 0xe007f}, {0xf0000, 0x10ffff},
	};
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]) && c >= ranges[i].first; i++)
		if (c <= ranges[i].last)
			return true;
	return false;
}

void str_add_escaped(struct str *str, struct mux_slice bytes)
{
	while (bytes.len != 0) {
		uint32_t character = 0;
		size_t len = decode_utf8(bytes, &character);

		if (len == 0 || (len == 1 && is_dangerous(character)))
			str_addf(str, "\\x%02x", (unsigned char)bytes.data[0]);
		else if (is_dangerous(character))
			str_addf(str, "\\u{%04x}", character);
		else if (character == '\\')
			str_add(str, "\\\\");
		else
			add_bytes(str, bytes.data, len);
		len += len == 0;
		bytes.data += len;
		bytes.len -= len;
	}
}

void str_add_text(struct str *str, const char *text)
{
	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, "\\");

		str_add_escaped(str, (struct mux_slice){text, len});
		text += len;
		for (; *text == '\\'; text++)
			str_add(str, "\\");
	}
}

static bool is_bare_word(struct mux_slice bytes)
{
	static const char bare[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "-_./:,@%+=";
	size_t i;

	for (i = 0; i < bytes.len; i++)
		if (bytes.data[i] == '\0' || strchr(bare, bytes.data[i]) == NULL)
			return false;
	return bytes.len != 0;
}

static bool is_plain_ascii(struct mux_slice bytes)
{
	size_t i;

	for (i = 0; i < bytes.len; i++)
		if (bytes.data[i] < ' ' || bytes.data[i] > '~')
			return false;
	return true;
}

void str_add_shell(struct str *str, struct mux_slice bytes)
{
	size_t i;

	if (is_bare_word(bytes)) {
		add_bytes(str, bytes.data, bytes.len);
	} else if (is_plain_ascii(bytes)) {
		str_add(str, "'");
		for (i = 0; i < bytes.len; i++)
			if (bytes.data[i] == '\'')
				str_add(str, "'\\''");
			else
				add_bytes(str, bytes.data + i, 1);
		str_add(str, "'");
	} else {
		str_add(str, "$'");
		for (i = 0; i < bytes.len; i++)
			if (is_bare_word((struct mux_slice){bytes.data + i, 1}))
				add_bytes(str, bytes.data + i, 1);
			else
				str_addf(str, "\\x%02x", (unsigned char)bytes.data[i]);
		str_add(str, "'");
	}
}

const char *str_done(struct str *str)
{
	if (str->data == NULL && !reserve(str, 0))
		return NULL;
	return str->data;
}

const char *str_escape(struct arena *arena, struct mux_slice bytes)
{
	struct str str;

	str_init(&str, arena);
	str_add_escaped(&str, bytes);
	return str_done(&str);
}
