import Base
import Foundation
import Inventory
import People
import ServiceLevels
import Store
import StorePostgres
import StoreSQLite
import Tickets
import Web

/// The whole bench: worlds, workloads, comparisons, and the table at the end.
struct Bench {
    var fettle = ".build/release/fettle"
    var folder = ".build/bench"
    /// How many tickets the second, larger world has; none where nil.
    var large: Int?
    /// A PostgreSQL database to bench on instead of a file; whatever it holds is thrown away.
    var url: String?
    /// Tells what each statement of the reads costs, and how SQLite goes about it.
    var explains = false
    var seconds = 4.0
    let tickets = 20_000
    let seed: UInt64 = 20_260_310

    /// One workload's figures at one size.
    struct Line {
        var name: String
        var connections: Int
        var figures: Figures
    }

    func run() async throws {
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if let url {
            let engine = try await PostgresEngine(url: url, connections: 1)
            try await engine.outside("drop schema if exists public cascade; create schema public")
            await engine.close()
        }
        let now = Instant(ms: Int64(Date().timeIntervalSince1970 * 1000))
        var world = BenchWorld()
        world = try await load(world, now)
        let small = try await measure(world, withWrites: true)
        // What the same would cost at least is the file's affair: a server's work is another program's.
        let limits = url == nil ? try await compare(world, small) : [:]
        let raw = url == nil ? try await rawCommits(world) : nil
        var large: Measured?
        if self.large != nil {
            world = try await multiply(world, now)
            large = try await measure(world, withWrites: false)
        }
        try report(small, limits, raw, large)
    }

    private var database: String { folder + "/fettle.sqlite" }

    private func openStore(_ now: Instant) async throws -> Store {
        let engine: any Engine =
            if let url { try await PostgresEngine(url: url) } else { try SQLiteEngine(path: database) }
        let store = Store(engine: engine, clock: { now })
        try await store.migrate(
            StoreMigrations.all + WebMigrations.all + People.migrations + LevelsMigrations.all
                + InventoryMigrations.all + TicketMigrations.all)
        return store
    }

    /// The first world: each of its tickets lived through the rules.
    private func load(_ start: BenchWorld, _ now: Instant) async throws -> BenchWorld {
        let from = Load.nanoseconds()
        let store = try await openStore(now)
        let hash = try await Passwords.hash(BenchWorld.password)
        var world = try await store.write(by: .system("bench")) { tx in
            try ServiceLevels.seed(tx)
            var made = start
            try made.people(hash, tx)
            return made
        }
        var random = SeededRandom(seed)
        let house = world
        for n in stride(from: 0, to: tickets, by: 250) {
            let given = random
            let (loaded, state) = try await store.write(.long, by: .system("bench")) { tx in
                var own = given
                return (try house.load(n..<min(n + 250, tickets), random: &own, tx), own)
            }
            world.numbers += loaded.numbers
            world.answerable += loaded.answerable
            random = state
        }
        try await store.write(by: .system("bench")) { tx in
            // Long past: nobody is warned while the bench runs.
            try tx.run("update ticket set next_warning_at = null, absence_due_at = null")
        }
        try await settle(store)
        say("loaded \(tickets) tickets in \(seconds(since: from)) s")
        return world
    }

    /// The larger world: the first one copied until it holds as many tickets as asked for.
    private func multiply(_ start: BenchWorld, _ now: Instant) async throws -> BenchWorld {
        let from = Load.nanoseconds()
        let indexes = url == nil ? try RawSQLite(database).takeIndexes() : ""
        let store = try await openStore(now)
        var world = start
        let copies = max(1, (large ?? 0) / tickets) - 1
        try await world.multiply(1..<(copies + 1), store) { copy in
            say("  \((copy + 1) * tickets) tickets after \(seconds(since: from)) s")
        }
        if url == nil { try RawSQLite(database).script("begin; \(indexes) commit;") }
        try await settle(store)
        say("  settled after \(seconds(since: from)) s")
        return world
    }

    /// What a bulk load leaves behind is done before anything is measured: pages still on their way to the
    /// disk, and the parts of the search index that the next writers would have to merge.
    private func settle(_ store: Store) async throws {
        if let server = store.engine as? PostgresEngine {
            try await server.outside("vacuum analyze")
        } else {
            try await store.write(by: .system("bench")) { tx in
                try tx.run("insert into search_index (search_index) values ('optimize')")
            }
        }
        await store.engine.close()
        sync()
    }

    private func seconds(since from: UInt64) -> String {
        number(Double(Load.nanoseconds() - from) / 1e9, 0)
    }

    // MARK: Serving

    struct Measured {
        var lines: [Line] = []
        var firstAnswer = 0.0
        var anonymous = 0.0
        subscript(_ name: String) -> Figures? { lines.first { $0.name == name }?.figures }
    }

    private func freePort() -> Int { 18_000 + Int(getpid()) % 2000 }

