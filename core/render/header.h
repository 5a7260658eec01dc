// Parts and forms of the header field that other renderers need.
#ifndef HELOVET_CORE_RENDER_HEADER_H_
#define HELOVET_CORE_RENDER_HEADER_H_

#include <string>

#include "helovet/config.h"
#include "helovet/verdict.h"

namespace helovet {

// The authserv-id as the field has it, quoted if it is no token (RFC 8601 §2.2, §2.5).
[[nodiscard]] std::string AuthservId(const Config& config);

// RenderHeader's lines with "\n" between them; empty where there are none.
[[nodiscard]] std::string HeaderText(const Verdict& verdict, const Config& config);

}  // namespace helovet

#endif  // HELOVET_CORE_RENDER_HEADER_H_
