#include "render/identity.h"

namespace helovet {

std::string_view ToString(Identity identity) {
  switch (identity) {
    case Identity::kHelo:
      return "helo";
    case Identity::kMailFrom:
      return "mail-from";
  }
  return "";
}

bool HasIdentity(CheckId check) {
  return check == CheckId::kDmp || check == CheckId::kRmx || check == CheckId::kSpf ||
         check == CheckId::kCbv;
}

bool IsOfMailFrom(const CheckResult& check, const Session& session) {
  return HasIdentity(check.check) && check.identity == Identity::kMailFrom && session.mail_from &&
         !session.mail_from->empty();
}

std::string_view DomainOf(const CheckResult& check, const Session& session) {
  if (!IsOfMailFrom(check, session)) return session.helo;
  const std::string_view path = *session.mail_from;
  return path.substr(path.rfind('@') + 1);  // npos + 1 is 0.
}

}  // namespace helovet
