/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk over hostile netlink messages and attributes. */
#include "parse_room.h"

#include "message.h"
#include "parse/netlink.h"

enum { TYPE = 100, OTHER_TYPE = 101, HEADER = 8 };

/* Two messages with attributes and one of another type between them. */
static struct mux_slice sample(struct messages *messages)
{
	uint8_t *header;

	memset(messages, 0, sizeof(*messages));
	header = message_begin(messages, TYPE, HEADER);
	header[0] = 1;
	message_put_u32(messages, 1, 11);
	message_put_string(messages, 2, "abc");
	message_put_u32(messages, 9, 99);
	message_end(messages);
	message_begin(messages, OTHER_TYPE, 1);
	message_end(messages);
	header = message_begin(messages, TYPE, HEADER);
	header[0] = 2;
	message_put_u32(messages, 1, 12);
	message_put_u32(messages, 1, 13);
	message_end(messages);
	return message_bytes(messages);
}

static void gives_messages_and_attributes(void **state)
{
	struct mux_source source = {.presence = MUX_PRESENT};
	const struct nlattr *table[3];
	struct netlink_messages walk;
	const struct nlmsghdr *message;
	struct messages messages;

	(void)state;
	netlink_begin(&walk, sample(&messages));
	message = netlink_next(&walk, TYPE, HEADER);
	assert_non_null(message);
	netlink_attributes(message, HEADER, table, 3);
	assert_int_equal(netlink_u32(table[1], 0), 11);
	assert_slice(netlink_string(table[2]), "abc");
	assert_int_equal(netlink_u32(table[0], 0), 99);
	message = netlink_next(&walk, TYPE, HEADER);
	assert_non_null(message);
	netlink_attributes(message, HEADER, table, 3);
	assert_int_equal(netlink_u32(table[1], 0), 13);
	assert_null(table[0]);
	assert_null(netlink_next(&walk, TYPE, HEADER));
	netlink_finish(&walk, &source);
	assert_int_equal(source.presence, MUX_PRESENT);
}

/* Touches everything that the accessors give. */
static int walk_all(struct mux_slice bytes, struct arena *arena)
{
	struct mux_source source = {.presence = MUX_PRESENT};
	const struct nlattr *table[4], *nested[4];
	struct netlink_messages walk;
	const struct nlmsghdr *message;
	uint32_t sum = 0;
	size_t i;

	(void)arena;
	netlink_begin(&walk, bytes);
	while ((message = netlink_next(&walk, TYPE, HEADER))) {
		netlink_attributes(message, HEADER, table, 4);
		for (i = 0; i < 4; i++) {
			sum += netlink_u8(table[i], 0) + netlink_u32(table[i], 0);
			sum += netlink_u32_be(table[i], 0);
			sum += (uint32_t)netlink_u64_be(table[i], 0);
			sum += (uint32_t)netlink_string(table[i]).len;
			sum += (uint32_t)netlink_address(table[i], AF_INET6).family;
			netlink_nested(table[i], nested, 4);
			sum += (uint32_t)netlink_bytes(nested[1]).len;
		}
	}
	netlink_finish(&walk, &source);
	return sum == UINT32_MAX;
}

static void stays_inside(void **state)
{
	struct messages messages;
	struct mux_slice bytes = sample(&messages);
	size_t i;

	(void)state;
	check_prefixes(bytes, walk_all, NLMSG_ALIGNTO);
	for (i = 0; i < bytes.len; i++) {
		static const uint8_t values[] = {0, 1, 3, 0x7f, 0x80, 0xff};
		char saved = messages.data[i];
		struct guard guard;
		size_t j;

		for (j = 0; j < sizeof(values); j++) {
			messages.data[i] = (char)values[j];
			guard_copy(&guard, bytes, NLMSG_ALIGNTO);
			assert_int_equal(walk_all(guard.bytes, NULL), 0);
			guard_free(&guard);
		}
		messages.data[i] = saved;
	}
}

