#include "checks/sender_identity.h"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>

namespace helovet {
namespace {

using Kind = SenderIdentity::Kind;

struct SenderCase {
  std::string id;
  std::string source;
  std::optional<std::string> mail_from;
  Kind kind;
  std::string domain = {};  // Empty: none.
  std::string local_part = {};
  std::string mailbox = {};
};
void PrintTo(const SenderCase& each, std::ostream* out) { *out << each.id; }

class SenderIdentityTest : public ::testing::TestWithParam<SenderCase> {};

TEST_P(SenderIdentityTest, IsFound) {
  const SenderCase& wanted = GetParam();
  const SenderIdentity got = IdentifySender(wanted.mail_from);
  EXPECT_EQ(got.kind, wanted.kind) << wanted.source;
  EXPECT_EQ(got.domain ? got.domain->ToString() : "", wanted.domain) << wanted.source;
  EXPECT_EQ(got.local_part, wanted.local_part) << wanted.source;
  EXPECT_EQ(got.mailbox, wanted.mailbox) << wanted.source;
}

const SenderCase kCases[] = {
    {"not_sent", "docs/rules.md §1", std::nullopt, Kind::kNotSent},
    {"null", "RFC 5321 §4.5.5", "", Kind::kNull},
    {"mailbox", "RFC 5321 §4.1.2", "user@example.com", Kind::kMailbox, "example.com", "user",
     "user@example.com"},
    {"case_is_kept_but_in_the_domain", "RFC 5321 §2.4", "User@Example.COM", Kind::kMailbox,
     "example.com", "User", "User@Example.COM"},
    {"trailing_dot", "docs/rules.md §1", "user@example.com.", Kind::kMailbox, "example.com", "user",
     "user@example.com."},
    {"u_labels", "RFC 6531 §3.3",
     "user@b\xc3\xbc"
     "cher.example",
     Kind::kMailbox, "xn--bcher-kva.example", "user",
     "user@b\xc3\xbc"
     "cher.example"},
    {"at_in_quotes", "RFC 5321 §4.1.2", "\"a@b\"@example.com", Kind::kMailbox, "example.com",
     "\"a@b\"", "\"a@b\"@example.com"},
    {"source_route", "DMP-01 §7", "@mta1.example.com,@mta2.example.com:user@example.org",
     Kind::kMailbox, "example.org", "user", "user@example.org"},
    {"source_route_by_an_address", "RFC 5321 §4.1.2",
     "@[IPv6:2001:db8::1],@b.example:user@example.org", Kind::kMailbox, "example.org", "user",
     "user@example.org"},
    {"colon_in_quotes_is_no_source_route", "RFC 5321 §4.1.2", "\"@a:b\"@example.org",
     Kind::kMailbox, "example.org", "\"@a:b\"", "\"@a:b\"@example.org"},
    {"source_route_without_a_mailbox", "RFC 5321 §4.1.2", "@mta1.example.com:", Kind::kNoDomain},
    {"route_that_does_not_end", "RFC 5321 §4.1.2", "@mta1.example.com", Kind::kNoDomain, "", "",
     "@mta1.example.com"},
    {"address_literal", "RFC 5321 §4.1.3", "user@[192.0.2.1]", Kind::kNoDomain, "", "user",
     "user@[192.0.2.1]"},
    {"no_domain", "RFC 5321 §4.1.2", "user", Kind::kNoDomain, "", "user", "user"},
    {"no_host_name", "RFC 5321 §2.3.5", "user@exa mple.com", Kind::kNoDomain, "", "user",
     "user@exa mple.com"},
};

INSTANTIATE_TEST_SUITE_P(Cases, SenderIdentityTest, ::testing::ValuesIn(kCases),
                         [](const auto& each) { return each.param.id; });

}  // namespace
}  // namespace helovet
