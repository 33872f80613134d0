/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways of packets as a picture: evaluated paths → one <svg> element, pure. */
#ifndef MUX_RENDER_SVG_H
#define MUX_RENDER_SVG_H

#include <muxdiag/path.h>

#include "base/str.h"

/*
 * Appends one <svg> element with a card for each path, which should have its steps. It is
 * well-formed XML whatever the texts of rules hold, runs no script, has no ids and refers to
 * nothing outside itself. It fills the width it is given: a wide one shows the hooks from left to
 * right, one below 1000 pixels from top to bottom.
 *
 * A standalone drawing brings its namespace and a style of its own, dark or light as the viewer
 * prefers. An embedded one (`standalone` is false) has neither namespace nor style: the page takes
 * svg_add_style() among its own rules, once, and puts the drawing into an element of class
 * "muxpath-frame", whose width then decides; without that it stays narrow.
 *
 * Returns 0, or -ENOMEM; then the text is not to be used.
 */
int svg_draw(const struct mux_path *paths, size_t n_paths, bool standalone, struct str *out);

/* Appends the CSS rules of an embedded drawing, without a <style> element. Selectors begin with
 * ".muxpath"; colours are custom properties of .muxpath, dark with prefers-color-scheme. */
void svg_add_style(struct str *out);

#endif
