// Properties of CREATE and ALTER, checked as Cassandra checks them (TableAttributes, TableParams, KeyspaceAttributes,
// ReplicationParams, CachingParams, CompressionParams) and turned into schema options.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "schema/schema.h"

namespace cassette::catalog {

// WITH name = text, or WITH name = {key: value, ...}.
struct Property {
  std::string name;
  bool is_map = false;
  std::string text;
  std::vector<std::pair<std::string, std::string>> map;
};

// Changes `options` as `properties` say, and checks the result. kSyntaxError for a property that does not exist, stands
// twice or is not of its kind; kConfigError for a value that is not legal. `id` receives the table id that was asked
// for, if any. After a failure `options` is half changed.
base::Status ApplyTableProperties(std::span<const Property> properties, schema::TableOptions* options,
                                  std::optional<schema::TableId>* id);

// As ApplyTableProperties, for a table or view that is made: what was not said may depend on what was.
base::Status ApplyNewTableProperties(std::span<const Property> properties, schema::TableOptions* options,
                                     std::optional<schema::TableId>* id);

// What a keyspace is created or altered with; absent what was not said.
struct KeyspaceOptions {
  std::optional<bool> durable_writes;
  std::optional<std::map<std::string, std::string>> replication;  // Class names in full.
  std::vector<std::string> warnings;
};
base::Result<KeyspaceOptions> ParseKeyspaceProperties(std::span<const Property> properties,
                                                      const std::string& keyspace);

}  // namespace cassette::catalog
