// The stock Go driver against a server: HOST PORT.
package main

import (
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/gocql/gocql"
	"gopkg.in/inf.v0"
)

const pagedRows = 100000
const pageRows = 5000

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "go driver:", err)
		os.Exit(1)
	}
}

type column struct {
	kind    string
	written interface{}
	read    interface{}
}

func uuid(text string) gocql.UUID {
	parsed, err := gocql.ParseUUID(text)
	must(err)
	return parsed
}

type place struct {
	X float64 `cql:"x"`
	Y float64 `cql:"y"`
}

type address struct {
	Street string   `cql:"street"`
	Tags   []string `cql:"tags"`
	Place  *place   `cql:"place"`
}

func columns() []column {
	decimal, _ := new(inf.Dec).SetString("-12345678901234567890.0123")
	varint, _ := new(big.Int).SetString("-1267650600228229401496703205376", 10)
	return []column{
		{"ascii", "plain", new(string)},
		{"bigint", int64(-1 << 63), new(int64)},
		{"blob", []byte{0, 255, 16}, new([]byte)},
		{"boolean", true, new(bool)},
		{"date", time.Date(1969, 7, 20, 0, 0, 0, 0, time.UTC), new(time.Time)},
		{"decimal", decimal, new(*inf.Dec)},
		{"double", 0.1, new(float64)},
		{"duration", gocql.Duration{Months: 1, Days: 2, Nanoseconds: 3000000000}, new(gocql.Duration)},
		{"float", float32(1.5), new(float32)},
		{"inet", net.ParseIP("127.0.0.1").To4(), new(net.IP)},
		{"int", -42, new(int)},
		{"smallint", int16(-32768), new(int16)},
		{"text", "Käse ☃", new(string)},
		{"time", 12*time.Hour + 1, new(time.Duration)},
		{"timestamp", time.Date(2024, 2, 29, 23, 59, 59, 123000000, time.UTC), new(time.Time)},
		{"timeuuid", uuid("8bd4a2e0-ec5b-11ee-8000-0123456789ab"), new(gocql.UUID)},
		{"tinyint", int8(-128), new(int8)},
		{"uuid", uuid("123e4567-e89b-42d3-a456-426614174000"), new(gocql.UUID)},
		{"varint", varint, new(*big.Int)},
		{"frozen<list<int>>", []int{1, 2, 3}, new([]int)},
		{"frozen<map<text, double>>", map[string]float64{"a": 1, "b": -2.5}, new(map[string]float64)},
		{"frozen<set<text>>", []string{"x", "y"}, new([]string)},
		{"list<text>", []string{"one", "two", "one"}, new([]string)},
		{"map<text, int>", map[string]int{"a": 1, "b": 2}, new(map[string]int)},
		{"set<int>", []int{1, 2, 3}, new([]int)},
		{"map<text, frozen<list<int>>>", map[string][]int{"even": {2, 4}, "odd": {1, 3, 5}}, new(map[string][]int)},
		{"list<frozen<map<int, frozen<set<text>>>>>", []map[int][]string{{1: {"a", "b"}}, {2: {"c"}}}, new([]map[int][]string)},
	}
}

func typesRoundTrip(session *gocql.Session, keyspace string) {
	all := columns()
	names := make([]string, len(all))
	definitions := make([]string, len(all))
	values := []interface{}{1}
	places := []interface{}{}
	for i, c := range all {
		names[i] = "c" + strconv.Itoa(i)
		definitions[i] = names[i] + " " + c.kind
		values = append(values, c.written)
		places = append(places, c.read)
	}
	must(session.Query("CREATE TABLE " + keyspace + ".all_types (k int PRIMARY KEY, " + strings.Join(definitions, ", ") + ")").Exec())
	list := strings.Join(names, ", ")
	must(session.Query("INSERT INTO "+keyspace+".all_types (k, "+list+") VALUES (?"+strings.Repeat(", ?", len(all))+")", values...).Exec())
	must(session.Query("SELECT "+list+" FROM "+keyspace+".all_types WHERE k = ?", 1).Scan(places...))
	for _, c := range all {
		read := reflect.ValueOf(c.read).Elem().Interface()
		if fmt.Sprint(read) != fmt.Sprint(c.written) {
			must(fmt.Errorf("%s: wrote %v, read %v", c.kind, c.written, read))
		}
	}
}