static void says_what_is_damaged(void **state)
{
	struct messages messages;
	struct mux_slice bytes = sample(&messages);
	size_t len;

	(void)state;
	for (len = 0; len <= bytes.len; len++) {
		struct mux_source source = {.presence = MUX_PRESENT};
		struct mux_slice prefix = {.data = bytes.data, .len = len};
		size_t first = ((const struct nlmsghdr *)(const void *)bytes.data)->nlmsg_len;
		bool whole = len == 0 || len == bytes.len || len == first ||
			     len == first + NLMSG_HDRLEN + 4;
		struct netlink_messages walk;

		netlink_begin(&walk, prefix);
		while (netlink_next(&walk, TYPE, HEADER) != NULL)
			;
		netlink_finish(&walk, &source);
		assert_int_equal(source.presence, whole ? MUX_PRESENT : MUX_DENIED);
		assert_int_equal(source.error, whole ? 0 : EBADMSG);
	}
}

/* A header that does not fit, bytes that begin at an odd address: damage, not a crash. */
static void refuses_what_cannot_be_read_in_place(void **state)
{
	struct mux_source source = {.presence = MUX_PRESENT};
	struct mux_source denied = {.presence = MUX_DENIED, .error = EPERM};
	struct netlink_messages walk;
	struct messages messages;
	struct mux_slice bytes = sample(&messages);

	(void)state;
	netlink_begin(&walk, bytes);
	assert_null(netlink_next(&walk, OTHER_TYPE, HEADER));
	netlink_finish(&walk, &source);
	assert_int_equal(source.error, EBADMSG);
	memmove(messages.data + 1, messages.data, bytes.len);
	bytes.data++;
	netlink_begin(&walk, bytes);
	assert_null(netlink_next(&walk, TYPE, HEADER));
	assert_true(walk.damaged);
	/* What was not present stays what it was. */
	netlink_finish(&walk, &denied);
	assert_int_equal(denied.error, EPERM);
}

/* Lengths that are negative to those who compare as int, mnl_nlmsg_ok() among them. */
static void refuses_huge_lengths(void **state)
{
	static const uint32_t lens[] = {0x80000000, 0x80000010, 0x80000018, 0xfffffff0, UINT32_MAX};
	struct messages messages;
	struct mux_slice bytes = sample(&messages);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		struct netlink_messages walk;

		memcpy(messages.data, &lens[i], sizeof(lens[i]));
		netlink_begin(&walk, bytes);
		assert_null(netlink_next(&walk, TYPE, HEADER));
		assert_true(walk.damaged);
	}
}

static void checks_lengths_of_values(void **state)
{
	const struct nlattr *table[6];
	struct messages messages = {0};

	(void)state;
	message_begin(&messages, TYPE, HEADER);
	mnl_attr_put(messages.last, 1, 3, "abc");
	mnl_attr_put(messages.last, 2, 0, NULL);
	mnl_attr_put(messages.last, 3, 4, "\x7f\0\0\1");
	mnl_attr_put(messages.last, 4, 8, "\0\0\0\0\0\0\1\2");
	mnl_attr_put(messages.last, 5, 1, "\7");
	netlink_attributes(messages.last, HEADER, table, 6);
	assert_int_equal(netlink_u32(table[1], 42), 42);
	assert_slice(netlink_string(table[1]), "abc");
	assert_int_equal(netlink_u8(table[2], 42), 42);
	assert_int_equal(netlink_string(table[2]).len, 0);
	assert_int_equal(netlink_u32_be(table[3], 0), 0x7f000001);
	assert_int_equal(netlink_u64_be(table[3], 42), 42);
	assert_int_equal(netlink_address(table[3], AF_INET).bytes[0], 127);
	assert_int_equal(netlink_address(table[3], AF_INET6).family, 0);
	assert_int_equal(netlink_address(table[3], AF_UNIX).family, 0);
	assert_int_equal(netlink_u64_be(table[4], 0), 0x102);
	assert_int_equal(netlink_u8(table[5], 0), 7);
	assert_int_equal(netlink_u32(NULL, 42), 42);
	assert_int_equal(netlink_address(NULL, AF_INET).family, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_messages_and_attributes),
		cmocka_unit_test(stays_inside),
		cmocka_unit_test(says_what_is_damaged),
		cmocka_unit_test(refuses_what_cannot_be_read_in_place),
		cmocka_unit_test(refuses_huge_lengths),
		cmocka_unit_test(checks_lengths_of_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
