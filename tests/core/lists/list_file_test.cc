// Files of entries: what a line may look like, and what is said of one that is no entry
// (docs/rules.md §7.1).
#include <cerrno>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include "core/lists/list_fixture.h"
#include "gtest/gtest.h"

namespace helovet::testing {
namespace {

using ListFileTest = ListTest;

const std::string kNoEntry =
    " is not an address, a network, a host name, \".suffix\", \"@domain\" or \"@.suffix\"\n";

TEST_F(ListFileTest, LinesThatAreFine) {
  struct Case {
    std::string text;
    int line;  // That of mail.example.com.
  };
  const std::string full(kMaxListLineOctets - 17, ' ');
  const std::vector<Case> cases = {
      {"mail.example.com", 1},
      {"mail.example.com\n", 1},
      {"mail.example.com\r\n", 1},
      {"mail.example.com\r", 1},
      {"\n\r\n \t \n# all\n\t# of\r\nMail.Example.COM.\n", 6},
      {" \tmail.example.com \t\r\n", 1},
      {"mail.example.com # sent spam\n", 1},
      {"mail.example.com\t#sent spam\n", 1},
      {"# mail.example.com\nmail.example.com # # x\n", 2},
      {"# r\xc3\xa9sum\xc3\xa9\nmail.example.com # \xff\n", 2},
      {"other.example\nmail.example.com\nmail.example.com\n", 2},
      {full + "mail.example.com \n", 1},
      {full + "mail.example.com \r\n", 1},
      {'#' + std::string(kMaxListLineOctets - 1, 'x') + "\nmail.example.com", 2},
  };
  for (const Case& c : cases) {
    const std::string path = Write("deny", c.text);
    LocalLists lists({}, {path});
    EXPECT_EQ(Text(lists.TakeComplaints()), "") << c.text;
    EXPECT_EQ(lists.FindName("mail.example.com"),
              (ListMatch{Listing::kDeny, "mail.example.com", path + ':' + std::to_string(c.line)}))
        << c.text;
  }
}

TEST_F(ListFileTest, LinesThatAreNot) {
  struct Case {
    std::string text;
    std::string want;
  };
  const std::string overlong(kMaxListLineOctets + 1, 'a');
  const std::string told =
      '"' + overlong.substr(0, 40) + "...\" is a line of more than 1000 octets\n";
  const std::vector<Case> cases = {
      {"\n  mail..example\n", "deny:2:8: \"mail..example\"" + kNoEntry},
      {"a.example b.example\n", "deny:1:3: \"a.example b.example\"" + kNoEntry},
      {"mail.example#x\n", "deny:1:6: \"mail.example#x\"" + kNoEntry},
      {"mail.exa\rmple\n", "deny:1:6: \"mail.exa\\x0dmple\"" + kNoEntry},
      {"x.example\v\n", "deny:1:3: \"x.example\\x0b\"" + kNoEntry},
      {"\xc3\xa4.example\r\n", "deny:1:1: \"\\xc3\\xa4.example\"" + kNoEntry},
      {"/etc/passwd\n", "deny:1:1: \"/etc/passwd\"" + kNoEntry},
      {"\t192.0.2.1/24 # net\n",
       "deny:1:12: \"192.0.2.1/24\" has no prefix length of its kind of address, or has bits "
       "beyond "
       "it\n"},
      {"\xef\xbb\xbfmail.example\n",
       "deny:1:1: a byte order mark: the file must not begin with one\n"},
      {"x.example\n\xef\xbb\xbf\n", "deny:2:1: \"\\xef\\xbb\\xbf\"" + kNoEntry},
      {std::string("# a\0b\n", 6), "deny:1:4: a NUL: this is no text\n"},
      {std::string("a\0", 2), "deny:1:2: a NUL: this is no text\n"},
      {overlong, "deny:1:1001: " + told},
      {overlong + "\n", "deny:1:1001: " + told},
      {overlong + "\r\n", "deny:1:1001: " + told},
      {'\n' + overlong + overlong, "deny:2:1001: " + told},
      {'#' + overlong + "\n",
       "deny:1:1001: \"#" + overlong.substr(0, 39) + "...\" is a line of more than 1000 octets\n"},
  };
  for (const Case& c : cases) {
    LocalLists lists({}, {Write("deny", c.text)});
    EXPECT_EQ(Text(lists.TakeComplaints()), c.want);
    EXPECT_EQ(Text(lists.TakeComplaints()), "");
  }
}

TEST_F(ListFileTest, EntriesBesideAMistakeCount) {
  const std::string path = Write("deny", "a.example\nb..example\nc.example");
  LocalLists lists({}, {path});
  EXPECT_EQ(Text(lists.TakeComplaints()), "deny:2:3: \"b..example\"" + kNoEntry);
  EXPECT_EQ(lists.FindName("a.example").place, path + ":1");
  EXPECT_EQ(lists.FindName("c.example").place, path + ":3");
}

TEST_F(ListFileTest, ManyMistakesAreCounted) {
  std::string text;
  for (std::size_t i = 0; i < kMaxListComplaints + 5; ++i) text += "?\n";
  LocalLists lists({}, {Write("deny", text)});
  const std::vector<FileError> complaints = lists.TakeComplaints();
  ASSERT_EQ(complaints.size(), kMaxListComplaints + 1);
  EXPECT_EQ(Text({complaints.back()}), "deny: has 5 more mistakes\n");
}

// Lines fall on the borders of what is read at once in every way.
TEST_F(ListFileTest, LinesMayBeAnywhere) {
  for (const std::size_t length : {7U, 8U, 61U, 999U, 1000U}) {
    std::string text;
    int lines = 0;
    while (text.size() < 200'000) {
      const std::string name = 'n' + std::to_string(++lines);
      text += name + std::string(length - name.size(), ' ') + '\n';
    }
    const std::string path = Write("deny", text);
    LocalLists lists({}, {path});
    ASSERT_EQ(Text(lists.TakeComplaints()), "") << length;
    for (int line = 1; line <= lines; ++line) {
      ASSERT_EQ(lists.FindName('n' + std::to_string(line)).place,
                path + ':' + std::to_string(line));
    }
  }
}

TEST_F(ListFileTest, FilesThatCannotBeRead) {
  const std::string fifo = Path("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const std::string huge = Write("huge", "a.example\n");
  ASSERT_EQ(truncate(huge.c_str(), static_cast<off_t>(kMaxListFileOctets) + 1), 0);  // A hole.

  LocalLists lists({"/", fifo, huge, Path("missing"), std::string("/a\0b", 4)}, {"b.example"});
  EXPECT_EQ(Text(lists.TakeComplaints()),
            "/: is a directory\n"
            "fifo: is not a file\n"
            "huge: is larger than 268435456 octets\n"
            "missing: cannot be read: No such file or directory\n"
            "/a\\x00b: cannot be read: No such file or directory\n");
  EXPECT_EQ(lists.FindName("a.example").listing, Listing::kNone);
  EXPECT_EQ(lists.FindName("b.example").listing, Listing::kDeny);
}

TEST_F(ListFileTest, AnEndlessFileIsGivenUp) {
  LocalLists lists({"/dev/zero"}, {});
  EXPECT_EQ(Text(lists.TakeComplaints()), "/dev/zero: is larger than 268435456 octets\n");
}

}  // namespace
}  // namespace helovet::testing
