// What the server tells of itself in tables is there, and true.
#include <gmock/gmock.h>

#include "server/response_test_support.h"

namespace cassette::server {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;

using Rows = std::vector<std::vector<std::string>>;

class SystemViewsTest : public ServerTest {
 protected:
  void SetUp() override {
    Start();
    MakeTable();
  }
  Rows Read(TestClient& client, std::string_view cql) { return ParseResult(client.Query(cql)).rows; }
};

TEST_F(SystemViewsTest, ClientsAreThoseThatAreConnected) {
  TestClient client = Connect(4);
  client.Startup({{"CQL_VERSION", "3.0.0"}, {"DRIVER_NAME", "a driver"}, {"DRIVER_VERSION", "1.2"}});
  const Rows rows = Read(client,
                         "SELECT connection_stage, driver_name, driver_version, protocol_version, username FROM "
                         "system_views.clients");
  EXPECT_THAT(rows, ElementsAre(ElementsAre("ready", "a driver", "1.2", IntBytes(4), "anonymous")));
  {
    TestClient other = Connect(5);
    other.Startup();
    EXPECT_EQ(Read(client, "SELECT port FROM system_views.clients").size(), 2u);
  }
  for (int i = 0; i < 500 && server_->statistics().connections > 1; ++i) usleep(2'000);
  EXPECT_EQ(Read(client, "SELECT port FROM system_views.clients").size(), 1u);
}

TEST_F(SystemViewsTest, RequestsOfEachClientAreCounted) {
  TestClient client = Connect(5);
  client.Startup();
  for (int i = 0; i < 7; ++i) client.Query("SELECT v FROM ks.t WHERE k = 1");
  // STARTUP, the seven, and this one.
  EXPECT_THAT(Read(client, "SELECT request_count FROM system_views.clients"), ElementsAre(ElementsAre(BigintBytes(9))));
}

TEST_F(SystemViewsTest, PoolsCachesAndTasks) {
  TestClient client = Connect(5);
  client.Startup();
  EXPECT_THAT(Read(client, "SELECT name, active_tasks_limit, pending_tasks FROM system_views.thread_pools"),
              ElementsAre(ElementsAre("native_transport_requests",
                                      IntBytes(static_cast<int32_t>(Limits().requests_max)), IntBytes(0))));
  EXPECT_THAT(Read(client, "SELECT name FROM system_views.caches"), ElementsAre(ElementsAre("chunks")));
  EXPECT_THAT(Read(client, "SELECT keyspace_name FROM system_views.sstable_tasks"), IsEmpty());
}

TEST_F(SystemViewsTest, SizesAreThoseOfTheTablesThatAreThere) {
  TestClient client = Connect(4);
  client.Startup();
  for (int k = 0; k < 10; ++k) client.Query("INSERT INTO ks.t (k, v) VALUES (" + std::to_string(k) + ", 'v')");
  constexpr char kSizes[] = "SELECT table_name, partitions_count FROM system.size_estimates WHERE keyspace_name = 'ks'";
  EXPECT_THAT(Read(client, kSizes), ElementsAre(ElementsAre("t", BigintBytes(10))));
  client.Query("DROP TABLE ks.t");
  EXPECT_THAT(Read(client, kSizes), IsEmpty());
}

TEST_F(SystemViewsTest, ThisNodeIsTheOnlyOne) {
  TestClient client = Connect(5);
  client.Startup();
  const std::string address("\x7f\0\0\1", 4);
  EXPECT_THAT(Read(client,
                   "SELECT key, rpc_address, rpc_port, native_protocol_version, cql_version, partitioner FROM "
                   "system.local"),
              ElementsAre(ElementsAre("local", address, IntBytes(server_->endpoint().port), "5", "3.4.7",
                                      "org.apache.cassandra.dht.Murmur3Partitioner")));
  EXPECT_THAT(Read(client, "SELECT peer FROM system.peers"), IsEmpty());
  EXPECT_THAT(Read(client, "SELECT peer FROM system.peers_v2"), IsEmpty());
}

TEST_F(SystemViewsTest, TheVirtualSchemaNamesTheViews) {
  TestClient client = Connect(5);
  client.Startup();
  EXPECT_THAT(Read(client, "SELECT keyspace_name FROM system_virtual_schema.keyspaces"),
              Contains(ElementsAre("system_views")));
  Rows tables;
  for (const char* name : {"caches", "clients", "settings", "sstable_tasks", "thread_pools"}) tables.push_back({name});
  EXPECT_THAT(Read(client, "SELECT table_name FROM system_virtual_schema.tables WHERE keyspace_name = 'system_views'"),
              IsSupersetOf(tables));
  EXPECT_THAT(Read(client,
                   "SELECT column_name FROM system_virtual_schema.columns WHERE keyspace_name = 'system_views' "
                   "AND table_name = 'settings'"),
              ElementsAre(ElementsAre("name"), ElementsAre("value")));
}

}  // namespace
}  // namespace cassette::server
