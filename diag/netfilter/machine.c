/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "netfilter/machine.h"

#include <string.h>

#include "netfilter/index.h"

enum { WORD = 4, FIRST_DATA_BYTE = 16 };

/* nft_parse_register(): the old registers are 16 bytes wide, the new ones 4, over the same bytes.
 */
size_t nf_register_offset(uint32_t number)
{
	if (number >= NFT_REG_1 && number <= NFT_REG_4)
		return FIRST_DATA_BYTE * (size_t)number;
	if (number >= NFT_REG32_00 && number <= NFT_REG32_15)
		return FIRST_DATA_BYTE + WORD * (size_t)(number - NFT_REG32_00);
	return 0;
}

enum nf_step nf_register_store(struct nf_machine *machine, uint32_t number,
			       const struct nf_bits *bits)
{
	struct nf_registers *registers = &machine->registers;
	size_t offset = nf_register_offset(number), i;
	size_t padded = (bits->len + WORD - 1) / WORD * WORD;

	if (offset == 0 || padded > NF_REGISTER_BYTES - offset)
		return NF_STEP_ALIEN;
	memcpy(registers->value + offset, bits->value, bits->len);
	memset(registers->known + offset, 0xff, padded);
	memset(registers->value + offset + bits->len, 0, padded - bits->len);
	if (bits->known == NULL)
		return NF_STEP_NEXT;
	memcpy(registers->known + offset, bits->known, bits->len);
	for (i = offset / WORD; i < (offset + padded) / WORD; i++)
		registers->why[i] = bits->why;
	return NF_STEP_NEXT;
}

enum nf_step nf_register_store_u32(struct nf_machine *machine, uint32_t number, uint32_t value)
{
	const struct nf_bits bits = {.value = (const uint8_t *)&value, .len = sizeof(value)};

	return nf_register_store(machine, number, &bits);
}

bool nf_register_load(const struct nf_machine *machine, uint32_t number, size_t len,
		      struct nf_bits *ret_bits)
{
	const struct nf_registers *registers = &machine->registers;
	size_t offset = nf_register_offset(number), i;

	if (offset == 0 || len > NF_REGISTER_BYTES - offset)
		return false;
	ret_bits->value = registers->value + offset;
	ret_bits->known = registers->known + offset;
	ret_bits->len = len;
	ret_bits->why = NULL;
	for (i = 0; i < len && ret_bits->known[i] == 0xff; i++)
		;
	if (i < len)
		ret_bits->why = registers->why[(offset + i) / WORD];
	return true;
}

enum nf_step nf_doubt(struct nf_machine *machine, const char *why)
{
	if (machine->doubt == NULL) {
		machine->doubt = why != NULL ? why : "a value that is not known";
		machine->before = machine->live;
	}
	return NF_STEP_DOUBT;
}

enum nf_step nf_step_of(struct nf_machine *machine, enum mux_answer answer, const char *why)
{
	if (answer == MUX_UNKNOWN)
		return nf_doubt(machine, why);
	return answer == MUX_YES ? NF_STEP_NEXT : NF_STEP_BREAK;
}

enum mux_answer nf_bits_equal(const struct nf_bits *bits, const void *bytes)
{
	const uint8_t *other = bytes;
	enum mux_answer answer = MUX_YES;
	size_t i;

	if (bits->known == NULL)
		return memcmp(bits->value, bytes, bits->len) == 0 ? MUX_YES : MUX_NO;
	for (i = 0; i < bits->len; i++) {
		if (((bits->value[i] ^ other[i]) & bits->known[i]) != 0)
			return MUX_NO;
		if (bits->known[i] != 0xff)
			answer = MUX_UNKNOWN;
	}
	return answer;
}

/* Compares with every unknown bit set to `fill`, as memcmp() does. */
static int compare(const struct nf_bits *bits, const uint8_t *other, uint8_t fill)
{
	size_t i;

	for (i = 0; i < bits->len; i++) {
		uint8_t known = bits->known == NULL ? 0xff : bits->known[i];
		uint8_t byte = (uint8_t)((bits->value[i] & known) | (fill & ~known));

		if (byte != other[i])
			return byte < other[i] ? -1 : 1;
	}
	return 0;
}

enum mux_answer nf_bits_less(const struct nf_bits *bits, const void *bytes)
{
	if (compare(bits, bytes, 0xff) < 0)
		return MUX_YES;
	return compare(bits, bytes, 0) < 0 ? MUX_UNKNOWN : MUX_NO;
}

enum mux_answer nf_bits_greater(const struct nf_bits *bits, const void *bytes)
{
	if (compare(bits, bytes, 0) > 0)
		return MUX_YES;
	return compare(bits, bytes, 0xff) > 0 ? MUX_UNKNOWN : MUX_NO;
}

static bool same_place(const struct nf_place *a, const struct nf_place *b)
{
	return a->rule == b->rule && a->chain.data == b->chain.data &&
	       a->table.data == b->table.data && a->priority == b->priority;
}

void nf_outcome_add(struct nf_machine *machine, enum nf_verdict_kind kind, const char *doubt)
{
	struct nf_outcome *outcome = &machine->outcomes.by[kind];

	if (doubt == NULL)
		doubt = machine->branch_doubt;
	if (machine->outcomes.may & 1u << kind) {
		if (!outcome->several && !same_place(&outcome->place, &machine->place)) {
			outcome->several = true;
			outcome->other = machine->place;
		}
		return;
	}
	machine->outcomes.may |= 1u << kind;
	*outcome = (struct nf_outcome){.place = machine->place,
				       .doubter = machine->place,
				       .reject = machine->verdict.reject,
				       .queue = machine->verdict.queue,
				       .doubt = doubt,
				       .by_policy = machine->place.rule == NULL};
}

void nf_split(struct nf_machine *machine)
{
	if (machine->split_doubt != NULL || machine->verdict.code == NF_CODE_CONTINUE)
		return;
	machine->split_doubt = machine->doubt;
	machine->split = machine->place;
}

void nf_observe(const struct nf_machine *machine, enum mux_answer matches)
{
	const struct nf_observer *observer = machine->ruleset->observer;

	if (observer != NULL)
		observer->seen(observer->context, machine, matches);
}

void nf_flow_add(struct nf_flow *flow, const struct nf_live *live)
{
	if (flow->alive)
		nf_live_join(&flow->live, live);
	else
		flow->live = *live;
	flow->alive = true;
}
