#include "catalog/permission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/password.h"

namespace cassette::catalog {
namespace {

using ::testing::ElementsAre;

TEST(Resource, HasAPathThatLeadsBackToIt) {
  for (const char* path : {"data", "data/ks", "data/ks/*", "data/ks/t", "roles", "roles/a/b", "functions",
                           "functions/ks", "mbean", "mbean/a:b=c"}) {
    const std::optional<Resource> resource = Resource::OfPath(path);
    ASSERT_TRUE(resource.has_value()) << path;
    EXPECT_EQ(resource->Path(), path);
  }
  for (const char* path : {"", "nosuch", "functions/ks/f[]"}) EXPECT_FALSE(Resource::OfPath(path).has_value()) << path;
}

TEST(Resource, IsAPartOfOthersUpToARoot) {
  std::string chain;
  for (std::optional<Resource> part = Resource::Table("ks", "t"); part; part = part->Parent()) {
    chain += part->ToString();
  }
  EXPECT_EQ(chain, "<table ks.t><all tables in ks><keyspace ks><all keyspaces>");
  EXPECT_EQ(Resource::Role("r").Parent(), Resource::AllRoles());
  EXPECT_EQ(Resource::KeyspaceFunctions("ks").Parent()->Path(), "functions");
}

TEST(PermissionSet, KeepsCassandrasOrder) {
  const PermissionSet set = PermissionSet::OfNames({"SELECT", "CREATE", "NOSUCH"});
  EXPECT_THAT(set.members(), ElementsAre(Permission::kCreate, Permission::kSelect));
  EXPECT_EQ(set.Without(PermissionSet::Of({Permission::kSelect})), PermissionSet::Of({Permission::kCreate}));
  EXPECT_TRUE((set & PermissionSet()).empty());
}

TEST(Password, IsItsHashAndNoOther) {
  const base::Result<std::string> hash = HashPassword("sécret");
  ASSERT_TRUE(hash.ok()) << hash.status().ToString();
  EXPECT_TRUE(IsPasswordHash(*hash));
  EXPECT_TRUE(CheckPassword("sécret", *hash));
  EXPECT_FALSE(CheckPassword("secret", *hash));
  EXPECT_NE(*HashPassword("sécret"), *hash);  // Another salt.
}

// Made by Cassandra 5.0.8.
TEST(Password, ReadsCassandrasHashes) {
  EXPECT_TRUE(CheckPassword("cassandra", "$2a$10$bMf1jUiL6E0HIKEbRNkY5uNnyJCzqrUmNlAiC1IlNCslTtw0WJgPi"));
  EXPECT_FALSE(CheckPassword("Cassandra", "$2a$10$bMf1jUiL6E0HIKEbRNkY5uNnyJCzqrUmNlAiC1IlNCslTtw0WJgPi"));
}

TEST(Password, RefusesWhatIsNoHashAndWhatCannotBeHashed) {
  for (const char* hash : {"", "abc", "$2a$10$short", "$1a$10$bMf1jUiL6E0HIKEbRNkY5uNnyJCzqrUmNlAiC1IlNCslTtw0WJgPi",
                           "$2a$03$bMf1jUiL6E0HIKEbRNkY5uNnyJCzqrUmNlAiC1IlNCslTtw0WJgPi",
                           "$2a$10$bMf1jUiL6E0HIKEbRNkY5uNnyJCzqrUmNlAiC1IlNCslTtw0WJg:i"}) {
    EXPECT_FALSE(IsPasswordHash(hash)) << hash;
    EXPECT_FALSE(CheckPassword("cassandra", hash)) << hash;
  }
  EXPECT_EQ(HashPassword(std::string_view("a\0b", 3)).status().code(), base::Code::kInvalidArgument);
  EXPECT_EQ(HashPassword(std::string(kPasswordBytesMax + 1, 'x')).status().code(), base::Code::kInvalidArgument);
}

}  // namespace
}  // namespace cassette::catalog
