/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of /proc and /sys have in common. */
#include <string.h>

#include "base/slice.h"
#include "parse/capacity.h"
#include "parse/text.h"

int64_t parse_leading_number(struct mux_slice text)
{
	struct mux_slice digits = slice_trim(text);
	uint64_t number;
	size_t len = 0;

	while (len < digits.len && digits.data[len] >= '0' && digits.data[len] <= '9')
		len++;
	digits.len = len;
	if (slice_parse_u64(digits, 10, &number) != 0 || number > INT64_MAX)
		return -1;
	return (int64_t)number;
}

struct mux_slice parse_line_after(struct mux_slice bytes, const char *name)
{
	size_t len = strlen(name);

	while (bytes.len != 0) {
		struct mux_slice line = text_next_item(&bytes, '\n');

		if (!slice_starts_with(line, name))
			continue;
		line.data += len;
		line.len -= len;
		return line;
	}
	return (struct mux_slice){.data = NULL};
}

/* "3" or "3-5". */
static bool add_range(struct mux_slice item, struct mux_cpu_set *set, size_t *n)
{
	struct mux_slice first = text_before(item, '-'), last = first;
	uint64_t from, to;

	if (first.len != item.len)
		last = (struct mux_slice){item.data + first.len + 1, item.len - first.len - 1};
	if (slice_parse_u64(first, 10, &from) != 0 || slice_parse_u64(last, 10, &to) != 0 ||
	    from > to || to >= MUX_MAX_CPUS)
		return false;
	for (; from <= to; from++) {
		*n += (set->bits[from / 64] >> (from % 64) & 1) == 0;
		set->bits[from / 64] |= (uint64_t)1 << (from % 64);
	}
	return true;
}

size_t parse_cpu_list(struct mux_slice text, struct mux_cpu_set *ret)
{
	struct mux_slice rest = slice_trim(text);
	size_t n = 0;

	memset(ret, 0, sizeof(*ret));
	while (rest.len != 0)
		if (!add_range(text_next_item(&rest, ','), ret, &n))
			return 0;
	return n;
}
