// A file of entries, read piece by piece into tables.
#ifndef HELOVET_CORE_LISTS_LIST_FILE_H_
#define HELOVET_CORE_LISTS_LIST_FILE_H_

#include <optional>
#include <string>
#include <vector>

#include "base/input_file.h"
#include "base/list_entry.h"
#include "helovet/file_error.h"
#include "lists/name_table.h"
#include "lists/network_table.h"

namespace helovet {

// The entries of one place.
struct ListTable {
  NameTable names;  // With their `.` and `@` in front, as in ListEntry.
  NetworkTable networks;

  void Add(const ListEntry& entry, std::uint32_t line);
  // After the last Add, before the first look-up.
  void Seal();
  [[nodiscard]] bool empty() const { return names.empty() && networks.empty(); }
};

// One reading of a file.
struct ListReading {
  ListTable table;                // What is an entry, even beside mistakes. Empty if not `read`.
  std::vector<FileError> errors;  // At most kMaxListComplaints, and one that counts the rest.
  bool read = false;              // The whole of the file.
  // Of the file when it was opened. Empty: another try may end otherwise though the file be the
  // same, such as one that lacked a descriptor.
  std::optional<FileIdentity> identity;
  // False: the file had changed so shortly before that a change after the reading may leave the
  // identity as it is, for the clocks of file systems tick slowly.
  bool settled = false;
};

[[nodiscard]] ListReading ReadListFile(const std::string& path);

}  // namespace helovet

#endif  // HELOVET_CORE_LISTS_LIST_FILE_H_