func check(holds bool, what string, values ...interface{}) {
	if !holds {
		must(fmt.Errorf("%s: %v", what, values))
	}
}

func collections(session *gocql.Session, keyspace string) {
	table := keyspace + ".collected"
	must(session.Query("CREATE TABLE " + table + " (k int PRIMARY KEY, l list<int>, m map<text, int>, s set<text>)").Exec())
	change := "UPDATE " + table + " SET l = l + ?, m = m + ?, s = s + ? WHERE k = 1"
	must(session.Query(change, []int{1, 2}, map[string]int{"a": 1}, []string{"x"}).Exec())
	must(session.Query(change, []int{3}, map[string]int{"b": 2}, []string{"y", "z"}).Exec())
	must(session.Query("UPDATE "+table+" SET l[?] = ?, s = s - ? WHERE k = 1", 0, 10, []string{"x"}).Exec())
	var list []int
	var ages map[string]int
	var set []string
	must(session.Query("SELECT l, m, s FROM "+table+" WHERE k = 1").Scan(&list, &ages, &set))
	check(fmt.Sprint(list, ages, set) == "[10 2 3] map[a:1 b:2] [y z]", "collections", list, ages, set)
}

func counters(session *gocql.Session, keyspace string) {
	must(session.Query("CREATE TABLE " + keyspace + ".counted (k text PRIMARY KEY, hits counter)").Exec())
	batch := session.NewBatch(gocql.CounterBatch)
	for _, amount := range []int64{5, -2, 39} {
		batch.Query("UPDATE "+keyspace+".counted SET hits = hits + ? WHERE k = ?", amount, "page")
	}
	must(session.ExecuteBatch(batch))
	var hits int64
	must(session.Query("SELECT hits FROM " + keyspace + ".counted WHERE k = 'page'").Scan(&hits))
	check(hits == 42, "counter", hits)
}

func userTypes(session *gocql.Session, keyspace string) {
	must(session.Query("CREATE TYPE " + keyspace + ".place (x double, y double)").Exec())
	must(session.Query("CREATE TYPE " + keyspace + ".address (street text, tags frozen<set<text>>, place frozen<place>)").Exec())
	must(session.Query("CREATE TABLE " + keyspace + ".people (k int PRIMARY KEY, home address, others map<text, frozen<address>>)").Exec())
	home := address{"High Street 1", []string{"old", "red"}, &place{1.5, -2.5}}
	others := map[string]address{"work": {"Low Road", []string{"new"}, nil}}
	must(session.Query("INSERT INTO "+keyspace+".people (k, home, others) VALUES (1, ?, ?)", home, others).Exec())
	var readHome address
	var readOthers map[string]address
	must(session.Query("SELECT home, others FROM "+keyspace+".people WHERE k = 1").Scan(&readHome, &readOthers))
	check(reflect.DeepEqual(readHome, home), "home", readHome)
	check(readOthers["work"].Street == "Low Road" && reflect.DeepEqual(readOthers["work"].Tags, []string{"new"}), "others", readOthers)
}

// The driver takes tuples apart: a value for each element.
func tuples(session *gocql.Session, keyspace string) {
	must(session.Query("CREATE TABLE " + keyspace + ".tuples (k int PRIMARY KEY, t tuple<int, text>)").Exec())
	must(session.Query("INSERT INTO "+keyspace+".tuples (k, t) VALUES (1, (?, ?))", 7, "seven").Exec())
	var number int
	var name string
	must(session.Query("SELECT t FROM " + keyspace + ".tuples WHERE k = 1").Scan(&number, &name))
	check(number == 7 && name == "seven", "tuple", number, name)
}

func conditions(session *gocql.Session, keyspace string) {
	must(session.Query("CREATE TABLE " + keyspace + ".conditional (k int PRIMARY KEY, v int)").Exec())
	insert := "INSERT INTO " + keyspace + ".conditional (k, v) VALUES (1, ?) IF NOT EXISTS"
	for i, expected := range []bool{true, false} {
		applied, err := session.Query(insert, i).MapScanCAS(map[string]interface{}{})
		must(err)
		check(applied == expected, "applied", i, applied)
	}
}

