// CQL types as the protocol's [option], and as the class names that Cassandra uses where the protocol has no number.
#pragma once

#include <cstdint>
#include <string>

#include "types/data_type.h"

namespace cassette::protocol {

// A type the version has no number for (vector; duration in v4) is custom, by its class name.
void AppendTypeOption(const types::DataType& type, uint8_t version, std::string* out);

// "org.apache.cassandra.db.marshal.Int32Type" and the like.
std::string MarshalClassName(const types::DataType& type);

}  // namespace cassette::protocol
