#include "arguments.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace helovet {
namespace {

using ::testing::HasSubstr;

struct GoodCase {
  const char* what;
  std::vector<std::string_view> arguments;
  MailFrom mail_from;
  std::string client;
  std::string helo;
  std::optional<std::string> reverse_path;
  bool authenticated;
  std::string config;
  std::string error;
};

const GoodCase kGoodCases[] = {
    {"two arguments",
     {"192.0.2.1", "a.example"},
     MailFrom::kTaken,
     "192.0.2.1",
     "a.example",
     std::nullopt,
     false,
     "",
     ""},
    {"mapped address",
     {"::ffff:192.0.2.1", ""},
     MailFrom::kTaken,
     "192.0.2.1",
     "",
     std::nullopt,
     false,
     "",
     ""},
    {"uncompressed IPv6, as exim -bh gives it",
     {"2001:0db8:0000:0000:0000:0000:0000:0001", "h"},
     MailFrom::kTaken,
     "2001:db8::1",
     "h",
     std::nullopt,
     false,
     "",
     ""},
    {"local submission",
     {"", "a.example"},
     MailFrom::kTaken,
     "127.0.0.1",
     "a.example",
     std::nullopt,
     true,
     "",
     ""},
    {"null sender", {"192.0.2.1", "h", ""}, MailFrom::kTaken, "192.0.2.1", "h", "", false, "", ""},
    {"sender", {"192.0.2.1", "h", "a@b"}, MailFrom::kTaken, "192.0.2.1", "h", "a@b", false, "", ""},
    {"sender that looks like an option",
     {"192.0.2.1", "h", "authenticated=yes@b.example"},
     MailFrom::kTaken,
     "192.0.2.1",
     "h",
     "authenticated=yes@b.example",
     false,
     "",
     ""},
    {"sender without a domain",
     {"192.0.2.1", "h", "root"},
     MailFrom::kTaken,
     "192.0.2.1",
     "h",
     "root",
     false,
     "",
     ""},
    {"option in the third place",
     {"192.0.2.1", "h", "config=/c.toml"},
     MailFrom::kTaken,
     "192.0.2.1",
     "h",
     std::nullopt,
     false,
     "/c.toml",
     ""},
    {"sender and options",
     {"192.0.2.1", "h", "", "config=/c@d.toml", "authenticated=yes"},
     MailFrom::kTaken,
     "192.0.2.1",
     "h",
     "",
     true,
     "/c@d.toml",
     ""},
    {"empty values",
     {"192.0.2.1", "h", "", "config=", "authenticated=", "profile=", "authserv_id="},
     MailFrom::kTaken,
     "192.0.2.1",
     "h",
     "",
     false,
     "",
     ""},
    {"authenticated=no does not unmake a local submission",
     {"", "h", "", "authenticated=no"},
     MailFrom::kTaken,
     "127.0.0.1",
     "h",
     "",
     true,
     "",
     ""},
    {"no reverse path for helovet_csa",
     {"192.0.2.1", "h", "config=/c@d.toml"},
     MailFrom::kNotTaken,
     "192.0.2.1",
     "h",
     std::nullopt,
     false,
     "/c@d.toml",
     ""},
    {"unknown option",
     {"192.0.2.1", "h", "", "confg=x"},
     MailFrom::kTaken,
     "192.0.2.1",
     "h",
     "",
     false,
     "",
     "unknown option 'confg=x'"},
    {"unknown option in the third place",
     {"192.0.2.1", "h", "confg=x"},
     MailFrom::kTaken,
     "192.0.2.1",
     "h",
     std::nullopt,
     false,
     "",
     "unknown option 'confg=x'"},
    {"second reverse path",
     {"192.0.2.1", "h", "a@b", "c@d"},
     MailFrom::kTaken,
     "192.0.2.1",
     "h",
     "a@b",
     false,
     "",
     "unknown option 'c@d'"},
    {"the first mistake counts, the good options hold",
     {"192.0.2.1", "h", "", "profile=lax", "config=/c.toml", "zzz"},
     MailFrom::kTaken,
     "192.0.2.1",
     "h",
     "",
     false,
     "/c.toml",
     "option 'profile=lax' must be observe, standard, strict or custom"},
    {"sender with blanks, quotes and equals signs",
     {"192.0.2.1", "h", R"("profile=strict recipient=\" x"@b.example)", "config=/c.toml"},
     MailFrom::kTaken,
     "192.0.2.1",
     "h",
     R"("profile=strict recipient=\" x"@b.example)",
     false,
     "/c.toml",
     ""},
    {"option keys are exact",
     {"192.0.2.1", "h", "", "Config=/c.toml"},
     MailFrom::kTaken,
     "192.0.2.1",
     "h",
     "",
     false,
     "",
     "unknown option 'Config=/c.toml'"},
};

