/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table, in one batch. No rule looks at conntrack: that would switch it on.
 */
#include "gather/trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include "base/sentinel.h"

enum {
	BATCH_BYTES = 64 * 1024,
	MESSAGE_BYTES = 2048, /* more than any message here has */
	RECEIVE_SECONDS = 5,
};

/* By the order of sentinel_hooks[]. */
static const uint32_t hook_numbers[SENTINEL_HOOKS] = {
	NF_INET_LOCAL_OUT,   NF_INET_POST_ROUTING, NF_INET_INGRESS,
	NF_INET_PRE_ROUTING, NF_INET_LOCAL_IN,
};

struct batch {
	struct mnl_nlmsg_batch *messages;
	const struct trace *trace;
	struct nlmsghdr *last; /* message but the batch's own begin and end */
	uint32_t sequence;
	int error; /* -ENOMEM, or 0 */
};

static struct nlmsghdr *add_message(struct batch *batch, uint16_t type, uint16_t flags)
{
	batch->last =
		nftnl_nlmsg_build_hdr(mnl_nlmsg_batch_current(batch->messages), type, NFPROTO_INET,
				      (uint16_t)(NLM_F_CREATE | flags), ++batch->sequence);
	return batch->last;
}

static void end_message(struct batch *batch)
{
	if (!mnl_nlmsg_batch_next(batch->messages))
		batch->error = -ENOMEM;
}

static void add_table(struct batch *batch)
{
	struct nftnl_table *table = nftnl_table_alloc();

	if (table == NULL) {
		batch->error = -ENOMEM;
		return;
	}
	nftnl_table_set_str(table, NFTNL_TABLE_NAME, batch->trace->table);
	nftnl_table_set_u32(table, NFTNL_TABLE_FLAGS, NFT_TABLE_F_OWNER);
	/* A table of that name is somebody else's. */
	nftnl_table_nlmsg_build_payload(add_message(batch, NFT_MSG_NEWTABLE, NLM_F_EXCL), table);
	end_message(batch);
	nftnl_table_free(table);
}

/* --- chains ------------------------------------------------------------------------------ */

static void add_chain(struct batch *batch, size_t hook, int32_t priority)
{
	struct nftnl_chain *chain = nftnl_chain_alloc();
	char name[SENTINEL_NAME_MAX];

	if (chain == NULL) {
		batch->error = -ENOMEM;
		return;
	}
	nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, batch->trace->table);
	nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME,
			    sentinel_name(&sentinel_hooks[hook], priority, name));
	nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, "filter");
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, hook_numbers[hook]);
	nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, priority);
	nftnl_chain_set_u32(chain, NFTNL_CHAIN_POLICY, NF_ACCEPT);
	if (hook_numbers[hook] == NF_INET_INGRESS)
		nftnl_chain_set_str(chain, NFTNL_CHAIN_DEV, "lo");
	nftnl_chain_nlmsg_build_payload(add_message(batch, NFT_MSG_NEWCHAIN, 0), chain);
	end_message(batch);
	nftnl_chain_free(chain);
}

static void add_chains(struct batch *batch, size_t hook)
{
	size_t i;

	for (i = 0; i < sentinel_hooks[hook].n; i++)
		add_chain(batch, hook, sentinel_hooks[hook].priorities[i]);
}

/* --- rules ------------------------------------------------------------------------------- */

/* What must stand where for a packet to be one of ours. */
struct part {
	enum nft_payload_bases base; /* NFT_PAYLOAD_*_HEADER */
	uint32_t offset, len;
	const void *bytes;
};

static struct nftnl_expr *add_expression(struct batch *batch, struct nftnl_rule *rule,
					 const char *name)
{
	struct nftnl_expr *expression = nftnl_expr_alloc(name);

	if (expression == NULL)
		batch->error = -ENOMEM;
	else
		nftnl_rule_add_expr(rule, expression);
	return expression;
}

static void add_compare(struct batch *batch, struct nftnl_rule *rule, const void *bytes, size_t len)
{
	struct nftnl_expr *compare = add_expression(batch, rule, "cmp");

	if (compare == NULL)
		return;
	nftnl_expr_set_u32(compare, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(compare, NFTNL_EXPR_CMP_OP, NFT_CMP_EQ);
	nftnl_expr_set(compare, NFTNL_EXPR_CMP_DATA, bytes, (uint32_t)len);
}

static void add_meta(struct batch *batch, struct nftnl_rule *rule, uint32_t key, uint8_t value)
{
	struct nftnl_expr *meta = add_expression(batch, rule, "meta");

	if (meta == NULL)
		return;
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_DREG, NFT_REG_1);
	add_compare(batch, rule, &value, sizeof(value));
}

