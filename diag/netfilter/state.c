/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel knows of the packet beside its bytes, as a rule at the machine's hook and
 * priority sees it. */
#include "netfilter/kernel.h"

#include "netfilter/machine.h"

void nf_assume(struct nf_machine *machine, const char *what)
{
	if (machine->assumption == NULL)
		machine->assumption = what;
}

bool nf_is_protocol(const struct nf_machine *machine, uint8_t protocol)
{
	return machine->live.protocol == protocol;
}

bool nf_has_input(const struct nf_machine *machine)
{
	return machine->place.hook == NF_HOOK_INGRESS ||
	       machine->place.hook == NF_HOOK_PREROUTING || machine->place.hook == NF_HOOK_INPUT;
}

bool nf_has_output(const struct nf_machine *machine)
{
	return !nf_has_input(machine);
}

/* ipv4_conntrack_local() runs on OUTPUT at NF_IP_PRI_CONNTRACK; at that very priority the order is
 * not known. */
static enum mux_answer is_attached(const struct nf_machine *machine)
{
	if (machine->live.ct_attached || machine->place.priority > NF_IP_PRI_CONNTRACK)
		return MUX_YES;
	return machine->place.priority < NF_IP_PRI_CONNTRACK ? MUX_NO : MUX_UNKNOWN;
}

void nf_ct_state(const struct nf_machine *machine, uint32_t *ret_value, uint32_t *ret_known)
{
	*ret_value = machine->live.value.ct_state;
	*ret_known = machine->live.known.ct_state;
	switch (is_attached(machine)) {
	case MUX_YES:
		break;
	case MUX_NO:
		/* Also what nft_ct_get_eval() says of a packet conntrack has not seen. */
		if (*ret_value != NF_CT_STATE_UNTRACKED_BIT) {
			*ret_value = NF_CT_STATE_INVALID_BIT;
			*ret_known = UINT32_MAX;
		}
		break;
	case MUX_UNKNOWN:
		*ret_known = 0;
		break;
	}
}

enum mux_answer nf_ct_is_tracked(const struct nf_machine *machine)
{
	const uint32_t none = NF_CT_STATE_INVALID_BIT | NF_CT_STATE_UNTRACKED_BIT;
	uint32_t value, known;

	nf_ct_state(machine, &value, &known);
	if ((value & known & none) != 0)
		return MUX_NO;
	return (known & none) == none ? MUX_YES : MUX_UNKNOWN;
}

void nf_ct_status(const struct nf_machine *machine, uint32_t *ret_value, uint32_t *ret_known)
{
	const struct nf_live *live = &machine->live;
	const uint32_t new = NF_CT_STATE_BIT(IP_CT_NEW);
	bool reply = live->value.ct_direction == IP_CT_DIR_REPLY;
	bool outbound = machine->place.hook == NF_HOOK_OUTPUT ||
			machine->place.hook == NF_HOOK_POSTROUTING;

	*ret_value = live->value.ct_status;
	*ret_known = live->known.ct_status;
	if (live->known.ct_state != UINT32_MAX || live->known.ct_direction == 0)
		return;
	/* nf_conntrack_confirm() ends POSTROUTING; a reply has been seen when one is running. */
	*ret_known |= IPS_CONFIRMED;
	if ((live->value.ct_state & new) == 0 || !outbound)
		*ret_value |= IPS_CONFIRMED;
	if ((live->value.ct_state & new) != 0)
		*ret_known |= IPS_SEEN_REPLY | IPS_ASSURED;
	if (reply) {
		*ret_value |= IPS_SEEN_REPLY;
		*ret_known |= IPS_SEEN_REPLY;
	}
}
