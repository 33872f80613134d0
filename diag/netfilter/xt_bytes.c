/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Matches on bytes anywhere in the packet: string, u32, tcpmss. */
#include "netfilter/kernel.h"

#include <ctype.h>
#include <linux/netfilter/xt_string.h>
#include <linux/netfilter/xt_tcpmss.h>
#include <linux/netfilter/xt_u32.h>
#include <string.h>

#include "netfilter/xt.h"

enum { MANY_BYTES = 3 };

/* --- string ------------------------------------------------------------------------------ */

/* Can the byte be that character? */
static enum mux_answer is_char(const struct nf_image *image, size_t at, uint8_t wanted,
			       bool any_case)
{
	uint8_t known = at < image->len ? image->known[at] : 0;
	uint8_t value = at < image->len ? image->value[at] : 0;

	if (known == 0xff && any_case)
		return tolower(value) == tolower(wanted) ? MUX_YES : MUX_NO;
	if (!any_case && ((value ^ wanted) & known) != 0)
		return MUX_NO;
	return known == 0xff ? MUX_YES : MUX_UNKNOWN;
}

/*
 * Is the pattern at that place? *ret_chance says that it would take several bytes that nobody
 * chooses (sequence numbers, clocks, checksums) to spell it.
 */
static enum mux_answer is_there(const struct nf_image *image, size_t at,
				const struct xt_string_info *info, bool any_case, bool *ret_chance)
{
	enum mux_answer all = MUX_YES;
	size_t i, n_unknown = 0;

	for (i = 0; i < info->patlen; i++) {
		enum mux_answer answer =
			is_char(image, at + i, (uint8_t)info->pattern[i], any_case);

		if (answer == MUX_NO)
			return MUX_NO;
		if (answer == MUX_UNKNOWN)
			all = MUX_UNKNOWN;
		n_unknown += answer == MUX_UNKNOWN && at + i < image->len;
	}
	*ret_chance = n_unknown >= MANY_BYTES;
	return all;
}

/*
 * skb_find_text(): anywhere from from_offset on. Kernels differ in whether the pattern must begin
 * or end before to_offset, so what lies in between is not known.
 */
static enum mux_answer find_text(const struct nf_image *image, const struct xt_string_info *info,
				 bool any_case, bool *ret_chance)
{
	enum mux_answer found = MUX_NO;
	size_t at;

	for (at = info->from_offset;
	     at <= info->to_offset && at + info->patlen <= image->length && found != MUX_YES;
	     at++) {
		bool chance = false;
		enum mux_answer here = is_there(image, at, info, any_case, &chance);

		if (here == MUX_UNKNOWN && chance) {
			*ret_chance = true;
			continue;
		}
		if (here == MUX_YES && at + info->patlen > info->to_offset)
			here = MUX_UNKNOWN;
		if (here != MUX_NO)
			found = here;
	}
	return found;
}

static enum nf_step run_string(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_string_info info;
	struct nf_image image;
	bool invert, any_case = false, chance = false;
	enum mux_answer found = MUX_UNKNOWN;

	nf_xt_info(use, &info);
	if (info.patlen == 0 || info.patlen > sizeof(info.pattern))
		return NF_STEP_ALIEN;
	invert = use->revision == 0 ? info.u.v0.invert != 0
				    : (info.u.v1.flags & XT_STRING_FLAG_INVERT) != 0;
	if (use->revision == 1)
		any_case = (info.u.v1.flags & XT_STRING_FLAG_IGNORECASE) != 0;
	nf_live_image(&machine->live, &image);
	if (image.length_known)
		found = find_text(&image, &info, any_case, &chance);
	if (found == MUX_NO && chance)
		nf_assume(machine, "that no sequence number or clock spells a searched string");
	return nf_step_of(machine, nf_invert(found, invert), "the packet's contents");
}

