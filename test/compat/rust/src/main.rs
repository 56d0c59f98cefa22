//! The stock Rust driver against a server: HOST PORT.

use futures::TryStreamExt;
use scylla::client::session::Session;
use scylla::client::session_builder::SessionBuilder;
use scylla::statement::batch::{Batch, BatchType};
use scylla::statement::Statement;
use std::collections::HashSet;
use std::error::Error;
use std::time::Instant;

const PAGED_ROWS: i32 = 100_000;
const PAGE_ROWS: i32 = 5_000;

type Done = Result<(), Box<dyn Error>>;

async fn types_round_trip(session: &Session) -> Done {
    session
        .query_unpaged(
            "CREATE TABLE all_types (k int PRIMARY KEY, a bigint, b blob, c boolean, d double, e float, f smallint, \
             g text, h tinyint, i frozen<list<int>>)",
            &[],
        )
        .await?;
    let insert = session
        .prepare("INSERT INTO all_types (k, a, b, c, d, e, f, g, h, i) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .await?;
    let row = (1_i32, i64::MIN, vec![0_u8, 255, 16], true, 0.1_f64, 1.5_f32, i16::MIN, "Käse ☃".to_string(), i8::MIN, vec![1, 2, 3]);
    session.execute_unpaged(&insert, row.clone()).await?;
    type Row = (i32, i64, Vec<u8>, bool, f64, f32, i16, String, i8, Vec<i32>);
    let read: Row = session.query_unpaged("SELECT k, a, b, c, d, e, f, g, h, i FROM all_types", &[]).await?.into_rows_result()?.single_row()?;
    assert_eq!(read, row);
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

#[tokio::main]
async fn main() -> Done {
    let arguments: Vec<String> = std::env::args().collect();
    let begin = Instant::now();
    let session = SessionBuilder::new().known_node(format!("{}:{}", arguments[1], arguments[2])).build().await?;
    session
        .query_unpaged("CREATE KEYSPACE rust WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", &[])
        .await?;
    session.use_keyspace("rust", false).await?;
    types_round_trip(&session).await?;
    paging(&session).await?;
    failures(&session).await?;
    session.query_unpaged("CREATE TABLE announced (k int PRIMARY KEY)", &[]).await?;
    session.await_schema_agreement().await?;
    session.query_unpaged("DROP KEYSPACE rust", &[]).await?;
    println!("rust driver: v4: ok ({:.1} s)", begin.elapsed().as_secs_f64());
    Ok(())
}
