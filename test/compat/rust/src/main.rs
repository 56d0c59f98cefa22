//! The stock Rust driver against a server: HOST PORT.

use futures::TryStreamExt;
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::deserialize::value::DeserializeValue;
use scylla::serialize::value::SerializeValue;
use scylla::statement::batch::{Batch, BatchType};
use scylla::statement::Statement;
use scylla::value::{Counter, CqlDate, CqlDecimal, CqlDuration, CqlTime, CqlTimestamp, CqlTimeuuid, CqlVarint};
use scylla::{DeserializeValue, SerializeValue};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::error::Error;
use std::fmt::Debug;
use std::net::IpAddr;
use std::time::Instant;
use uuid::Uuid;

const PAGED_ROWS: i32 = 100_000;
const PAGE_ROWS: i32 = 5_000;

type Done = Result<(), Box<dyn Error>>;

/// Writes `value` into a column of type `kind`, and reads it back, and null.
async fn round_trip<T>(session: &Session, index: usize, kind: &str, value: T) -> Done
where
    T: SerializeValue + for<'f, 'm> DeserializeValue<'f, 'm> + PartialEq + Debug + Clone,
{
    session.query_unpaged(format!("CREATE TABLE type_{index} (k int PRIMARY KEY, v {kind})"), &[]).await?;
    let insert = session.prepare(format!("INSERT INTO type_{index} (k, v) VALUES (?, ?)")).await?;
    session.execute_unpaged(&insert, (1_i32, value.clone())).await?;
    session.execute_unpaged(&insert, (2_i32, None::<T>)).await?;
    let select = session.prepare(format!("SELECT v FROM type_{index} WHERE k = ?")).await?;
    let read = session.execute_unpaged(&select, (1_i32,)).await?.into_rows_result()?.single_row::<(T,)>()?.0;
    assert_eq!(read, value, "{kind}");
    let null = session.execute_unpaged(&select, (2_i32,)).await?.into_rows_result()?.single_row::<(Option<T>,)>()?.0;
    assert_eq!(null, None, "{kind}");
    Ok(())
}

async fn types_round_trip(session: &Session) -> Done {
    let strings = |words: &[&str]| words.iter().map(|word| word.to_string()).collect::<Vec<String>>();
    let timeuuid: CqlTimeuuid = "8bd4a2e0-ec5b-11ee-8000-0123456789ab".parse()?;
    let uuid: Uuid = "123e4567-e89b-42d3-a456-426614174000".parse()?;
    round_trip(session, 0, "ascii", "plain".to_string()).await?;
    round_trip(session, 1, "bigint", i64::MIN).await?;
    round_trip(session, 2, "blob", vec![0_u8, 255, 16]).await?;
    round_trip(session, 3, "boolean", true).await?;
    round_trip(session, 4, "date", CqlDate((1 << 31) - 165)).await?;
    round_trip(session, 5, "decimal", CqlDecimal::from_signed_be_bytes_and_exponent(vec![0xfe, 0x0c], 4)).await?;
    round_trip(session, 6, "double", 0.1_f64).await?;
    round_trip(session, 7, "duration", CqlDuration { months: 1, days: 2, nanoseconds: 3_000_000_000 }).await?;
    round_trip(session, 8, "float", 1.5_f32).await?;
    round_trip(session, 9, "inet", "::1".parse::<IpAddr>()?).await?;
    round_trip(session, 10, "int", -42_i32).await?;
    round_trip(session, 11, "smallint", i16::MIN).await?;
    round_trip(session, 12, "text", "Käse ☃".to_string()).await?;
    round_trip(session, 13, "time", CqlTime(12 * 3600 * 1_000_000_000 + 1)).await?;
    round_trip(session, 14, "timestamp", CqlTimestamp(1_709_251_199_123)).await?;
    round_trip(session, 15, "timeuuid", timeuuid).await?;
    round_trip(session, 16, "tinyint", i8::MIN).await?;
    round_trip(session, 17, "uuid", uuid).await?;
    round_trip(session, 18, "varint", CqlVarint::from_signed_bytes_be(vec![0xf0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])).await?;
    round_trip(session, 19, "list<text>", strings(&["one", "two", "one"])).await?;
    round_trip(session, 20, "set<int>", BTreeSet::from([1, 2, 3])).await?;
    round_trip(session, 21, "map<text, int>", BTreeMap::from([("a".to_string(), 1), ("b".to_string(), 2)])).await?;
    round_trip(session, 22, "frozen<list<int>>", vec![1, 2, 3]).await?;
    let nested = BTreeMap::from([("even".to_string(), vec![2, 4]), ("odd".to_string(), vec![1, 3, 5])]);
    round_trip(session, 23, "map<text, frozen<list<int>>>", nested).await?;
    let deep = vec![BTreeMap::from([(1, BTreeSet::from(["a".to_string(), "b".to_string()]))])];
    round_trip(session, 24, "list<frozen<map<int, frozen<set<text>>>>>", deep).await?;
    round_trip(session, 25, "tuple<int, frozen<tuple<text, double>>>", (1, ("two".to_string(), 3.0_f64))).await?;
    round_trip(session, 26, "vector<float, 3>", vec![0.5_f32, -1.5, 2.0]).await
}

