import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.BatchStatementBuilder;
import com.datastax.oss.driver.api.core.cql.DefaultBatchType;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.data.CqlDuration;
import com.datastax.oss.driver.api.core.data.CqlVector;
import com.datastax.oss.driver.api.core.data.UdtValue;
import com.datastax.oss.driver.api.core.metadata.schema.KeyspaceMetadata;
import com.datastax.oss.driver.api.core.servererrors.AlreadyExistsException;
import com.datastax.oss.driver.api.core.servererrors.InvalidQueryException;
import com.datastax.oss.driver.api.core.servererrors.SyntaxError;
import com.datastax.oss.driver.api.core.type.DataTypes;
import com.datastax.oss.driver.api.core.type.TupleType;
import com.datastax.oss.driver.api.core.type.UserDefinedType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.UUID;

/** The stock Java driver against a server: HOST PORT. */
public final class DriverTest {
  private static final int PAGED_ROWS = 100_000;
  private static final int PAGE_ROWS = 5_000;

  private static Map<String, Object> scalars() throws Exception {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("ascii", "plain");
    values.put("bigint", Long.MIN_VALUE);
    values.put("blob", ByteBuffer.wrap(new byte[] {0, -1, 16}));
    values.put("boolean", true);
    values.put("date", LocalDate.of(1969, 7, 20));
    values.put("decimal", new BigDecimal("-12345678901234567890.0123"));
    values.put("double", 0.1);
    values.put("duration", CqlDuration.newInstance(1, 2, 3_000_000_000L));
    values.put("float", 1.5f);
    values.put("inet", InetAddress.getByName("127.0.0.1"));
    values.put("int", -42);
    values.put("smallint", Short.MIN_VALUE);
    values.put("text", "K\u00e4se \u2603");
    values.put("time", LocalTime.of(12, 0, 0, 1));
    values.put("timestamp", Instant.parse("2024-02-29T23:59:59.123Z"));
    values.put("timeuuid", UUID.fromString("8bd4a2e0-ec5b-11ee-8000-0123456789ab"));
    values.put("tinyint", Byte.MIN_VALUE);
    values.put("uuid", UUID.fromString("123e4567-e89b-42d3-a456-426614174000"));
    values.put("varint", BigInteger.TWO.pow(100).negate());
    values.put("frozen<list<int>>", List.of(1, 2, 3));
    values.put("frozen<map<text, double>>", Map.of("a", 1.0, "b", -2.5));
    values.put("frozen<set<text>>", Set.of("x", "y"));
    values.put("list<text>", List.of("one", "two", "one"));
    values.put("map<text, int>", Map.of("a", 1, "b", 2));
    values.put("set<int>", Set.of(1, 2, 3));
    values.put("map<text, frozen<list<int>>>", Map.of("even", List.of(2, 4), "odd", List.of(1, 3, 5)));
    values.put("list<frozen<map<int, frozen<set<text>>>>>", List.of(Map.of(1, Set.of("a", "b")), Map.of(2, Set.of("c"))));
    TupleType inner = DataTypes.tupleOf(DataTypes.TEXT, DataTypes.DOUBLE);
    values.put("tuple<int, frozen<tuple<text, double>>>",
        DataTypes.tupleOf(DataTypes.INT, inner).newValue(1, inner.newValue("two", 3.0)));
    values.put("vector<float, 3>", CqlVector.newInstance(0.5f, -1.5f, 2.0f));
    return values;
  }

  private static void check(boolean condition, String what) {
    if (!condition) throw new AssertionError(what);
  }

  private static void typesRoundTrip(CqlSession session) throws Exception {
    Map<String, Object> values = scalars();
    StringJoiner definitions = new StringJoiner(", ");
    StringJoiner names = new StringJoiner(", ");
    StringJoiner marks = new StringJoiner(", ");
    for (String kind : values.keySet()) {
      String name = "c" + names.toString().chars().filter(c -> c == 'c').count();
      definitions.add(name + " " + kind);
      names.add(name);
      marks.add("?");
    }
    session.execute("CREATE TABLE all_types (k int PRIMARY KEY, " + definitions + ")");
    PreparedStatement insert =
        session.prepare("INSERT INTO all_types (k, " + names + ") VALUES (1, " + marks + ")");
    session.execute(insert.bind(values.values().toArray()));
    Row row = session.execute("SELECT " + names + " FROM all_types WHERE k = 1").one();
    int i = 0;
    for (Map.Entry<String, Object> entry : values.entrySet()) {
      Object read = row.getObject(i++);
      check(entry.getValue().equals(read), entry.getKey() + ": read " + read);
    }
  }

  private static void collections(CqlSession session) {
    session.execute("CREATE TABLE collected (k int PRIMARY KEY, l list<int>, m map<text, int>, s set<text>)");
    PreparedStatement change = session.prepare("UPDATE collected SET l = l + ?, m = m + ?, s = s + ? WHERE k = 1");
    session.execute(change.bind(List.of(1, 2), Map.of("a", 1), Set.of("x")));
    session.execute(change.bind(List.of(3), Map.of("b", 2), Set.of("y", "z")));
    session.execute(session.prepare("UPDATE collected SET l[?] = ?, s = s - ? WHERE k = 1").bind(0, 10, Set.of("x")));
    Row row = session.execute("SELECT l, m, s FROM collected WHERE k = 1").one();
    check(List.of(10, 2, 3).equals(row.getObject(0)), "list: " + row.getObject(0));
    check(Map.of("a", 1, "b", 2).equals(row.getObject(1)), "map: " + row.getObject(1));
    check(Set.of("y", "z").equals(row.getObject(2)), "set: " + row.getObject(2));
  }

