#include "engine/engine_store.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "engine/watched_store.h"
#include "statistics/counters.h"

namespace helovet {
namespace {

constexpr std::size_t kMaxTold = 32;  // Ours: problems differ by little more than a file's name.

// A complaint reads as what StoreError says: "store: /var/lib/helovet: No space left".
FileError ComplaintOf(const StoreError& error) {
  const std::string prefix = std::string(kStoreComplaint) + ": ";
  FileError complaint = {.file = std::string(kStoreComplaint), .message = error.message};
  if (error.message.starts_with(prefix)) complaint.message.erase(0, prefix.size());
  return complaint;
}

bool NeedsStore(const Config& config) {
  return std::ranges::find(config.senders.checks, CheckId::kCbv) != config.senders.checks.end();
}

}  // namespace

EngineStore::EngineStore(Loop& loop, Dns& dns, const Config& config, Statistics statistics,
                         Open open, CallFunction call)
    : loop_(loop),
      dns_(dns),
      config_(config),
      statistics_(statistics),
      open_(std::move(open)),
      call_(std::move(call)) {}

Store* EngineStore::store() {
  if (opened_) return store_.get();
  opened_ = true;
  std::unique_ptr<Store> opened = open_ ? open_() : OpenStore(loop_, config_);
  if (opened == nullptr) return nullptr;
  store_ = std::make_unique<WatchedStore>(std::move(opened),
                                          [this](const StoreError& error) { OnError(error); });
  return store_.get();
}

CallbackVerifier& EngineStore::verifier() {
  if (!verifier_) {
    if (call_) {
      verifier_.emplace(loop_, dns_, config_, store(), call_);
    } else {
      verifier_.emplace(loop_, dns_, config_, store());
    }
  }
  return *verifier_;
}

void EngineStore::CountSession(const Verdict& verdict) {
  if (statistics_ == Statistics::kKept) Count(CountsOfSession(verdict));
}

void EngineStore::CountMessage(const Verdict& verdict) {
  if (statistics_ == Statistics::kKept) Count(CountsOfMessage(verdict));
}

void EngineStore::CountCallback(const Verdict& verdict, const CallbackTally& tally) {
  if (statistics_ == Statistics::kKept) Count(CountsOfCallback(verdict, tally));
}

void EngineStore::Count(CounterIncrements increments) {
  if (store() == nullptr) return;
  if (!counts_) counts_.emplace(loop_, *store_);
  counts_->Add(std::move(increments));
}

void EngineStore::OnError(const StoreError& error) {
  if (error.not_set_up && !NeedsStore(config_)) return;
  if (told_.size() == kMaxTold || std::ranges::find(told_, error.message) != told_.end()) return;
  told_.push_back(error.message);
  complaints_.push_back(ComplaintOf(error));
}

std::vector<FileError> EngineStore::TakeComplaints() { return std::exchange(complaints_, {}); }

}  // namespace helovet
