#include <fmt/format.h>

#include <set>

#include "catalog/property_values.h"
#include "catalog/table_options.h"

namespace cassette::catalog {
namespace {

using StringMap = std::map<std::string, std::string>;

constexpr std::string_view kLocatorPackage = "org.apache.cassandra.locator.";
constexpr std::string_view kLocalDataCenter = "datacenter1";

base::Result<std::string> StrategyClass(const std::string& name) {
  const std::string full = name.find('.') == name.npos ? std::string(kLocatorPackage) + name : name;
  static const std::set<std::string> known = {"org.apache.cassandra.locator.SimpleStrategy",
                                              "org.apache.cassandra.locator.NetworkTopologyStrategy"};
  if (full == "org.apache.cassandra.locator.LocalStrategy") {
    return base::InvalidArgument("Unable to use given strategy class: LocalStrategy is reserved for internal use.");
  }
  if (!known.contains(full)) {
    return base::ConfigError(fmt::format("Unable to find replication strategy class '{}'", full));
  }
  return full;
}

base::Result<int32_t> ReplicationFactor(const std::string& text) {
  const base::Result<int32_t> factor = ParseInt("replication_factor", text);
  if (!factor.ok()) {
    if (text.find('/') != text.npos) {
      return base::ConfigError("Transient replication is disabled. Enable in cassandra.yaml to use.");
    }
    return base::ConfigError(fmt::format("Replication factor must be numeric, non-negative integer; found '{}'", text));
  }
  if (*factor < 0) {
    return base::ConfigError(fmt::format("Replication factor must be non-negative; found {}", *factor));
  }
  return *factor;
}

void WarnAboutFactor(int32_t factor, const std::string& keyspace, std::vector<std::string>* warnings) {
  if (factor <= 1) return;
  warnings->push_back(
      fmt::format("Your replication factor {} for keyspace {} is higher than the number of nodes 1", factor, keyspace));
}

base::Status CheckSimple(const std::string& keyspace, StringMap* options, std::vector<std::string>* warnings) {
  for (const auto& [key, value] : *options) {
    if (key == "class" || key == "replication_factor") continue;
    return base::ConfigError(
        fmt::format("Unrecognized strategy option {{{}}} passed to SimpleStrategy for keyspace {}", key, keyspace));
  }
  options->emplace("replication_factor", "1");
  CASSETTE_ASSIGN_OR_RETURN(const int32_t factor, ReplicationFactor(options->at("replication_factor")));
  WarnAboutFactor(factor, keyspace, warnings);
  return base::Status::Ok();
}

// `replication_factor` means that factor in every data center that is known: in ours.
base::Status CheckNetworkTopology(const std::string& keyspace, StringMap* options, std::vector<std::string>* warnings) {
  if (const auto factor = options->find("replication_factor"); factor != options->end()) {
    options->emplace(std::string(kLocalDataCenter), factor->second);
    options->erase("replication_factor");
  }
  for (auto it = options->begin(); it != options->end();) {
    if (it->first == "class") {
      ++it;
      continue;
    }
    CASSETTE_ASSIGN_OR_RETURN(const int32_t factor, ReplicationFactor(it->second));
    if (it->first == kLocalDataCenter) WarnAboutFactor(factor, keyspace, warnings);
    it = factor == 0 ? options->erase(it) : std::next(it);
  }
  if (options->size() == 1) {
    return base::ConfigError("Configuration for at least one datacenter must be present");
  }
  return base::Status::Ok();
}

}  // namespace

base::Result<KeyspaceOptions> ParseKeyspaceProperties(std::span<const Property> properties,
                                                      const std::string& keyspace) {
  CASSETTE_RETURN_IF_ERROR(CheckPropertyNames(properties, {"replication", "durable_writes"}));
  KeyspaceOptions result;
  for (const Property& property : properties) {
    if (property.name == "durable_writes") {
      CASSETTE_RETURN_IF_ERROR(ExpectText(property));
      CASSETTE_ASSIGN_OR_RETURN(result.durable_writes, ParseBoolean(property.name, property.text));
      continue;
    }
    CASSETTE_ASSIGN_OR_RETURN(StringMap options, ExpectMap(property));
    if (!options.contains("class")) return base::ConfigError("Missing replication strategy class");
    CASSETTE_ASSIGN_OR_RETURN(options["class"], StrategyClass(options["class"]));
    if (options["class"].ends_with("SimpleStrategy")) {
      CASSETTE_RETURN_IF_ERROR(CheckSimple(keyspace, &options, &result.warnings));
    } else {
      CASSETTE_RETURN_IF_ERROR(CheckNetworkTopology(keyspace, &options, &result.warnings));
    }
    result.replication = std::move(options);
  }
  return result;
}

}  // namespace cassette::catalog