    /// Starts a program and waits for its first answer, in seconds.
    private func start(_ path: String, _ arguments: [String], port: Int, probe: String) throws -> (
        Process, Double
    ) {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["FETTLE_BENCH": "1", "SWIFT_BACKTRACE": "enable=no"], uniquingKeysWith: { $1 })
        process.standardOutput = FileHandle.nullDevice
        let from = Load.nanoseconds()
        try process.run()
        let ask = Request("GET", probe, headers: []) { $0.status == 200 }
        while Double(Load.nanoseconds() - from) < 30e9 {
            if let line = try? fettle_bench.Line(port: port), let answer = try? line.send(ask.bytes),
                ask.check(answer)
            {
                return (process, Double(Load.nanoseconds() - from) / 1e9)
            }
            usleep(2000)
        }
        process.terminate()
        throw RawSQLite.Wrong(description: "\(path) does not answer")
    }

    private func cookie(_ login: String, port: Int) throws -> String {
        let body = Array(
            FormBody([.init("login", login), .init("password", BenchWorld.password)]).encoded.utf8)
        let request = Request(
            "POST", "/sign-in", headers: [("Content-Type", "application/x-www-form-urlencoded")], body: body
        ) { $0.status == 303 }
        let answer = try fettle_bench.Line(port: port).send(request.bytes)
        guard let set = answer.header("set-cookie"), let pair = set.split(separator: ";").first else {
            throw RawSQLite.Wrong(description: "\(login) cannot sign in: \(answer.status)")
        }
        return String(pair)
    }

    /// Every workload at one size.
    private func measure(_ world: BenchWorld, withWrites: Bool) async throws -> Measured {
        let port = freePort()
        let (process, first) = try start(
            fettle,
            ["serve", "--port", String(port)] + (url.map { ["--database-url", $0] } ?? ["--data", folder]),
            port: port, probe: "/healthz")
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        var out = Measured()
        out.firstAnswer = first
        let pid = process.processIdentifier
        let work = try Workloads(world, cookies: cookies(world, port: port))
        func go(
            _ name: String, _ connections: Int, _ next: @escaping @Sendable (inout SeededRandom) -> Request
        ) {
            // First as long unmeasured: what a house works with lies in memory.
            _ = Load.drive(
                port: port, pid: pid, connections: connections, seconds: seconds, seed: seed &+ 1, next)
            let f = Load.drive(
                port: port, pid: pid, connections: connections, seconds: seconds, seed: seed,
                countsServer: url != nil, next)
            out.lines.append(Line(name: name, connections: connections, figures: f))
            say("  \(row(name, connections, f))")
        }
        say(header)
        go("W2 ticket page", 8, work.ticketPage)
        go("W2 ticket by API", 8, work.ticket)
        go("W3 50 open, page", 8, work.listPage)
        go("W3 50 open, API", 8, work.list)
        go("W4 search", 8, work.search)
        go("W7 page of a part", 8, work.part)
        go("W7 balances by API", 8, work.balances)
        go("W7 movements by API", 8, work.movements)
        go("W8 50 rows of stock, page", 8, work.stockPage)
        go("W8 50 rows of stock, API", 8, work.stock)
        go("W5 respond", 8, work.respond)
        go("W6 post an issue", 8, work.issue)
        go("W1 create", 8, work.create)
        if withWrites {
            go("W1 create x32", 32, work.create)
            go("W6 post an issue x32", 32, work.issue)
        }
        out.anonymous = Load.anonymous(pid)
        return out
    }

    private func cookies(_ world: BenchWorld, port: Int) throws -> [String] {
        try (1...4).map { try cookie("manager\($0)", port: port) }
            + (1...4).map { try cookie("engineer\($0)", port: port) }
    }

    // MARK: Beside it

    /// What the same would cost at least: the bare route and the raw reads, in microseconds of CPU.
    struct Limit {
        var bare: Double
        var raw: Double
        var statements: Double
    }

    /// The bare route for the bytes of each workload, and the very reads of some of its requests.
    private func compare(_ world: BenchWorld, _ measured: Measured) async throws -> [String: Limit] {
        let port = freePort() + 1
        let (process, _) = try start(
            CommandLine.arguments[0], ["bare", String(port)], port: port, probe: "/1")
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        let engine = RecordingEngine(try SQLiteEngine(path: database))
        let store = Store(engine: engine, clock: { Instant(ms: Int64(Date().timeIntervalSince1970 * 1000)) })
        let dispatcher = product(store)
        let raw = try RawSQLite(database)
        let tokens = world.tokens
        let work = try Workloads(world, cookies: [])
        var out: [String: Limit] = [:]
        for (name, next) in work.reads {
            guard let bytes = measured[name]?.bytes else { continue }
            let bare = Load.drive(
                port: port, pid: process.processIdentifier, connections: 8, seconds: min(seconds, 3),
                seed: seed
            ) { _ in Request("GET", "/\(bytes)", headers: []) { $0.status == 200 } }
            // The same requests, by a token instead of the cookie.
            var random = SeededRandom(seed)
            for i in 0..<300 {
                let login = i % 2 == 0 ? "manager\(1 + i % 4)" : "engineer\(1 + i % 4)"
                _ = await dispatcher.respond(
                    arrival("GET", next(&random), token: tokens[login] ?? ""))
            }
            let notes = engine.take()
            for statements in notes { for s in statements { try raw.run(s) } }
            if explains { try explain(name, notes, raw) }
            let from = ownNanoseconds()
            for statements in notes {
                try raw.script("begin")
                for s in statements { try raw.run(s) }
                try raw.script("commit")
            }
            let spent = Double(ownNanoseconds() - from) / 1000 / Double(max(1, notes.count))
            let count = Double(notes.reduce(0) { $0 + $1.count }) / Double(max(1, notes.count))
            out[name] = Limit(bare: bare.cpu, raw: spent, statements: count)
        }
        await engine.close()
        return out
    }

    private func explain(_ name: String, _ notes: [[RecordingEngine.Statement]], _ raw: RawSQLite) throws {
        say("\n\(name): statements by what they cost")
        var spent: [String: (nanoseconds: UInt64, count: Int, one: RecordingEngine.Statement)] = [:]
        for statements in notes {
            for s in statements {
                let from = Load.nanoseconds()
                try raw.run(s)
                let took = Load.nanoseconds() - from
                let known = spent[s.text] ?? (0, 0, s)
                spent[s.text] = (known.nanoseconds + took, known.count + 1, s)
            }
        }
        for (text, s) in spent.sorted(by: { $0.value.nanoseconds > $1.value.nanoseconds }).prefix(14) {
            let each = Double(s.nanoseconds) / 1000 / Double(notes.count)
            let short = text.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(150)
            say("  \(number(each, 1)) µs a request, \(s.count) times: \(short)")
            for step in try raw.plan(s.one) where each > 20 || step.contains("SCAN") { say("      \(step)") }
        }
    }

    private func product(_ store: Store) -> Dispatcher {
        var routes = Routes()
        StaticFiles.routes(&routes)
        People.routes(&routes)
        ServiceLevels.routes(&routes)
        Inventory.routes(&routes, InventoryNeighbours())
        InventoryPages.routes(&routes, InventoryNeighbours())
        Tickets.routes(&routes)
        return Dispatcher(
            routes: routes.all,
            kit: Kit(store: store, gatekeeper: People.gatekeeper(seen: SeenCredentials())),
            chrome: Chrome(
                houseName: { _, _ in "Bench" }, navigation: Tickets.navigation,
                counts: { tx in try Tickets.counts(tx).merging(InventoryPages.counts(tx)) { a, _ in a } }),
            log: { say($0) })
    }

    private func arrival(_ method: String, _ path: String, token: String, body: [UInt8] = []) -> Arrival {
        let left = Locked<[UInt8]?>(body)
        return Arrival(
            method: method, target: path,
            headers: [
                "authorization": "Bearer \(token)", "host": "127.0.0.1", "content-type": "application/json",
                "accept-language": "en",
            ],
            remote: "127.0.0.1",
            body: Incoming {
                left.withLock { l in
                    defer { l = nil }
                    return (l?.isEmpty ?? true) ? nil : l
                }
            })
    }

    /// The same tickets by the C interface, each in a durable commit of its own: commits a second, and
    /// statements in each.
    private func rawCommits(_ world: BenchWorld) async throws -> (perSecond: Double, statements: Double) {
        do {
            let db = try RawSQLite(database)
            try db.script("PRAGMA wal_checkpoint(TRUNCATE)")
        }
        let (a, b) = (folder + "/record.sqlite", folder + "/replay.sqlite")
        for copy in [a, b] { try FileManager.default.copyItem(atPath: database, toPath: copy) }
        let engine = RecordingEngine(try SQLiteEngine(path: a))
        let store = Store(engine: engine, clock: { Instant(ms: Int64(Date().timeIntervalSince1970 * 1000)) })
        let dispatcher = product(store)
        let work = try Workloads(world, cookies: [])
        var random = SeededRandom(seed)
        for _ in 0..<1500 {
            let (login, body) = work.newTicket(&random)
            let reply = await dispatcher.respond(
                arrival("POST", "/api/v1/tickets", token: world.tokens[login] ?? "", body: body))
            guard reply.status == 201 else { throw RawSQLite.Wrong(description: "create: \(reply.status)") }
        }
        // What is read on the way is the product's affair; the rows are what the ticket is.
        let notes = engine.take().map {
            $0.filter { !$0.text.hasPrefix("select") && !$0.text.hasPrefix("with") }
        }
        await engine.close()
        let raw = try RawSQLite(b)
        let from = Load.nanoseconds()
        for statements in notes {
            try raw.script("begin immediate")
            for s in statements { try raw.run(s) }
            try raw.script("commit")
        }
        let took = Double(Load.nanoseconds() - from) / 1e9
        for copy in [a, b] {
            for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + end) }
        }
        return (
            Double(notes.count) / took,
            Double(notes.reduce(0) { $0 + $1.count }) / Double(max(1, notes.count))
        )
    }
}