static void add_part(struct batch *batch, struct nftnl_rule *rule, const struct part *part)
{
	struct nftnl_expr *payload = add_expression(batch, rule, "payload");

	if (payload == NULL)
		return;
	nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
	nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_BASE, part->base);
	nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_OFFSET, part->offset);
	nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_LEN, part->len);
	add_compare(batch, rule, part->bytes, part->len);
}

static void add_mark(struct batch *batch, struct nftnl_rule *rule)
{
	struct nftnl_expr *immediate = add_expression(batch, rule, "immediate");
	struct nftnl_expr *meta = add_expression(batch, rule, "meta");
	const uint8_t on = 1;

	if (immediate == NULL || meta == NULL)
		return;
	nftnl_expr_set_u32(immediate, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
	nftnl_expr_set(immediate, NFTNL_EXPR_IMM_DATA, &on, sizeof(on));
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_KEY, NFT_META_NFTRACE);
	nftnl_expr_set_u32(meta, NFTNL_EXPR_META_SREG, NFT_REG_1);
}

static void add_rule(struct batch *batch, const char *chain, uint8_t protocol,
		     const struct part *parts, size_t n)
{
	bool v4 = batch->trace->probe.address.family == AF_INET;
	struct nftnl_rule *rule = nftnl_rule_alloc();
	size_t i;

	if (rule == NULL) {
		batch->error = -ENOMEM;
		return;
	}
	nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, batch->trace->table);
	nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, chain);
	add_meta(batch, rule, NFT_META_NFPROTO, v4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
	add_meta(batch, rule, NFT_META_L4PROTO, protocol);
	for (i = 0; i < n; i++)
		add_part(batch, rule, &parts[i]);
	add_mark(batch, rule);
	nftnl_rule_nlmsg_build_payload(add_message(batch, NFT_MSG_NEWRULE, NLM_F_APPEND), rule);
	end_message(batch);
	nftnl_rule_free(rule);
}

/*
 * Selects the ICMP errors about our packet, by the headers they quote. Those of IPv4 are without
 * options, because ours has none.
 */
static void add_error_rule(struct batch *batch, const char *chain)
{
	const struct trace_probe *probe = &batch->trace->probe;
	const bool v4 = probe->address.family == AF_INET;
	const uint8_t type = v4 ? ICMP_DEST_UNREACH : ICMP6_DST_UNREACH;
	const uint8_t icmp = v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	const uint8_t quoted = probe->protocol == MUX_ICMP ? icmp : (uint8_t)probe->protocol;
	const uint16_t port_be = htons(probe->source_port);
	const uint32_t quote = 8, port_at = probe->protocol == MUX_ICMP ? 4 : 0;
	const struct part parts[] = {
		{NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1, &type},
		{NFT_PAYLOAD_TRANSPORT_HEADER, quote + (v4 ? 9 : 6), 1, &quoted},
		{NFT_PAYLOAD_TRANSPORT_HEADER, quote + (v4 ? 20 : 40) + port_at, 2, &port_be},
	};

	add_rule(batch, chain, icmp, parts, sizeof(parts) / sizeof(parts[0]));
}

static void add_echo_rules(struct batch *batch, const char *chain)
{
	const struct trace_probe *probe = &batch->trace->probe;
	const bool v4 = probe->address.family == AF_INET;
	const uint8_t types[] = {v4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST,
				 v4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY};
	const uint16_t id_be = htons(probe->source_port);
	size_t i;

	for (i = 0; i < sizeof(types); i++) {
		const struct part parts[] = {
			{NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1, &types[i]},
			{NFT_PAYLOAD_TRANSPORT_HEADER, 4, 2, &id_be},
		};

		add_rule(batch, chain, v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, parts, 2);
	}
}

/* The request, as it is sent: another program may use the same port for another destination. What
 * answers may come from anywhere once rules have translated it. */
static void add_port_rules(struct batch *batch, const char *chain)
{
	const struct trace_probe *probe = &batch->trace->probe;
	const bool v4 = probe->address.family == AF_INET;
	const uint16_t source_be = htons(probe->source_port), port_be = htons(probe->port);
	const struct part request[] = {
		{NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, &source_be},
		{NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, &port_be},
		{NFT_PAYLOAD_NETWORK_HEADER, v4 ? 16 : 24, v4 ? 4 : 16, probe->address.bytes},
	};
	const struct part answer[] = {{NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, &source_be}};

	add_rule(batch, chain, (uint8_t)probe->protocol, request, 3);
	add_rule(batch, chain, (uint8_t)probe->protocol, answer, 1);
}

