#include "config/contradictions.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/list_entry.h"
#include "config/lists.h"

namespace helovet {
namespace {

class Judge {
 public:
  Judge(const Config& config, std::span<const WrittenSetting> written)
      : config_(config), written_(written) {}

  std::vector<ValueError> Find() {
    JudgeNeeds();
    JudgeTimes();
    JudgeCustomProfile();
    JudgeWeights();
    JudgeLocalLists();
    JudgeQuestions();
    JudgeJunk();
    JudgeCallbacks();
    JudgeRedis();
    JudgeOverrides();
    return std::move(mistakes_);
  }

 private:
  // Null where the file does not set it.
  [[nodiscard]] const TomlEntry* Find(std::string_view key) const {
    const auto found = std::ranges::find_if(
        written_, [key](const WrittenSetting& each) { return each.setting->key == key; });
    return found == written_.end() ? nullptr : found->entry;
  }
  // The items of a setting that is a list; they stand in `config` in the same order.
  [[nodiscard]] std::span<const TomlValue> Items(std::string_view key) const {
    const TomlEntry* const entry = Find(key);
    if (entry == nullptr) return {};
    const auto* const items = std::get_if<std::vector<TomlValue>>(&entry->value.data);
    return items == nullptr ? std::span<const TomlValue>() : *items;
  }

  void Add(TextPosition position, std::string_view key, const std::string& message) {
    mistakes_.push_back({position, std::string(key) + ": " + message});
  }

  void JudgeNeeds() {
    for (const WrittenSetting& each : written_) {
      const Need& need = each.setting->need;
      if (need.is_met == nullptr || need.is_met(config_)) continue;
      Add(each.entry->position, each.setting->key, "has no effect " + std::string(need.words));
    }
  }

  // A part of a validation may not outlast the whole.
  void JudgeTimes() {
    JudgeTime("dns.query_timeout", config_.dns.query_timeout);
    JudgeTime("cbv.timeout", config_.cbv.timeout);
    JudgeTime("redis.timeout", config_.redis.timeout);
  }
  void JudgeTime(std::string_view key, std::chrono::milliseconds timeout) {
    const TomlEntry* const entry = Find(key);
    if (entry == nullptr || timeout <= config_.deadline) return;
    Add(entry->value.position, key,
        Quoted(DurationToString(timeout)) + " is longer than the deadline, which is " +
            DurationToString(config_.deadline));
  }

  void JudgeCustomProfile() {
    JudgeOrder("custom.low", config_.custom.low, "custom.unknown", config_.custom.unknown);
    JudgeOrder("custom.unknown", config_.custom.unknown, "custom.high", config_.custom.high);
  }
  // Less trust may not be better than more.
  void JudgeOrder(std::string_view less_key, Action less, std::string_view more_key, Action more) {
    if (less >= more) return;
    const TomlEntry* const less_entry = Find(less_key);
    const TomlEntry* const more_entry = Find(more_key);
    if (less_entry != nullptr) {
      Add(less_entry->value.position, less_key,
          Quoted(ToString(less)) + " is milder than " + std::string(more_key) + ", which is " +
              Quoted(ToString(more)));
    } else if (more_entry != nullptr) {
      Add(more_entry->value.position, more_key,
          Quoted(ToString(more)) + " is more severe than " + std::string(less_key) + ", which is " +
              Quoted(ToString(less)));
    }
  }

  void JudgeWeights() {
    const TomlEntry* const required = Find("dna.required_weight");
    if (required == nullptr || config_.dna.trusted.empty()) return;
    int reachable = 0;  // A file of 1 MiB cannot hold enough of them for more.
    for (const Accreditor& each : config_.dna.trusted) {
      if (!each.advisory) reachable += each.weight;
    }
    if (config_.dna.required_weight <= reachable) return;
    Add(required->value.position, "dna.required_weight",
        std::to_string(config_.dna.required_weight) +
            " can never be reached: the weights of dna.trusted add up to " +
            std::to_string(reachable));
  }

  void JudgeLocalLists() {
    std::map<std::string, TextPosition> allowed;
    const std::span<const TomlValue> allow = Items("lists.allow");
    for (std::size_t i = 0; i < allow.size(); ++i) {
      allowed.emplace(Canonical(config_.lists.allow[i]), allow[i].position);
    }
    const std::span<const TomlValue> deny = Items("lists.deny");
    for (std::size_t i = 0; i < deny.size(); ++i) {
      const std::string& entry = config_.lists.deny[i];
      const auto found = allowed.find(Canonical(entry));
      if (found == allowed.end()) continue;
      const bool denied_later = found->second < deny[i].position;
      Add(denied_later ? deny[i].position : found->second,
          denied_later ? "lists.deny" : "lists.allow",
          Quoted(entry) + " is both allowed and denied");
    }
  }
  // The same for the same entry, however it is written.
  static std::string Canonical(const std::string& text) {
    const tl::expected<ListEntry, ListEntryError> entry = ParseListEntry(text);
    if (IsFilePath(text) || !entry) return text;
    return entry->network ? entry->network->ToString() : entry->name;
  }

