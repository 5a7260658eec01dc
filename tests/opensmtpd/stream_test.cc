// The filter between two real descriptors.
#include "stream.h"

#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol_checker.h"
#include "scripted_validations.h"

namespace helovet {
namespace {

using testing::ProtocolChecker;
using testing::ScriptedValidations;

class StreamTest : public ::testing::Test {
 protected:
  StreamTest() {
    // smtpd gives both directions as one socket; two show each side's pressure by itself.
    EXPECT_EQ(pipe(to_filter_), 0);
    EXPECT_EQ(pipe(from_filter_), 0);
    fcntl(to_filter_[1], F_SETFL, O_NONBLOCK);
    fcntl(from_filter_[0], F_SETFL, O_NONBLOCK);
    stream_ = std::make_unique<Stream>(loop_, to_filter_[0], from_filter_[1], filter_, output_);
  }
  ~StreamTest() override {
    for (const int fd : {to_filter_[0], to_filter_[1], from_filter_[0], from_filter_[1]}) {
      if (fd >= 0) close(fd);
    }
  }

  // Sends as much of `text` as fits; the rest is returned.
  std::string_view Send(std::string_view text) {
    const ssize_t sent = write(to_filter_[1], text.data(), text.size());
    return text.substr(sent < 0 ? 0 : static_cast<std::size_t>(sent));
  }
  void Turn(int times) {
    for (int i = 0; i < times && !stream_->finished(); ++i) {
      stream_->Flush();
      loop_.Turn(loop_.Now());
    }
  }
  std::string Receive() {
    std::string text(1 << 16, '\0');
    const ssize_t got = read(from_filter_[0], text.data(), text.size());
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
  }
  static void Close(int& fd) {
    close(fd);
    fd = -1;
  }

  Loop loop_;
  Log log_{[](std::string_view) {}, [] { return Loop::TimePoint(); }};
  ScriptedValidations engine_;
  Output output_;
  Metrics metrics_;
  Filter filter_{Config(),
                 [this](const std::shared_ptr<const Config>&) { return engine_.MakeValidator(); },
                 output_, log_, metrics_};
  int to_filter_[2];
  int from_filter_[2];
  std::unique_ptr<Stream> stream_;
};

TEST_F(StreamTest, EndsAfterTheLastAnswer) {
  Send("config|ready\nfilter|0.7|1.0|smtp-in|helo|1|2|x\nfilter|0.7|unfinished");
  Close(to_filter_[1]);
  loop_.RunUntil([this] {
    stream_->Flush();
    return stream_->finished();
  });
  const std::string text = Receive();
  EXPECT_TRUE(
      text.ends_with("register|ready\nfilter-result|0000000000000001|0000000000000002|"
                     "proceed\n"))
      << text;
}

TEST_F(StreamTest, EndsWhenNobodyListens) {
  std::signal(SIGPIPE, SIG_IGN);
  Close(from_filter_[0]);
  Send("config|ready\n");
  Turn(3);
  EXPECT_TRUE(stream_->finished());
}

// A reader that stops must stop the filter's reading, not fill its memory; and nothing is lost.
TEST_F(StreamTest, StopsReadingWhileSmtpdDoesNot) {
  Send("config|ready\n");
  const std::string line = "filter|0.7|1.0|smtp-in|data-line|1|2|" + std::string(1000, 'x') + "\n";
  std::string pending;
  std::size_t lines = 0;
  std::size_t refused = 0;
  while (refused < 50) {
    if (pending.empty()) {
      pending = line;
      ++lines;
    }
    const std::size_t before = pending.size();
    pending = std::string(Send(pending));
    refused = pending.size() == before ? refused + 1 : 0;
    Turn(1);
    ASSERT_LT(lines, 10000u) << "it reads without end";
  }
  EXPECT_GT(output_.queued().size(), kMaxQueuedOctets);
  EXPECT_LT(output_.queued().size(), kMaxQueuedOctets + 200000);

  std::string received;
  while (true) {
    pending = std::string(Send(pending));
    Turn(2);
    const std::string more = Receive();
    received += more;
    if (more.empty() && pending.empty()) break;
  }
  ProtocolChecker checker;
  checker.Feed(received);
  EXPECT_EQ(checker.complaints(), std::vector<std::string>());
  EXPECT_EQ(checker.answers().size(), lines);
}

}  // namespace
}  // namespace helovet
