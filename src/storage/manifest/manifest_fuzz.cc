// Any bytes as a manifest log: Open and Read give a Status, never a crash. What opens takes an edit and opens again
// with it. To get past the checksums the bytes are one edit of a good log when the first byte is odd.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "io/mem_file_system.h"
#include "storage/manifest/manifest.h"
#include "storage/manifest/manifest_format.h"

namespace {

using namespace cassette;
using namespace cassette::storage::manifest;

constexpr char kDirectory[] = "/manifest";

void Put(io::FileSystem& files, const std::string& name, const std::string& bytes) {
  const auto file = files.CreateWritable(io::JoinPath(kDirectory, name));
  CASSETTE_ASSERT(file.ok());
  CASSETTE_ASSERT((*file)->Append(bytes).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  uint32_t checksum = 0;
  std::string log = EncodeManifestHeader(1, &checksum);
  if ((data[0] & 1) != 0) {
    log += EncodeEditRecord(EncodeEdit(ManifestState().Snapshot()), checksum) + EncodeEditRecord(bytes, checksum);
  } else {
    log = (data[0] & 2) != 0 ? log + bytes : bytes;
  }
  io::MemFileSystem files(false);
  CASSETTE_ASSERT(files.CreateDirs(kDirectory).ok());
  Put(files, ManifestLogName(1), log);
  Put(files, kCurrentName, ManifestLogName(1) + "\n");
  base::NullLogger logger;
  const auto contents = Manifest::Read(files, kDirectory);
  CASSETTE_ASSERT(contents.ok());
  const auto manifest = Manifest::Open(files, kDirectory, logger);
  CASSETTE_ASSERT(manifest.ok() == contents->damage.ok());
  if (!manifest.ok()) return 0;
  CASSETTE_ASSERT((*manifest)->state() == contents->state);
  ManifestEdit edit;
  edit.put_payloads.emplace_back("key", "value");
  CASSETTE_ASSERT((*manifest)->Apply(edit).ok());
  const auto again = Manifest::Open(files, kDirectory, logger);
  CASSETTE_ASSERT(again.ok());
  CASSETTE_ASSERT((*again)->state() == (*manifest)->state());
  return 0;
}