  void JudgeQuestions() {
    struct Question {
      TextPosition position;
      std::string_view key;
    };
    std::vector<Question> questions;
    const auto add = [&](std::string_view key, const auto& is_asked) {
      const std::span<const TomlValue> items = Items(key);
      for (std::size_t i = 0; i < items.size(); ++i) {
        if (is_asked(i)) questions.push_back({items[i].position, key});
      }
    };
    const auto always = [](std::size_t) { return true; };
    add("dna.trusted", [this](std::size_t i) { return config_.dna.trusted[i].always_ask; });
    add("vbr.certifiers", always);
    add("lists.address", always);
    add("lists.name", always);
    if (questions.size() <= kMaxConfiguredQuestions) return;
    std::ranges::sort(questions, {}, &Question::position);
    const Question& first_over = questions[kMaxConfiguredQuestions];
    Add(first_over.position, first_over.key,
        "accreditors that are always asked, certifiers and DNS lists are more than " +
            std::to_string(kMaxConfiguredQuestions) + " together");
  }

  // All would be junk.
  void JudgeJunk() {
    const TomlEntry* const junk = Find("opensmtpd.junk");
    if (junk == nullptr || !config_.opensmtpd.junk) return;
    const bool alternate =
        !config_.alternate.domains.empty() && config_.alternate.profile == Profile::kObserve;
    if (config_.profile != Profile::kObserve && !alternate) return;
    Add(junk->value.position, "opensmtpd.junk",
        "the profile \"observe\" tags every message, so all of them would be junk");
  }

  void JudgeCallbacks() {
    const std::span<const TomlValue> checks = Items("senders.checks");
    if (config_.store.kind == Config::StoreKind::kNone && !checks.empty() &&
        config_.senders.checks.back() == CheckId::kCbv) {
      Add(checks.back().position, "senders.checks",
          "\"cbv\" cannot run with store.kind = \"none\": nothing would bound its callbacks");
    }
    const TomlEntry* const per_domain = Find("cbv.concurrent_per_domain");
    if (per_domain == nullptr || config_.cbv.concurrent_per_domain <= config_.cbv.concurrent) {
      return;
    }
    Add(per_domain->value.position, "cbv.concurrent_per_domain",
        std::to_string(config_.cbv.concurrent_per_domain) +
            " is more than cbv.concurrent, which is " + std::to_string(config_.cbv.concurrent));
  }

  // The server's certificate could not be held against a name.
  void JudgeRedis() {
    const TomlEntry* const tls = Find("redis.tls");
    if (tls == nullptr || !config_.redis.tls || !IsFilePath(config_.redis.server)) return;
    Add(tls->value.position, "redis.tls", "a server at a socket's path has no certificate");
  }

  [[nodiscard]] bool Runs(CheckId check) const {
    return std::ranges::count(config_.senders.checks, check) > 0;
  }
  // What makes a check run that does not run by itself; empty: it runs.
  [[nodiscard]] std::string_view Lacking(CheckId check) const {
    if (check == CheckId::kDna && config_.dna.trusted.empty()) return "dna.trusted";
    if (check == CheckId::kVbr && config_.vbr.certifiers.empty()) return "vbr.certifiers";
    if (check == CheckId::kAddressList && config_.lists.address.empty()) return "lists.address";
    if (check == CheckId::kNameList && config_.lists.name.empty()) return "lists.name";
    if (check == CheckId::kDmp && !Runs(check)) return "\"dmp\" in senders.checks";
    if (check == CheckId::kDrip && !Runs(check)) return "\"drip\" in senders.checks";
    if (check == CheckId::kRmx && !Runs(check)) return "\"rmx\" in senders.checks";
    if (check == CheckId::kCbv && !Runs(check)) return "\"cbv\" in senders.checks";
    const bool spf = check == CheckId::kSpf || check == CheckId::kSpfHelo;
    if (spf && !Runs(CheckId::kSpf)) return "\"spf\" in senders.checks";
    return {};
  }
  void JudgeOverrides() {
    const TomlEntry* const overrides = Find("overrides");
    if (overrides == nullptr) return;
    const auto* const tables = std::get_if<std::vector<TomlEntry>>(&overrides->value.data);
    if (tables == nullptr) return;
    for (const TomlEntry& table : *tables) {
      for (const Override& each : config_.overrides) {
        if (ToString(each.check) != table.key || Lacking(each.check).empty()) continue;
        Add(table.position, "overrides",
            table.key + " has no effect without " + std::string(Lacking(each.check)));
        break;
      }
    }
  }

  const Config& config_;
  std::span<const WrittenSetting> written_;
  std::vector<ValueError> mistakes_;
};

}  // namespace

std::vector<ValueError> FindContradictions(const Config& config,
                                           std::span<const WrittenSetting> written) {
  return Judge(config, written).Find();
}

}  // namespace helovet
