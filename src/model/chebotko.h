// The Chebotko diagram of a model's tables as SVG: one box a table, K for partition key, C with an arrow for
// clustering, the question above it. (Chebotko, Kashlev and Lu, "A Big Data Modeling Methodology for Apache
// Cassandra", IEEE BigData Congress 2015.)
#pragma once

#include <string>
#include <vector>

#include "model/derive.h"

namespace cassette::model {

std::string ChebotkoSvg(const Model& model, const std::vector<DerivedTable>& tables);

}  // namespace cassette::model
