/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a packet before it is sent, and the matches that read them wherever they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "netfilter_rules.h"

#include <linux/netfilter/xt_string.h>
#include <linux/netfilter/xt_tcpmss.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter/xt_u32.h>

#include "netfilter/machine.h"
#include "netfilter/xt.h"

enum { SYN = 0x02, RST = 0x04, ACK = 0x10, PSH = 0x08 };

static struct nf_machine machine;

/* Linux as it comes: lo of 65536 bytes, all options on. */
static struct nf_packet packet_of(int family, uint8_t tcp_flags)
{
	struct nf_packet packet = {
		.source = family == AF_INET ? addr_loopback4 : addr_loopback6,
		.destination = family == AF_INET ? addr_loopback4 : addr_loopback6,
		.protocol = IPPROTO_TCP,
		.source_port = 40000,
		.destination_port = 8000,
		.tcp_flags = tcp_flags,
		.hop_limit = 64,
		.has_tcp_options = true,
		.tcp_mss = family == AF_INET ? 65495 : 65476,
		.tcp_timestamps = true,
		.tcp_sack = true,
		.tcp_window_scaling = true,
		.tcp_large_windows = true,
	};

	return packet;
}

static void load(const struct nf_packet *packet)
{
	memset(&machine, 0, sizeof(machine));
	machine.arena = rules.arena;
	nf_live_init(&machine.live, packet);
}

static int setup(void **state)
{
	struct nf_packet packet = packet_of(AF_INET, SYN);

	(void)state;
	rules_begin();
	load(&packet);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rules_end();
	return 0;
}

static enum nf_step match(const char *name, uint8_t revision, const void *info, size_t len)
{
	const struct mux_slice bytes = {info, len};
	struct nf_xt_use use;

	machine.doubt = NULL;
	assert_true(nf_xt_find(slice_of(name), false, revision, bytes, &use));
	return use.xt->run(&machine, &use);
}

/* --- the packet -------------------------------------------------------------------------- */

/* Captured on lo of Linux 6.18: SYN 60 and 80 bytes, ACK 52 and 72, RST 40 and 60. */
static void lengths_are_those_of_linux(void **state)
{
	static const struct {
		int family;
		uint8_t flags;
		uint32_t length;
	} cases[] = {
		{AF_INET, SYN, 60},	   {AF_INET6, SYN, 80},	      {AF_INET, SYN | ACK, 60},
		{AF_INET6, SYN | ACK, 80}, {AF_INET, ACK, 52},	      {AF_INET6, ACK, 72},
		{AF_INET, RST | ACK, 40},  {AF_INET6, RST | ACK, 60},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nf_packet packet = packet_of(cases[i].family, cases[i].flags);

		load(&packet);
		assert_int_equal(machine.live.known.length, UINT32_MAX);
		assert_int_equal(machine.live.value.length, cases[i].length);
	}
}

static void data_is_added_to_the_length(void **state)
{
	struct nf_packet packet = packet_of(AF_INET, PSH | ACK);

	(void)state;
	load(&packet);
	assert_int_not_equal(machine.live.known.length, UINT32_MAX);
	packet.has_payload = true;
	packet.n_payload = 4;
	load(&packet);
	assert_int_equal(machine.live.known.length, UINT32_MAX);
	assert_int_equal(machine.live.value.length, 56);
}

