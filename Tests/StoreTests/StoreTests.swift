import Base
import Foundation
import Store
import StoreSQLite
import TestKit
import Testing

/// The door to the data, on a real file.
@Suite struct StoreTests {
    static let schema =
        StoreMigrations.all + [
            Migration(
                "test-001",
                "create table item (id {text} not null primary key, name {text} not null, n {int}) {table};")
        ]

    /// A store of its own and the engine under it.
    static func open(_ folder: Folder, heard: Set<String> = []) async throws -> (
        Store, any Engine, TestClock
    ) {
        let engine = try await TestEngine.open(folder.path)
        let clock = TestClock(House.morning)
        let store = Store(engine: engine, clock: { clock.now }, heard: heard)
        try await store.migrate(schema)
        return (store, engine, clock)
    }

    /// The same on a file, for what only a file has.
    static func openFile(_ folder: Folder) async throws -> (Store, SQLiteEngine) {
        let engine = try SQLiteEngine(path: folder.path + "/store.sqlite")
        let store = Store(engine: engine, clock: { House.morning })
        try await store.migrate(schema)
        return (store, engine)
    }

    static let actor = Actor.system("test")

    @Test func anAcknowledgedWriteIsOnDisk() async throws {
        let folder = try Folder()
        let (_, engine) = try await StoreTests.openFile(folder)
        // 2 is FULL: the file is synced before a commit returns. GRDB sets NORMAL on its own for WAL.
        #expect(try engine.synchronousMode() == 2)
    }

    @Test(arguments: ["'; drop table item; --", "\" or 1=1", "%_?", "\u{0000}x", "方位轴", "$1 ? ?2"])
    func whatIsBoundStaysAValue(text: String) async throws {
        let folder = try Folder()
        let (store, _, _) = try await StoreTests.open(folder)
        let insert: @Sendable (Transaction) throws -> Void = { tx in
            try tx.run("insert into item (id, name) values ('a', \(text))")
        }
        if TestEngine.isPostgres, text.contains("\u{0}") {
            // That server keeps no NUL in a text; texts that people give have lost theirs before.
            await #expect(throws: EngineError.self) { try await store.write(by: StoreTests.actor, insert) }
            return
        }
        try await store.write(by: StoreTests.actor, insert)
        let back = try await store.read(by: StoreTests.actor) { tx in
            try tx.first("select name from item where name = \(text)") { $0.text() }
        }
        #expect(back == text)
        let count = try await store.read(by: StoreTests.actor) { try $0.int("select count(*) from item") }
        #expect(count == 1)
    }

    /// Writes that wait together share a commit; one that fails undoes only itself.
    @Test func aFailingWriteTakesNoOtherWithIt() async throws {
        struct Refused: Error {}
        let folder = try Folder()
        let (store, _, _) = try await StoreTests.open(folder)
        let outcomes = await withTaskGroup(of: (Int, Bool).self) { group in
            for i in 0..<300 {
                group.addTask {
                    do {
                        try await store.write(by: StoreTests.actor) { tx in
                            try tx.run("insert into item (id, name) values (\("i\(i)"), 'x')")
                            if i % 3 == 0 { throw Refused() }
                        }
                        return (i, true)
                    } catch { return (i, false) }
                }
            }
            return await group.reduce(into: [Int: Bool]()) { $0[$1.0] = $1.1 }
        }
        let stored = try await store.read(by: StoreTests.actor) { tx in
            Set(try tx.rows("select id from item") { $0.text() })
        }
        for i in 0..<300 {
            #expect(outcomes[i] == (i % 3 != 0))
            #expect(stored.contains("i\(i)") == (i % 3 != 0))
        }
    }

    /// A unique violation reaches the caller as one, and the transaction's other statements are undone.
    @Test func aViolationIsNamed() async throws {
        let folder = try Folder()
        let (store, _, _) = try await StoreTests.open(folder)
        try await store.write(by: StoreTests.actor) { tx in
            _ = try tx.run("insert into item (id, name) values ('a', 'x')")
        }
        do {
            try await store.write(by: StoreTests.actor) { tx in
                try tx.run("insert into item (id, name) values ('b', 'x')")
                try tx.run("insert into item (id, name) values ('a', 'x')")
            }
            Issue.record("was not refused")
        } catch let error as EngineError {
            #expect(error.kind == .uniqueViolation)
        }
        #expect(try await store.read(by: StoreTests.actor) { try $0.int("select count(*) from item") } == 1)
    }

    /// A full disk ends the whole group: nobody is told of success, nothing stays, and the store works
    /// on once there is room again.
    @Test func aFullDiskAcknowledgesNothing() async throws {
        let folder = try Folder()
        let (store, engine) = try await StoreTests.openFile(folder)
        try engine.limitPages(to: 1)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for i in 0..<40 {
                group.addTask {
                    do {
                        try await store.write(by: StoreTests.actor) { tx in
                            let big = String(repeating: "x", count: 100_000)
                            _ = try tx.run("insert into item (id, name) values (\("i\(i)"), \(big))")
                        }
                        return true
                    } catch { return false }
                }
            }
            return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(!outcomes.contains(true))
        try engine.limitPages(to: 1_000_000)
        #expect(try await store.read(by: StoreTests.actor) { try $0.int("select count(*) from item") } == 0)
        try await store.write(by: StoreTests.actor) { tx in
            _ = try tx.run("insert into item (id, name) values ('after', 'x')")
        }
        #expect(try await store.read(by: StoreTests.actor) { try $0.int("select count(*) from item") } == 1)
    }

