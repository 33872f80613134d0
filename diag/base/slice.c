/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "slice.h"

#include <errno.h>
#include <string.h>

struct mux_slice slice_of(const char *text)
{
	struct mux_slice slice = {.data = text, .len = text == NULL ? 0 : strlen(text)};

	return slice;
}

bool slice_equal(struct mux_slice a, struct mux_slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool slice_is(struct mux_slice slice, const char *text)
{
	return slice_equal(slice, slice_of(text));
}

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool slice_equal_nocase(struct mux_slice a, struct mux_slice b)
{
	size_t i;

	if (a.len != b.len)
		return false;
	for (i = 0; i < a.len; i++)
		if (lower(a.data[i]) != lower(b.data[i]))
			return false;
	return true;
}

bool slice_starts_with(struct mux_slice slice, const char *text)
{
	size_t len = strlen(text);

	return slice.len >= len && (len == 0 || memcmp(slice.data, text, len) == 0);
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct mux_slice slice_trim(struct mux_slice slice)
{
	while (slice.len != 0 && is_blank(slice.data[0])) {
		slice.data++;
		slice.len--;
	}
	while (slice.len != 0 && is_blank(slice.data[slice.len - 1]))
		slice.len--;
	return slice;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

int slice_parse_u64(struct mux_slice slice, int base, uint64_t *ret_value)
{
	uint64_t value = 0;
	size_t i;

	if (slice.len == 0)
		return -EINVAL;
	for (i = 0; i < slice.len; i++) {
		int digit = digit_of(slice.data[i]);

		if (digit >= base)
			return -EINVAL;
		if (value > (UINT64_MAX - (uint64_t)digit) / (uint64_t)base)
			return -ERANGE;
		value = value * (uint64_t)base + (uint64_t)digit;
	}
	*ret_value = value;
	return 0;
}

int slice_parse_i64(struct mux_slice slice, int64_t *ret_value)
{
	bool negative = slice_starts_with(slice, "-");
	uint64_t value;
	int error;

	if (negative) {
		slice.data++;
		slice.len--;
	}
	error = slice_parse_u64(slice, 10, &value);
	if (error != 0)
		return error;
	if (value > (uint64_t)INT64_MAX)
		return -ERANGE;
	*ret_value = negative ? -(int64_t)value : (int64_t)value;
	return 0;
}
