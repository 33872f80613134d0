/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_cpu.c: the CPU that runs the packet. */
#include "netfilter/kernel.h"

#include <linux/netfilter/xt_cpu.h>

#include "netfilter/index.h"
#include "netfilter/xt.h"

/* cpu_mt(). Which one it is nobody knows, but a CPU that there cannot be it is not. */
static enum nf_step run(struct nf_machine *machine, const struct nf_xt_use *use)
{
	const uint32_t n_cpus = machine->ruleset->snapshot->machine.n_cpus;
	enum mux_answer answer = MUX_UNKNOWN;
	struct xt_cpu_info info;

	nf_xt_info(use, &info);
	if (n_cpus != 0 && info.cpu >= n_cpus)
		answer = MUX_NO;
	else if (n_cpus == 1)
		answer = MUX_YES;
	return nf_step_of(machine, nf_invert(answer, info.invert != 0),
			  "which CPU runs the packet");
}

static bool print(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_cpu_info info;

	nf_xt_info(use, &info);
	str_addf(&printer->text, " -m cpu%s --cpu %u", info.invert ? " !" : "", info.cpu);
	return true;
}

const struct nf_xt nf_xt_cpu[] = {
	{
		.name = "cpu",
		.size = {sizeof(struct xt_cpu_info)},
		.run = run,
		.print = print,
	},
	{.name = NULL},
};
