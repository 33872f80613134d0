/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a register as nft writes their type. */

#include "netfilter/kernel.h"

#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "netfilter/printer.h"

struct word {
	uint64_t value;
	const char *text;
};

static const struct word protocols[] = {
	{IPPROTO_ICMP, "icmp"},	      {IPPROTO_IGMP, "igmp"},	     {IPPROTO_TCP, "tcp"},
	{IPPROTO_UDP, "udp"},	      {IPPROTO_GRE, "gre"},	     {IPPROTO_ESP, "esp"},
	{IPPROTO_AH, "ah"},	      {IPPROTO_SCTP, "sctp"},	     {IPPROTO_DCCP, "dccp"},
	{IPPROTO_UDPLITE, "udplite"}, {IPPROTO_ICMPV6, "ipv6-icmp"}, {0, NULL},
};

static const struct word families[] = {{NFPROTO_IPV4, "ipv4"}, {NFPROTO_IPV6, "ipv6"}, {0, NULL}};

static const struct word ethertypes[] = {
	{ETH_P_IP, "ip"}, {ETH_P_IPV6, "ip6"}, {ETH_P_ARP, "arp"}, {0, NULL}};

static const struct word icmp_types[] = {
	{0, "echo-reply"},	     {3, "destination-unreachable"},
	{4, "source-quench"},	     {5, "redirect"},
	{8, "echo-request"},	     {9, "router-advertisement"},
	{10, "router-solicitation"}, {11, "time-exceeded"},
	{12, "parameter-problem"},   {13, "timestamp-request"},
	{14, "timestamp-reply"},     {0, NULL},
};

static const struct word icmp6_types[] = {
	{1, "destination-unreachable"}, {2, "packet-too-big"},	      {3, "time-exceeded"},
	{4, "parameter-problem"},	{128, "echo-request"},	      {129, "echo-reply"},
	{130, "mld-listener-query"},	{131, "mld-listener-report"}, {132, "mld-listener-done"},
	{133, "nd-router-solicit"},	{134, "nd-router-advert"},    {135, "nd-neighbor-solicit"},
	{136, "nd-neighbor-advert"},	{137, "nd-redirect"},	      {0, NULL},
};

static const struct word tcp_flags[] = {
	{0x01, "fin"}, {0x02, "syn"}, {0x04, "rst"}, {0x08, "psh"}, {0x10, "ack"},
	{0x20, "urg"}, {0x40, "ecn"}, {0x80, "cwr"}, {0, NULL},
};

static const struct word ct_states[] = {
	{NF_CT_STATE_INVALID_BIT, "invalid"},
	{NF_CT_STATE_BIT(IP_CT_ESTABLISHED), "established"},
	{NF_CT_STATE_BIT(IP_CT_RELATED), "related"},
	{NF_CT_STATE_BIT(IP_CT_NEW), "new"},
	{NF_CT_STATE_UNTRACKED_BIT, "untracked"},
	{0, NULL},
};

static const struct word ct_statuses[] = {
	{IPS_EXPECTED, "expected"}, {IPS_SEEN_REPLY, "seen-reply"},
	{IPS_ASSURED, "assured"},   {IPS_CONFIRMED, "confirmed"},
	{IPS_SRC_NAT, "snat"},	    {IPS_DST_NAT, "dnat"},
	{IPS_DYING, "dying"},	    {0, NULL},
};

static const struct word ct_directions[] = {{0, "original"}, {1, "reply"}, {0, NULL}};

static const struct word fib_types[] = {
	{1, "unicast"},	  {2, "local"},	      {3, "broadcast"}, {4, "anycast"}, {5, "multicast"},
	{6, "blackhole"}, {7, "unreachable"}, {8, "prohibit"},	{0, NULL},
};

static const struct word packet_types[] = {
	{0, "host"}, {1, "broadcast"}, {2, "multicast"}, {3, "other"}, {0, NULL}};

static const struct word unreachable4[] = {
	{0, "net-unreachable"},	  {1, "host-unreachable"},
	{2, "prot-unreachable"},  {3, "port-unreachable"},
	{9, "net-prohibited"},	  {10, "host-prohibited"},
	{13, "admin-prohibited"}, {0, NULL},
};

static const struct word unreachable6[] = {
	{0, "no-route"},
	{1, "admin-prohibited"},
	{3, "addr-unreachable"},
	{4, "port-unreachable"},
	{5, "policy-fail"},
	{6, "reject-route"},
	{0, NULL},
};