static void options_stand_as_linux_writes_them(void **state)
{
	struct nf_packet packet = packet_of(AF_INET, SYN);
	size_t offset, len;

	(void)state;
	assert_int_equal(nf_live_tcp_option(&machine.live, 2, &offset, &len), MUX_YES);
	assert_int_equal(offset, 20);
	assert_int_equal(len, 4);
	assert_int_equal(nf_live_tcp_option(&machine.live, 4, &offset, &len), MUX_YES);
	assert_int_equal(offset, 24);
	assert_int_equal(nf_live_tcp_option(&machine.live, 8, &offset, &len), MUX_YES);
	assert_int_equal(offset, 26);
	assert_int_equal(nf_live_tcp_option(&machine.live, 3, &offset, &len), MUX_YES);
	assert_int_equal(offset, 37);
	assert_int_equal(nf_live_tcp_option(&machine.live, 200, &offset, &len), MUX_NO);
	packet.tcp_timestamps = packet.tcp_window_scaling = false;
	load(&packet);
	assert_int_equal(nf_live_tcp_option(&machine.live, 4, &offset, &len), MUX_YES);
	assert_int_equal(offset, 26);
	assert_int_equal(nf_live_tcp_option(&machine.live, 8, &offset, &len), MUX_NO);
	assert_int_equal(machine.live.value.length, 48);
}

static void without_sysctls_options_are_open(void **state)
{
	struct nf_packet packet = packet_of(AF_INET, SYN);
	size_t offset, len;

	(void)state;
	packet.has_tcp_options = false;
	load(&packet);
	assert_int_equal(nf_live_tcp_option(&machine.live, 2, &offset, &len), MUX_UNKNOWN);
	assert_int_not_equal(machine.live.known.length, UINT32_MAX);
}

static void rewritten_options_are_open(void **state)
{
	size_t offset, len;

	(void)state;
	nf_live_forget_tcp_options(&machine.live);
	assert_int_equal(nf_live_tcp_option(&machine.live, 2, &offset, &len), MUX_UNKNOWN);
	assert_int_equal(machine.live.value.length, 60);
}

/* --- matches ----------------------------------------------------------------------------- */

static void tcp_option_is_decided(void **state)
{
	struct xt_tcp info = {.spts = {0, UINT16_MAX}, .dpts = {0, UINT16_MAX}, .option = 2};

	(void)state;
	assert_int_equal(match("tcp", 0, &info, sizeof(info)), NF_STEP_NEXT);
	info.option = 200;
	assert_int_equal(match("tcp", 0, &info, sizeof(info)), NF_STEP_BREAK);
	info.invflags = XT_TCP_INV_OPTION;
	assert_int_equal(match("tcp", 0, &info, sizeof(info)), NF_STEP_NEXT);
}

static void tcpmss_is_decided(void **state)
{
	struct xt_tcpmss_match_info info = {.mss_min = 1000, .mss_max = UINT16_MAX};
	struct nf_packet packet = packet_of(AF_INET, ACK);

	(void)state;
	assert_int_equal(match("tcpmss", 0, &info, sizeof(info)), NF_STEP_NEXT);
	info.mss_max = 65494;
	assert_int_equal(match("tcpmss", 0, &info, sizeof(info)), NF_STEP_BREAK);
	load(&packet);
	info.mss_max = UINT16_MAX;
	assert_int_equal(match("tcpmss", 0, &info, sizeof(info)), NF_STEP_BREAK);
	packet = packet_of(AF_INET, SYN);
	packet.tcp_mss = 0;
	load(&packet);
	assert_int_equal(match("tcpmss", 0, &info, sizeof(info)), NF_STEP_DOUBT);
}

static struct xt_u32 u32_test(uint32_t at, uint32_t operation, uint32_t number, uint32_t wanted)
{
	struct xt_u32 info = {.ntests = 1};

	info.tests[0].nnums = 2;
	info.tests[0].location[0].number = at;
	info.tests[0].location[1].nextop = (uint8_t)operation;
	info.tests[0].location[1].number = number;
	info.tests[0].nvalues = 1;
	info.tests[0].value[0].min = info.tests[0].value[0].max = wanted;
	return info;
}

