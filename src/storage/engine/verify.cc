// Verification: of the live SSTables of an open engine, and of every file of a directory that nobody has open.
#include <utility>

#include "storage/commitlog/replay.h"
#include "storage/engine/database.h"
#include "storage/engine/log_extent.h"
#include "storage/engine/schema_payload.h"

namespace cassette::storage::engine {
namespace {

class DirectoryCheck {
 public:
  DirectoryCheck(const EngineEnvironment& environment, std::vector<VerifyFinding>* findings)
      : file_system_(*environment.file_system), logger_(*environment.logger), findings_(*findings) {}

  base::Status Run(const DataDirectory& directory) {
    CASSETTE_ASSIGN_OR_RETURN(const bool was_made, WasMade(directory));
    if (!was_made) return base::Status::Ok();
    CASSETTE_RETURN_IF_ERROR(Note(directory.path(), DataDirectory::CheckVersion(file_system_, directory.path())));
    CASSETTE_ASSIGN_OR_RETURN(const manifest::ManifestContents contents,
                              manifest::Manifest::Read(file_system_, directory.manifest_path()));
    CASSETTE_RETURN_IF_ERROR(Note(directory.manifest_path(), contents.damage));
    if (contents.damage.ok()) {
      CASSETTE_RETURN_IF_ERROR(Note(directory.manifest_path(), directory.CheckManifestNotLost(file_system_)));
    }
    const auto schema = ParseSchemaPayloads(contents.state.payloads);
    if (!schema.ok()) {
      findings_.push_back({directory.manifest_path(), directory.manifest_path() + ": " + schema.status().ToString()});
    }
    for (const auto& [number, info] : contents.state.sstables) {
      const std::string path = directory.SstablePath(number);
      const auto reader = OpenSstableFile(file_system_.OpenRandomAccess(path), path, info, nullptr);
      CASSETTE_RETURN_IF_ERROR(Note(path, reader.ok() ? (*reader)->Verify() : reader.status()));
    }
    CASSETTE_RETURN_IF_ERROR(Note(directory.commitlog_path(), CheckLog(directory, contents.state)));
    return RunSnapshots(directory);
  }

 private:
  // What ends before the first file is written leaves nothing that could be damaged.
  base::Result<bool> WasMade(const DataDirectory& directory) {
    for (const std::string& path : {DataDirectory::VersionPath(directory.path()), directory.manifest_path(),
                                    directory.commitlog_path(), directory.sstables_path()}) {
      CASSETTE_ASSIGN_OR_RETURN(const bool exists, file_system_.Exists(path));
      if (exists) return true;
    }
    return false;
  }

  base::Status CheckLog(const DataDirectory& directory, const manifest::ManifestState& state) {
    CASSETTE_ASSIGN_OR_RETURN(const commitlog::LogExtent required, LogExtentOf(state));
    CASSETTE_ASSIGN_OR_RETURN(const bool exists, file_system_.Exists(directory.commitlog_path()));
    if (!exists && required == commitlog::LogExtent()) return base::Status::Ok();
    if (!exists) return base::Corruption(directory.commitlog_path() + ", offset 0: is missing");
    return commitlog::CheckLog(file_system_, directory.commitlog_path(), required, logger_);
  }

  base::Status RunSnapshots(const DataDirectory& directory) {
    CASSETTE_ASSIGN_OR_RETURN(const bool exists, file_system_.Exists(directory.snapshots_path()));
    if (!exists) return base::Status::Ok();
    CASSETTE_ASSIGN_OR_RETURN(const std::vector<std::string> names, file_system_.ListDir(directory.snapshots_path()));
    for (const std::string& name : names) {
      CASSETTE_RETURN_IF_ERROR(Run(*DataDirectory::At(io::JoinPath(directory.snapshots_path(), name))));
    }
    return base::Status::Ok();
  }

  // Damage is a finding; what else fails ends the check.
  base::Status Note(const std::string& file, const base::Status& status) {
    if (status.ok()) return status;
    const bool is_damage = status.code() == base::Code::kCorruption || status.code() == base::Code::kFailedPrecondition;
    if (!is_damage) return status;
    findings_.push_back({file, std::string(status.message())});
    return base::Status::Ok();
  }

  io::FileSystem& file_system_;
  base::Logger& logger_;
  std::vector<VerifyFinding>& findings_;
};

}  // namespace

base::Result<std::vector<VerifyFinding>> Database::Verify() {
  std::vector<VerifyFinding> findings;
  for (const StorePtr& store : Stores(true)) {
    const VersionPtr version = store->version();
    for (const SstablePtr& table : version->sstables) {
      const base::Status status = table->reader().Verify();
      if (!status.ok()) findings.push_back({table->path(), std::string(status.message())});
    }
  }
  return findings;
}

base::Result<std::vector<VerifyFinding>> Engine::VerifyDirectory(const std::string& directory,
                                                                 const EngineEnvironment& environment) {
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<DataDirectory> held,
                            DataDirectory::OpenUnchecked(*environment.file_system, directory));
  std::vector<VerifyFinding> findings;
  CASSETTE_RETURN_IF_ERROR(DirectoryCheck(environment, &findings).Run(*held));
  return findings;
}

}  // namespace cassette::storage::engine
