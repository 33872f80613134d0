/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine that rules run on: registers whose bits are known or not, the packet in flight, the
 * verdict of the rule that runs, and why it is in doubt whether the rule goes on. Expressions
 * (expr.h) and xtables matches and targets (xt.h) are its instructions; chain.c and legacy.c walk
 * the rules.
 */
#ifndef MUX_NETFILTER_MACHINE_H
#define MUX_NETFILTER_MACHINE_H

#include "netfilter/live.h"
#include "netfilter/ruleset.h"
#include "netfilter/verdict.h"

enum {
	NF_REGISTER_BYTES = 80, /* the verdict's 16, then 16 registers of 4 (struct nft_regs) */
	NF_MAX_DEPTH = 16,	/* NFT_JUMP_STACK_SIZE */
};

/* What an instruction did. */
enum nf_step {
	NF_STEP_NEXT,  /* it holds, go on */
	NF_STEP_BREAK, /* it does not: the rule is over */
	NF_STEP_DOUBT, /* it may or may not hold; nf_doubt() has said why */
	NF_STEP_ALIEN, /* nothing is known about what it does */
};

enum nf_code {
	NF_CODE_CONTINUE,
	NF_CODE_ACCEPT,
	NF_CODE_DROP,
	NF_CODE_REJECT,
	NF_CODE_QUEUE,
	NF_CODE_JUMP,
	NF_CODE_GOTO,
	NF_CODE_RETURN,
	NF_CODE_UNKNOWN,
};

struct nf_verdict {
	enum nf_code code;
	struct mux_slice chain;	 /* of NF_CODE_JUMP and NF_CODE_GOTO, nftables */
	size_t offset;		 /* of the same in a legacy table */
	struct nf_reject reject; /* of NF_CODE_REJECT */
	struct nf_queue queue;	 /* of NF_CODE_QUEUE */
};

struct nf_registers {
	uint8_t value[NF_REGISTER_BYTES];
	uint8_t known[NF_REGISTER_BYTES];	/* a 1 for every bit that is known */
	const char *why[NF_REGISTER_BYTES / 4]; /* why bits of this word are not known */
};

/* Where the machine is. */
struct nf_place {
	enum nf_backend backend;
	uint8_t family; /* of the table */
	enum nf_hook hook;
	int32_t priority;
	struct mux_slice table, chain;
	size_t position; /* of the rule, from 1; 0 = the policy */
	/* The rule: struct mux_nft_rule, or struct ipt_entry / ip6t_entry of a legacy table. */
	const void *rule;
	size_t rule_len; /* of a legacy entry */
};

/* One way the hook can end, and the first place where it can. */
struct nf_outcome {
	struct nf_place place;
	struct nf_reject reject;
	struct nf_queue queue;
	const char *doubt; /* the condition under which, NULL = for certain */
	bool by_policy, has_counters;
	uint64_t packets, bytes;
	bool several; /* there are other places that may decide the same */
	struct nf_place other;
	struct nf_place doubter; /* the rule that `doubt` is about */
};

struct nf_outcomes {
	unsigned may; /* 1u << enum nf_verdict_kind */
	struct nf_outcome by[NF_N_KINDS];
};

/* Branches that met: may the packet get here, and as what? */
struct nf_flow {
	bool alive;
	struct nf_live live;
};

struct nf_machine {
	const struct nf_ruleset *ruleset;
	struct arena *arena;
	struct nf_place place;
	struct nf_live live;
	struct nf_live before; /* as it was when the rule came into doubt */
	struct nf_registers registers;
	struct nf_verdict verdict;
	const char *doubt; /* of this rule: NULL = none so far */
	/* Of a rule that does not match. nftables: what of its expressions was run, and before the
	 * one that failed; legacy: the name of the match, empty for the entry's own header. */
	struct mux_slice broken, before_broken;
	const char *branch_doubt; /* under which this chain was entered */
	const char *assumption;	  /* about the machine, that decided a condition; NULL = none */
	const char *base_doubt;	  /* why the base chain may not run at all; NULL = it does */
	struct nf_outcomes outcomes;
	struct nf_flow accepted; /* by the base chain that runs */
	/* The first rule of the base chain that may or may not match and leads elsewhere. */
	const char *split_doubt;
	struct nf_place split;
	unsigned depth;
	size_t steps;
};

/* Some bytes, each bit known or not. */
struct nf_bits {
	const uint8_t *value;
	const uint8_t *known; /* NULL = all are */
	size_t len;
	const char *why; /* why some are not known; static text */
};

/*
 * Maps a register's number to its first byte among NF_REGISTER_BYTES. Returns 0 for the verdict
 * register and for numbers that do not exist.
 */
size_t nf_register_offset(uint32_t number);

/*
 * Copies the bits into a data register (NFT_REG_1…, NFT_REG32_00…) and zeroes the rest of its last
 * word, as nft_reg_store*() do. Returns NF_STEP_NEXT, or NF_STEP_ALIEN when they do not fit.
 */
enum nf_step nf_register_store(struct nf_machine *machine, uint32_t number,
			       const struct nf_bits *bits);

/* Stores a number in host order, all of its `len` bytes known. */
enum nf_step nf_register_store_u32(struct nf_machine *machine, uint32_t number, uint32_t value);

/* Looks at len bytes of a data register. Returns false when there are not so many. The bits stay
 * valid until the register is written. */
bool nf_register_load(const struct nf_machine *machine, uint32_t number, size_t len,
		      struct nf_bits *ret_bits);

/* Notes why it is in doubt whether the rule goes on; the first reason stays. `why` is static text
 * or lives in the machine's arena. Returns NF_STEP_DOUBT. */
