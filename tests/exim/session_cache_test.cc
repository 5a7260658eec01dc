#include "session_cache.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace helovet {
namespace {

Session SessionOf(std::string_view address, std::string helo) {
  return {.client = IpAddress::Parse(address).value(), .helo = std::move(helo)};
}

class ResultsTest : public ::testing::Test {
 protected:
  // Judges, counting how often a verdict had to be made.
  Verdict Judge(const Session& session, const Options& options = {}) {
    return cache_.Judge(session, config_, options, [&] {
      ++validations_;
      return Verdict{.session = session};
    });
  }

  SessionCache::Clock::time_point now_{};
  SessionCache cache_{[this] { return now_; }};
  SharedConfig config_ = std::make_shared<const Config>();
  int validations_ = 0;
};

TEST_F(ResultsTest, SharesAVerdictWithinASession) {
  Session session = SessionOf("192.0.2.1", "a.example");
  Judge(session);
  session.mail_from = "b@c.example";
  const Verdict verdict = Judge(session);
  EXPECT_EQ(validations_, 1);
  EXPECT_EQ(verdict.session.mail_from, "b@c.example");
}

TEST_F(ResultsTest, SharesNothingThatAVerdictDependsOn) {
  const Session session = SessionOf("192.0.2.1", "a.example");
  Judge(session);
  Judge(SessionOf("192.0.2.2", "a.example"));
  EXPECT_EQ(validations_, 2) << "address";
  Judge(SessionOf("192.0.2.1", "A.example"));
  EXPECT_EQ(validations_, 3) << "HELO name";
  Session authenticated = session;
  authenticated.authenticated = true;
  Judge(authenticated);
  EXPECT_EQ(validations_, 4) << "exemption";
  Judge(session, {.profile = Profile::kStrict});
  EXPECT_EQ(validations_, 5) << "profile";
  Judge(session, {.authserv_id = "mx.example"});
  EXPECT_EQ(validations_, 6) << "authserv-id";
  config_ = std::make_shared<const Config>();
  Judge(session);
  EXPECT_EQ(validations_, 7) << "configuration";
}

TEST_F(ResultsTest, ForgetsWithTime) {
  const Session session = SessionOf("192.0.2.1", "a.example");
  Judge(session);
  now_ += kResultLifetime - std::chrono::milliseconds(1);
  Judge(session);
  EXPECT_EQ(validations_, 1);
  now_ += std::chrono::milliseconds(1);
  Judge(session);
  EXPECT_EQ(validations_, 2);
}

TEST_F(ResultsTest, KeepsABoundedNumber) {
  const auto name = [](std::size_t i) { return "h" + std::to_string(i) + ".example"; };
  for (std::size_t i = 0; i <= kMaxResults; ++i) Judge(SessionOf("192.0.2.1", name(i)));
  const int made = validations_;
  Judge(SessionOf("192.0.2.1", name(kMaxResults)));
  EXPECT_EQ(validations_, made) << "the newest is kept";
  Judge(SessionOf("192.0.2.1", name(0)));
  EXPECT_EQ(validations_, made + 1) << "the oldest has gone";
}

class ConfigurationTest : public ::testing::Test {
 protected:
  ConfigurationTest() : path_(::testing::TempDir() + "session_cache_test.toml") {
    std::filesystem::remove(path_);
  }
  ~ConfigurationTest() override { std::filesystem::remove(path_); }

  void Write(const std::string& text) { std::ofstream(path_) << text; }

  std::string path_;
  SessionCache cache_;
};

TEST_F(ConfigurationTest, IsReadOnceWhileTheFileIsTheSame) {
  Write("profile = \"strict\"\n");
  const auto first = cache_.Configuration(path_);
  ASSERT_TRUE(first.has_value()) << first.error().ToString();
  EXPECT_EQ((*first)->profile, Profile::kStrict);
  EXPECT_EQ(*cache_.Configuration(path_), *first);
}

TEST_F(ConfigurationTest, IsReadAgainWhenTheFileIsAnother) {
  EXPECT_FALSE(cache_.Configuration(path_).has_value()) << "missing";
  Write("profile = \"strict\"\n");
  EXPECT_TRUE(cache_.Configuration(path_).has_value()) << "it has come";
  Write("profile = \"str\"\n");
  EXPECT_FALSE(cache_.Configuration(path_).has_value()) << "it has become wrong";
  const std::string other = path_ + ".new";
  std::ofstream(other) << "profile = \"obs\"\n";
  std::filesystem::last_write_time(other, std::filesystem::last_write_time(path_));
  std::filesystem::rename(other, path_);
  const auto replaced = cache_.Configuration(path_);
  ASSERT_FALSE(replaced.has_value());
}

TEST_F(ConfigurationTest, EmptyPathMeansTheDefaultFile) {
  if (std::filesystem::exists(kDefaultConfigPath)) GTEST_SKIP() << "this host has one";
  const auto config = cache_.Configuration("");
  ASSERT_TRUE(config.has_value()) << config.error().ToString();
  EXPECT_EQ((*config)->profile, Profile::kObserve);
}

TEST(ComplaintsTest, AreNewsOnce) {
  SessionCache cache;
  EXPECT_TRUE(cache.IsNews("a"));
  EXPECT_FALSE(cache.IsNews("a"));
  EXPECT_TRUE(cache.IsNews("b"));
  for (std::size_t i = 2; i < kMaxComplaints; ++i) {
    EXPECT_TRUE(cache.IsNews(std::to_string(i)));
  }
  EXPECT_FALSE(cache.IsNews("one too many"));
}

TEST(KeepTest, HoldsTheTextUntilTheNext) {
  SessionCache cache;
  EXPECT_STREQ(cache.Keep("a"), "a");
  EXPECT_STREQ(cache.Keep(std::string(10'000, 'b')), std::string(10'000, 'b').c_str());
}

}  // namespace
}  // namespace helovet
