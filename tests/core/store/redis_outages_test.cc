// docs/rules.md §13.2: whatever the server does, each operation ends within redis.timeout.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "core/store/awaited_store.h"
#include "core/store/redis_server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/redis_connection.h"
#include "store/redis_store.h"

namespace helovet::testing {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kTimeout{150};
constexpr milliseconds kGrace{50};
constexpr auto kAfterPause = kRedisPause + milliseconds(50);

// A server on loopback whose every connection is served by `serve`, one after the other, in a
// thread. It ends when this goes: descriptors are shut down then, which ends what waits for them.
class ScriptedPeer {
 public:
  using Serve = std::function<void(int connection)>;

  explicit ScriptedPeer(Serve serve)
      : serve_(std::move(serve)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Run(); });
  }
  ~ScriptedPeer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;

  [[nodiscard]] std::string server() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  void Run() {
    for (;;) {
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      serve_(connection);
      close(connection);
    }
  }

  Serve serve_;
  int listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

// False: the client has gone.
bool Say(int connection, std::string_view octets) {
  return send(connection, octets.data(), octets.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(octets.size());
}

bool AwaitCommand(int connection) {
  std::array<char, 65536> octets;
  return recv(connection, octets.data(), octets.size(), 0) > 0;
}

void AwaitEnd(int connection) {
  while (AwaitCommand(connection)) {
  }
}

// Every operation of a store, as "" or its error.
struct Operation {
  std::string name;
  std::function<std::string(AwaitedStore&)> run;
};

std::vector<Operation> Operations() {
  return {
      {"Find", [](AwaitedStore& store) { return store.Error((*store).Find("k")); }},
      {"Put",
       [](AwaitedStore& store) {
         return store.Error((*store).Put("k", "v", hours(1), Overwrite::kAlways));
       }},
      {"Acquire",
       [](AwaitedStore& store) { return store.Error((*store).Acquire("k", 1, hours(1))); }},
      {"Release",
       [](AwaitedStore& store) {
         Lease lease = {.key = "k", .id = "i"};
         return store.Error((*store).Release(lease));
       }},
      {"List", [](AwaitedStore& store) { return store.Error((*store).List("k")); }},
      {"Flush", [](AwaitedStore& store) { return store.Error((*store).Flush("k")); }},
      {"Count",
       [](AwaitedStore& store) {
         return store.Error((*store).Count({CounterIncrement{.counter = 0, .by = 1}}));
       }},
      {"Totals", [](AwaitedStore& store) { return store.Error((*store).Totals(Month::Now())); }},
  };
}

std::size_t OpenDescriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

class RedisOutageTest : public ::testing::Test {
 protected:
  AwaitedStore Open(const Config& config) { return {loop_, MakeRedisStore(loop_, config)}; }
  AwaitedStore Open(const std::string& server) { return Open(ConfigOfRedis(server, kTimeout)); }

  // What `operation` says, which is in time. A busy machine has three tries.
  std::string InTime(const Config& config, const Operation& operation) {
    std::string error;
    Clock::duration took{};
    for (int i = 0; i < 3; ++i) {
      AwaitedStore store = Open(config);
      const auto start = Clock::now();
      error = operation.run(store);
      took = Clock::now() - start;
      if (took <= config.redis.timeout + kGrace) return error;
    }
    ADD_FAILURE() << operation.name << " took "
                  << std::chrono::duration_cast<milliseconds>(took).count() << " ms";
    return error;
  }

  // Every operation against a server that does `serve`: an error that has `why`, in time; nothing
  // is left open.
  void ExpectErrors(const ScriptedPeer::Serve& serve, const std::string& why) {
    const std::size_t before = OpenDescriptors();
    {
      const ScriptedPeer peer(serve);
      for (const Operation& operation : Operations()) {
        const std::string error = InTime(ConfigOfRedis(peer.server(), kTimeout), operation);
        EXPECT_THAT(error, HasSubstr("store: " + peer.server() + ": ")) << operation.name;
        EXPECT_THAT(error, HasSubstr(why)) << operation.name;
      }
    }
    EXPECT_EQ(OpenDescriptors(), before);
  }

  void Wait(Clock::duration time) { std::this_thread::sleep_for(time); }

  Loop loop_;
};

constexpr char kSilence[] = "no answer within 150 ms";

TEST_F(RedisOutageTest, NobodyListens) {
  const std::string server = "127.0.0.1:" + std::to_string(FreePort());
  for (const Operation& operation : Operations()) {
    EXPECT_EQ(InTime(ConfigOfRedis(server, kTimeout), operation),
              "store: " + server + ": Connection refused");
  }
  EXPECT_EQ(InTime(ConfigOfRedis("/nonexistent/redis.sock", kTimeout), Operations().front()),
            "store: /nonexistent/redis.sock: No such file or directory");
}

TEST_F(RedisOutageTest, Silence) { ExpectErrors(AwaitEnd, kSilence); }

TEST_F(RedisOutageTest, AConnectionThatIsClosedAtOnce) {
  ExpectErrors([](int /*connection*/) {}, "");
}

TEST_F(RedisOutageTest, AConnectionThatIsClosedWithoutAnAnswer) {
  ExpectErrors([](int connection) { AwaitCommand(connection); }, "closed the connection");
}

TEST_F(RedisOutageTest, HalfAnAnswerAndSilence) {
  for (const std::string_view half : {"$", "$10\r\nabc", "*2\r\n$1\r\n0\r\n", "+O", ":1"}) {
    ExpectErrors(
        [half](int connection) {
          AwaitCommand(connection);
          Say(connection, half);
          AwaitEnd(connection);
        },
        kSilence);
  }
}

TEST_F(RedisOutageTest, HalfAnAnswerAndTheEnd) {
  ExpectErrors(
      [](int connection) {
        AwaitCommand(connection);
        Say(connection, "$10\r\nabc");
      },
      "closed the connection");
}

TEST_F(RedisOutageTest, AnAnswerOctetByOctetThatNeverEnds) {
  ExpectErrors(
      [](int connection) {
        AwaitCommand(connection);
        Say(connection, "$10");
        while (Say(connection, "0")) std::this_thread::sleep_for(milliseconds(20));
      },
      kSilence);
}

TEST_F(RedisOutageTest, Garbage) {
  for (const std::string_view garbage :
       {"220 mail.example.com ESMTP\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "\x16\x03\x01\x02"}) {
    ExpectErrors(
        [garbage](int connection) {
          AwaitCommand(connection);
          Say(connection, garbage);
          AwaitEnd(connection);
        },
        "not an answer of Redis: ");
  }
}

TEST_F(RedisOutageTest, AnswersWithoutEnd) {
  const std::string block(65536, 'x');
  for (const std::string_view begin : {"$99999999999\r\n", "*2147483647\r\n", "+"}) {
    ExpectErrors(
        [&](int connection) {
          AwaitCommand(connection);
          if (!Say(connection, begin)) return;
          while (Say(connection, block)) {
          }
        },
        "too large");
  }
}

TEST_F(RedisOutageTest, AnAnswerOfTheWrongKind) {
  // An array that no operation expects, the odd number of a hash's and a list's parts among it.
  ExpectErrors(
      [](int connection) {
        while (AwaitCommand(connection)) Say(connection, "*1\r\n:1\r\n");
      },
      "");
}

TEST_F(RedisOutageTest, TheServersOwnWordsAreEscapedAndCut) {
  ExpectErrors(
      [](int connection) {
        while (AwaitCommand(connection)) {
          Say(connection, "-OOM \x1b[31m" + std::string(1000, 'x') + "\r\n");
        }
      },
      "the server says: OOM \\x1b[31mxxx");
}

TEST_F(RedisOutageTest, AnswersToNoQuestion) {
  const ScriptedPeer peer([](int connection) {
    AwaitCommand(connection);
    Say(connection, "+OK\r\n+OK\r\n");
    AwaitEnd(connection);
  });
  AwaitedStore store = Open(peer.server());
  EXPECT_TRUE(store.Put("k", "v"));
  // Seen at once, or when the next question is asked, which has a connection of its own then.
  EXPECT_THAT(Operations().at(1).run(store), AnyOf("", HasSubstr("an answer to no question")));
}

// docs/rules.md §13.2: tried again after a pause of one second.
TEST_F(RedisOutageTest, APauseFollowsAFailure) {
  std::atomic<int> connections = 0;
  const ScriptedPeer peer([&connections](int connection) {
    ++connections;
    AwaitEnd(connection);
  });
  AwaitedStore store = Open(peer.server());
  const Operation put = Operations().at(1);
  EXPECT_THAT(put.run(store), HasSubstr(kSilence));
  const auto start = Clock::now();
  for (const Operation& operation : Operations()) {
    EXPECT_THAT(operation.run(store), HasSubstr(kSilence)) << operation.name;
  }
  EXPECT_LT(Clock::now() - start, kTimeout);
  EXPECT_EQ(connections, 1);
  Wait(kAfterPause);
  EXPECT_THAT(put.run(store), HasSubstr(kSilence));
  EXPECT_EQ(connections, 2);
}

// The server of the tests below.
class RedisServerOutageTest : public RedisOutageTest {
 protected:
  void Start(std::vector<std::string> options = {}) {
    options.insert(options.begin(), {"--port", std::to_string(port_)});
    server_ = std::make_unique<RedisServerProcess>(std::move(options), port_);
  }
  [[nodiscard]] Config Settings() const {
    return ConfigOfRedis("127.0.0.1:" + std::to_string(port_), kTimeout);
  }

  std::uint16_t port_ = FreePort();
  std::unique_ptr<RedisServerProcess> server_;
};

TEST_F(RedisServerOutageTest, StoppedMidway) {
  Start();
  AwaitedStore store = Open(Settings());
  ASSERT_TRUE(store.Put("k", "v"));
  server_->Signal(SIGSTOP);
  for (const Operation& operation : Operations()) {
    EXPECT_THAT(InTime(Settings(), operation), HasSubstr(kSilence)) << operation.name;
  }
  EXPECT_THAT(Operations().front().run(store), HasSubstr(kSilence));
  server_->Signal(SIGCONT);
  Wait(kAfterPause);
  EXPECT_EQ(store.Value("k"), "v");
}

TEST_F(RedisServerOutageTest, RestartedBetweenTwoQuestionsIsNoFailure) {
  Start();
  AwaitedStore store = Open(Settings());
  ASSERT_TRUE(store.Put("k", "v"));
  server_.reset();
  Start();
  EXPECT_EQ(store.Value("k"), "nothing") << "nothing is persistent";
  EXPECT_TRUE(store.Put("k", "v"));
}

TEST_F(RedisServerOutageTest, KilledWithAQuestionUnderWay) {
  Start();
  AwaitedStore store = Open(Settings());
  ASSERT_TRUE(store.Put("k", "v"));
  server_->Signal(SIGSTOP);
  std::optional<StoreErrorOr<std::optional<StoredFact>>> result;
  Task<bool> task = KeepResult((*store).Find("k"), result);
  task.Start();
  loop_.Turn();
  server_.reset();
  loop_.RunUntil([&task] { return task.done(); });
  ASSERT_TRUE(result.has_value());
  EXPECT_FALSE(result->has_value());
  Start();
  Wait(kAfterPause);
  EXPECT_EQ(store.Value("k"), "nothing");
}

TEST_F(RedisServerOutageTest, PasswordsThatAreWrongOrMissing) {
  Start({"--requirepass", "secret"});
  const TemporaryDirectory files;
  const auto error = [&](const std::string& file) {
    Config config = Settings();
    config.redis.password_file = file;
    return InTime(config, Operations().front());
  };
  EXPECT_EQ(error(files.Write("right", "secret\n")), "");
  EXPECT_EQ(error(files.Write("crlf", "secret\r\nsecond line")), "");
  EXPECT_THAT(error(files.Write("wrong", "guess\n")),
              HasSubstr("the server refuses the password (WRONGPASS)"));
  EXPECT_THAT(error(files.Write("empty", "\nsecret\n")),
              HasSubstr("no password in its first line"));
  EXPECT_THAT(error(files.Path("missing")), HasSubstr("/missing "));
  EXPECT_THAT(error(""), HasSubstr("NOAUTH"));
}

// The file is read when a connection is made: who changes it restarts nothing.
TEST_F(RedisServerOutageTest, APasswordIsReadAnew) {
  Start({"--requirepass", "secret"});
  const TemporaryDirectory files;
  Config config = Settings();
  config.redis.password_file = files.Write("password", "guess");
  AwaitedStore store = Open(config);
  EXPECT_NE(Operations().front().run(store), "");
  files.Write("password", "secret");
  Wait(kAfterPause);
  EXPECT_EQ(Operations().front().run(store), "");
}

TEST_F(RedisServerOutageTest, CertificatesThatAreWrong) {
  const TemporaryDirectory files;
  struct Case {
    std::string names;
    std::string host;
    bool same_authority;
    int days;
    std::string error;  // "": it is right.
  };
  for (const Case& each : {
           Case{"DNS:localhost", "localhost", true, 1, ""},
           Case{"IP:127.0.0.1", "127.0.0.1", true, 1, ""},
           Case{"DNS:localhost", "127.0.0.1", true, 1, "IP address mismatch"},
           Case{"DNS:redis.example.com", "localhost", true, 1, "hostname mismatch"},
           Case{"DNS:localhost", "localhost", false, 1, "the server's certificate: "},
           Case{"DNS:localhost", "localhost", true, -1, "has expired"},
       }) {
    const Certificate own = MakeCertificate(files, "own", each.names, each.days);
    const Certificate other = MakeCertificate(files, "other", each.names);
    server_.reset();
    port_ = FreePort();
    server_ = std::make_unique<RedisServerProcess>(
        std::vector<std::string>{"--port", "0", "--tls-port", std::to_string(port_),
                                 "--tls-cert-file", own.certificate_file, "--tls-key-file",
                                 own.key_file, "--tls-ca-cert-file", own.certificate_file,
                                 "--tls-auth-clients", "no"},
        port_);
    Config config = ConfigOfRedis(each.host + ":" + std::to_string(port_), milliseconds(1000));
    config.redis.tls = true;
    config.redis.ca_file = each.same_authority ? own.certificate_file : other.certificate_file;
    const std::string error = InTime(config, Operations().front());
    if (each.error.empty()) {
      EXPECT_EQ(error, "");
    } else {
      EXPECT_THAT(error, HasSubstr(each.error)) << each.names << " for " << each.host;
    }
    config.redis.tls = false;
    EXPECT_NE(InTime(config, Operations().front()), "") << "without TLS";
  }
}

TEST_F(RedisServerOutageTest, TlsWithoutATlsServer) {
  Start();
  const TemporaryDirectory files;
  Config config = Settings();
  config.redis.tls = true;
  config.redis.ca_file = MakeCertificate(files, "ca", "IP:127.0.0.1").certificate_file;
  EXPECT_NE(InTime(config, Operations().front()), "");
  config.redis.ca_file = files.Path("missing");
  EXPECT_THAT(InTime(config, Operations().front()), HasSubstr("/missing cannot be read: "));
}

// An answer that nobody waits for any more is nobody else's.
TEST_F(RedisServerOutageTest, AnswersStayWithTheirQuestions) {
  Start();
  AwaitedStore store = Open(Settings());
  for (const char* const key : {"a", "b", "c"}) store.Put(key, key);
  std::optional<StoreErrorOr<std::optional<StoredFact>>> dropped;
  std::optional<StoreErrorOr<std::optional<StoredFact>>> kept;
  {
    Task<bool> first = KeepResult((*store).Find("a"), dropped);
    Task<bool> second = KeepResult((*store).Find("b"), kept);
    Task<bool> third = KeepResult((*store).Find("c"), dropped);
    first.Start();
    second.Start();
    third.Start();
    { const Task<bool> gone = std::move(first); }
    { const Task<bool> gone = std::move(third); }
    loop_.RunUntil([&second] { return second.done(); });
  }
  ASSERT_TRUE(kept && *kept && **kept);
  EXPECT_EQ((**kept)->value, "b");
  EXPECT_FALSE(dropped.has_value());
  EXPECT_EQ(store.Value("c"), "c");
}

// A loop ends when nothing is registered (helovet/loop.h): an idle connection must not be.
TEST_F(RedisServerOutageTest, AnIdleConnectionLetsTheLoopEnd) {
  Start();
  const std::size_t before = OpenDescriptors();
  {
    AwaitedStore store = Open(Settings());
    EXPECT_EQ(OpenDescriptors(), before) << "nothing is opened before the first operation";
    EXPECT_TRUE(store.Put("k", "v"));
    EXPECT_EQ(OpenDescriptors(), before + 1);
    loop_.RunUntil([] { return false; });
  }
  EXPECT_EQ(OpenDescriptors(), before);
}

// Mail servers fork: parent and child go on, each with a connection of its own.
TEST_F(RedisServerOutageTest, AForkedProcessHasItsOwnConnection) {
  Start();
  AwaitedStore store = Open(Settings());
  ASSERT_TRUE(store.Put("k", "parent"));
  const pid_t child = fork();
  if (child == 0) {
    const bool shared = store.Value("k") == "parent" && store.Put("k", "child");
    _exit(shared && !HasFailure() ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(store.Value("k"), "child");
}

// What others have written under our keys is an error or passed over, and never believed.
TEST_F(RedisServerOutageTest, FactsThatAreNoneOfOurs) {
  Start();
  AwaitedStore store = Open(Settings());
  Config theirs = Settings();
  theirs.redis.prefix = "helovet:fact";  // Its leases are sorted sets among our facts.
  AwaitedStore others = Open(theirs);
  ASSERT_TRUE(others.Acquire("k", 1));
  EXPECT_THAT(store.Error((*store).Find("lease:k")), HasSubstr("WRONGTYPE"));
  EXPECT_TRUE(store.List("").empty());
}

}  // namespace
}  // namespace helovet::testing
