// Lines of people and scripts: helovet(1), --batch.
#include "session_log/plain_line.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "told.h"

namespace helovet {
namespace {

TEST(PlainLineTest, HasAddressNameAndSender) {
  const std::vector<LineCase> cases = {
      {"192.0.2.1 mail.example", "192.0.2.1|mail.example|none"},
      {"192.0.2.1 mail.example joe@example.org", "192.0.2.1|mail.example|joe@example.org"},
      {"192.0.2.1 mail.example <joe@example.org>", "192.0.2.1|mail.example|joe@example.org"},
      {"192.0.2.1 mail.example <>", "192.0.2.1|mail.example|"},
      {"192.0.2.1 mail.example -", "192.0.2.1|mail.example|none"},
      {"192.0.2.1 -", "192.0.2.1||none"},
      {"192.0.2.1 - <>", "192.0.2.1||"},
      {" \t2001:DB8::1\t[IPv6:2001:db8::1]  <> ", "2001:db8::1|[IPv6:2001:db8::1]|"},
      // docs/rules.md §1
      {"::ffff:192.0.2.1 a.example", "192.0.2.1|a.example|none"},
      // Octets that no word can have, as EscapeForLog writes them.
      {R"(192.0.2.1 a\x20b\\c\x23)", "192.0.2.1|a b\\c#|none"},
      {R"(192.0.2.1 \x2d "a\x20b"@example.org)", "192.0.2.1|-|\"a b\"@example.org"},
      {"192.0.2.1 m\xc3\xa4il.example", "192.0.2.1|m\xc3\xa4il.example|none"},
  };
  for (const LineCase& c : cases) EXPECT_EQ(Told(ReadPlainLine(c.line)), c.want) << c.line;
}

TEST(PlainLineTest, HasComments) {
  const std::vector<LineCase> cases = {
      {"", "other"},
      {" \t ", "other"},
      {"# 192.0.2.1 mail.example", "other"},
      {"  #", "other"},
      {"192.0.2.1 mail.example # Monday's", "192.0.2.1|mail.example|none"},
      {"192.0.2.1 mail.example <> #", "192.0.2.1|mail.example|"},
      {"192.0.2.1 mail.example#1", "192.0.2.1|mail.example#1|none"},
  };
  for (const LineCase& c : cases) EXPECT_EQ(Told(ReadPlainLine(c.line)), c.want) << c.line;
}

TEST(PlainLineTest, SaysWhatIsMalformed) {
  const std::string address = "malformed: its first word is no IPv4 or IPv6 address";
  const std::string escape =
      "malformed: its HELO name has a backslash that is neither \\\\ nor \\xHH";
  const std::string sender = "malformed: its third word is no mail address";
  const std::string control = "malformed: it has a control character";
  const std::vector<LineCase> cases = {
      {"mail.example 192.0.2.1", address},
      {"192.0.2.256 mail.example", address},
      {"[192.0.2.1] mail.example", address},
      {"192.0.2.1", "malformed: it has no HELO name, nor \"-\" for none"},
      {"192.0.2.1 # name", "malformed: it has no HELO name, nor \"-\" for none"},
      {"192.0.2.1 a b@c d", "malformed: it has more than three words"},
      {R"(192.0.2.1 a\b)", escape},
      {R"(192.0.2.1 a\x2)", escape},
      {R"(192.0.2.1 a\xg0)", escape},
      {R"(192.0.2.1 a\)", escape},
      {"192.0.2.1 a joe", sender},
      {"192.0.2.1 a <joe@example.org", sender},
      {"192.0.2.1 a <joe@example.org>x", sender},
      {R"(192.0.2.1 a joe@example.org\)", sender},
      {"192.0.2.1 a\x1b[2J", control},
      {std::string("192.0.2.1 a\0b", 13), control},
  };
  for (const LineCase& c : cases) EXPECT_EQ(Told(ReadPlainLine(c.line)), c.want) << c.line;
}

}  // namespace
}  // namespace helovet
