#include "store/redis_connection.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/printable.h"
#include "store/redis_password.h"
#include "store/store_directory.h"

namespace helovet {
namespace {

constexpr std::size_t kMaxShownOctets = 120;  // Of a server's own words; ours.

// " (WRONGPASS)" of "WRONGPASS invalid username-password pair": the words after it are the
// server's, which has just been told a password.
std::string CodeOf(std::string_view error) {
  std::string code(error.substr(0, std::min(error.find(' '), std::size_t{32})));
  const bool known =
      std::ranges::all_of(code, [](char octet) { return octet >= 'A' && octet <= 'Z'; });
  return known ? " (" + code + ')' : "";
}

}  // namespace

// A question and its answer. The waiter and its registration are of whoever awaits.
struct RedisConnection::Exchange {
  std::string command;
  Loop::TimePoint due;
  bool login = false;
  std::coroutine_handle<> waiter = nullptr;
  std::optional<StoreErrorOr<RedisReply>> outcome = std::nullopt;
  Loop::Handle resume = {};
};

RedisConnection::Asking::~Asking() {
  if (exchange_ == nullptr) return;
  exchange_->waiter = nullptr;
  exchange_->resume.Cancel();
}

bool RedisConnection::Asking::await_ready() const { return exchange_->outcome.has_value(); }

void RedisConnection::Asking::await_suspend(std::coroutine_handle<> waiter) {
  exchange_->waiter = waiter;
}

StoreErrorOr<RedisReply> RedisConnection::Asking::await_resume() {
  return *std::move(exchange_->outcome);
}

RedisConnection::RedisConnection(Loop& loop, const Config& config)
    : loop_(loop), config_(config), server_(RedisServer::Of(config)), process_(getpid()) {}

RedisConnection::~RedisConnection() = default;

StoreError RedisConnection::Error(std::string_view why) const {
  return StoreErrorAt(config_.redis.server, why);
}

RedisConnection::Asking RedisConnection::Ask(const std::vector<std::string>& words) {
  ForgetIfForked();
  auto exchange = std::make_shared<Exchange>();
  exchange->due = loop_.Now() + config_.redis.timeout;
  DropIfStale();
  if (std::optional<StoreError> error = Ensure()) {
    exchange->outcome = tl::make_unexpected(*std::move(error));
    return Asking(std::move(exchange));
  }
  exchange->command = RedisCommand(words);
  waiting_.push_back(exchange);
  if (transport_ != nullptr) {
    transport_->Write(exchange->command);
    Watch();
  }
  WatchTime();
  return Asking(std::move(exchange));
}

std::optional<StoreError> RedisConnection::Ensure() {
  if (transport_ != nullptr || resolving_) return std::nullopt;
  if (pause_ends_ && loop_.Now() < *pause_ends_) return last_error_;
  pause_ends_.reset();
  Open();
  // A failure to begin is one like every other.
  return pause_ends_ ? std::optional(last_error_) : std::nullopt;
}

// Between two questions the server may have closed the connection, as it does when it is restarted
// or told to close idle ones. That is no failure yet.
void RedisConnection::DropIfStale() {
  if (transport_ == nullptr || !waiting_.empty()) return;
  std::string received;
  if (!transport_->Advance(received) || !received.empty()) Close();
}

// What the parent has sent and waits for is the parent's.
void RedisConnection::ForgetIfForked() {
  if (process_ == getpid()) return;
  process_ = getpid();
  Close();
  pause_ends_.reset();
  for (const auto& exchange : std::exchange(waiting_, {})) {
    Complete(*exchange, tl::make_unexpected(Error("asked by another process")));
  }
}

void RedisConnection::Open() {
  if (!LogIn()) return;
  if (const std::optional<RedisPeer> peer = server_.Peer()) {
    peers_ = {*peer};
    peers_left_ = 1;
    ConnectNext();
    return;
  }
  resolving_ = Resolve(loop_.Now() + config_.redis.timeout);
  resolving_->Start();
}

// Its answer is the first; the commands behind it do not wait for it. False: there is no password.
bool RedisConnection::LogIn() {
  const Config::Redis& redis = config_.redis;
  if (redis.password_file.empty()) return true;
  tl::expected<std::string, std::string> password = ReadRedisPassword(redis.password_file);
  if (!password) {
    Break(password.error());
    return false;
  }
  std::vector<std::string> words = {"AUTH"};
  if (!redis.user.empty()) words.push_back(redis.user);
  words.push_back(*std::move(password));
  auto exchange = std::make_shared<Exchange>();
  exchange->login = true;
  exchange->due = loop_.Now() + redis.timeout;
  exchange->command = RedisCommand(words);
  waiting_.push_front(std::move(exchange));
  return true;
}

Task<RedisConnection::Ended> RedisConnection::Resolve(Loop::TimePoint deadline) {
  resolved_ = co_await FindPeers(loop_, config_, server_, deadline);
  // Outside of this frame, which ends then.
  resolved_post_ = loop_.Post([this] { OnResolved(); });
  co_return Ended();
}

void RedisConnection::OnResolved() {
  resolving_.reset();
  if (!resolved_) {
    Break(resolved_.error());
    return;
  }
  peers_ = *std::move(resolved_);
  peers_left_ = peers_.size();
  ConnectNext();
}

// Also after a peer that could not be reached: nothing has been sent to it.
void RedisConnection::ConnectNext() {
  std::string why = "no address";
  watch_.Cancel();
  transport_.reset();
  while (peers_left_ > 0) {
    --peers_left_;
    const RedisPeer& peer = peers_[next_peer_ % peers_.size()];
    std::unique_ptr<RedisTls> tls;
    if (config_.redis.tls) {
      auto created = RedisTls::Create(server_.host, config_.redis.ca_file);
      if (!created) {
        Break(created.error());
        return;
      }
      tls = *std::move(created);
    }
    auto transport = RedisTransport::Open(peer, std::move(tls));
    if (!transport) {
      why = transport.error();
      ++next_peer_;
      continue;
    }
    transport_ = *std::move(transport);
    reader_ = std::make_unique<RedisReader>();
    for (const auto& exchange : waiting_) transport_->Write(exchange->command);
    Watch();
    return;
  }
  Break(why);
}

void RedisConnection::OnReady() {
  std::string received;
  const tl::expected<void, std::string> advanced = transport_->Advance(received);
  OnReceived(received);
  if (transport_ == nullptr) return;
  if (advanced) {
    Watch();
    return;
  }
  if (!transport_->is_open() && peers_left_ > 0) {
    ++next_peer_;
    ConnectNext();
    return;
  }
  Break(advanced.error());
}

void RedisConnection::OnReceived(std::string_view octets) {
  if (octets.empty()) return;
  reader_->Feed(octets);
  for (;;) {
    tl::expected<std::optional<RedisReply>, std::string> reply = reader_->Next();
    if (!reply) {
      Break("not an answer of Redis: " + reply.error());
      return;
    }
    if (!*reply) break;
    if (!OnReply(**std::move(reply))) return;
  }
  WatchTime();
}

bool RedisConnection::OnReply(RedisReply reply) {
  if (waiting_.empty()) {
    Break("an answer to no question");
    return false;
  }
  const std::shared_ptr<Exchange> exchange = std::move(waiting_.front());
  waiting_.pop_front();
  const bool failed = reply.Is(RedisReply::Kind::kError);
  if (exchange->login) {
    if (!failed) return true;
    Break("the server refuses the password" + CodeOf(reply.text));
    return false;
  }
  if (failed) {
    const std::string words = Printable(std::string_view(reply.text).substr(0, kMaxShownOctets));
    Complete(*exchange, tl::make_unexpected(Error("the server says: " + words)));
  } else {
    Complete(*exchange, std::move(reply));
  }
  return true;
}

void RedisConnection::Complete(Exchange& exchange, StoreErrorOr<RedisReply> outcome) {
  exchange.outcome = std::move(outcome);
  if (!exchange.waiter) return;
  // From the loop, where whoever waited may do anything, also destroy this.
  exchange.resume = loop_.Post([waiter = exchange.waiter] { waiter.resume(); });
}

void RedisConnection::Watch() {
  if (waiting_.empty()) {
    watch_.Cancel();
    return;
  }
  const short events = transport_->events();
  if (watch_ && events == watched_events_) return;
  watched_events_ = events;
  watch_ = loop_.WatchDescriptor(transport_->descriptor(), events, [this](short) { OnReady(); });
}

// The time of the oldest question, which is the first to end.
void RedisConnection::WatchTime() {
  if (waiting_.empty()) {
    timer_.Cancel();
    return;
  }
  const Loop::TimePoint due = waiting_.front()->due;
  if (timer_ && timer_due_ == due) return;
  timer_due_ = due;
  timer_ = loop_.CallAt(due, [this] {
    Break("no answer within " + std::to_string(config_.redis.timeout.count()) + " ms");
  });
}

void RedisConnection::Close() {
  watch_.Cancel();
  timer_.Cancel();
  resolved_post_.Cancel();
  resolving_.reset();
  transport_.reset();
  reader_.reset();
}

void RedisConnection::Break(std::string_view why) {
  last_error_ = Error(why);
  pause_ends_ = loop_.Now() + kRedisPause;
  if (transport_ != nullptr && !transport_->is_open()) ++next_peer_;
  Close();
  for (const auto& exchange : std::exchange(waiting_, {})) {
    Complete(*exchange, tl::make_unexpected(last_error_));
  }
}

}  // namespace helovet
