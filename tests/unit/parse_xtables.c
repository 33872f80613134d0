/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Legacy tables: what is let through may be walked blindly, so every lie about an offset counts. */
#include "parse_room.h"

/* glibc's headers go before the kernel's, which then leave out what is there (libc-compat.h). */
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include <muxdiag/muxdiag.h>

#include "parse/parse.h"

/* A table as the kernel lays it out: INPUT's rule with a match, a jump to a chain of the user's,
 * INPUT's policy, that chain (its name, its return), the end. */
struct match { /* struct xt_entry_match, whose flexible array would be in the way */
	_Alignas(8) uint16_t size;
	char name[XT_EXTENSION_MAXNAMELEN];
	uint8_t revision;
	char data[8];
};
struct rule {
	struct ip6t_entry entry;
	struct match match;
	_Alignas(8) struct xt_standard_target target;
};
struct plain {
	struct ip6t_entry entry;
	_Alignas(8) struct xt_standard_target target;
};
struct label {
	struct ip6t_entry entry;
	_Alignas(8) struct xt_error_target target;
};
struct table {
	struct {
		char name[XT_TABLE_MAXNAMELEN];
		_Alignas(8) uint32_t size;
	} head; /* struct ip6t_get_entries, likewise */
	struct rule rule;
	struct plain jump, policy;
	struct label chain;
	struct plain end_of_chain;
	struct label end;
};

enum { BASE = offsetof(struct ip6t_get_entries, entrytable) };

#define AT(member) ((uint32_t)(offsetof(struct table, member) - BASE))

_Static_assert(offsetof(struct table, rule) == BASE, "entries lie where the kernel puts them");

struct sample {
	struct ip6t_getinfo info;
	struct table table;
};

static void set_standard(struct xt_standard_target *target, int verdict)
{
	target->target.u.user.target_size = sizeof(*target);
	target->verdict = verdict;
}

static void set_plain(struct plain *plain, int verdict)
{
	plain->entry.target_offset = offsetof(struct plain, target);
	plain->entry.next_offset = sizeof(*plain);
	set_standard(&plain->target, verdict);
}

static void set_label(struct label *label, const char *name)
{
	label->entry.target_offset = offsetof(struct label, target);
	label->entry.next_offset = sizeof(*label);
	label->target.target.u.user.target_size = sizeof(label->target);
	strcpy(label->target.target.u.user.name, XT_ERROR_TARGET);
	strcpy(label->target.errorname, name);
}

static void make_sample(struct sample *sample)
{
	struct table *table = &sample->table;

	memset(sample, 0, sizeof(*sample));
	table->rule.entry.target_offset = offsetof(struct rule, target);
	table->rule.entry.next_offset = sizeof(struct rule);
	table->rule.match.size = sizeof(struct match);
	strcpy(table->rule.match.name, "tcp");
	set_standard(&table->rule.target, -NF_DROP - 1);
	set_plain(&table->jump, (int)AT(end_of_chain));
	set_plain(&table->policy, -NF_ACCEPT - 1);
	set_label(&table->chain, "mine");
	set_plain(&table->end_of_chain, XT_RETURN);
	set_label(&table->end, "ERROR");
	strcpy(table->head.name, "filter");
	table->head.size = sizeof(*table) - BASE;
	strcpy(sample->info.name, "filter");
	sample->info.valid_hooks = 1 << NF_INET_LOCAL_IN;
	memset(sample->info.hook_entry, 0xff, sizeof(sample->info.hook_entry));
	memset(sample->info.underflow, 0xff, sizeof(sample->info.underflow));
	sample->info.hook_entry[NF_INET_LOCAL_IN] = AT(rule);
	sample->info.underflow[NF_INET_LOCAL_IN] = AT(policy);
	sample->info.num_entries = 6;
	sample->info.size = table->head.size;
}

static void put_sample(struct mux_bundle *bundle, const struct sample *sample)
{
	struct mux_slice info = {.data = (const char *)&sample->info, .len = sizeof(sample->info)};
	struct mux_slice entries = {
		.data = (const char *)&sample->table,
		.len = sizeof(sample->table),
	};

	assert_int_equal(bundle_put(bundle, "xtables/ip6/filter/info", info), 0);
	assert_int_equal(bundle_put(bundle, "xtables/ip6/filter/entries", entries), 0);
}

static int parse(const struct mux_bundle *bundle, struct arena *arena)
{
	struct mux_xtables xtables;

	return parse_xtables(bundle, arena, &xtables);
}

