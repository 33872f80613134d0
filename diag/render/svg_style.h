/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the drawing of a path looks. */
#ifndef MUX_RENDER_SVG_STYLE_H
#define MUX_RENDER_SVG_STYLE_H

#include "base/str.h"

/* Appends the CSS rules of a drawing that is a document by itself. */
void svg_add_standalone_style(struct str *out);

#endif
