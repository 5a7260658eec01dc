// The lines of a message's body, which are nearly all that smtpd says while a message comes.
#ifndef HELOVET_OPENSMTPD_FILTER_BODY_LINES_H_
#define HELOVET_OPENSMTPD_FILTER_BODY_LINES_H_

#include <optional>
#include <string>
#include <string_view>

#include "event.h"

namespace helovet {

// Tells, at the cost of a comparison, which lines of smtpd's are data-lines of the same session,
// token and protocol version as one before. What ParseEvent makes of such a line is the same but
// for its text.
class BodyLines {
 public:
  // From now on lines like `request`, a data-line, are known.
  void Follow(const FilterRequest& request);
  // From now on none is.
  void Forget() { ids_.clear(); }

  // The text of a line like the one that is followed, as smtpd prints it; nothing for any other.
  [[nodiscard]] std::optional<std::string_view> TextOf(std::string_view line) const;

  // Those of the lines that are followed.
  [[nodiscard]] const RequestId& id() const { return id_; }
  [[nodiscard]] ProtocolVersion version() const { return version_; }

 private:
  RequestId id_;
  ProtocolVersion version_ = 0;
  std::string begin_;  // What stands before the timestamp.
  std::string ids_;    // What stands between it and the text. Empty: no line is followed.
};

}  // namespace helovet

#endif  // HELOVET_OPENSMTPD_FILTER_BODY_LINES_H_
