/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's own definitions. The C library's headers must come first, or both define in_addr
 * (linux/libc-compat.h); so this file is included before any other. */
#ifndef MUX_NETFILTER_KERNEL_H
#define MUX_NETFILTER_KERNEL_H

#include <net/if.h>
#include <netinet/in.h>

#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netlink.h>

#endif