/* The mark survives lo (skb->nf_trace), so that marking on OUTPUT is enough for both passes. */
static void add_rules(struct batch *batch)
{
	char chain[SENTINEL_NAME_MAX];

	sentinel_name(&sentinel_hooks[0], INT32_MIN, chain);
	if (batch->trace->probe.protocol == MUX_ICMP)
		add_echo_rules(batch, chain);
	else
		add_port_rules(batch, chain);
	add_error_rule(batch, chain);
}

/* --- talking to the kernel --------------------------------------------------------------- */

static void control(struct batch *batch, bool begin)
{
	char *at = mnl_nlmsg_batch_current(batch->messages);

	if (begin)
		nftnl_batch_begin(at, ++batch->sequence);
	else
		nftnl_batch_end(at, ++batch->sequence);
	end_message(batch);
}

/* Waits for the answer to the message `last`, or for the first error. */
static int take_answer(struct mnl_socket *socket, uint32_t last)
{
	_Alignas(struct nlmsghdr) char buffer[8192];

	for (;;) {
		const struct nlmsghdr *message = (const void *)buffer;
		ssize_t n = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		int left = (int)n;

		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
			const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);

			if (message->nlmsg_type != NLMSG_ERROR)
				continue;
			if (error->error != 0)
				return error->error;
			if (message->nlmsg_seq == last)
				return 0;
		}
	}
}

/*
 * Sends the batch: all of it is done or nothing. Only the last message asks to be acknowledged,
 * because the kernel answers in order and acknowledges what goes well before it comes to what does
 * not. Returns 0 or the kernel's -errno.
 */
static int send_batch(struct batch *batch, struct mnl_socket *socket)
{
	uint32_t last = batch->sequence;

	batch->last->nlmsg_flags |= NLM_F_ACK;
	control(batch, false);
	if (batch->error != 0)
		return batch->error;
	if (mnl_socket_sendto(socket, mnl_nlmsg_batch_head(batch->messages),
			      mnl_nlmsg_batch_size(batch->messages)) < 0)
		return -errno;
	return take_answer(socket, last);
}

static int run_batch(struct trace *trace, void (*build)(struct batch *batch))
{
	/* libmnl lets a message run over the end before it says that it does not fit. */
	char *buffer = malloc(BATCH_BYTES + MESSAGE_BYTES);
	struct batch batch = {.trace = trace};

	if (buffer == NULL)
		return -ENOMEM;
	batch.messages = mnl_nlmsg_batch_start(buffer, BATCH_BYTES);
	batch.error = batch.messages == NULL ? -ENOMEM : 0;
	if (batch.error == 0) {
		control(&batch, true);
		build(&batch);
	}
	if (batch.error == 0)
		batch.error = send_batch(&batch, trace->owner);
	if (batch.messages != NULL)
		mnl_nlmsg_batch_stop(batch.messages);
	free(buffer);
	return batch.error;
}

static void build_all(struct batch *batch)
{
	size_t i;

	add_table(batch);
	for (i = 0; i < SENTINEL_HOOKS; i++)
		if (hook_numbers[i] != NF_INET_INGRESS || batch->trace->ingress)
			add_chains(batch, i);
	add_rules(batch);
}

static void build_removal(struct batch *batch)
{
	struct nftnl_table *table = nftnl_table_alloc();

	if (table == NULL) {
		batch->error = -ENOMEM;
		return;
	}
	nftnl_table_set_str(table, NFTNL_TABLE_NAME, batch->trace->table);
	nftnl_table_nlmsg_build_payload(add_message(batch, NFT_MSG_DELTABLE, 0), table);
	end_message(batch);
	nftnl_table_free(table);
}

int trace_table_add(struct trace *trace)
{
	const struct timeval patience = {.tv_sec = RECEIVE_SECONDS};
	int error;

	trace->owner = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (trace->owner == NULL || mnl_socket_bind(trace->owner, 0, MNL_SOCKET_AUTOPID) != 0)
		return -errno;
	setsockopt(mnl_socket_get_fd(trace->owner), SOL_SOCKET, SO_RCVTIMEO, &patience,
		   sizeof(patience));
	trace->ingress = true;
	error = run_batch(trace, build_all);
	if (error == 0 || error == -EPERM)
		return error;
	/* A kernel without the ingress hook of inet tables (before 5.10, or not configured). */
	trace->ingress = false;
	return run_batch(trace, build_all);
}

void trace_table_remove(struct trace *trace)
{
	if (trace->owner == NULL)
		return;
	/* If this fails the end of the socket does it. */
	run_batch(trace, build_removal);
	mnl_socket_close(trace->owner);
	trace->owner = NULL;
}