static bool print_string(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_string_info info;
	struct mux_slice pattern = {info.pattern, 0};
	bool invert;

	nf_xt_info(use, &info);
	pattern.len = info.patlen <= sizeof(info.pattern) ? info.patlen : 0;
	invert = use->revision == 0 ? info.u.v0.invert != 0
				    : (info.u.v1.flags & XT_STRING_FLAG_INVERT) != 0;
	str_addf(&printer->text, " -m string%s --string \"%s\"", invert ? " !" : "",
		 nf_escape(printer, pattern));
	return true;
}

/* --- u32 --------------------------------------------------------------------------------- */

/* A number in host order, each bit known or not. */
struct word {
	uint32_t value, known;
};

/* Reads 4 bytes. Returns MUX_NO behind the packet's end, MUX_UNKNOWN when that may be. */
static enum mux_answer read_word(const struct nf_image *image, uint64_t at, struct word *ret)
{
	size_t i;

	*ret = (struct word){0, 0};
	if (image->length_known && at + 4 > image->length)
		return MUX_NO;
	for (i = 0; i < 4; i++) {
		bool modelled = at + i < image->len;

		ret->value = ret->value << 8 | (modelled ? image->value[at + i] : 0);
		ret->known = ret->known << 8 | (modelled ? image->known[at + i] : 0);
	}
	return image->length_known || at + 4 <= image->len ? MUX_YES : MUX_UNKNOWN;
}

/* The number that a test is about. Returns MUX_NO when the packet is too short for it. */
static enum mux_answer locate(const struct nf_image *image, const struct xt_u32_test *test,
			      struct word *ret)
{
	enum mux_answer answer = read_word(image, test->location[0].number, ret);
	uint64_t at = 0;
	size_t i;

	for (i = 1; i < test->nnums && answer == MUX_YES; i++) {
		uint32_t number = test->location[i].number;

		switch (test->location[i].nextop) {
		case XT_U32_AND:
			ret->known |= ~number;
			ret->value &= number;
			break;
		case XT_U32_LEFTSH:
			ret->value = number < 32 ? ret->value << number : 0;
			ret->known = number < 32 ? ret->known << number | ((1u << number) - 1)
						 : UINT32_MAX;
			break;
		case XT_U32_RIGHTSH:
			ret->value = number < 32 ? ret->value >> number : 0;
			ret->known = number < 32 ? ~(~ret->known >> number) : UINT32_MAX;
			break;
		default:
			if (ret->known != UINT32_MAX)
				return MUX_UNKNOWN;
			at += ret->value;
			answer = read_word(image, at + number, ret);
			break;
		}
	}
	return answer;
}

static enum mux_answer in_values(const struct xt_u32_test *test, const struct word *word)
{
	const uint32_t least = word->value & word->known, most = least | ~word->known;
	enum mux_answer any = MUX_NO;
	size_t i;

	for (i = 0; i < test->nvalues; i++) {
		if (least >= test->value[i].min && most <= test->value[i].max)
			return MUX_YES;
		if (most >= test->value[i].min && least <= test->value[i].max)
			any = MUX_UNKNOWN;
	}
	return any;
}

/* u32_match_it(): all tests must hold. */
static enum nf_step run_u32(struct nf_machine *machine, const struct nf_xt_use *use)
{
	enum mux_answer all = MUX_YES;
	struct nf_image image;
	struct xt_u32 info;
	size_t i;

	nf_xt_info(use, &info);
	if (info.ntests > sizeof(info.tests) / sizeof(info.tests[0]))
		return NF_STEP_ALIEN;
	nf_live_image(&machine->live, &image);
	for (i = 0; i < info.ntests && all != MUX_NO; i++) {
		const struct xt_u32_test *test = &info.tests[i];
		enum mux_answer answer;
		struct word word;

		if (test->nnums == 0 ||
		    test->nnums > sizeof(test->location) / sizeof(test->location[0]) ||
		    test->nvalues > sizeof(test->value) / sizeof(test->value[0]))
			return NF_STEP_ALIEN;
		answer = locate(&image, test, &word);
		if (answer == MUX_YES)
			answer = in_values(test, &word);
		if (answer != MUX_YES)
			all = answer;
	}
	return nf_step_of(machine, nf_invert(all, info.invert != 0), "bytes of the packet");
}