#[derive(SerializeValue, DeserializeValue, Clone, Debug, PartialEq)]
struct Place {
    x: f64,
    y: f64,
}

#[derive(SerializeValue, DeserializeValue, Clone, Debug, PartialEq)]
struct Address {
    street: String,
    tags: BTreeSet<String>,
    place: Option<Place>,
}

async fn user_types(session: &Session) -> Done {
    session.query_unpaged("CREATE TYPE place (x double, y double)", &[]).await?;
    session.query_unpaged("CREATE TYPE address (street text, tags frozen<set<text>>, place frozen<place>)", &[]).await?;
    let home = Address {
        street: "High Street 1".to_string(),
        tags: BTreeSet::from(["old".to_string(), "red".to_string()]),
        place: Some(Place { x: 1.5, y: -2.5 }),
    };
    let work = Address { street: "Low Road".to_string(), tags: BTreeSet::from(["new".to_string()]), place: None };
    round_trip(session, 30, "address", home).await?;
    round_trip(session, 31, "map<text, frozen<address>>", BTreeMap::from([("work".to_string(), work)])).await
}

async fn counters(session: &Session) -> Done {
    session.query_unpaged("CREATE TABLE counted (k text PRIMARY KEY, hits counter)", &[]).await?;
    let add = session.prepare("UPDATE counted SET hits = hits + ? WHERE k = 'page'").await?;
    let mut batch = Batch::new(BatchType::Counter);
    let amounts = [5_i64, -2, 39].map(|amount| (Counter(amount),));
    for _ in amounts {
        batch.append_statement(add.clone());
    }
    session.batch(&batch, amounts.to_vec()).await?;
    let read = session.query_unpaged("SELECT hits FROM counted", &[]).await?.into_rows_result()?.single_row::<(Counter,)>()?;
    assert_eq!(read.0, Counter(42));
    Ok(())
}

async fn paging(session: &Session) -> Done {
    session.query_unpaged("CREATE TABLE paged (k int, c int, v double, PRIMARY KEY (k, c))", &[]).await?;
    let insert = session.prepare("INSERT INTO paged (k, c, v) VALUES (?, ?, ?)").await?;
    for begin in (0..PAGED_ROWS).step_by(200) {
        let mut batch = Batch::new(BatchType::Unlogged);
        let mut values = Vec::new();
        for i in begin..begin + 200 {
            batch.append_statement(insert.clone());
            values.push((i / 10_000, i, f64::from(i) / 2.0));
        }
        session.batch(&batch, values).await?;
    }
    let select = Statement::new("SELECT c FROM paged").with_page_size(PAGE_ROWS);
    let rows = session.query_iter(select, &[]).await?.rows_stream::<(i32,)>()?;
    let seen: HashSet<i32> = rows.map_ok(|row| row.0).try_collect().await?;
    assert_eq!(seen.len(), PAGED_ROWS as usize);
    Ok(())
}

async fn failures(session: &Session) -> Done {
    for (cql, word) in [("SELEC 1", "syntax"), ("SELECT * FROM nowhere", "exist"), ("CREATE TABLE paged (k int PRIMARY KEY)", "exist")] {
        let error = session.query_unpaged(cql, &[]).await.expect_err(cql);
        assert!(error.to_string().to_lowercase().contains(word), "{cql}: {error}");
    }
    Ok(())
}

/// Numbers into killed.rows without end; each that is acknowledged is printed. Ends with the server.
async fn write_until_killed(session: &Session) -> Done {
    let insert = session.prepare("INSERT INTO killed.rows (writer, number) VALUES ('rust', ?)").await?;
    for number in 0_i32.. {
        if session.execute_unpaged(&insert, (number,)).await.is_err() {
            break;
        }
        println!("{number}");
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Done {
    let arguments: Vec<String> = std::env::args().collect();
    let begin = Instant::now();
    let session = SessionBuilder::new().known_node(format!("{}:{}", arguments[1], arguments[2])).build().await?;
    if arguments.get(3).is_some_and(|mode| mode == "write") {
        return write_until_killed(&session).await;
    }
    session
        .query_unpaged("CREATE KEYSPACE rust WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", &[])
        .await?;
    session.use_keyspace("rust", false).await?;
    types_round_trip(&session).await?;
    user_types(&session).await?;
    counters(&session).await?;
    paging(&session).await?;
    failures(&session).await?;
    session.query_unpaged("CREATE TABLE announced (k int PRIMARY KEY)", &[]).await?;
    session.await_schema_agreement().await?;
    session.query_unpaged("DROP KEYSPACE rust", &[]).await?;
    println!("rust driver: v4: ok ({:.1} s)", begin.elapsed().as_secs_f64());
    Ok(())
}
