/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "netfilter/printer.h"

#include <stdarg.h>
#include <string.h>

#include "base/slice.h"
#include "netfilter/expr.h"

static void add_separator(struct nf_printer *printer)
{
	if (printer->text.len != 0)
		str_add(&printer->text, " ");
}

void nf_print_pending(struct nf_printer *printer)
{
	if (printer->pending == NULL)
		return;
	add_separator(printer);
	str_add(&printer->text, printer->pending);
	printer->pending = NULL;
}

void nf_print(struct nf_printer *printer, const char *format, ...)
{
	va_list arguments;

	nf_print_pending(printer);
	add_separator(printer);
	va_start(arguments, format);
	str_vaddf(&printer->text, format, arguments);
	va_end(arguments);
}

struct nf_printed *nf_printed(struct nf_printer *printer, uint32_t number)
{
	size_t offset = nf_register_offset(number);
	struct nf_printed *printed;

	if (offset == 0)
		return NULL;
	printed = &printer->registers[offset / 4];
	return printed->text != NULL || printed->immediate ? printed : NULL;
}

void nf_print_load(struct nf_printer *printer, uint32_t number, const char *text, enum nf_type type,
		   size_t len)
{
	size_t offset = nf_register_offset(number);

	if (offset != 0)
		printer->registers[offset / 4] =
			(struct nf_printed){.text = text, .type = type, .len = len};
}

void nf_print_load_value(struct nf_printer *printer, uint32_t number, struct mux_slice value)
{
	size_t offset = nf_register_offset(number);

	if (offset != 0)
		printer->registers[offset / 4] =
			(struct nf_printed){.immediate = true, .len = value.len, .value = value};
}

const char *nf_escape(struct nf_printer *printer, struct mux_slice name)
{
	const char *escaped = str_escape(printer->arena, name);

	return escaped == NULL ? "?" : escaped;
}

const char *nf_format_register(struct nf_printer *printer, uint32_t number, enum nf_type type)
{
	const struct nf_printed *printed = nf_printed(printer, number);

	if (printed == NULL || !printed->immediate)
		return NULL;
	return nf_format_value(printer, type, printed->value);
}

bool nf_print_verdict(struct nf_printer *printer, const struct nf_verdict *verdict)
{
	static const char *const words[] = {
		[NF_CODE_CONTINUE] = "continue", [NF_CODE_ACCEPT] = "accept",
		[NF_CODE_DROP] = "drop",	 [NF_CODE_QUEUE] = "queue",
		[NF_CODE_RETURN] = "return",
	};

	switch (verdict->code) {
	case NF_CODE_JUMP:
	case NF_CODE_GOTO:
		nf_print(printer, "%s %s", verdict->code == NF_CODE_JUMP ? "jump" : "goto",
			 nf_escape(printer, verdict->chain));
		return true;
	case NF_CODE_CONTINUE:
	case NF_CODE_ACCEPT:
	case NF_CODE_DROP:
	case NF_CODE_QUEUE:
	case NF_CODE_RETURN:
		nf_print(printer, "%s", words[verdict->code]);
		return true;
	default:
		return false;
	}
}

/* The comment nft keeps in the rule's user data: type 0, length, text (NFTNL_UDATA_RULE_COMMENT).
 */
static void print_comment(struct nf_printer *printer, struct mux_slice user_data)
{
	while (user_data.len >= 2) {
		uint8_t type = (uint8_t)user_data.data[0], len = (uint8_t)user_data.data[1];
		struct mux_slice text = {user_data.data + 2, len};

		if (len > user_data.len - 2)
			return;
		if (type == 0) {
			text.len = strnlen(text.data, text.len);
			nf_print(printer, "comment \"%s\"", nf_escape(printer, text));
			return;
		}
		user_data.data += 2 + len;
		user_data.len -= 2u + len;
	}
}

const char *nf_rule_print(uint8_t family, const struct mux_nft_rule *rule, struct arena *arena)
{
	struct nf_printer *printer = arena_alloc(arena, sizeof(*printer));
	struct mux_slice rest = rule->expressions, name;
	struct nf_attrs attrs;
	bool damaged = false;

	if (printer == NULL)
		return NULL;
	str_init(&printer->text, arena);
	printer->arena = arena;
	printer->family = family;
	while (nf_expr_next(&rest, &name, &attrs, &damaged)) {
		const struct nf_expr *expression = nf_expr_find(name);

		if (expression == NULL || (attrs.present & ~expression->attributes) != 0 ||
		    !expression->print(printer, &attrs))
			nf_print(printer, "[%s]", nf_escape(printer, name));
	}
	if (damaged)
		nf_print(printer, "[damaged]");
	if (rule->user_data.len != 0)
		print_comment(printer, rule->user_data);
	nf_print_pending(printer);
	return str_done(&printer->text);
}

bool nf_rule_counters(const struct mux_nft_rule *rule, uint64_t *ret_packets, uint64_t *ret_bytes)
{
	struct mux_slice rest = rule->expressions, name;
	struct nf_attrs attrs;
	bool damaged = false;

	while (nf_expr_next(&rest, &name, &attrs, &damaged))
		if (slice_is(name, "counter"))
			return nf_attr_u64(&attrs, NFTA_COUNTER_PACKETS, 0, ret_packets) &&
			       nf_attr_u64(&attrs, NFTA_COUNTER_BYTES, 0, ret_bytes);
	return false;
}