static void print_u32_test(struct nf_printer *printer, const struct xt_u32_test *test)
{
	static const char *const operators[] = {"&", "<<", ">>", "@"};
	size_t i;

	for (i = 0; i < test->nnums && i < sizeof(test->location) / sizeof(test->location[0]); i++)
		str_addf(&printer->text, "%s0x%x",
			 i == 0 ? "" : operators[test->location[i].nextop & 3],
			 test->location[i].number);
	for (i = 0; i < test->nvalues && i < sizeof(test->value) / sizeof(test->value[0]); i++) {
		str_addf(&printer->text, "%s0x%x", i == 0 ? "=" : ",", test->value[i].min);
		if (test->value[i].max != test->value[i].min)
			str_addf(&printer->text, ":0x%x", test->value[i].max);
	}
}

static bool print_u32(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_u32 info;
	size_t i;

	nf_xt_info(use, &info);
	str_addf(&printer->text, " -m u32%s --u32 \"", info.invert ? " !" : "");
	for (i = 0; i < info.ntests && i < sizeof(info.tests) / sizeof(info.tests[0]); i++) {
		str_add(&printer->text, i == 0 ? "" : "&&");
		print_u32_test(printer, &info.tests[i]);
	}
	str_add(&printer->text, "\"");
	return true;
}

/* --- tcpmss ------------------------------------------------------------------------------ */

enum { OPTION_MSS = 2, MSS_LEN = 4 };

/* tcpmss_mt(): without the option the match is what inverts. */
static enum nf_step run_tcpmss(struct nf_machine *machine, const struct nf_xt_use *use)
{
	const struct nf_live *live = &machine->live;
	struct xt_tcpmss_match_info info;
	enum mux_answer answer;
	size_t offset, len;
	struct nf_bits bits;
	uint16_t least_be, most_be;

	nf_xt_info(use, &info);
	answer = nf_live_tcp_option(live, OPTION_MSS, &offset, &len);
	if (answer == MUX_YES && len == MSS_LEN) {
		bits = (struct nf_bits){live->value.transport + offset + 2,
					live->known.transport + offset + 2, 2, NULL};
		least_be = htons(info.mss_min);
		most_be = htons(info.mss_max);
		if (nf_bits_less(&bits, &least_be) == MUX_YES ||
		    nf_bits_greater(&bits, &most_be) == MUX_YES)
			answer = MUX_NO;
		else if (nf_bits_less(&bits, &least_be) == MUX_UNKNOWN ||
			 nf_bits_greater(&bits, &most_be) == MUX_UNKNOWN)
			answer = MUX_UNKNOWN;
	}
	return nf_step_of(machine, nf_invert(answer, info.invert != 0), "the TCP options");
}

static bool print_tcpmss(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_tcpmss_match_info info;

	nf_xt_info(use, &info);
	str_add(&printer->text, " -m tcpmss");
	nf_print_ports(printer, "mss", info.invert != 0, info.mss_min, info.mss_max);
	return true;
}

const struct nf_xt nf_xt_bytes[] = {
	{
		.name = "string",
		.size = {sizeof(struct xt_string_info), sizeof(struct xt_string_info)},
		.run = run_string,
		.print = print_string,
	},
	{
		.name = "u32",
		.size = {sizeof(struct xt_u32)},
		.run = run_u32,
		.print = print_u32,
	},
	{
		.name = "tcpmss",
		.size = {sizeof(struct xt_tcpmss_match_info)},
		.run = run_tcpmss,
		.print = print_tcpmss,
	},
	{.name = NULL},
};
