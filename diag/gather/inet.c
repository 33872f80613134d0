/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gather/inet.h"

#include <linux/errqueue.h>
#include <string.h>

socklen_t inet_fill(union inet_address *ret, const struct mux_address *address, uint16_t port)
{
	memset(ret, 0, sizeof(*ret));
	if (address->family == AF_INET) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons(port);
		memcpy(&ret->v4.sin_addr, address->bytes, sizeof(ret->v4.sin_addr));
		return sizeof(ret->v4);
	}
	ret->v6.sin6_family = AF_INET6;
	ret->v6.sin6_port = htons(port);
	ret->v6.sin6_scope_id = address->scope_id;
	memcpy(&ret->v6.sin6_addr, address->bytes, sizeof(ret->v6.sin6_addr));
	return sizeof(ret->v6);
}

uint16_t inet_port(const union inet_address *address)
{
	return ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port
						       : address->v6.sin6_port);
}

void inet_want_icmp(int fd, int family)
{
	int on = 1;

	if (family == AF_INET)
		setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	else
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
}

int inet_take_icmp(int fd, struct inet_icmp *ret)
{
	char control[256];
	struct msghdr message = {.msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *part;

	if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return 0;
	for (part = CMSG_FIRSTHDR(&message); part != NULL; part = CMSG_NXTHDR(&message, part)) {
		struct sock_extended_err report;
		bool is_report =
			(part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR) ||
			(part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR);

		if (!is_report || part->cmsg_len < CMSG_LEN(sizeof(report)))
			continue;
		memcpy(&report, CMSG_DATA(part), sizeof(report));
		if (report.ee_origin != SO_EE_ORIGIN_ICMP && report.ee_origin != SO_EE_ORIGIN_ICMP6)
			continue;
		*ret = (struct inet_icmp){report.ee_origin, report.ee_type, report.ee_code};
		return (int)report.ee_errno;
	}
	return 0;
}