TEST(ParseRequestTest, TakesSessionsAndOptions) {
  for (const GoodCase& test : kGoodCases) {
    SCOPED_TRACE(test.what);
    const auto request = ParseRequest(test.arguments, test.mail_from);
    ASSERT_TRUE(request.has_value()) << request.error();
    EXPECT_EQ(request->session.client.ToString(), test.client);
    EXPECT_EQ(request->session.helo, test.helo);
    EXPECT_EQ(request->session.mail_from, test.reverse_path);
    EXPECT_EQ(request->session.authenticated, test.authenticated);
    EXPECT_EQ(request->options.config, test.config);
    EXPECT_EQ(request->options.error, test.error);
  }
}

TEST(ParseRequestTest, ReadsWhatIsNoPartOfTheKey) {
  const std::vector<std::string_view> arguments = {
      "192.0.2.1",    "h", "profile=custom", "authserv_id=mx.example", "server_name=host.example",
      "smtputf8=yes",
  };
  const auto request = ParseRequest(arguments, MailFrom::kTaken);
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->options.error, "");
  EXPECT_EQ(request->options.profile, Profile::kCustom);
  EXPECT_EQ(request->options.authserv_id, "mx.example");
  EXPECT_EQ(request->options.server_name, "host.example");
  EXPECT_TRUE(request->session.smtputf8);
}

// A client chooses them.
TEST(ParseRequestTest, TakesAnyRecipient) {
  for (const std::string recipient :
       {R"("a b"@c.example)", "profile=observe@c.example", "a=b=c@d.example",
        "recipient=", R"("\"=@"@c.example)", "\x80\xff@c.example"}) {
    const std::string option = "recipient=" + recipient;
    const std::vector<std::string_view> arguments = {"192.0.2.1", "h", "", "profile=strict",
                                                     option};
    const auto request = ParseRequest(arguments, MailFrom::kTaken);
    ASSERT_TRUE(request.has_value()) << recipient;
    EXPECT_EQ(request->options.error, "") << recipient;
    EXPECT_EQ(request->options.profile, Profile::kStrict) << recipient;
    EXPECT_EQ(request->session.recipient, recipient);
  }
}

TEST(ParseRequestTest, TakesYesAndNo) {
  for (const std::string_view key : {"smtputf8", "authenticated"}) {
    const std::string option = std::string(key) + "=perhaps";
    const std::vector<std::string_view> arguments = {"192.0.2.1", "h", "", option};
    const auto request = ParseRequest(arguments, MailFrom::kTaken);
    ASSERT_TRUE(request.has_value()) << key;
    EXPECT_EQ(request->options.error, "option '" + option + "' must be yes, no or empty");
  }
}

TEST(ParseRequestTest, RefusesWhatIsNoSession) {
  const struct {
    std::vector<std::string_view> arguments;
    const char* error;
  } cases[] = {
      {{}, "needs the client's address and its HELO name"},
      {{"192.0.2.1"}, "needs the client's address and its HELO name"},
      {{"192.0.2", "h"}, "not an IP address: '192.0.2'"},
      {{"a.example", "192.0.2.1"}, "not an IP address: 'a.example'"},
      {{"\x1b[2J\xff", "h"}, R"(not an IP address: '\x1b[2J\xff')"},
  };
  for (const auto& test : cases) {
    const auto request = ParseRequest(test.arguments, MailFrom::kTaken);
    ASSERT_FALSE(request.has_value()) << test.error;
    EXPECT_EQ(request.error(), test.error);
  }
}

TEST(ParseRequestTest, CutsWhatItQuotes) {
  const std::string address(100'000, 'a');
  const std::vector<std::string_view> arguments = {address, "h"};
  const auto request = ParseRequest(arguments, MailFrom::kTaken);
  ASSERT_FALSE(request.has_value());
  EXPECT_LT(request.error().size(), 200u);
  EXPECT_THAT(request.error(), HasSubstr("aaa...'"));
}

TEST(ParseOptionsTest, ReadsOptionsAlone) {
  const std::vector<std::string_view> arguments = {"config=/c.toml", "server_name=mx.example"};
  const Options options = ParseOptions(arguments);
  EXPECT_EQ(options.config, "/c.toml");
  EXPECT_EQ(options.server_name, "mx.example");
  EXPECT_EQ(options.error, "");
  const std::vector<std::string_view> path = {"/c.toml"};
  EXPECT_EQ(ParseOptions(path).error, "unknown option '/c.toml'");
  EXPECT_EQ(ParseOptions({}).error, "");
}

}  // namespace
}  // namespace helovet