enum nf_step nf_doubt(struct nf_machine *machine, const char *why);

/* Turns an answer into a step: yes, go on; no, break; unknown, doubt for the reason `why`. */
enum nf_step nf_step_of(struct nf_machine *machine, enum mux_answer answer, const char *why);

/* Compares the bits with as many known bytes. MUX_UNKNOWN if it depends on bits not known. */
enum mux_answer nf_bits_equal(const struct nf_bits *bits, const void *bytes);

/* Is bits < bytes, as memcmp() orders? */
enum mux_answer nf_bits_less(const struct nf_bits *bits, const void *bytes);

/* Is bits > bytes, as memcmp() orders? */
enum mux_answer nf_bits_greater(const struct nf_bits *bits, const void *bytes);

/* Returns the opposite of a known answer. */
static inline enum mux_answer nf_not(enum mux_answer answer)
{
	return answer == MUX_UNKNOWN ? MUX_UNKNOWN : answer == MUX_YES ? MUX_NO : MUX_YES;
}

/* Notes that a condition was decided by assuming something about the machine: that it is quiet. */
void nf_assume(struct nf_machine *machine, const char *what);

/*
 * Draws from a bucket that was full when the first packet ran, which is assumed of a quiet machine.
 * `bucket` identifies it. Returns false when it may be empty by now.
 */
bool nf_spend(struct nf_machine *machine, const void *bucket, uint32_t capacity);

/* Notes that the packet's address was put into xt_recent's list of that name. */
void nf_recent_add(struct nf_machine *machine, const char *name);

/* Returns how often it has been, since the first packet ran. */
uint32_t nf_recent_count(struct nf_machine *machine, const char *name);

/*
 * Finds the element of a set for a key. Returns NULL, and notes the need, when it is not in the
 * facts.
 */
const struct mux_nft_element *nf_element_find(struct nf_machine *machine, struct mux_slice set,
					      struct mux_slice key);

/* Returns the set of the machine's table with that name, or NULL. */
const struct mux_nft_set *nf_set_find(const struct nf_machine *machine, struct mux_slice name);

/*
 * The RTN_* of the packet's source or destination address: loopback addresses and those of this
 * machine's links are local. Returns false when it cannot be told.
 */
bool nf_address_type(const struct nf_machine *machine, bool source, uint32_t *ret_type);

/* The socket the packet is for; not known once its ports may be others. */
struct nf_receiver nf_receiver(const struct nf_machine *machine);

/* Is the packet's transport header of that protocol? */
bool nf_is_protocol(const struct nf_machine *machine, uint8_t protocol);

/* The packet's conntrack state, NF_CT_STATE_* bits, at the machine's hook and priority; nft_ct.c
 * and xt_conntrack.c agree on them. */
void nf_ct_state(const struct nf_machine *machine, uint32_t *ret_value, uint32_t *ret_known);

/* Does it belong to a flow? Neither invalid nor untracked packets do. */
enum mux_answer nf_ct_is_tracked(const struct nf_machine *machine);

/* The IPS_* bits of its flow. */
void nf_ct_status(const struct nf_machine *machine, uint32_t *ret_value, uint32_t *ret_known);

/* Is there an interface the packet came in through at the machine's hook? (nf_hook_state.in) */
bool nf_has_input(const struct nf_machine *machine);

/* Is there one it goes out through? (nf_hook_state.out) */
bool nf_has_output(const struct nf_machine *machine);

/* Reads the group of the link that the packet crosses. Returns false when it is not known. */
bool nf_link_group(const struct nf_machine *machine, uint32_t *ret_group);

/* Is it known that no route or routing rule has a realm? */
bool nf_has_no_realms(const struct nf_machine *machine);

/* Notes that the rule that runs leads elsewhere, if it matches, which is in doubt. */
void nf_split(struct nf_machine *machine);

/* Tells the observer, if there is one. */
void nf_observe(const struct nf_machine *machine, enum mux_answer matches);

/*
 * Describes the rule at a place: its text in the syntax of its backend, escaped, and for a legacy
 * rule its chain and position, which its place does not know. Fields of *ret that do not apply stay
 * as they are.
 */
void nf_place_describe(const struct nf_machine *machine, const struct nf_place *place,
		       struct nf_decision *ret);

/*
 * Says which of its conditions a rule has failed that nf_rule_run() has just answered MUX_NO for,
 * or the rule of a legacy table: "not tcp dport 22". Returns text in the machine's arena, or NULL.
 */
const char *nf_failed_print(const struct nf_machine *machine);

/* Notes that the hook may end so, at the machine's place. */
void nf_outcome_add(struct nf_machine *machine, enum nf_verdict_kind kind, const char *doubt);

/* Runs one rule of nftables. Returns whether it matches; then machine->verdict is what it says. On
 * MUX_UNKNOWN, machine->doubt says why and machine->before is the packet if it does not match. */
enum mux_answer nf_rule_run(struct nf_machine *machine, const struct mux_nft_rule *rule);

/* Lets another branch meet the flow. */
void nf_flow_add(struct nf_flow *flow, const struct nf_live *live);

/* Runs a base chain of nftables: adds to the outcomes, and machine->accepted is the packet that
 * goes on to the next base chain, if it may. */
void nf_base_chain_run(struct nf_machine *machine, const struct mux_nft_chain *chain);

/* As nf_base_chain_run() for a legacy table at machine->place.hook, which it must be valid for. */
void nf_legacy_table_run(struct nf_machine *machine, const struct mux_xtables_table *table);

#endif