  private static void counters(CqlSession session) {
    session.execute("CREATE TABLE counted (k text PRIMARY KEY, hits counter)");
    PreparedStatement add = session.prepare("UPDATE counted SET hits = hits + ? WHERE k = ?");
    BatchStatementBuilder batch = new BatchStatementBuilder(DefaultBatchType.COUNTER);
    for (long amount : new long[] {5, -2, 39}) batch.addStatement(add.bind(amount, "page"));
    session.execute(batch.build());
    long hits = session.execute("SELECT hits FROM counted WHERE k = 'page'").one().getLong(0);
    check(hits == 42, "counter: " + hits);
  }

  private static void userTypes(CqlSession session) {
    session.execute("CREATE TYPE place (x double, y double)");
    session.execute("CREATE TYPE address (street text, tags frozen<set<text>>, place frozen<place>)");
    session.execute("CREATE TABLE people (k int PRIMARY KEY, home address, others map<text, frozen<address>>)");
    KeyspaceMetadata keyspace = session.getMetadata().getKeyspace(session.getKeyspace().get()).get();
    UserDefinedType place = keyspace.getUserDefinedType("place").get();
    UserDefinedType address = keyspace.getUserDefinedType("address").get();
    UdtValue home = address.newValue("High Street 1", Set.of("old", "red"), place.newValue(1.5, -2.5));
    UdtValue work = address.newValue("Low Road", Set.of("new"), null);
    session.execute(session.prepare("INSERT INTO people (k, home, others) VALUES (1, ?, ?)").bind(home, Map.of("work", work)));
    Row row = session.execute("SELECT home, others FROM people WHERE k = 1").one();
    check(home.getFormattedContents().equals(row.getUdtValue(0).getFormattedContents()), "type: " + row.getUdtValue(0).getFormattedContents());
    UdtValue other = row.getMap(1, String.class, UdtValue.class).get("work");
    check(work.getFormattedContents().equals(other.getFormattedContents()), "type: " + other.getFormattedContents());
  }

  private static void conditions(CqlSession session) {
    session.execute("CREATE TABLE conditional (k int PRIMARY KEY, v int)");
    String insert = "INSERT INTO conditional (k, v) VALUES (1, 1) IF NOT EXISTS";
    check(session.execute(insert).wasApplied(), "not applied");
    check(!session.execute(insert).wasApplied(), "applied twice");
  }

  private static void paging(CqlSession session) {
    session.execute("CREATE TABLE paged (k int, c int, v double, PRIMARY KEY (k, c))");
    PreparedStatement insert = session.prepare("INSERT INTO paged (k, c, v) VALUES (?, ?, ?)");
    for (int begin = 0; begin < PAGED_ROWS; begin += 200) {
      BatchStatementBuilder batch = new BatchStatementBuilder(DefaultBatchType.UNLOGGED);
      for (int i = begin; i < begin + 200; ++i) batch.addStatement(insert.bind(i / 10_000, i, i / 2.0));
      session.execute(batch.build());
    }
    BitSet seen = new BitSet();
    for (Row row : session.execute(SimpleStatement.newInstance("SELECT c FROM paged").setPageSize(PAGE_ROWS))) {
      seen.set(row.getInt(0));
    }
    check(seen.cardinality() == PAGED_ROWS, "read " + seen.cardinality() + " rows");
  }

  private static void fails(CqlSession session, String cql, Class<?> kind) {
    try {
      session.execute(cql);
    } catch (RuntimeException error) {
      check(kind.isInstance(error), cql + ": " + error);
      return;
    }
    throw new AssertionError(cql + ": no error");
  }

  private static void schemaEvents(CqlSession session, CqlSession other, String keyspace) throws Exception {
    session.execute("CREATE TABLE announced (k int PRIMARY KEY)");
    for (int i = 0; i < 100; ++i) {
      if (other.getMetadata().getKeyspace(keyspace).flatMap(k -> k.getTable("announced")).isPresent()) return;
      Thread.sleep(100);
    }
    throw new AssertionError("no event of the new table");
  }

  private static void run(InetSocketAddress address, String version) throws Exception {
    long begin = System.nanoTime();
    DriverConfigLoader config = DriverConfigLoader.programmaticBuilder()
        .withString(DefaultDriverOption.PROTOCOL_VERSION, version)
        .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofSeconds(20))
        .withDuration(DefaultDriverOption.METADATA_SCHEMA_WINDOW, Duration.ofMillis(20))
        .build();
    String keyspace = "java_" + version.toLowerCase();
    try (CqlSession first = CqlSession.builder().addContactPoint(address).withLocalDatacenter("datacenter1")
             .withConfigLoader(config).build()) {
      first.execute("CREATE KEYSPACE " + keyspace
          + " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
      try (CqlSession session = CqlSession.builder().addContactPoint(address).withLocalDatacenter("datacenter1")
               .withConfigLoader(config).withKeyspace(keyspace).build()) {
        typesRoundTrip(session);
        collections(session);
        counters(session);
        userTypes(session);
        conditions(session);
        paging(session);
        fails(session, "SELEC 1", SyntaxError.class);
        fails(session, "SELECT * FROM nowhere", InvalidQueryException.class);
        fails(session, "CREATE TABLE paged (k int PRIMARY KEY)", AlreadyExistsException.class);
        schemaEvents(session, first, keyspace);
      }
      first.execute("DROP KEYSPACE " + keyspace);
    }
    System.out.printf("java driver: %s: ok (%.1f s)%n", version, (System.nanoTime() - begin) / 1e9);
  }

  public static void main(String[] arguments) throws Exception {
    InetSocketAddress address = new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
    run(address, "V4");
    run(address, "V5");
  }
}