static void reads_a_table(void **state)
{
	struct mux_bundle *bundle = bundle_new();
	struct arena *arena = arena_new();
	struct mux_xtables xtables;
	struct sample sample;

	(void)state;
	make_sample(&sample);
	put_sample(bundle, &sample);
	bundle_put(bundle, "file/proc/net/ip6_tables_names", TEXT("filter\n"));
	bundle_put_error(bundle, "file/proc/net/ip_tables_names", ENOENT);
	assert_int_equal(parse_xtables(bundle, arena, &xtables), 0);
	assert_int_equal(xtables.names4.presence, MUX_ABSENT);
	assert_int_equal(xtables.names6.presence, MUX_PRESENT);
	assert_int_equal(xtables.n_tables, 1);
	assert_int_equal(xtables.tables[0].source.presence, MUX_PRESENT);
	assert_int_equal(xtables.tables[0].family, NFPROTO_IPV6);
	assert_slice(xtables.tables[0].name, "filter");
	assert_int_equal(xtables.tables[0].valid_hooks, 1 << NF_INET_LOCAL_IN);
	assert_int_equal(xtables.tables[0].hook_entry[NF_INET_LOCAL_IN], AT(rule));
	assert_int_equal(xtables.tables[0].underflow[NF_INET_LOCAL_IN], AT(policy));
	assert_int_equal(xtables.tables[0].n_entries, 6);
	assert_int_equal(xtables.tables[0].entries.len, sizeof(struct table) - BASE);
	assert_memory_equal(xtables.tables[0].entries.data, &sample.table.rule,
			    sizeof(struct table) - BASE);
	arena_free(arena);
	mux_bundle_free(bundle);
}

/* One lie each; the parser must see every one of them. */
static void lie_next_zero(struct sample *sample)
{
	sample->table.rule.entry.next_offset = 0;
}
static void lie_next_far(struct sample *sample)
{
	sample->table.end.entry.next_offset += 8;
}
static void lie_next_odd(struct sample *sample)
{
	sample->table.rule.entry.next_offset -= 4;
}
static void lie_target_early(struct sample *sample)
{
	sample->table.rule.entry.target_offset = sizeof(struct ip6t_entry) - 8;
}
static void lie_target_far(struct sample *sample)
{
	sample->table.rule.entry.target_offset = sizeof(struct rule) - 8;
}
static void lie_match_zero(struct sample *sample)
{
	sample->table.rule.match.size = 0;
}
static void lie_match_far(struct sample *sample)
{
	sample->table.rule.match.size += 8;
}
static void lie_match_short(struct sample *sample)
{
	sample->table.rule.match.size -= 8;
}
static void lie_match_name(struct sample *sample)
{
	memset(sample->table.rule.match.name, 'x', XT_EXTENSION_MAXNAMELEN);
}
static void lie_target_size(struct sample *sample)
{
	sample->table.policy.target.target.u.user.target_size = sizeof(struct xt_entry_target);
}
static void lie_target_size_far(struct sample *sample)
{
	sample->table.policy.target.target.u.user.target_size += 8;
}
static void lie_target_name(struct sample *sample)
{
	memset(sample->table.policy.target.target.u.user.name, 'x', XT_EXTENSION_MAXNAMELEN);
}
static void lie_label_name(struct sample *sample)
{
	memset(sample->table.chain.target.errorname, 'x', XT_FUNCTION_MAXNAMELEN);
}
static void lie_label_size(struct sample *sample)
{
	sample->table.chain.target.target.u.user.target_size = sizeof(struct xt_entry_target);
}
static void lie_jump_between(struct sample *sample)
{
	sample->table.jump.target.verdict += 8;
}
static void lie_jump_odd(struct sample *sample)
{
	sample->table.jump.target.verdict += 1;
}
static void lie_jump_far(struct sample *sample)
{
	sample->table.jump.target.verdict = 0x7fffffff;
}
static void lie_count(struct sample *sample)
{
	sample->info.num_entries = 5;
}
static void lie_hooks(struct sample *sample)
{
	sample->info.valid_hooks |= 1 << 5;
}
static void lie_hook_entry(struct sample *sample)
{
	sample->info.hook_entry[NF_INET_LOCAL_IN] += 8;
}
static void lie_underflow(struct sample *sample)
{
	sample->info.underflow[NF_INET_LOCAL_IN] = (uint32_t)sizeof(struct table) - BASE;
}
static void lie_size(struct sample *sample)
{
	sample->info.size -= 8;
}
static void lie_size_twice(struct sample *sample)
{
	sample->info.size += 8;
	sample->table.head.size += 8;
}

