// Non-frozen collections and counters through a session: bound values, reopening, many threads.
#include <algorithm>
#include <thread>
#include <vector>

#include "codec/fixed.h"
#include "session/session_test_support.h"
#include "types/value.h"

namespace cassette::session {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Number(int32_t value) {
  std::string bytes;
  codec::AppendBig(static_cast<uint32_t>(value), &bytes);
  return bytes;
}
// A serialized collection: `count` and the elements, of a map keys and values in turn.
std::string Collection(uint32_t count, const std::vector<std::string>& elements) {
  std::string bytes;
  codec::AppendBig(count, &bytes);
  for (const std::string& element : elements) {
    codec::AppendBig(static_cast<uint32_t>(element.size()), &bytes);
    bytes += element;
  }
  return bytes;
}

std::string_view TakeElement(std::string_view* bytes) {
  const uint32_t size = codec::LoadBig<uint32_t>(bytes->data());
  const std::string_view element = bytes->substr(sizeof(size), size);
  bytes->remove_prefix(sizeof(size) + size);
  return element;
}
std::string ElementText(const types::DataType& type, std::string_view element) {
  const std::string text = types::ToText(type, element);
  return type.kind() == types::TypeKind::kText ? "'" + text + "'" : text;
}
std::string CollectionText(const types::DataType& type, std::string_view bytes) {
  const uint32_t count = codec::LoadBig<uint32_t>(bytes.data());
  bytes.remove_prefix(sizeof(count));
  std::string text;
  for (uint32_t i = 0; i < count; ++i) {
    if (i > 0) text += ", ";
    text += ElementText(type.element(0), TakeElement(&bytes));
    if (type.kind() == types::TypeKind::kMap) text += ": " + ElementText(type.element(1), TakeElement(&bytes));
  }
  return type.kind() == types::TypeKind::kList ? "[" + text + "]" : "{" + text + "}";
}

class CollectionsTest : public SessionTest {
 protected:
  // As SessionTest's, with collections as literals.
  std::vector<std::string> Rows(std::string_view cql) {
    const ResultPage page = Run(cql);
    std::vector<std::string> rows;
    for (uint64_t row = 0; row < page.row_count(); ++row) {
      std::string text;
      for (size_t column = 0; column < page.columns.size(); ++column) {
        const auto value = page.Value(row, column);
        const types::DataType& type = page.columns[column].type;
        text += column == 0 ? "" : "|";
        text += !value ? "null" : type.is_collection() ? CollectionText(type, *value) : types::ToText(type, *value);
      }
      rows.push_back(std::move(text));
    }
    return rows;
  }