static void u32_is_run(void **state)
{
	struct xt_u32 version = u32_test(0, XT_U32_RIGHTSH, 28, 4);
	struct xt_u32 port = u32_test(20, XT_U32_AND, 0xffff, 8000);
	struct xt_u32 sequence = u32_test(24, XT_U32_AND, 0xff, 7);
	struct xt_u32 behind = u32_test(60, XT_U32_AND, 0xff, 7);
	struct xt_u32 jump = u32_test(0, XT_U32_RIGHTSH, 22, 0);

	(void)state;
	assert_int_equal(match("u32", 0, &version, sizeof(version)), NF_STEP_NEXT);
	assert_int_equal(match("u32", 0, &port, sizeof(port)), NF_STEP_NEXT);
	assert_int_equal(match("u32", 0, &sequence, sizeof(sequence)), NF_STEP_DOUBT);
	/* u32_match_it() fails behind the packet's end; inverted it holds. */
	assert_int_equal(match("u32", 0, &behind, sizeof(behind)), NF_STEP_BREAK);
	behind.invert = 1;
	assert_int_equal(match("u32", 0, &behind, sizeof(behind)), NF_STEP_NEXT);
	/* "0>>22&0x3C@0=…": over the IPv4 header to the ports. */
	jump.tests[0].nnums = 4;
	jump.tests[0].location[2].nextop = XT_U32_AND;
	jump.tests[0].location[2].number = 0x3c;
	jump.tests[0].location[3].nextop = XT_U32_AT;
	jump.tests[0].location[3].number = 0;
	jump.tests[0].value[0].min = jump.tests[0].value[0].max = 40000u << 16 | 8000;
	assert_int_equal(match("u32", 0, &jump, sizeof(jump)), NF_STEP_NEXT);
}

static struct xt_string_info searched(const char *pattern)
{
	struct xt_string_info info = {.to_offset = UINT16_MAX, .algo = "bm"};

	info.patlen = (uint8_t)strlen(pattern);
	memcpy(info.pattern, pattern, strlen(pattern));
	return info;
}

static void strings_are_searched(void **state)
{
	struct xt_string_info address = searched("\x7f"), ports = searched("\x9c\x40\x1f\x40");
	struct xt_string_info word = searched("secret"), two = searched("ab");

	(void)state;
	assert_int_equal(match("string", 1, &address, sizeof(address)), NF_STEP_NEXT);
	assert_int_equal(match("string", 1, &ports, sizeof(ports)), NF_STEP_NEXT);
	address.u.v1.flags = XT_STRING_FLAG_INVERT;
	assert_int_equal(match("string", 1, &address, sizeof(address)), NF_STEP_BREAK);
	/* Only chance could spell it in numbers that nobody chooses. */
	assert_int_equal(match("string", 1, &word, sizeof(word)), NF_STEP_BREAK);
	assert_non_null(machine.assumption);
	/* Two bytes a clock may well show. */
	assert_int_equal(match("string", 1, &two, sizeof(two)), NF_STEP_DOUBT);
}

static void a_payload_is_not_guessed(void **state)
{
	struct nf_packet packet = packet_of(AF_INET, PSH | ACK);
	struct xt_string_info word = searched("GET /password");

	(void)state;
	packet.has_payload = true;
	packet.n_payload = 400;
	load(&packet);
	assert_int_equal(match("string", 1, &word, sizeof(word)), NF_STEP_DOUBT);
	packet.n_payload = 4;
	load(&packet);
	assert_int_equal(match("string", 1, &word, sizeof(word)), NF_STEP_BREAK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lengths_are_those_of_linux, setup, teardown),
		cmocka_unit_test_setup_teardown(data_is_added_to_the_length, setup, teardown),
		cmocka_unit_test_setup_teardown(options_stand_as_linux_writes_them, setup,
						teardown),
		cmocka_unit_test_setup_teardown(without_sysctls_options_are_open, setup, teardown),
		cmocka_unit_test_setup_teardown(rewritten_options_are_open, setup, teardown),
		cmocka_unit_test_setup_teardown(tcp_option_is_decided, setup, teardown),
		cmocka_unit_test_setup_teardown(tcpmss_is_decided, setup, teardown),
		cmocka_unit_test_setup_teardown(u32_is_run, setup, teardown),
		cmocka_unit_test_setup_teardown(strings_are_searched, setup, teardown),
		cmocka_unit_test_setup_teardown(a_payload_is_not_guessed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
