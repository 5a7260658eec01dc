// An accreditor's list: what a line may look like, and what is said of one that is none
// (DNA-02 §6 for ratings and info; docs/accrediting.md, "The list").
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "helovet/accreditation.h"
#include "testing/directory_test.h"

namespace helovet::testing {
namespace {

using Reading = tl::expected<AccreditationList, std::vector<FileError>>;

// "DOMAIN RATING INFO@LINE" of each entry, or the mistakes, without the directory.
std::string Text(const Reading& reading, const std::string& directory) {
  std::string text;
  if (!reading) {
    for (const FileError& error : reading.error()) {
      text += error.ToString().substr(directory.size() + 1) + '\n';
    }
    return text;
  }
  for (std::size_t i = 0; i < reading->size(); ++i) {
    const AccreditationList::Entry entry = reading->At(i);
    text += entry.domain + ' ' + std::string(ToString(entry.rating));
    if (!entry.info.empty()) text += ' ' + entry.info;
    text += '@' + std::to_string(entry.line) + '\n';
  }
  return text;
}

class AccreditationListTest : public DirectoryTest {
 protected:
  [[nodiscard]] Reading Read(std::string_view text, std::string_view zone = "judge.example",
                             std::optional<Rating> rating = std::nullopt) const {
    return AccreditationList::Read(Write("list", text), zone, rating);
  }
  [[nodiscard]] std::string Told(const Reading& reading) const {
    return Text(reading, directory().string());
  }
};

TEST_F(AccreditationListTest, LinesThatAreFine) {
  const std::string label(63, 'a');
  // With ".judge.example" 253 octets.
  const std::string longest = label + '.' + label + '.' + label + '.' + std::string(47, 'b');
  const std::string info(kMaxAccreditedInfoOctets, 'i');
  struct Case {
    std::string text;
    std::string want;
  };
  const std::vector<Case> cases = {
      {"", ""},
      {"\n\r\n \t\n# all\n\t# of it\n", ""},
      {"mail.example.com A", "mail.example.com A@1\n"},
      {"mail.example.com A\n", "mail.example.com A@1\n"},
      {"mail.example.com A\r\nb.example E\r\n", "mail.example.com A@1\nb.example E@2\n"},
      {"mail.example.com A\r", "mail.example.com A@1\n"},
      {" \tMail.Example.COM. \t b\t \r\n", "mail.example.com B@1\n"},
      {"a.example C # not known\nb.example D #\n", "a.example C@1\nb.example D@2\n"},
      {"a.example C  member  since 2004; \"good\" \\ x#y # z\n",
       "a.example C member  since 2004; \"good\" \\ x#y@1\n"},
      {"# r\xc3\xa9sum\xc3\xa9 \x01\xff\na.example A\n", "a.example A@2\n"},
      {"_x.example A\nxn--mnchen-3ya.example B\n", "_x.example A@1\nxn--mnchen-3ya.example B@2\n"},
      {"M\xc3\xbcnchen.example B\n", "xn--mnchen-3ya.example B@1\n"},  // RFC 5890 §2.3.2.1
      {"mu\xcc\x88nchen\xe3\x80\x82"
       "example B\n",
       "xn--mnchen-3ya.example B@1\n"},  // UTS #46
      {longest + " A\n", longest + " A@1\n"},
      {"a.example A " + info + '\n', "a.example A " + info + "@1\n"},
      {"a.example A " + std::string(kMaxAccreditedLineOctets - 12, ' ') + "\r\n",
       "a.example A@1\n"},
  };
  for (const Case& c : cases) EXPECT_EQ(Told(Read(c.text)), c.want) << c.text;
}

TEST_F(AccreditationListTest, LinesThatAreNot) {
  const std::string label(63, 'a');
  const std::string too_long = label + '.' + label + '.' + label + '.' + std::string(48, 'b');
  const std::string overlong(kMaxAccreditedLineOctets + 1, 'a');
  const std::string start(40, 'a');
  const std::string told = "list:1:2001: \"" + start + "...\" is a line of more than 2000 octets\n";
  struct Case {
    std::string text;
    std::string want;
  };
  const std::vector<Case> cases = {
      {"a.example\n", "list:1:10: a rating from A to E is missing\n"},
      {"\n  a.example  # A\n", "list:2:12: a rating from A to E is missing\n"},
      {"a.example F\n", "list:1:11: \"F\" is not a rating from A to E\n"},
      {"a.example AA\n", "list:1:11: \"AA\" is not a rating from A to E\n"},
      {"a.example \xc3\x84\n", "list:1:11: \"\\xc3\\x84\" is not a rating from A to E\n"},
      {"a.example,A\n", "list:1:3: \"a.example,A\" is not a domain name\n"},
      {"  mail..example A\n", "list:1:8: \"mail..example\" is not a domain name\n"},
      {"*.example A\n", "list:1:1: \"*.example\" is not a domain name\n"},
      {". A\n", "list:1:1: \".\" is not a domain name\n"},
      {"a.-b.example A\n", "list:1:3: \"a.-b.example\" is not a domain name\n"},
      {label + "a.example A\n", "list:1:1: \"" + start + "...\" is not a domain name\n"},
      {"a.\xff.example A\n", "list:1:1: \"a.\\xff.example\" is not a domain name\n"},
      {"a.exa\rmple A\n", "list:1:3: \"a.exa\\x0dmple\" is not a domain name\n"},
      {"a.example\x1b[2J A\n", "list:1:3: \"a.example\\x1b[2J\" is not a domain name\n"},
      {"192.0.2.1 E\n", "list:1:1: \"192.0.2.1\" ends in a number, as addresses do\n"},
      {"2001:db8::1 E\n", "list:1:1: \"2001:db8::1\" is not a domain name\n"},
      {"a.example A tab\there\n", "list:1:16: the info must be printable ASCII\n"},
      {"a.example A caf\xc3\xa9\n", "list:1:16: the info must be printable ASCII\n"},
      {"a.example A x\x7f\n", "list:1:14: the info must be printable ASCII\n"},
      {"a.example A " + std::string(246, 'i') + '\n',
       "list:1:258: the info has more than 245 octets\n"},
      {too_long + " A\n",
       "list:1:1: \"" + start + "...\" with \".judge.example\" has more than 253 octets\n"},
      {"\xef\xbb\xbf"
       "a.example A\n",
       "list:1:1: a byte order mark: the file must not begin with one\n"},
      {std::string("a.example A\0\n", 13), "list:1:12: a NUL: this is no text\n"},
      {std::string("# \0", 3), "list:1:3: a NUL: this is no text\n"},
      {overlong, told},
      {overlong + "\n", told},
      {overlong + "\r\n", told},
      {overlong + overlong + overlong, told},
  };
  for (const Case& c : cases) EXPECT_EQ(Told(Read(c.text)), c.want) << c.text;
}

TEST_F(AccreditationListTest, OrderIsThatOfNames) {  // RFC 4034 §6.1
  EXPECT_EQ(Told(Read("z.example A\na.b.example A\nb.example A\nb-c.example A\nexample A\n"
                      "_x.b.example A\nB.test A\n")),
            "example A@5\nb.example A@3\n_x.b.example A@6\na.b.example A@2\nb-c.example A@4\n"
            "z.example A@1\nb.test A@7\n");
}

TEST_F(AccreditationListTest, DefaultRating) {
  EXPECT_EQ(Told(Read("a.example\nb.example E\n", "judge.example", Rating::kB)),
            "a.example B@1\nb.example E@2\n");
}

TEST_F(AccreditationListTest, RepeatedLinesAreCounted) {
  const Reading reading =
      Read("b.example A x\na.example A\nB.Example. a  x # again\nb.example A x");
  EXPECT_EQ(Told(reading), "a.example A@2\nb.example A x@1\n");
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->repeated(), 2U);
}

TEST_F(AccreditationListTest, ContradictionsNameBothLines) {
  EXPECT_EQ(Told(Read("b.example A\nx.example A\nx.example A y\nb.example D\n")),
            "list:3: says something else of \"x.example\" than line 2\n"
            "list:4: says something else of \"b.example\" than line 1\n");
}

TEST_F(AccreditationListTest, ManyMistakesAreCounted) {
  std::string text = "a.example A\n";
  for (int i = 0; i < 30; ++i) text += "a.example B\n-\n";
  const std::string told = Told(Read(text));
  EXPECT_TRUE(
      told.starts_with("list:2: says something else of \"a.example\" than line 1\n"
                       "list:3:1: \"-\" is not a domain name\n"))
      << told;
  EXPECT_TRUE(told.ends_with("\nlist: has 50 more mistakes\n")) << told;
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 11);
}

TEST_F(AccreditationListTest, PiecesOfAFileLeaveNoTrace) {
  std::string text;
  std::string want;
  for (int i = 10000; i < 30000; ++i) {
    text += "m" + std::to_string(i) + ".example A\n";
    want += "m" + std::to_string(i) + ".example A@" + std::to_string(i - 9999) + '\n';
  }
  EXPECT_EQ(Told(Read(text)), want);
}

TEST_F(AccreditationListTest, FilesThatCannotBeRead) {
  const auto read = [this](const std::string& name) {
    return Told(AccreditationList::Read(Path(name), "judge.example", std::nullopt));
  };
  EXPECT_EQ(read("absent"), "absent: cannot be read: No such file or directory\n");
  EXPECT_EQ(
      Told(AccreditationList::Read(directory().string() + "/.", "judge.example", std::nullopt)),
      ".: is a directory\n");
}

}  // namespace
}  // namespace helovet::testing