    /// The command line beside the server, or two nodes: they see each other's commits at once.
    @Test func twoProcessesShareAPlace() async throws {
        let folder = try Folder()
        let (store, _, _) = try await StoreTests.open(folder)
        let other = Store(engine: try await TestEngine.open(folder.path), clock: { House.morning })
        await withTaskGroup(of: Void.self) { group in
            for i in 0..<40 {
                group.addTask {
                    _ = try? await (i % 2 == 0 ? store : other).write(by: StoreTests.actor) { tx in
                        try tx.record(Fact("item.made", Subject("item", "same")))
                    }
                }
            }
        }
        let rows = try await other.read(by: StoreTests.actor) { try $0.history(of: Subject("item", "same")) }
        #expect(rows.map(\.number) == Array(1...40))
        let proof = try await store.read(by: StoreTests.actor) { try History.verify($0) }
        #expect(proof.rows == 40)
        #expect(proof.faults.isEmpty)
    }

    /// One move into a place at a time, whoever asks; what was let go can be had again.
    @Test func aPlaceIsClaimedByOneAtATime() async throws {
        let folder = try Folder()
        let one = try await TestEngine.open(folder.path)
        let other = try await TestEngine.open(folder.path)
        for _ in 0..<3 {
            var claim = try await one.claim()
            #expect(claim != nil)
            #expect(try await other.claim() == nil)
            // What was refused let nothing go that another holds.
            #expect(try await other.claim() == nil)
            claim = nil
        }
        var claim = try await other.claim()
        #expect(claim != nil)
        claim = nil
        #expect(try await one.claim() != nil)
    }

    @Test func migratingTwiceChangesNothing() async throws {
        let folder = try Folder()
        let (store, _, _) = try await StoreTests.open(folder)
        #expect(try await store.migrate(StoreTests.schema) == [])
        let more = Migration("test-002", "alter table item add column note {text};")
        #expect(try await store.migrate(StoreTests.schema + [more]) == ["test-002"])
    }

    @Test func aBackupMadeWhileServingHoldsACommittedState() async throws {
        let folder = try Folder()
        let (store, engine) = try await StoreTests.openFile(folder)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for i in 0..<100 {
                group.addTask {
                    try await store.write(by: StoreTests.actor) { tx in
                        try tx.run("insert into item (id, name) values (\("a\(i)"), 'x')")
                        try tx.run("insert into item (id, name) values (\("b\(i)"), 'x')")
                    }
                }
            }
            group.addTask { try await engine.backup(to: folder.path + "/copy.sqlite") }
            try await group.waitForAll()
        }
        let copy = Store(
            engine: try SQLiteEngine(path: folder.path + "/copy.sqlite"), clock: { House.morning })
        let count = try await copy.read(by: StoreTests.actor) { try $0.int("select count(*) from item") }
        #expect(count % 2 == 0)
    }
}

/// The outbox: facts reach their handlers in order, once, and a failing one holds back only its own
/// subject.
@Suite struct OutboxTests {
    @Test func factsArriveInOrderAndOnce() async throws {
        struct Not: Error {}
        let folder = try Folder()
        let (store, _, clock) = try await StoreTests.open(folder, heard: ["item.made"])
        for i in 0..<6 {
            try await store.write(by: StoreTests.actor) { tx in
                try tx.record(
                    Fact("item.made", Subject("item", i % 2 == 0 ? "a" : "b"), data: .make(["i": .of(i)])))
                try tx.record(Fact("item.unheard", Subject("item", "a")))
            }
        }
        let heard = Locked<[Int64]>([])
        let fails = Locked(true)
        let handler = FactHandler("item.made", "test") { fact, tx in
            let i = fact.data["i"]?.int ?? -1
            if i == 2, fails.withLock({ $0 }) { throw Not() }
            try tx.run("insert into item (id, name) values (\("\(i)"), 'x')")
            heard.withLock { $0.append(i) }
        }
        for _ in 0..<5 { _ = try await store.deliver([handler]) }
        // 4 is of the same subject as 2, which failed: it waits.
        #expect(heard.withLock { $0 }.filter { $0 % 2 == 0 } == [0])
        #expect(heard.withLock { $0 }.filter { $0 % 2 == 1 } == [1, 3, 5])
        fails.withLock { $0 = false }
        clock.advance(.minutes(5))
        for _ in 0..<5 { _ = try await store.deliver([handler]) }
        #expect(heard.withLock { $0 }.filter { $0 % 2 == 0 } == [0, 2, 4])
        #expect(try await store.read(by: StoreTests.actor) { try $0.int("select count(*) from item") } == 6)
    }
}
