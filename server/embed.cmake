# SPDX-License-Identifier: GPL-2.0-or-later
# cmake -D PAGE=check.html -D OUTPUT=check_html.c -P embed.cmake: the page as a C array, and the hashes
# of its script and style as Content Security Policy Level 3 wants them (section 2.3.1).

# hash_source(<variable> <element>): 'sha256-BASE64' of the only <element> of the page.
function(hash_source variable element)
	string(REGEX MATCHALL "<${element}>" openings "${page}")
	list(LENGTH openings n)
	if(NOT n EQUAL 1)
		message(FATAL_ERROR "${PAGE} has ${n} elements <${element}>, not one")
	endif()
	string(FIND "${page}" "<${element}>" start)
	string(FIND "${page}" "</${element}>" end)
	string(LENGTH "<${element}>" opening)
	math(EXPR start "${start} + ${opening}")
	math(EXPR length "${end} - ${start}")
	string(SUBSTRING "${page}" ${start} ${length} content)
	string(SHA256 hash "${content}")
	# 256 bits are 43 characters of six bits, the last of them filled up, and one of padding.
	set(letters ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
	set(hash ${hash}00)
	set(encoded)
	foreach(i RANGE 0 63 3)
		string(SUBSTRING ${hash} ${i} 3 digits)
		math(EXPR high "0x${digits} >> 6")
		math(EXPR low "0x${digits} & 63")
		string(SUBSTRING ${letters} ${high} 1 first)
		string(SUBSTRING ${letters} ${low} 1 second)
		string(APPEND encoded ${first}${second})
	endforeach()
	string(SUBSTRING ${encoded} 0 43 encoded)
	set(${variable} "'sha256-${encoded}='" PARENT_SCOPE)
endfunction()

file(READ ${PAGE} page)
if(NOT page MATCHES "@HOST@")
	message(FATAL_ERROR "${PAGE} has no place for the host name")
endif()
hash_source(script script)
hash_source(style style)

file(READ ${PAGE} bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
# An array, because compilers warn of literals as long as this; the page is ASCII. It connects to a few
# origins only, but one is http://[::1], and the policy's grammar has no IPv6 address.
file(WRITE ${OUTPUT} "/* Made from check.html. */
#include \"check.h\"

const char check_html[] = {
${bytes}0x00};
const char check_policy[] = \"default-src 'none'; connect-src http: https:; \"
	\"script-src ${script}; \"
	\"style-src ${style}; \"
	\"base-uri 'none'; form-action 'none'; frame-ancestors 'none'\";
")