func paging(session *gocql.Session, keyspace string) {
	must(session.Query("CREATE TABLE " + keyspace + ".paged (k int, c int, v double, PRIMARY KEY (k, c))").Exec())
	for begin := 0; begin < pagedRows; begin += 200 {
		batch := session.NewBatch(gocql.UnloggedBatch)
		for i := begin; i < begin+200; i++ {
			batch.Query("INSERT INTO "+keyspace+".paged (k, c, v) VALUES (?, ?, ?)", i/10000, i, float64(i)/2)
		}
		must(session.ExecuteBatch(batch))
	}
	iterator := session.Query("SELECT c FROM " + keyspace + ".paged").PageSize(pageRows).Iter()
	seen := map[int]bool{}
	var c int
	for iterator.Scan(&c) {
		seen[c] = true
	}
	must(iterator.Close())
	if len(seen) != pagedRows {
		must(fmt.Errorf("read %d rows of %d", len(seen), pagedRows))
	}
}

func failures(session *gocql.Session, keyspace string) {
	for cql, code := range map[string]int{"SELEC 1": gocql.ErrCodeSyntax, "SELECT * FROM " + keyspace + ".nowhere": gocql.ErrCodeInvalid,
		"CREATE TABLE " + keyspace + ".paged (k int PRIMARY KEY)": gocql.ErrCodeAlreadyExists} {
		var failed gocql.RequestError
		if err := session.Query(cql).Exec(); !errors.As(err, &failed) || failed.Code() != code {
			must(fmt.Errorf("%s: %v", cql, err))
		}
	}
}

// What the driver knows of a keyspace goes when an event says that it changed.
func schemaEvents(session *gocql.Session, keyspace string) {
	_, err := session.KeyspaceMetadata(keyspace)
	must(err)
	must(session.Query("CREATE TABLE " + keyspace + ".announced (k int PRIMARY KEY)").Exec())
	for i := 0; i < 100; i++ {
		metadata, err := session.KeyspaceMetadata(keyspace)
		must(err)
		if metadata.Tables["announced"] != nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	must(errors.New("no event of the new table"))
}

func run(host string, port int, version int, compressor gocql.Compressor) {
	begin := time.Now()
	cluster := gocql.NewCluster(host)
	cluster.Port = port
	cluster.ProtoVersion = version
	cluster.Compressor = compressor
	cluster.Consistency = gocql.One
	session, err := cluster.CreateSession()
	must(err)
	defer session.Close()
	keyspace := fmt.Sprintf("go_v%d_%t", version, compressor != nil)
	must(session.Query("CREATE KEYSPACE " + keyspace + " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}").Exec())
	typesRoundTrip(session, keyspace)
	collections(session, keyspace)
	counters(session, keyspace)
	userTypes(session, keyspace)
	tuples(session, keyspace)
	conditions(session, keyspace)
	paging(session, keyspace)
	failures(session, keyspace)
	schemaEvents(session, keyspace)
	must(session.Query("DROP KEYSPACE " + keyspace).Exec())
	fmt.Printf("go driver: v%d compressed %t: ok (%.1f s)\n", version, compressor != nil, time.Since(begin).Seconds())
}

// Numbers into killed.rows without end; each that is acknowledged is printed. Ends with the server.
func writeUntilKilled(host string, port int) {
	cluster := gocql.NewCluster(host)
	cluster.Port = port
	cluster.Consistency = gocql.One
	session, err := cluster.CreateSession()
	must(err)
	for number := 0; session.Query("INSERT INTO killed.rows (writer, number) VALUES ('go', ?)", number).Exec() == nil; number++ {
		fmt.Println(number)
	}
}

func main() {
	port, err := strconv.Atoi(os.Args[2])
	must(err)
	if len(os.Args) > 3 && os.Args[3] == "write" {
		writeUntilKilled(os.Args[1], port)
		return
	}
	run(os.Args[1], port, 4, nil)
	run(os.Args[1], port, 4, gocql.SnappyCompressor{})
}
