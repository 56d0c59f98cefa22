#include "cql/exec/describe.h"

#include <algorithm>

#include "catalog/describe.h"
#include "catalog/system_rows.h"
#include "codec/fixed.h"

namespace cassette::cql::exec {
namespace {

using columnar::PhysicalType;

void AppendText(std::string_view text, columnar::Vector* vector) {
  if (text.empty()) {
    vector->AppendState(columnar::CellState::kEmpty);
  } else {
    vector->AppendBytes(text);
  }
}

void AppendItem(std::string_view item, std::string* out) {
  codec::AppendBig(static_cast<uint32_t>(item.size()), out);
  out->append(item);
}

// {token: [address]} of the one node.
std::string RangeOwnership() {
  std::string addresses;
  codec::AppendBig(uint32_t{1}, &addresses);
  AppendItem("/127.0.0.1:7000", &addresses);
  std::string map;
  codec::AppendBig(uint32_t{1}, &map);
  AppendItem(catalog::kNodeToken, &map);
  AppendItem(addresses, &map);
  return map;
}

void DescribeCluster(bool with_ranges, Answer* answer) {
  OutputBatch output;
  output.row_count = 1;
  for (const std::string_view text :
       {catalog::kClusterName, std::string_view("Murmur3Partitioner"), std::string_view("SimpleSnitch")}) {
    AppendText(text, &output.columns.emplace_back(PhysicalType::kBytes));
  }
  if (with_ranges) AppendText(RangeOwnership(), &output.columns.emplace_back(PhysicalType::kBytes));
  answer->batches.push_back(std::move(output));
}

}  // namespace

base::Status RunDescribe(const analysis::DescribePlan& plan, const schema::Schema& schema, Answer* answer) {
  answer->kind = Answer::Kind::kRows;
  const catalog::DescribeRequest& request = plan.request;
  if (request.kind == catalog::DescribeRequest::Kind::kCluster) {
    DescribeCluster(!request.used.empty(), answer);
    return base::Status::Ok();
  }
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<catalog::SchemaElement> elements, catalog::Describe(schema, request));
  const size_t column_count = catalog::HasCreateStatements(request.kind) ? 4 : 3;
  for (size_t begin = 0; begin < elements.size(); begin += columnar::kMaxVectorRows) {
    const size_t end = std::min<size_t>(elements.size(), begin + columnar::kMaxVectorRows);
    OutputBatch output;
    output.row_count = static_cast<uint32_t>(end - begin);
    output.columns.assign(column_count, columnar::Vector(PhysicalType::kBytes));
    for (size_t i = begin; i < end; ++i) {
      const catalog::SchemaElement& element = elements[i];
      const std::string* texts[] = {&element.keyspace, &element.type, &element.name, &element.create_statement};
      for (size_t column = 0; column < column_count; ++column) AppendText(*texts[column], &output.columns[column]);
    }
    answer->batches.push_back(std::move(output));
  }
  return base::Status::Ok();
}

}  // namespace cassette::cql::exec
