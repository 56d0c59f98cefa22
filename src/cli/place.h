// Place: where the data lives (--on), opened. A directory is an embedded database; a cluster will be a remote session.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "cli/settings.h"
#include "server/options.h"
#include "session/local_session.h"

namespace cassette::cli {

// What every command works with. Lifetime: outlives the commands.
struct Environment {
  io::FileSystem* file_system = nullptr;
  base::Clock* clock = nullptr;
  base::Logger* logger = nullptr;
  const Settings* settings = nullptr;
};

// What the settings say about a directory; kInvalidArgument names the setting and what is legal.
base::Result<session::LocalOptions> LocalOptionsOf(const Settings& settings);
base::Result<server::Options> ServerOptionsOf(const Settings& settings);

// Closes what it opened; Close() says how that went.
class Place {
 public:
  static base::Result<std::unique_ptr<Place>> Open(const Environment& environment);
  // A database that ends with the process. Lifetime: `memory` outlives the place.
  static base::Result<std::unique_ptr<Place>> OpenInMemory(const Environment& environment, io::FileSystem& memory);

  session::Session& session() { return *session_; }
  // Null when the data is not in this process.
  session::LocalDatabase* database() { return database_.get(); }
  base::Status Close();

 private:
  static base::Result<std::unique_ptr<Place>> OpenDirectory(const Environment& environment, io::FileSystem& file_system,
                                                            const std::string& path);

  std::unique_ptr<session::LocalDatabase> database_;
  std::unique_ptr<session::Session> session_;
};

}  // namespace cassette::cli
