// The embedded store does what every store does.
#include <cstdlib>
#include <filesystem>

#include "core/store/lmdb_place.h"
#include "core/store/store_suite.h"

namespace helovet::testing {
namespace {

class LmdbPlace final : public StorePlace {
 public:
  LmdbPlace() {
    std::string path = (std::filesystem::temp_directory_path() / "helovet-XXXXXX").string();
    if (mkdtemp(path.data()) != nullptr) directory_ = path;
  }
  ~LmdbPlace() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  std::unique_ptr<Store> Open(Loop& /*loop*/) override {
    return MakeLmdbStore(ConfigOfStore(directory_));
  }

 private:
  std::filesystem::path directory_;
};

std::unique_ptr<StorePlace> MakePlace() { return std::make_unique<LmdbPlace>(); }

INSTANTIATE_TEST_SUITE_P(Lmdb, StoreTest, ::testing::Values(&MakePlace));

}  // namespace
}  // namespace helovet::testing