static void refuses_lies(void **state)
{
	static void (*const lies[])(struct sample * sample) = {
		lie_next_zero,	lie_next_far,	 lie_next_odd,	   lie_target_early,
		lie_target_far, lie_match_zero,	 lie_match_far,	   lie_match_short,
		lie_match_name, lie_target_size, lie_target_name,  lie_target_size_far,
		lie_label_name, lie_label_size,	 lie_jump_between, lie_jump_odd,
		lie_jump_far,	lie_count,	 lie_hooks,	   lie_hook_entry,
		lie_underflow,	lie_size,	 lie_size_twice,
	};
	struct arena *arena = arena_new();
	struct mux_xtables xtables;
	struct sample sample;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct mux_bundle *bundle = bundle_new();

		print_message("lie %zu\n", i);
		make_sample(&sample);
		lies[i](&sample);
		put_sample(bundle, &sample);
		assert_int_equal(parse_xtables(bundle, arena, &xtables), 0);
		assert_int_equal(xtables.tables[0].source.presence, MUX_DENIED);
		assert_int_equal(xtables.tables[0].source.error, EBADMSG);
		mux_bundle_free(bundle);
	}
	arena_free(arena);
}

/* A table that is loaded but was not or could not be read must not be taken for empty. */
static void lists_unread_tables(void **state)
{
	struct mux_bundle *bundle = bundle_new();
	struct arena *arena = arena_new();
	struct mux_xtables xtables;

	(void)state;
	bundle_put(bundle, "file/proc/net/ip_tables_names",
		   TEXT("mangle\nfilter\nfilter\n"
			"a-name-that-is-longer-than-any-table\n"));
	bundle_put_error(bundle, "xtables/ip/filter/info", EPERM);
	bundle_put(bundle, "xtables/ip6/raw/info", TEXT("short"));
	bundle_put_error(bundle, "xtables/ip6/raw/entries", EAGAIN);
	assert_int_equal(parse_xtables(bundle, arena, &xtables), 0);
	assert_int_equal(xtables.names6.presence, MUX_NOT_ASKED);
	assert_int_equal(xtables.n_tables, 3);
	assert_slice(xtables.tables[0].name, "mangle");
	assert_int_equal(xtables.tables[0].source.presence, MUX_NOT_ASKED);
	assert_slice(xtables.tables[1].name, "filter");
	assert_int_equal(xtables.tables[1].source.presence, MUX_DENIED);
	assert_int_equal(xtables.tables[1].source.error, EPERM);
	assert_slice(xtables.tables[2].name, "raw");
	assert_int_equal(xtables.tables[2].family, NFPROTO_IPV6);
	assert_int_equal(xtables.tables[2].source.error, EAGAIN);
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void bounds_the_number_of_tables(void **state)
{
	struct mux_bundle *bundle = bundle_new();
	struct arena *arena = arena_new();
	struct mux_xtables xtables;
	char text[100 * 8];
	size_t i;

	(void)state;
	for (i = 0; i < 100; i++)
		memcpy(text + i * 8,
		       (char[]){'t', (char)('0' + i / 10), (char)('0' + i % 10), '\n', '\n', '\n',
				'\n', '\n'},
		       8);
	bundle_put(bundle, "file/proc/net/ip_tables_names",
		   (struct mux_slice){.data = text, .len = sizeof(text)});
	assert_int_equal(parse_xtables(bundle, arena, &xtables), 0);
	assert_int_equal(xtables.names4.presence, MUX_DENIED);
	assert_int_equal(xtables.names4.error, EBADMSG);
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void bears_damage_and_no_memory(void **state)
{
	struct mux_bundle *bundle = bundle_new();
	struct sample sample;

	(void)state;
	make_sample(&sample);
	put_sample(bundle, &sample);
	bundle_put(bundle, "file/proc/net/ip6_tables_names", TEXT("filter\nraw\n"));
	check_entry(bundle, "xtables/ip6/filter/info", parse);
	check_entry(bundle, "xtables/ip6/filter/entries", parse);
	check_entry(bundle, "file/proc/net/ip6_tables_names", parse);
	check_no_memory_bundle(bundle, parse);
	mux_bundle_free(bundle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_table),
		cmocka_unit_test(refuses_lies),
		cmocka_unit_test(lists_unread_tables),
		cmocka_unit_test(bounds_the_number_of_tables),
		cmocka_unit_test(bears_damage_and_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
