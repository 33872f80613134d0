/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which modules of the hosts line of nsswitch.conf are there: libnss_<service>.so.2, as
 * module_load() of glibc 2.36 asks the loader for. Loading them to find out would run them, so the
 * directory of the C library itself and the loader's cache are looked at.
 */
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/record.h"
#include "gather/mechanism.h"

enum { LARGEST_CACHE = 16 << 20, MAX_SERVICES = 16 };

struct modules {
	struct str records;
	char directory[512];	/* of the C library */
	struct mux_slice cache; /* ld.so.cache, read when it is first needed */
	char *cache_bytes;
};

static void find_directory(struct modules *modules)
{
	char *slash;
	Dl_info library;

	if (dladdr((const void *)(uintptr_t)getaddrinfo, &library) == 0 ||
	    library.dli_fname == NULL)
		return;
	snprintf(modules->directory, sizeof(modules->directory), "%s", library.dli_fname);
	slash = strrchr(modules->directory, '/');
	if (slash != NULL)
		*slash = '\0';
	else
		modules->directory[0] = '\0';
}

static void read_cache(struct modules *modules)
{
	FILE *file = fopen("/etc/ld.so.cache", "re");

	modules->cache_bytes = malloc(LARGEST_CACHE);
	if (file != NULL && modules->cache_bytes != NULL)
		modules->cache = (struct mux_slice){
			modules->cache_bytes, fread(modules->cache_bytes, 1, LARGEST_CACHE, file)};
	if (file != NULL)
		fclose(file);
}

static bool is_there(struct modules *modules, const char *file)
{
	static const char *const others[] = {"/lib64", "/usr/lib64", "/lib", "/usr/lib"};
	char path[1024];
	size_t i;

	snprintf(path, sizeof(path), "%s/%s", modules->directory, file);
	if (modules->directory[0] != '\0' && access(path, R_OK) == 0)
		return true;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", others[i], file);
		if (access(path, R_OK) == 0)
			return true;
	}
	if (modules->cache_bytes == NULL)
		read_cache(modules);
	/* With its NUL, so that it is a whole name. */
	return modules->cache.len != 0 &&
	       memmem(modules->cache.data, modules->cache.len, file, strlen(file) + 1) != NULL;
}

/* glibc has these two built in since 2.34. */
static bool is_built_in(struct mux_slice service)
{
	return slice_is(service, "files") || slice_is(service, "dns");
}

static void add_service(struct modules *modules, struct mux_slice service)
{
	char file[256];

	if (service.len > 64 || memchr(service.data, '/', service.len) != NULL ||
	    is_built_in(service))
		return;
	snprintf(file, sizeof(file), "libnss_%.*s.so.2", (int)service.len, service.data);
	record_add(&modules->records, "service", service);
	record_add_number(&modules->records, "found", is_there(modules, file));
	record_end(&modules->records);
}

/* The words behind "hosts:", without what stands in brackets. */
static void add_line(struct modules *modules, struct mux_slice line)
{
	static const char blanks[] = " \t\r\n\v\f";
	size_t i = strlen("hosts"), n = 0;

	while (i < line.len && n < MAX_SERVICES) {
		struct mux_slice word = {line.data + i, 0};

		if (line.data[i] == '[')
			while (i < line.len && line.data[i] != ']')
				i++;
		while (i < line.len && strchr(": \t\r\n\v\f[]", line.data[i]) == NULL) {
			word.len++;
			i++;
		}
		if (word.len != 0) {
			add_service(modules, word);
			n++;
		} else if (i < line.len && (line.data[i] == ':' || line.data[i] == ']' ||
					    strchr(blanks, line.data[i]) != NULL)) {
			i++;
		}
	}
}

static void add_file(struct modules *modules, struct mux_slice bytes)
{
	struct mux_slice line;

	while (record_next(&bytes, &line)) {
		while (line.len != 0 && (line.data[0] == ' ' || line.data[0] == '\t')) {
			line.data++;
			line.len--;
		}
		if (slice_starts_with(line, "hosts") && line.len > 5 &&
		    memchr(": \t", line.data[5], 3) != NULL)
			add_line(modules, line);
	}
}

int gather_name_services(struct mux_bundle *bundle)
{
	const struct bundle_entry *file = bundle_find(bundle, "file/etc/nsswitch.conf");
	struct arena *arena = arena_new();
	struct modules modules = {.directory = ""};
	int error = arena == NULL ? -ENOMEM : 0;

	if (error == 0 && file != NULL) {
		str_init(&modules.records, arena);
		find_directory(&modules);
		/* nscd looks names up in its own process, with its own modules. */
		if (access("/run/nscd/socket", F_OK) == 0) {
			record_add_number(&modules.records, "nscd", 1);
			record_end(&modules.records);
		}
		add_file(&modules, file->bytes);
		error = arena_failed(arena) ? -ENOMEM
					    : bundle_put(bundle, "name-services",
							 (struct mux_slice){modules.records.data,
									    modules.records.len});
	}
	free(modules.cache_bytes);
	arena_free(arena);
	return error;
}
