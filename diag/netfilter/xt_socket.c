/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_socket.c: is there a socket that the packet is for? */
#include "netfilter/kernel.h"

#include <linux/netfilter/xt_socket.h>

#include "netfilter/xt.h"

/* socket_match(): not one bound to no address, unless asked for; connect(2) and listen(2) make none
 * transparent. */
static enum nf_step run(struct nf_machine *machine, const struct nf_xt_use *use)
{
	static const char why[] = "whether a local socket wants the packet";
	struct nf_receiver receiver = nf_receiver(machine);
	struct xt_socket_mtinfo1 info = {0};

	nf_xt_info(use, &info);
	/* With --restore-skmark the packet's mark becomes the socket's. */
	if (machine->place.hook == NF_HOOK_OUTPUT || (info.flags & XT_SOCKET_RESTORESKMARK) != 0)
		return NF_STEP_ALIEN;
	if (receiver.exists != MUX_YES)
		return nf_step_of(machine, receiver.exists, why);
	if (info.flags & XT_SOCKET_TRANSPARENT) {
		nf_assume(machine, "that no socket is transparent");
		return NF_STEP_BREAK;
	}
	if (info.flags & XT_SOCKET_NOWILDCARD)
		return NF_STEP_NEXT;
	return nf_step_of(machine, nf_not(receiver.is_wildcard), why);
}

static bool print(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_socket_mtinfo1 info = {0};

	nf_xt_info(use, &info);
	str_add(&printer->text, " -m socket");
	if (info.flags & XT_SOCKET_TRANSPARENT)
		str_add(&printer->text, " --transparent");
	if (info.flags & XT_SOCKET_NOWILDCARD)
		str_add(&printer->text, " --nowildcard");
	if (info.flags & XT_SOCKET_RESTORESKMARK)
		str_add(&printer->text, " --restore-skmark");
	return true;
}

const struct nf_xt nf_xt_socket[] = {
	{
		.name = "socket",
		.size = {[1] = sizeof(struct xt_socket_mtinfo1),
			 [2] = sizeof(struct xt_socket_mtinfo2),
			 [3] = sizeof(struct xt_socket_mtinfo3)},
		.run = run,
		.print = print,
	},
	{.name = NULL},
};
