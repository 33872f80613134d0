# SPDX-License-Identifier: GPL-2.0-or-later
# The tests that see the programs from outside. Included by CMakeLists.txt of this folder.

# mux_script(<name> <script> LABELS … [TIMEOUT s] [LOCK] [ARGS …]): a script below tests/ as a test.
# It finds the programs in MUXDIAG and MUXD, and says with 77 that it was skipped.
function(mux_script name script)
	cmake_parse_arguments(PARSE_ARGV 2 arg "LOCK" "TIMEOUT" "LABELS;ARGS")
	if(NOT arg_TIMEOUT)
		set(arg_TIMEOUT 60)
	endif()
	add_test(NAME ${name}
		COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/${script} ${arg_ARGS}
		COMMAND_EXPAND_LISTS)
	set_tests_properties(${name} PROPERTIES
		LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT} SKIP_RETURN_CODE 77
		ENVIRONMENT "MUXDIAG=$<TARGET_FILE:muxdiag_cli>;MUXD=$<TARGET_FILE:muxd>")
	if(arg_LOCK)
		# Not for safety, every machine has namespaces of its own: for the deadlines in them.
		set_tests_properties(${name} PROPERTIES RESOURCE_LOCK netns)
	endif()
endfunction()

mux_script(scenario.replay scenarios/run ARGS replay LABELS scenario TIMEOUT 300)
mux_script(scenario.live scenarios/run ARGS live LABELS scenario root LOCK TIMEOUT 600)

foreach(backend healthy ip6tables-nft ip6tables-legacy nft-ip6 nft-inet)
	mux_script(netns.debian5_${backend} netns/debian5.sh ARGS ${backend}
		LABELS netns root LOCK TIMEOUT 300)
endforeach()
mux_script(netns.healthy netns/healthy.sh LABELS netns root LOCK TIMEOUT 300)
mux_script(netns.several netns/several.sh LABELS netns root LOCK TIMEOUT 300)
mux_script(netns.hostile netns/hostile.sh LABELS netns root LOCK TIMEOUT 600)
mux_script(netns.deadline netns/deadline.sh LABELS netns root LOCK TIMEOUT 300)
mux_script(netns.record_replay netns/record_replay.sh LABELS netns root LOCK TIMEOUT 300)
mux_script(netns.path netns/path.sh LABELS netns root LOCK TIMEOUT 300)
mux_script(html.scenarios html.py LABELS scenario TIMEOUT 300)
mux_script(html.browser browser/report.py LABELS browser TIMEOUT 600)
mux_script(drawing.browser browser/drawing.py LABELS drawing browser TIMEOUT 300)
mux_script(netns.capability netns/capability.sh LABELS netns root LOCK TIMEOUT 300)
mux_script(netns.bug_report netns/bug_report.sh LABELS netns root LOCK TIMEOUT 300)
mux_script(netns.sets netns/sets.sh LABELS netns root LOCK TIMEOUT 300)
mux_script(netns.moving_rules netns/moving_rules.sh LABELS netns root LOCK TIMEOUT 300)
foreach(part nft legacy table)
	mux_script(netns.trace_${part} netns/trace.sh ARGS ${part} LABELS netns root LOCK TIMEOUT 300)
endforeach()
mux_script(http.ab netns/ab.sh LABELS http netns root LOCK TIMEOUT 600)

foreach(part before run missing)
	mux_script(netns.preflight_${part} netns/preflight.sh ARGS ${part}
		LABELS netns root LOCK TIMEOUT 300)
endforeach()
mux_script(netns.watch netns/watch.sh LABELS netns root LOCK TIMEOUT 300)
mux_script(netns.fixes netns/fixes LABELS netns root LOCK TIMEOUT 600)
mux_script(clients.matrix netns/clients/run LABELS clients netns root LOCK TIMEOUT 900)

mux_script(meta.purity meta/purity.sh ARGS $<TARGET_OBJECTS:muxdiag_pure> LABELS meta)
mux_script(meta.symbols meta/symbols.sh ARGS $<TARGET_FILE:muxdiag> LABELS meta)
mux_script(meta.manuals meta/manuals.sh ARGS ${PROJECT_BINARY_DIR}/diag/muxdiag-causes.7 LABELS meta)
foreach(check layers causes explain budgets format spdx)
	mux_script(meta.${check} meta/${check}.sh LABELS meta)
endforeach()

mux_script(bench.check_localhost scenarios/healthy/make
	ARGS ${CMAKE_CURRENT_SOURCE_DIR}/bench/check_localhost LABELS bench LOCK TIMEOUT 300)

mux_script(bench.summarize bench/summarize LABELS bench TIMEOUT 600)

add_executable(bench_hosts_parse bench/hosts_parse.c)
target_link_libraries(bench_hosts_parse PRIVATE muxdiag_pure mux_flags)
mux_script(bench.hosts_parse bench/hosts_parse.sh ARGS $<TARGET_FILE:bench_hosts_parse>
	LABELS bench root LOCK TIMEOUT 300)

add_executable(bench_firewall bench/firewall.c)
foreach(source muxdiag paths)
	target_sources(bench_firewall PRIVATE ${PROJECT_SOURCE_DIR}/diag/${source}.c)
endforeach()
target_link_libraries(bench_firewall PRIVATE muxdiag_pure muxdiag_gather mux_flags)
mux_script(bench.firewall bench/firewall.sh ARGS $<TARGET_FILE:bench_firewall>
	LABELS bench root LOCK TIMEOUT 600)

foreach(shell bash zsh fish)
	mux_script(completion.${shell} completion.py ARGS ${shell} LABELS completion TIMEOUT 120)
endforeach()

mux_script(fleet.metrics fleet/metrics.py LABELS fleet TIMEOUT 120)
mux_script(fleet.summarize fleet/summarize.py LABELS fleet TIMEOUT 120)

mux_script(units units.sh LABELS package TIMEOUT 120)
set_property(TEST units APPEND PROPERTY ENVIRONMENT "MUX_BUILD=${PROJECT_BINARY_DIR}")

mux_script(fleet.prometheus fleet/prometheus.py LABELS fleet TIMEOUT 120)
mux_script(fleet.icinga fleet/icinga.sh LABELS fleet TIMEOUT 120)
mux_script(fleet.ansible fleet/ansible.sh LABELS fleet TIMEOUT 300)
mux_script(fleet.kubernetes fleet/kubernetes.sh LABELS fleet netns root LOCK TIMEOUT 300)

# Both build what is packed, a second time; what sanitizers have changed is not for packages.
if(NOT MUX_SANITIZE AND NOT MUX_FUZZ)
	foreach(name install debian)
		mux_script(package.${name} package/${name}.sh LABELS package TIMEOUT 600)
		set_property(TEST package.${name} APPEND PROPERTY
			ENVIRONMENT "MUX_BUILD=${PROJECT_BINARY_DIR}")
		set_tests_properties(package.${name} PROPERTIES RESOURCE_LOCK package)
	endforeach()
endif()
