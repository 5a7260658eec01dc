#include "base/idna.h"

#include <idn2.h>

#include <cstdint>
#include <memory>

namespace helovet {
namespace {

struct FreeName {
  void operator()(void* name) const { idn2_free(name); }
};

}  // namespace

std::optional<std::string> ToALabels(std::string_view name) {
  // The library's texts end at the first NUL.
  if (name.size() > kMaxUnicodeNameOctets || name.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  char* found = nullptr;
  const int status =
      idn2_to_ascii_8z(std::string(name).c_str(), &found, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, FreeName> converted(found);
  if (status != IDN2_OK || converted == nullptr) return std::nullopt;
  return std::string(converted.get());
}

}  // namespace helovet
