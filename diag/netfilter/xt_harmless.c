/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Targets that let the packet go on as it is, as far as any verdict goes; and NFQUEUE, which does
 * not. */
#include "netfilter/kernel.h"

#include <linux/netfilter/xt_CLASSIFY.h>
#include <linux/netfilter/xt_LOG.h>
#include <linux/netfilter/xt_NFQUEUE.h>
#include <string.h>

#include "netfilter/xt.h"

static enum nf_step run(struct nf_machine *machine, const struct nf_xt_use *use)
{
	(void)machine;
	(void)use;
	return NF_STEP_NEXT;
}

static bool print(struct nf_printer *printer, const struct nf_xt_use *use)
{
	str_addf(&printer->text, " -j %s", use->xt->name);
	return true;
}

static bool print_log(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_log_info info;
	struct mux_slice prefix = {info.prefix, 0};

	nf_xt_info(use, &info);
	prefix.len = strnlen(info.prefix, sizeof(info.prefix));
	str_add(&printer->text, " -j LOG");
	if (prefix.len != 0)
		str_addf(&printer->text, " --log-prefix \"%s\"", nf_escape(printer, prefix));
	return true;
}

static enum nf_step run_tcp_options(struct nf_machine *machine, const struct nf_xt_use *use)
{
	(void)use;
	nf_live_forget_tcp_options(&machine->live);
	return NF_STEP_NEXT;
}

/* TTL, HL, TOS and DSCP write one field each; what it becomes is not computed. */
static enum nf_step run_hop_limit(struct nf_machine *machine, const struct nf_xt_use *use)
{
	(void)use;
	machine->live.known.network[machine->live.family == NFPROTO_IPV4 ? 8 : 7] = 0;
	return NF_STEP_NEXT;
}

static enum nf_step run_traffic_class(struct nf_machine *machine, const struct nf_xt_use *use)
{
	(void)use;
	machine->live.known.network[1] = 0;
	if (machine->live.family == NFPROTO_IPV6)
		machine->live.known.network[0] = 0xf0;
	return NF_STEP_NEXT;
}

static enum nf_step run_classify(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_classify_target_info info;

	nf_xt_info(use, &info);
	machine->live.value.priority = info.priority;
	machine->live.known.priority = UINT32_MAX;
	return NF_STEP_NEXT;
}

static enum nf_step run_queue(struct nf_machine *machine, const struct nf_xt_use *use)
{
	/* Every revision begins alike; the second one's bypass is the third one's first flag. */
	struct xt_NFQ_info_v3 info = {.queues_total = 1};

	nf_xt_info(use, &info);
	machine->verdict.code = NF_CODE_QUEUE;
	machine->verdict.queue = (struct nf_queue){
		.known = true,
		.bypass = (info.flags & NFQ_FLAG_BYPASS) != 0,
		.first = info.queuenum,
		.total = info.queues_total,
	};
	return NF_STEP_NEXT;
}

/* Whether a listener is found decides between accept and drop; synproxy answers itself. */
static enum nf_step run_unknown(struct nf_machine *machine, const struct nf_xt_use *use)
{
	nf_doubt(machine, use->xt->name[0] == 'T' ? "whether TPROXY finds a listener"
						  : "answered by SYNPROXY");
	machine->verdict.code = NF_CODE_UNKNOWN;
	return NF_STEP_DOUBT;
}

static bool print_queue(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_NFQ_info_v3 info = {0};

	nf_xt_info(use, &info);
	str_addf(&printer->text, " -j NFQUEUE --queue-num %u%s", info.queuenum,
		 info.flags & NFQ_FLAG_BYPASS ? " --queue-bypass" : "");
	return true;
}

#define TARGET(text, function)                                                                     \
	{                                                                                          \
		.name = (text), .target = true, .no_info = true, .run = (function), .print = print \
	}

const struct nf_xt nf_xt_harmless[] = {
	{
		.name = "LOG",
		.target = true,
		.size = {sizeof(struct xt_log_info)},
		.run = run,
		.print = print_log,
	},
	{
		.name = "CLASSIFY",
		.target = true,
		.size = {sizeof(struct xt_classify_target_info)},
		.run = run_classify,
		.print = print,
	},
	{
		.name = "NFQUEUE",
		.target = true,
		.size = {sizeof(struct xt_NFQ_info), sizeof(struct xt_NFQ_info_v1),
			 sizeof(struct xt_NFQ_info_v2), sizeof(struct xt_NFQ_info_v3)},
		.run = run_queue,
		.print = print_queue,
	},
	TARGET("NFLOG", run),
	TARGET("TRACE", run),
	TARGET("AUDIT", run),
	TARGET("SET", run),
	TARGET("TCPMSS", run_tcp_options),
	TARGET("TCPOPTSTRIP", run_tcp_options),
	TARGET("CHECKSUM", run),
	TARGET("SECMARK", run),
	TARGET("CONNSECMARK", run),
	TARGET("TEE", run),
	TARGET("LED", run),
	TARGET("IDLETIMER", run),
	TARGET("RATEEST", run),
	TARGET("ECN", run),
	TARGET("TTL", run_hop_limit),
	TARGET("HL", run_hop_limit),
	TARGET("TOS", run_traffic_class),
	TARGET("DSCP", run_traffic_class),
	TARGET("TPROXY", run_unknown),
	TARGET("SYNPROXY", run_unknown),
	{.name = NULL},
};
