# SPDX-License-Identifier: GPL-2.0-or-later
# `cpack -G DEB` makes the packages muxdiag, muxd, libmuxdiag1 and libmuxdiag-dev, of a build with
# the preset `package`: shared library, /usr, the multiarch folder, hardened.

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME muxdiag)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "muxdiag maintainers <maintainers@users.noreply.r-seed-5b78175c.example>")
# Each package has its own.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_COMPONENTS_ALL muxdiag muxd library development)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
# What dpkg-shlibdeps finds in the packages beside.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/diag)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_SOURCE_DIR}/staged.cmake)
set(CPACK_MUX_DEBIAN ${CMAKE_CURRENT_SOURCE_DIR}/debian)
set(CPACK_MUX_ABI ${MUX_ABI})

set(CPACK_DEBIAN_MUXDIAG_PACKAGE_NAME muxdiag)
set(CPACK_DEBIAN_MUXDIAG_PACKAGE_SECTION net)
set(CPACK_COMPONENT_MUXDIAG_DESCRIPTION
"find out why connecting to localhost fails
muxdiag shows the whole chain behind a name such as localhost: the hosts
file, resolvers, the order of addresses, routes, the path of a packet
through the firewall, the listening socket and a real connection. It names
the rule or the line of a file that is guilty, and what to use instead.")
set(CPACK_COMPONENT_MUXDIAG_DEPENDS library)

set(CPACK_DEBIAN_MUXD_PACKAGE_NAME muxd)
set(CPACK_DEBIAN_MUXD_PACKAGE_SECTION httpd)
set(CPACK_COMPONENT_MUXD_DESCRIPTION
"password server for benchmarks and diagnosis of localhost
muxd serves a fresh page of passwords with each request, over HTTP on every
address of the machine, as fast as a page that never changes. When it starts
it says which of its URLs work on this machine, and why others do not.")
set(CPACK_COMPONENT_MUXD_DEPENDS library)

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libmuxdiag${MUX_ABI})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_MULTIARCH same)
# Where cpack looks for shared libraries itself it writes scripts that run ldconfig, for which dpkg
# has triggers. staged.cmake asks dpkg-shlibdeps instead.
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS OFF)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/shlibs
	"libmuxdiag ${MUX_ABI} libmuxdiag${MUX_ABI} (>= ${PROJECT_VERSION})\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA
	${CMAKE_CURRENT_BINARY_DIR}/shlibs ${CMAKE_CURRENT_SOURCE_DIR}/debian/triggers)
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION
"diagnosis of connections to localhost - shared library
libmuxdiag gathers what decides whether a connection to this machine works,
evaluates it, the rules of the firewall among it, and explains what fails.

This package contains the shared library.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libmuxdiag-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_MULTIARCH same)
# pkg-config follows Requires.private even for what is linked shared.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
	"libmnl-dev, libnftnl-dev, libc-ares-dev, libjansson-dev")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
"diagnosis of connections to localhost - development files
libmuxdiag gathers what decides whether a connection to this machine works,
evaluates it, the rules of the firewall among it, and explains what fails.

This package contains the headers and what pkg-config and CMake need.")
set(CPACK_COMPONENT_DEVELOPMENT_DEPENDS library)

# mux_scripts(<component> <units> <words for systemctl after an upgrade> <what else a purge does>):
# what dpkg runs.
function(mux_scripts component units again purge)
	set(MUX_UNITS ${units})
	set(MUX_AGAIN ${again})
	set(MUX_PURGE ${purge})
	foreach(script prerm postinst postrm)
		configure_file(debian/${script}.in ${component}/${script} @ONLY
			FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
				WORLD_READ WORLD_EXECUTE)
		list(APPEND scripts ${CMAKE_CURRENT_BINARY_DIR}/${component}/${script})
	endforeach()
	string(TOUPPER ${component} name)
	set(CPACK_DEBIAN_${name}_PACKAGE_CONTROL_EXTRA ${scripts} PARENT_SCOPE)
endfunction()

mux_scripts(muxd "muxd.socket muxd.service" "try-reload-or-restart muxd.service" "")
mux_scripts(muxdiag muxdiag-check.timer "try-restart muxdiag-check.timer"
	"if [ \"$1\" = purge ]; then\n\trm -rf /var/lib/muxdiag\nfi")

include(CPack)
