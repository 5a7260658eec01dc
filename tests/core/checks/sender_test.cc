#include "checks/sender.h"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>

namespace helovet {
namespace {

struct PathCase {
  std::string id;
  std::string source;
  std::string path;
  std::optional<std::string> wanted;
};
void PrintTo(const PathCase& each, std::ostream* out) { *out << each.id; }

// Four labels of 63, 63, 63 and `last` octets with dots between.
std::string LongDomain(std::size_t last) {
  const std::string label(63, 'a');
  return label + "." + label + "." + label + "." + std::string(last, 'z');
}

const PathCase kPaths[] = {
    {"mailbox", "RFC 5321 §4.1.2", "someone@example.org", "example.org"},
    {"upper_case", "RFC 5321 §2.4", "Someone@EXAMPLE.Org", "example.org"},
    {"trailing_dot", "docs/rules.md §1", "someone@example.org.", "example.org"},
    {"two_trailing_dots", "docs/rules.md §1", "someone@example.org..", std::nullopt},
    {"single_label", "RFC 5321 §4.1.2", "someone@host", "host"},
    {"underscore", "docs/rules.md §7.1", "someone@_bounces.example.org", "_bounces.example.org"},
    {"quoted_at", "RFC 5321 §4.1.2", "\"a@b.test\"@example.org", "example.org"},
    {"quoted_at_without_domain", "RFC 5321 §4.1.2", "\"someone@example.org\"", std::nullopt},
    {"source_route", "RFC 5321 §4.1.2", "@a.test,@b.test:someone@example.org", "example.org"},
    {"source_route_without_mailbox", "RFC 5321 §4.1.2", "@a.test,@b.test", std::nullopt},
    {"source_route_without_local_part", "RFC 5321 §4.1.2", "@a.test:@b.test", std::nullopt},
    {"source_route_of_a_name_alone", "RFC 5321 §4.1.2", "@a.test:someone", std::nullopt},
    {"null_sender", "RFC 5321 §4.5.5", "", std::nullopt},
    {"postmaster", "RFC 5321 §4.5.1", "postmaster", std::nullopt},
    {"no_local_part", "RFC 5321 §4.1.2", "@example.org", std::nullopt},
    {"no_domain", "RFC 5321 §4.1.2", "someone@", std::nullopt},
    {"dot", "RFC 5321 §4.1.2", "someone@.", std::nullopt},
    {"empty_label", "RFC 5321 §4.1.2", "someone@a..example.org", std::nullopt},
    {"literal", "RFC 5321 §4.1.3", "someone@[192.0.2.1]", std::nullopt},
    {"ipv6_literal", "RFC 5321 §4.1.3", "someone@[IPv6:2001:db8::1]", std::nullopt},
    {"bare_address", "RFC 1123 §2.1", "someone@192.0.2.1", std::nullopt},
    {"digits_before_the_last_label", "RFC 1123 §2.1", "someone@192.0.2.example", "192.0.2.example"},
    {"blank", "RFC 1123 §2.1", "someone@example.org ", std::nullopt},
    {"bracket", "RFC 5321 §4.1.2", "<someone@example.org>", std::nullopt},
    {"nul", "RFC 1123 §2.1", std::string("someone@exam\0ple.org", 20), std::nullopt},
    {"u_label", "RFC 6531 §3.3",
     "someone@B\xc3\xbc"
     "cher.example",
     "xn--bcher-kva.example"},
    {"dot_of_another_script", "RFC 6531 §3.3",
     "someone@b\xc3\xbc"
     "cher\xe3\x80\x82"
     "example.",
     "xn--bcher-kva.example"},
    {"latin_1", "RFC 6531 §3.3",
     "someone@b\xfc"
     "cher.example",
     std::nullopt},
    {"broken_a_label", "docs/rules.md §7.1", "someone@xn--a.example", "xn--a.example"},
    {"hyphens_of_a_label", "docs/rules.md §7.1", "someone@ab--cd.example", "ab--cd.example"},
    {"label_of_64_octets", "RFC 1035 §2.3.4", "a@" + std::string(64, 'a') + ".test", std::nullopt},
    {"name_of_253_octets", "RFC 1035 §2.3.4", "a@" + LongDomain(61), LongDomain(61)},
    {"name_of_253_octets_and_a_dot", "docs/rules.md §1", "a@" + LongDomain(61) + ".",
     LongDomain(61)},
    {"name_of_254_octets", "RFC 1035 §2.3.4", "a@" + LongDomain(62), std::nullopt},
};

class DomainOfPathTest : public ::testing::TestWithParam<PathCase> {};

TEST_P(DomainOfPathTest, IsTheMailboxes) {
  EXPECT_EQ(DomainOfPath(GetParam().path), GetParam().wanted) << GetParam().source;
}

INSTANTIATE_TEST_SUITE_P(Cases, DomainOfPathTest, ::testing::ValuesIn(kPaths),
                         [](const auto& each) { return each.param.id; });

}  // namespace
}  // namespace helovet
