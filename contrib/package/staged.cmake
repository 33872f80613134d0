# SPDX-License-Identifier: GPL-2.0-or-later
# Run by cpack between the staged installation and the packages: adds the documents that Debian
# wants in each of them, compresses the manuals, and finds out what the library depends on.

file(READ ${CPACK_MUX_DEBIAN}/changelog changelog)
if(NOT changelog MATCHES "^muxdiag \\(${CPACK_PACKAGE_VERSION}\\)")
	message(FATAL_ERROR "debian/changelog does not begin with ${CPACK_PACKAGE_VERSION}")
endif()

set(packages muxdiag muxd library development)
set(names muxdiag muxd libmuxdiag${CPACK_MUX_ABI} libmuxdiag-dev)
foreach(package name IN ZIP_LISTS packages names)
	set(root ${CPACK_TEMPORARY_DIRECTORY}/${package}/usr)
	set(documents ${root}/share/doc/${name})
	file(MAKE_DIRECTORY ${documents})
	file(COPY ${CPACK_MUX_DEBIAN}/copyright ${CPACK_MUX_DEBIAN}/changelog DESTINATION ${documents}
		FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
	file(GLOB manuals ${root}/share/man/man*/*.[1-8])
	execute_process(COMMAND gzip --best --no-name ${documents}/changelog ${manuals}
		COMMAND_ERROR_IS_FATAL ANY)
endforeach()

# dpkg-shlibdeps wants to be below a source package.
set(source ${CPACK_TEMPORARY_DIRECTORY}/source)
file(WRITE ${source}/debian/control "Source: muxdiag\n\nPackage: muxdiag\nArchitecture: any\n")
file(GLOB_RECURSE libraries ${CPACK_TEMPORARY_DIRECTORY}/library/usr/*.so.*.*)
execute_process(COMMAND dpkg-shlibdeps -O ${libraries}
	WORKING_DIRECTORY ${source} OUTPUT_VARIABLE depends OUTPUT_STRIP_TRAILING_WHITESPACE
	COMMAND_ERROR_IS_FATAL ANY)
file(REMOVE_RECURSE ${source})
string(REPLACE "shlibs:Depends=" "" CPACK_DEBIAN_LIBRARY_PACKAGE_DEPENDS "${depends}")