  void SetUp() override {
    SessionTest::SetUp();
    Run("CREATE TABLE t (k int PRIMARY KEY, l list<int>, s set<text>, m map<text, int>)");
  }
};

TEST_F(CollectionsTest, BindsWholeCollectionsAndElements) {
  const Values all = Values()
                         .Int(1)
                         .Bytes(Collection(2, {Number(5), Number(6)}))
                         .Bytes(Collection(2, {"a", "b"}))
                         .Bytes(Collection(1, {"x", Number(1)}));
  Run("INSERT INTO t (k, l, s, m) VALUES (?, ?, ?, ?)", all);
  EXPECT_THAT(Rows("SELECT * FROM t"), ElementsAre("1|[5, 6]|{'x': 1}|{'a', 'b'}"));
  Run("UPDATE t SET l = l + ?, s = s - ?, m = m + ? WHERE k = 1",
      Values().Bytes(Collection(1, {Number(7)})).Bytes(Collection(1, {"a"})).Bytes(Collection(1, {"y", Number(2)})));
  Run("UPDATE t SET l[?] = ?, m[?] = ? WHERE k = 1", Values().Int(0).Int(50).Text("x").Null());
  EXPECT_THAT(Rows("SELECT * FROM t"), ElementsAre("1|[50, 6, 7]|{'y': 2}|{'b'}"));
  Run("DELETE l[?], s[?], m[?] FROM t WHERE k = ?", Values().Int(1).Text("b").Text("y").Int(1));
  EXPECT_THAT(Rows("SELECT * FROM t"), ElementsAre("1|[50, 7]|null|null"));
}

TEST_F(CollectionsTest, UnsetLeavesAloneAndEmptyDeletes) {
  Run("INSERT INTO t (k, l, s, m) VALUES (1, [1], {'a'}, {'x': 1})");
  Run("INSERT INTO t (k, l, s, m) VALUES (1, ?, ?, ?)", Values().Unset().Bytes(Collection(0, {})).Null());
  EXPECT_THAT(Rows("SELECT * FROM t"), ElementsAre("1|[1]|null|null"));
  Run("UPDATE t SET l = l + ?, s = s + ?, m = m - ? WHERE k = 1", Values().Unset().Unset().Unset());
  Run("UPDATE t SET l[0] = ?, m['q'] = ? WHERE k = 1", Values().Unset().Unset());
  EXPECT_THAT(Rows("SELECT * FROM t"), ElementsAre("1|[1]|null|null"));
  EXPECT_THAT(Failure("UPDATE t SET m[?] = 1 WHERE k = 1", Values().Unset()), HasSubstr("Invalid unset map key"));
  EXPECT_THAT(Failure("UPDATE t SET l[?] = 1 WHERE k = 1", Values().Unset()), HasSubstr("unset value for list index"));
  EXPECT_THAT(Failure("UPDATE t SET l = ? WHERE k = 1", Values().Bytes("ab")), HasSubstr("list"));
}

TEST_F(CollectionsTest, KeysOfTheLargestSizeFitAndNoLonger) {
  const std::string longest(65535, 'k');
  Run("UPDATE t SET m[?] = 1, s = s + ? WHERE k = 1", Values().Text(longest).Bytes(Collection(1, {longest})));
  EXPECT_THAT(Rows("SELECT m, s FROM t"), ElementsAre("{'" + longest + "': 1}|{'" + longest + "'}"));
  EXPECT_THAT(Failure("UPDATE t SET m[?] = 1 WHERE k = 1", Values().Text(longest + "k")), HasSubstr("65535"));
  EXPECT_THAT(Failure("UPDATE t SET s = s + ? WHERE k = 1", Values().Bytes(Collection(1, {longest + "k"}))),
              HasSubstr("65535"));
}

TEST_F(CollectionsTest, MoreThan65535ElementsAreKept) {
  constexpr int kElements = 70000;
  std::vector<std::string> elements;
  for (int i = 0; i < kElements; ++i) elements.push_back(Number(i));
  Run("UPDATE t SET l = ? WHERE k = 1", Values().Bytes(Collection(kElements, elements)));
  Run("UPDATE t SET l = l + [1, 2] WHERE k = 1");
  const std::vector<std::string> rows = Rows("SELECT l FROM t");
  ASSERT_EQ(rows.size(), 1u);
  const std::string& text = rows[0];
  EXPECT_EQ(static_cast<int>(std::count(text.begin(), text.end(), ',')), kElements + 1);
}

TEST_F(CollectionsTest, CellsSurviveAKilledProcess) {
  Run("UPDATE t SET l = [1, 2], s = {'a'}, m = {'x': 1} WHERE k = 1");
  Run("UPDATE t SET l = [0] + l, m['y'] = 2 WHERE k = 1");
  Close();
  Open();
  Run("USE ks");
  EXPECT_THAT(Rows("SELECT * FROM t"), ElementsAre("1|[0, 1, 2]|{'x': 1, 'y': 2}|{'a'}"));
  clock_.AdvanceSeconds(1);
  Run("UPDATE t SET l = l + [3] WHERE k = 1");
  Run("UPDATE t SET l = [-1] + l WHERE k = 1");
  EXPECT_THAT(Rows("SELECT l FROM t"), ElementsAre("[-1, 0, 1, 2, 3]"));
}

TEST_F(CollectionsTest, BulkWritersWriteCellsOfCollections) {
  Run("UPDATE t SET s = {'old'}, l = [7] WHERE k = 1");
  const PreparedPtr insert = *session_->Prepare("INSERT INTO t (k, s, l) VALUES (?, ?, ?)");
  auto writer = session_->OpenBulkWriter(insert);
  ASSERT_TRUE(writer.ok()) << writer.status().ToString();
  columnar::Vector keys(columnar::PhysicalType::kInt64);
  columnar::Vector sets(columnar::PhysicalType::kBytes);
  columnar::Vector lists(columnar::PhysicalType::kBytes);
  for (int row = 0; row < 3; ++row) keys.AppendInt64(row + 1);
  sets.AppendBytes(Collection(2, {"a", "b"}));
  sets.AppendState(columnar::CellState::kAbsent);
  sets.AppendBytes(Collection(1, {"c"}));
  lists.AppendState(columnar::CellState::kAbsent);
  lists.AppendBytes(Collection(1, {Number(5)}));
  lists.AppendState(columnar::CellState::kAbsent);
  const std::vector<const columnar::Vector*> vectors = {&keys, &sets, &lists};
  const base::Status appended = (*writer)->Append(vectors, 3, clock_.NowMicros() + 1000);
  ASSERT_TRUE(appended.ok()) << appended.ToString();
  EXPECT_EQ((*writer)->rows(), 3u);
  ASSERT_TRUE((*writer)->Commit().ok());
  EXPECT_THAT(Rows("SELECT k, s, l FROM t"), ElementsAre("1|{'a', 'b'}|[7]", "2|null|[5]", "3|{'c'}|null"));
}

class CountersTest : public SessionTest {
 protected:
  void SetUp() override {
    SessionTest::SetUp();
    Run("CREATE TABLE n (k int, c int, v counter, w counter, PRIMARY KEY (k, c))");
  }
};

TEST_F(CountersTest, BindsWhatIsAdded) {
  Run("UPDATE n SET v = v + ?, w = w - ? WHERE k = 1 AND c = 1", Values().Bigint(5).Bigint(2));
  Run("UPDATE n SET v = v + ?, w = w - ? WHERE k = 1 AND c = 1", Values().Unset().Bigint(2));
  EXPECT_THAT(Rows("SELECT v, w FROM n"), ElementsAre("5|-4"));
  EXPECT_THAT(Failure("UPDATE n SET v = v + ? WHERE k = 1 AND c = 1", Values().Null()), HasSubstr("null"));
}

TEST_F(CountersTest, PreparedBatchesAddUp) {
  const PreparedPtr add = *session_->Prepare("UPDATE n SET v = v + ? WHERE k = 1 AND c = 1");
  const Values one = Values().Bigint(1);
  const Values ten = Values().Bigint(10);
  const std::vector<BatchEntry> entries = {{add.get(), &one}, {add.get(), &ten}, {add.get(), &one}};
  ASSERT_TRUE(session_->ExecuteBatch(BatchKind::kCounter, entries, QueryOptions()).ok());
  ASSERT_TRUE(session_->ExecuteBatch(BatchKind::kUnlogged, entries, QueryOptions()).ok());
  EXPECT_FALSE(session_->ExecuteBatch(BatchKind::kLogged, entries, QueryOptions()).ok());
  EXPECT_THAT(Rows("SELECT v FROM n"), ElementsAre("24"));
}

TEST_F(CountersTest, NoIncrementOfManyThreadsIsLost) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 300;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      const std::unique_ptr<Session> session = database_->NewSession();
      for (int i = 0; i < kRounds; ++i) {
        EXPECT_TRUE(session->Execute("UPDATE ks.n SET v = v + 1, w = w - 1 WHERE k = 1 AND c = 1", {}, {}).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(Rows("SELECT v, w FROM n"), ElementsAre("1200|-1200"));
  Close();
  Open();
  Run("USE ks");
  Run("UPDATE n SET v = v + 1 WHERE k = 1 AND c = 1");
  EXPECT_THAT(Rows("SELECT v, w FROM n"), ElementsAre("1201|-1200"));
}

}  // namespace
}  // namespace cassette::session
