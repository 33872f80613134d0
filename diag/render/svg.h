/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways of packets as a picture: evaluated paths → one <svg> element, pure. */
#ifndef MUX_RENDER_SVG_H
#define MUX_RENDER_SVG_H

#include <muxdiag/path.h>

#include "base/str.h"

/*
 * Appends one <svg> element with a lane for each path, which should have its steps. It is
 * well-formed XML whatever the texts of rules hold, runs no script and refers to nothing outside
 * itself. It is 340 units wide, each a pixel of the page: text that fits a telephone is not scaled
 * down, and on a wider page the lanes stand beside each other.
 *
 * A standalone drawing brings its namespace and a style of its own, dark or light as the viewer
 * prefers. An embedded one (`standalone` is false) has neither namespace nor style; the page takes
 * the rules from svg_style() and wraps the drawing in an element with `overflow-x: auto`.
 *
 * Returns 0, or -ENOMEM; then the text is not to be used.
 */
int svg_draw(const struct mux_path *paths, size_t n_paths, bool standalone, struct str *out);

/* Returns the CSS rules of the drawing, without a <style> element: every one begins with
 * `.muxpath`, and the colours are custom properties that a page may set on an ancestor. */
const char *svg_style(void);

#endif
