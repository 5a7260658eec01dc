// Which entry counts (docs/rules.md §7.1).
#include "helovet/local_lists.h"

#include <string>
#include <vector>

#include "core/lists/list_fixture.h"
#include "gtest/gtest.h"

namespace helovet::testing {
namespace {

// What is asked, and the answer as "allow ENTRY", "deny ENTRY" or "none".
struct Case {
  std::string text;
  std::string want;
};

std::string Told(const ListMatch& match) {
  if (match.listing == Listing::kNone) return "none" + match.entry + match.place;
  const bool deny = match.listing == Listing::kDeny;
  EXPECT_EQ(match.place, deny ? "lists.deny" : "lists.allow");
  return (deny ? "deny " : "allow ") + match.entry;
}

TEST(LocalListsTest, TheLongestPrefixCounts) {
  const LocalLists lists(
      {"192.0.2.0/25", "198.51.100.7", "203.0.113.0/24", "2001:db8:1::/48", "::/0"},
      {"192.0.2.0/24", "192.0.2.64/26", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32",
       "2001:db8:1::7", "0.0.0.0/1"});
  const std::vector<Case> cases = {
      {"192.0.2.1", "allow 192.0.2.0/25"},
      {"192.0.2.65", "deny 192.0.2.64/26"},
      {"192.0.2.127", "deny 192.0.2.64/26"},
      {"192.0.2.128", "deny 192.0.2.0/24"},
      {"192.0.3.0", "none"},
      {"127.255.255.255", "deny 0.0.0.0/1"},
      {"0.0.0.0", "deny 0.0.0.0/1"},
      {"198.51.100.7", "allow 198.51.100.7"},
      {"198.51.100.8", "deny 198.51.100.0/24"},
      {"203.0.113.9", "deny 203.0.113.0/24"},  // In both lists.
      {"::ffff:203.0.113.9", "deny 203.0.113.0/24"},
      {"2001:db8::1", "deny 2001:db8::/32"},
      {"2001:db8:1::1", "allow 2001:db8:1::/48"},
      {"2001:db8:1::7", "deny 2001:db8:1::7"},
      {"2001:db8:1::8", "allow 2001:db8:1::/48"},
      {"2001:db9::", "allow ::/0"},
      {"::", "allow ::/0"},
      {"255.255.255.255", "none"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Told(lists.FindAddress(*IpAddress::Parse(c.text))), c.want) << c.text;
  }
}

TEST(LocalListsTest, TheClosestNameCounts) {
  const LocalLists lists(
      {".example.com", "a.b.example.net", "both.example", "@mail.example.org"},
      {".bad.example.com", "good.bad.example.com", "Example.COM.", ".b.example.net", "both.example",
       ".both.example", "@sender.example", "@.example.org"});
  const std::vector<Case> cases = {
      {"example.com", "deny example.com"},
      {"mail.example.com", "allow .example.com"},
      {"a.b.c.example.com", "allow .example.com"},
      {"bad.example.com", "allow .example.com"},
      {"x.bad.example.com", "deny .bad.example.com"},
      {"good.bad.example.com", "deny good.bad.example.com"},
      {"notexample.com", "none"},
      {"com", "none"},
      {"a.b.example.net", "allow a.b.example.net"},
      {"x.a.b.example.net", "deny .b.example.net"},
      {"b.example.net", "none"},
      {"both.example", "deny both.example"},
      {"MAIL.Example.com.", "allow .example.com"},
      // Entries for senders' domains are of another kind.
      {"mail.example.org", "none"},
      {"sender.example", "none"},
      // What a client may say that is no name.
      {"", "none"},
      {".", "none"},
      {".example.com", "none"},
      {"@sender.example", "none"},
      {"@.example.org", "none"},
      {"192.0.2.7", "none"},
      {std::string("mail\0.example.net", 17), "none"},
      {std::string(254, 'a') + ".example.com", "none"},
      {std::string(100'000, '.'), "none"},
  };
  for (const Case& c : cases) EXPECT_EQ(Told(lists.FindName(c.text)), c.want) << c.text;
}

TEST(LocalListsTest, TheClosestDomainOfASenderCounts) {
  const LocalLists lists({"@example.org", "@a.example.org", "@.b.example.org", "example.com"},
                         {"@.example.org", "@a.example.org", ".example.net", "@.x.example"});
  const std::vector<Case> cases = {
      {"example.org", "allow @example.org"},
      {"Example.ORG.", "allow @example.org"},
      {"a.example.org", "deny @a.example.org"},
      {"b.example.org", "deny @.example.org"},
      {"c.b.example.org", "allow @.b.example.org"},
      {"d.c.b.example.org", "allow @.b.example.org"},
      {"x.example", "none"},
      {"y.x.example", "deny @.x.example"},
      {"z.y.x.example", "deny @.x.example"},
      {"org", "none"},
      // Entries for HELO names are of another kind.
      {"example.com", "none"},
      {"a.example.net", "none"},
      // What a sender may write that is no domain.
      {"", "none"},
      {"@example.org", "none"},
      {".example.org", "none"},
      {"[192.0.2.7]", "none"},
      {std::string(300, 'a') + ".example.org", "none"},
  };
  for (const Case& c : cases) EXPECT_EQ(Told(lists.FindSenderDomain(c.text)), c.want) << c.text;
}

using LocalListsFilesTest = ListTest;

TEST_F(LocalListsFilesTest, TheFilesAreOneTable) {
  const std::string one = Write("one", "192.0.2.0/24\n.example.com\na.example.com\n");
  const std::string two = Write("two", "\n192.0.2.128/25\n.b.example.com\na.example.com\n");
  const LocalLists lists({one, "192.0.2.0/26", two}, {two, "192.0.2.192/26"});
  struct Place {
    ListMatch match;
    ListMatch want;
  };
  const Place places[] = {
      {lists.FindAddress(*IpAddress::Parse("192.0.2.1")),
       {Listing::kAllow, "192.0.2.0/26", "lists.allow"}},
      {lists.FindAddress(*IpAddress::Parse("192.0.2.64")),
       {Listing::kAllow, "192.0.2.0/24", one + ":1"}},
      {lists.FindAddress(*IpAddress::Parse("192.0.2.128")),
       {Listing::kDeny, "192.0.2.128/25", two + ":2"}},
      {lists.FindAddress(*IpAddress::Parse("192.0.2.192")),
       {Listing::kDeny, "192.0.2.192/26", "lists.deny"}},
      {lists.FindName("x.example.com"), {Listing::kAllow, ".example.com", one + ":2"}},
      {lists.FindName("x.b.example.com"), {Listing::kDeny, ".b.example.com", two + ":3"}},
      {lists.FindName("a.example.com"), {Listing::kDeny, "a.example.com", two + ":4"}},
  };
  for (const Place& place : places) EXPECT_EQ(place.match, place.want);
}

TEST_F(LocalListsFilesTest, TheFirstOfEqualEntriesIsTold) {
  std::string text;  // More than fit into a small bucket of a table of names.
  for (int i = 0; i < 100; ++i) text += "# x\n192.0.2.7\nmail.example\n";
  const std::string path = Write("deny", text);
  const LocalLists lists({}, {path});
  EXPECT_EQ(lists.FindName("mail.example").place, path + ":3");
  EXPECT_EQ(lists.FindAddress(*IpAddress::Parse("192.0.2.7")).place, path + ":2");
  EXPECT_EQ(lists.FindName("other.example").listing, Listing::kNone);
}

TEST_F(LocalListsFilesTest, EmptyIsWhatCannotMatch) {
  EXPECT_TRUE(LocalLists({}, {}).empty());
  EXPECT_TRUE(LocalLists({Write("none", "# none yet\n")}, {Path("missing")}).empty());
  EXPECT_FALSE(LocalLists({"192.0.2.7"}, {}).empty());
  EXPECT_FALSE(LocalLists({}, {Write("one", "a.example")}).empty());
}

TEST(LocalListsTest, AMistakeInTheConfigurationIsLeftOut) {
  LocalLists lists({"a.example", "b example"}, {"@x..example"});
  std::string text;
  for (const FileError& error : lists.TakeComplaints()) text += error.ToString() + '\n';
  const std::string no_entry =
      " is not an address, a network, a host name, \".suffix\", \"@domain\" or \"@.suffix\"\n";
  EXPECT_EQ(text,
            "lists.deny: \"@x..example\"" + no_entry + "lists.allow: \"b example\"" + no_entry);
  EXPECT_EQ(Told(lists.FindName("a.example")), "allow a.example");
}

}  // namespace
}  // namespace helovet::testing
