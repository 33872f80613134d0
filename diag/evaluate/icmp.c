/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evaluate/icmp.h"

#include <stddef.h>

/* SO_EE_ORIGIN_* of linux/errqueue.h, which does not compile by itself. */
enum { ORIGIN_ICMP = 2, ORIGIN_ICMP6 = 3 };

static const struct icmp_name {
	uint8_t origin, type, code;
	const char *text;
} icmp_names[] = {
	/* RFC 792, RFC 1812 section 5.2.7.1 */
	{ORIGIN_ICMP, 3, 0, "ICMP network unreachable"},
	{ORIGIN_ICMP, 3, 1, "ICMP host unreachable"},
	{ORIGIN_ICMP, 3, 2, "ICMP protocol unreachable"},
	{ORIGIN_ICMP, 3, 3, "ICMP port unreachable"},
	{ORIGIN_ICMP, 3, 9, "ICMP network prohibited"},
	{ORIGIN_ICMP, 3, 10, "ICMP host prohibited"},
	{ORIGIN_ICMP, 3, 13, "ICMP administratively prohibited"},
	/* RFC 4443 section 3.1 */
	{ORIGIN_ICMP6, 1, 0, "ICMPv6 no route"},
	{ORIGIN_ICMP6, 1, 1, "ICMPv6 administratively prohibited"},
	{ORIGIN_ICMP6, 1, 3, "ICMPv6 address unreachable"},
	{ORIGIN_ICMP6, 1, 4, "ICMPv6 port unreachable"},
	{ORIGIN_ICMP6, 1, 5, "ICMPv6 source address failed policy"},
	{ORIGIN_ICMP6, 1, 6, "ICMPv6 reject route"},
};

const char *ev_icmp_text(struct arena *arena, const struct mux_probe *probe)
{
	size_t i;

	for (i = 0; i < sizeof(icmp_names) / sizeof(icmp_names[0]); i++)
		if (icmp_names[i].origin == probe->icmp_origin &&
		    icmp_names[i].type == probe->icmp_type &&
		    icmp_names[i].code == probe->icmp_code)
			return icmp_names[i].text;
	return arena_printf(arena, "ICMP%s type %u code %u",
			    probe->icmp_origin == ORIGIN_ICMP6 ? "v6" : "", probe->icmp_type,
			    probe->icmp_code);
}
