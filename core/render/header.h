// The header field as one text.
#ifndef HELOVET_CORE_RENDER_HEADER_H_
#define HELOVET_CORE_RENDER_HEADER_H_

#include <string>

#include "helovet/config.h"
#include "helovet/verdict.h"

namespace helovet {

// RenderHeader's lines with "\n" between them; empty where there are none.
[[nodiscard]] std::string HeaderText(const Verdict& verdict, const Config& config);

}  // namespace helovet

#endif  // HELOVET_CORE_RENDER_HEADER_H_
