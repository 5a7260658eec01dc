#include "lists/list_file.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "base/list_lines.h"
#include "base/read_file.h"
#include "helovet/local_lists.h"

namespace helovet {
namespace {

constexpr std::size_t kPieceOctets = std::size_t{64} * 1024;

// Takes a file's octets, cut anywhere, and makes entries and mistakes of its lines.
class ListParser {
 public:
  explicit ListParser(const std::string& path) : path_(path) {}

  void TakePiece(std::string_view piece) {
    lines_.TakePiece(piece, [this](const ListLine& line) { TakeLine(line); });
  }
  // The end of the file, and of its last line.
  void Finish(ListReading& reading);

 private:
  void TakeLine(const ListLine& line);
  void Complain(const ListLine& line, std::size_t offset, std::string message);

  const std::string& path_;
  ListTable table_;
  std::vector<FileError> errors_;
  std::size_t untold_ = 0;  // Mistakes beyond kMaxListComplaints.
  ListLines lines_{kMaxListLineOctets};
};

void ListParser::TakeLine(const ListLine& line) {
  if (!line.fault.empty()) return Complain(line, line.fault_at, line.fault);
  std::string_view text = WithoutListComment(line.text);
  const auto begin = std::find_if_not(text.begin(), text.end(), IsListBlank);
  const auto indent = static_cast<std::size_t>(begin - text.begin());
  text.remove_prefix(indent);
  if (text.empty()) return;
  tl::expected<ListEntry, ListEntryError> entry = ParseListEntry(text);
  if (!entry)
    return Complain(line, indent + entry.error().offset, std::move(entry.error().message));
  table_.Add(*entry, line.number);
}

void ListParser::Complain(const ListLine& line, std::size_t offset, std::string message) {
  if (errors_.size() == kMaxListComplaints) {
    ++untold_;
    return;
  }
  errors_.push_back(
      {path_, static_cast<int>(line.number), static_cast<int>(offset + 1), std::move(message)});
}

void ListParser::Finish(ListReading& reading) {
  lines_.Finish([this](const ListLine& line) { TakeLine(line); });
  table_.Seal();
  if (untold_ > 0) {
    errors_.push_back({path_, 0, 0, "has " + std::to_string(untold_) + " more mistakes"});
  }
  reading.table = std::move(table_);
  reading.errors = std::move(errors_);
}

// 0, or the errno(3) value that says why the file cannot be read to its end.
int ReadThrough(InputFile& file, ListParser& parser) {
  if (file.identity().size > static_cast<off_t>(kMaxListFileOctets)) return EFBIG;
  std::vector<char> buffer(kPieceOctets);
  std::size_t octets = 0;
  for (;;) {
    const tl::expected<std::size_t, int> count = file.Read(buffer);
    if (!count) return count.error();
    if (*count == 0) return 0;
    octets += *count;
    if (octets > kMaxListFileOctets) return EFBIG;
    parser.TakePiece({buffer.data(), *count});
  }
}

// Longer than the tick of a clock that a file system takes its times from: of the kernel's slowest
// timer, or of one that counts whole seconds. A time in the future is another host's clock, of
// which nothing is known.
bool IsSettled(const FileIdentity& identity, std::chrono::nanoseconds now) {
  constexpr std::chrono::milliseconds kFineTick{100};
  constexpr std::chrono::seconds kCoarseTick{2};
  const bool coarse = identity.changed % std::chrono::seconds(1) == std::chrono::nanoseconds(0);
  const std::chrono::nanoseconds tick = coarse ? std::chrono::nanoseconds(kCoarseTick) : kFineTick;
  const std::chrono::nanoseconds age = now - identity.changed;
  return age > tick || age < -tick;
}

}  // namespace

void ListTable::Add(const ListEntry& entry, std::uint32_t line) {
  if (entry.network) {
    networks.Add(*entry.network, line);
  } else {
    names.Add(entry.name, line);
  }
}

void ListTable::Seal() {
  names.Seal();
  networks.Seal();
}

ListReading ReadListFile(const std::string& path) {
  ListReading reading;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  tl::expected<InputFile, int> file = InputFile::Open(path);
  int error = file ? 0 : file.error();
  if (file) {
    ListParser parser(path);
    error = ReadThrough(*file, parser);
    if (error == 0) parser.Finish(reading);
    reading.settled = IsSettled(file->identity(), now);
  }
  reading.read = error == 0;
  if (error != 0) {
    reading.errors.push_back({path, 0, 0, WhyUnreadable(error, kMaxListFileOctets)});
  }
  if (reading.read || (file && error == EFBIG)) reading.identity = file->identity();
  return reading;
}

}  // namespace helovet