/* How the value of each type is read and named. */
static const struct {
	bool host_order, flags, hex;
	const struct word *words;
} types[] = {
	[NF_TYPE_NUMBER] = {.words = NULL},
	[NF_TYPE_HOST_NUMBER] = {.host_order = true},
	[NF_TYPE_HOST_HEX] = {.host_order = true, .hex = true},
	[NF_TYPE_PROTOCOL] = {.words = protocols},
	[NF_TYPE_NFPROTO] = {.words = families},
	[NF_TYPE_ETHERTYPE] = {.words = ethertypes, .hex = true},
	[NF_TYPE_ICMP] = {.words = icmp_types},
	[NF_TYPE_ICMP6] = {.words = icmp6_types},
	[NF_TYPE_TCP_FLAGS] = {.words = tcp_flags, .flags = true, .hex = true},
	[NF_TYPE_CT_STATE] = {true, true, true, ct_states},
	[NF_TYPE_CT_STATUS] = {true, true, true, ct_statuses},
	[NF_TYPE_CT_DIRECTION] = {.host_order = true, .words = ct_directions},
	[NF_TYPE_FIB_TYPE] = {.host_order = true, .words = fib_types},
	[NF_TYPE_PACKET_TYPE] = {.host_order = true, .words = packet_types},
};

static uint64_t read_number(struct mux_slice bytes, bool host_order)
{
	const uint8_t *data = (const uint8_t *)bytes.data;
	uint64_t value = 0;
	size_t i;

	if (host_order && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) {
		for (i = bytes.len; i > 0; i--)
			value = value << 8 | data[i - 1];
	} else {
		for (i = 0; i < bytes.len; i++)
			value = value << 8 | data[i];
	}
	return value;
}

static const char *find_word(const struct word *words, uint64_t value)
{
	for (; words != NULL && words->text != NULL; words++)
		if (words->value == value)
			return words->text;
	return NULL;
}

/* "syn|ack", as far as every bit has a name. */
static const char *format_flags(struct nf_printer *printer, const struct word *words,
				uint64_t value)
{
	struct str text;

	str_init(&text, printer->arena);
	for (; words->text != NULL; words++)
		if (value & words->value) {
			str_addf(&text, "%s%s", text.len == 0 ? "" : "|", words->text);
			value &= ~words->value;
		}
	if (value != 0 || text.len == 0)
		str_addf(&text, "%s0x%llx", text.len == 0 ? "" : "|", (unsigned long long)value);
	return str_done(&text);
}

static const char *format_bytes(struct nf_printer *printer, struct mux_slice bytes)
{
	struct str text;
	size_t i;

	str_init(&text, printer->arena);
	str_add(&text, "0x");
	for (i = 0; i < bytes.len; i++)
		str_addf(&text, "%02x", (uint8_t)bytes.data[i]);
	return str_done(&text);
}

static const char *format_address(struct nf_printer *printer, int family, struct mux_slice bytes)
{
	struct mux_address address = {.family = family};
	char text[ADDR_TEXT_MAX];

	memcpy(address.bytes, bytes.data, bytes.len);
	return arena_printf(printer->arena, "%s", addr_format(&address, text));
}

static const char *format_name(struct nf_printer *printer, struct mux_slice bytes)
{
	size_t len = strnlen(bytes.data, bytes.len);
	/* Without its NUL the comparison is of a prefix: "eth*". */
	const char *tail = len == bytes.len && bytes.len < 16 ? "*" : "";

	bytes.len = len;
	return arena_printf(printer->arena, "\"%s%s\"", nf_escape(printer, bytes), tail);
}

static const char *format_link_address(struct nf_printer *printer, struct mux_slice bytes)
{
	const uint8_t *b = (const uint8_t *)bytes.data;

	return arena_printf(printer->arena, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3],
			    b[4], b[5]);
}

static const char *format_number(struct nf_printer *printer, enum nf_type type,
				 struct mux_slice bytes)
{
	uint64_t value = read_number(bytes, types[type].host_order);
	const char *word = types[type].flags ? NULL : find_word(types[type].words, value);

	if (word != NULL)
		return word;
	if (types[type].flags)
		return format_flags(printer, types[type].words, value);
	return arena_printf(printer->arena, types[type].hex ? "0x%llx" : "%llu",
			    (unsigned long long)value);
}

const char *nf_format_value(struct nf_printer *printer, enum nf_type type, struct mux_slice bytes)
{
	const char *text = NULL;

	if (type == NF_TYPE_IPV4 && bytes.len == 4)
		text = format_address(printer, AF_INET, bytes);
	else if (type == NF_TYPE_IPV6 && bytes.len == 16)
		text = format_address(printer, AF_INET6, bytes);
	else if (type == NF_TYPE_NAME)
		text = format_name(printer, bytes);
	else if (type == NF_TYPE_LINK_ADDRESS && bytes.len == 6)
		text = format_link_address(printer, bytes);
	else if (type < sizeof(types) / sizeof(types[0]) && type != NF_TYPE_BYTES &&
		 type != NF_TYPE_IPV4 && type != NF_TYPE_IPV6 && bytes.len <= 8)
		text = format_number(printer, type, bytes);
	else
		text = format_bytes(printer, bytes);
	return text == NULL ? "?" : text;
}

const char *nf_unreachable_name(uint8_t family, uint8_t code)
{
	const char *name = find_word(family == NFPROTO_IPV6 ? unreachable6 : unreachable4, code);

	return name == NULL ? "unreachable" : name;
}
