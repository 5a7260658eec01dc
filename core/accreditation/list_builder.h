// Lines of an accreditor's list, gathered into one.
#ifndef HELOVET_CORE_ACCREDITATION_LIST_BUILDER_H_
#define HELOVET_CORE_ACCREDITATION_LIST_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "helovet/accreditation.h"

namespace helovet {

// A record's octets: the lengths of key and info and the rating, an octet each; the key; the info.
// The key is the domain's labels from the last to the first with NULs between, so that the order
// of keys is the canonical one of names (RFC 4034 §6.1).
class AccreditationListBuilder {
 public:
  explicit AccreditationListBuilder(std::string path) : path_(std::move(path)) {}

  // A domain of at most kMaxHostNameOctets in lower case, an info of at most
  // kMaxAccreditedInfoOctets.
  void Add(std::string_view domain, Rating rating, std::string_view info, std::uint32_t line);
  void Complain(std::uint32_t line, std::size_t column, std::string message);

  // Call once.
  [[nodiscard]] tl::expected<AccreditationList, std::vector<FileError>> Finish() &&;

  // Parts of what Add has put there.
  [[nodiscard]] static std::string_view KeyOf(const char* octets);
  [[nodiscard]] static std::string_view InfoOf(const char* octets);
  [[nodiscard]] static Rating RatingOf(const char* octets);

 private:
  char* Allocate(std::size_t octets);
  void DropRepeated();

  std::string path_;
  AccreditationList list_;
  std::size_t room_ = 0;  // In the last chunk.
  std::vector<FileError> errors_;
  std::size_t untold_ = 0;  // Mistakes beyond kMaxAccreditedComplaints.
};

// `text` in lower case, with A-labels, without its final dot. Empty: it is no name that a host
// could have, labels with an underscore in front included.
[[nodiscard]] std::optional<std::string> DomainOf(std::string_view text);

}  // namespace helovet

#endif  // HELOVET_CORE_ACCREDITATION_LIST_BUILDER_H_
