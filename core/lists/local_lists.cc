#include "helovet/local_lists.h"

#include <algorithm>
#include <utility>

#include "base/host_name.h"
#include "base/list_entry.h"
#include "base/read_file.h"
#include "lists/list_file.h"

namespace helovet {
namespace {

// An address is more easily found in a file without the length of its prefix.
std::string ToEntry(const IpNetwork& network) {
  const bool address = network.prefix_bits() == static_cast<int>(network.base().bytes().size()) * 8;
  return address ? network.base().ToString() : network.ToString();
}

// Names that begin otherwise would be taken for entries of another kind.
bool IsListable(std::string_view name) {
  return !name.empty() && name.size() <= kMaxHostNameOctets && name[0] != '.' && name[0] != '@';
}

std::string Normalised(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return IsListable(name) ? LowerCase(name) : std::string();
}

}  // namespace

// A file, or the entries that stand in the configuration itself.
struct LocalLists::Source {
  Listing listing;
  bool is_file;
  std::string place;  // The path, or the setting's name.
  ListTable table = {};

  // Of a file only.
  bool good = false;                                // `table` is from a reading without a mistake.
  bool settled = false;                             // As in ListReading, of the last reading.
  std::optional<FileIdentity> read = std::nullopt;  // What the last reading was of.
  std::optional<FileIdentity> seen = std::nullopt;  // At the last look; empty: it was not there.
  std::string told = {};  // The complaints of the last look, told or not worth telling.

  // Reads the file. What is wrong and has not been told yet goes to `complaints`.
  void Read(std::vector<FileError>& complaints);
  // Reads the file if it may have changed, and says whether it has read it.
  bool Look(std::vector<FileError>& complaints);
  void Tell(std::vector<FileError> errors, std::vector<FileError>& complaints);
  [[nodiscard]] ListMatch Match(std::string entry, std::uint32_t line) const;
};

void LocalLists::Source::Read(std::vector<FileError>& complaints) {
  ListReading reading = ReadListFile(place);
  read = reading.identity;
  settled = reading.settled;
  if (read) seen = read;
  if (reading.read && (reading.errors.empty() || !good)) {
    good = reading.errors.empty();
    table = std::move(reading.table);
  }
  Tell(std::move(reading.errors), complaints);
}

bool LocalLists::Source::Look(std::vector<FileError>& complaints) {
  const tl::expected<FileIdentity, int> now = IdentifyFile(place);
  if (!now) {
    read.reset();
    seen.reset();
    Tell({{place, 0, 0, WhyUnreadable(now.error(), kMaxListFileOctets)}}, complaints);
    return false;
  }
  if (seen && seen != *now) told.clear();
  seen = *now;
  if (read == *now && settled) return false;
  Read(complaints);
  return true;
}

void LocalLists::Source::Tell(std::vector<FileError> errors, std::vector<FileError>& complaints) {
  std::string text;
  for (const FileError& error : errors) text += error.ToString() + '\n';
  if (text != told) {
    complaints.insert(complaints.end(), std::make_move_iterator(errors.begin()),
                      std::make_move_iterator(errors.end()));
  }
  told = std::move(text);
}

ListMatch LocalLists::Source::Match(std::string entry, std::uint32_t line) const {
  return {listing, std::move(entry), is_file ? place + ':' + std::to_string(line) : place};
}

LocalLists::LocalLists(const std::vector<std::string>& allow,
                       const std::vector<std::string>& deny) {
  Add(Listing::kDeny, "lists.deny", deny);
  Add(Listing::kAllow, "lists.allow", allow);
}

LocalLists::~LocalLists() = default;
LocalLists::LocalLists(LocalLists&& other) noexcept = default;
LocalLists& LocalLists::operator=(LocalLists&& other) noexcept = default;

void LocalLists::Add(Listing listing, std::string_view setting,
                     const std::vector<std::string>& items) {
  Source inline_entries{listing, false, std::string(setting)};
  for (const std::string& item : items) {
    if (item.starts_with('/')) {
      sources_.push_back(std::make_unique<Source>(Source{listing, true, item}));
      sources_.back()->Read(complaints_);
      continue;
    }
    tl::expected<ListEntry, ListEntryError> entry = ParseListEntry(item);
    if (entry) {
      inline_entries.table.Add(*entry, 0);
    } else {
      complaints_.push_back({inline_entries.place, 0, 0, std::move(entry.error().message)});
    }
  }
  inline_entries.table.Seal();
  if (!inline_entries.table.empty()) {
    sources_.push_back(std::make_unique<Source>(std::move(inline_entries)));
  }
}

std::vector<FileError> LocalLists::Refresh(std::chrono::steady_clock::time_point now) {
  std::vector<FileError> complaints;
  if (last_look_ && now - *last_look_ < kListFilesInterval) return complaints;
  last_look_ = now;
  for (const std::unique_ptr<Source>& source : sources_) {
    if (source->is_file && source->Look(complaints)) ++changes_;
  }
  return complaints;
}

std::vector<FileError> LocalLists::TakeComplaints() { return std::exchange(complaints_, {}); }

ListMatch LocalLists::FindAddress(const IpAddress& client) const {
  const Source* closest = nullptr;
  const NetworkTable::Entry* entry = nullptr;
  for (const std::unique_ptr<Source>& source : sources_) {
    const NetworkTable::Entry* const found = source->table.networks.Find(client);
    if (found == nullptr) continue;
    if (entry != nullptr && found->network.prefix_bits() <= entry->network.prefix_bits()) continue;
    closest = source.get();
    entry = found;
  }
  return entry == nullptr ? ListMatch() : closest->Match(ToEntry(entry->network), entry->line);
}

ListMatch LocalLists::FindName(std::string_view helo_name) const {
  const std::string name = Normalised(helo_name);
  if (name.empty()) return {};
  ListMatch match = FindKey(name);
  for (std::size_t dot = name.find('.');
       match.listing == Listing::kNone && dot != std::string::npos; dot = name.find('.', dot + 1)) {
    match = FindKey(std::string_view(name).substr(dot));
  }
  return match;
}

ListMatch LocalLists::FindSenderDomain(std::string_view domain) const {
  const std::string name = Normalised(domain);
  if (name.empty()) return {};
  std::string key = '@' + name;
  ListMatch match = FindKey(key);
  for (std::size_t dot = key.find('.'); match.listing == Listing::kNone && dot != std::string::npos;
       dot = key.find('.', dot + 1)) {
    key[dot - 1] = '@';
    match = FindKey(std::string_view(key).substr(dot - 1));
  }
  return match;
}

// `key` as ListEntry::name has it. Deny comes first in sources_.
ListMatch LocalLists::FindKey(std::string_view key) const {
  for (const std::unique_ptr<Source>& source : sources_) {
    const std::optional<std::uint32_t> line = source->table.names.Find(key);
    if (line) return source->Match(std::string(key), *line);
  }
  return {};
}

bool LocalLists::empty() const {
  return std::all_of(sources_.begin(), sources_.end(),
                     [](const std::unique_ptr<Source>& source) { return source->table.empty(); });
}

}  // namespace helovet
