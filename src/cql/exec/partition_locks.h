// PartitionLocks as this folder calls them.
#pragma once

#include "rows/partition_locks.h"

namespace cassette::cql::exec {

using rows::PartitionId;
using rows::PartitionLocks;

}  // namespace cassette::cql::exec
