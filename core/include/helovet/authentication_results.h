// Authentication-Results fields that a message brings along: whose they claim to be.
#ifndef HELOVET_AUTHENTICATION_RESULTS_H_
#define HELOVET_AUTHENTICATION_RESULTS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/config.h"

namespace helovet {

// The authserv-id under which RenderHeader speaks: that of `config`, or the host's name, or
// "localhost" where it has none. As it was configured, not escaped.
[[nodiscard]] std::string AuthservIdOf(const Config& config);

// Whether `field`, a whole header field with its name, folded or not, of any octets, is an
// Authentication-Results field (RFC 8601 §2.2) that a reader could take for one of
// `authserv_id`'s. RFC 8601 §5 has a border server remove those before it adds its own.
//
// - Names and ids compare without case of ASCII letters, a final dot does not count, and an id in
//   UTF-8 is the same as with A-labels (RFC 8616 §4).
// - A field whose id cannot be read claims every id: nothing before the first ";", an unterminated
//   comment or quoted-string. Readers that are lenient read on.
// - Where comments, quotations or stray words stand around the id, or a result in its place, it
//   depends on the reader. The field then claims each id that stands there as a word, in comments
//   as well.
// - A plain id that is another one, with or without a version, is a stranger's.
//
// Takes time in proportion to the field. Thread-safe.
[[nodiscard]] bool ClaimsAuthservId(std::string_view field, std::string_view authserv_id);

// The same for the body of such a field: what follows the colon.
[[nodiscard]] bool BodyClaimsAuthservId(std::string_view body, std::string_view authserv_id);

// Those of `bodies` that do not claim `authserv_id`, in their order. They point into `bodies`.
[[nodiscard]] std::vector<std::string_view> ForeignResults(std::span<const std::string_view> bodies,
                                                           std::string_view authserv_id);

}  // namespace helovet

#endif  // HELOVET_AUTHENTICATION_RESULTS_H_
