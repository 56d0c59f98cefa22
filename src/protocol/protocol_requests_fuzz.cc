// Bodies of requests: the first byte chooses the message, the second the version.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "protocol/requests.h"

namespace cassette::protocol {
namespace {

// What was decoded is encoded to what decodes to the same again.
void CheckExecute(std::string_view body, uint8_t version) {
  ExecuteRequest request;
  if (!DecodeExecute(body, version, &request).ok()) return;
  std::string encoded;
  AppendExecute(request, version, &encoded);
  ExecuteRequest again;
  CASSETTE_ASSERT(DecodeExecute(encoded, version, &again).ok());
  CASSETTE_ASSERT(again.id == request.id);
  CASSETTE_ASSERT(again.parameters.values.size() == request.parameters.values.size());
}

void Decode(uint8_t choice, uint8_t version, std::string_view body) {
  QueryRequest query;
  PrepareRequest prepare;
  BatchRequest batch;
  StartupRequest startup;
  std::vector<std::string> names;
  std::string token;
  switch (choice % 7) {
    case 0:
      return (void)DecodeStartup(body, &startup).ok();
    case 1:
      return (void)DecodeQuery(body, version, &query).ok();
    case 2:
      return (void)DecodePrepare(body, version, &prepare).ok();
    case 3:
      return CheckExecute(body, version);
    case 4:
      return (void)DecodeBatch(body, version, &batch).ok();
    case 5:
      return (void)DecodeRegister(body, &names).ok();
    default:
      return (void)DecodeAuthResponse(body, &token).ok();
  }
}

}  // namespace
}  // namespace cassette::protocol

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  cassette::protocol::Decode(data[0], data[1] % 2 == 0 ? 4 : 5, body);
  return 0;
}
