/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a packet in flight as one piece, and the options in its TCP header. */
#include "netfilter/kernel.h"

#include <string.h>

#include "netfilter/live.h"

enum { TCP_FIXED = 20, OPTION_END = 0, OPTION_PAD = 1 };

void nf_live_image(const struct nf_live *live, struct nf_image *ret_image)
{
	struct nf_image *image = ret_image;

	memset(image, 0, sizeof(*image));
	memcpy(image->value, live->value.network, live->network_len);
	memcpy(image->known, live->known.network, live->network_len);
	memcpy(image->value + live->network_len, live->value.transport, live->transport_len);
	memcpy(image->known + live->network_len, live->known.transport, live->transport_len);
	image->len = (size_t)live->network_len + live->transport_len;
	image->length_known = live->known.length == UINT32_MAX;
	image->length = live->value.length;
}

enum mux_answer nf_live_tcp_option(const struct nf_live *live, uint8_t kind, size_t *ret_offset,
				   size_t *ret_len)
{
	const uint8_t *value = live->value.transport, *known = live->known.transport;
	size_t at = TCP_FIXED, end;

	if (live->protocol != IPPROTO_TCP || known[12] != 0xff)
		return MUX_UNKNOWN;
	end = (size_t)(value[12] >> 4) * 4;
	while (at < end && end <= live->transport_len) {
		if (known[at] != 0xff)
			return MUX_UNKNOWN;
		if (value[at] == OPTION_END)
			return MUX_NO;
		if (value[at] == OPTION_PAD) {
			at++;
			continue;
		}
		if (at + 1 >= end || known[at + 1] != 0xff || value[at + 1] < 2 ||
		    at + value[at + 1] > end)
			return MUX_UNKNOWN;
		if (value[at] == kind) {
			*ret_offset = at;
			*ret_len = value[at + 1];
			return MUX_YES;
		}
		at += value[at + 1];
	}
	return end <= live->transport_len ? MUX_NO : MUX_UNKNOWN;
}

void nf_live_forget_tcp_options(struct nf_live *live)
{
	if (live->protocol == IPPROTO_TCP && live->transport_len > TCP_FIXED)
		memset(live->known.transport + TCP_FIXED, 0,
		       (size_t)live->transport_len - TCP_FIXED);
}
