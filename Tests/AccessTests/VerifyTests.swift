import Base
import Foundation
import Store
import TestKit
import Testing

@testable import Tickets

/// Whatever is changed behind the program's back is found (abuse: an audit row deleted, reordered or
/// changed), and what the program itself does is found clean.
@Suite struct VerifyTests {
    /// A ticket with a message and clocks.
    static func lived() async throws -> Workshop {
        let w = try await Workshop.open()
        let made = try await w.api("customer").post("/tickets", w.report())
        #expect(made.status == 201, "\(made.text)")
        let number = made.json["number"]?.string ?? ""
        let said = try await w.api("service_manager").post(
            "/tickets/\(number)/notes", .make(["body": "It happened again at noon."]))
        #expect(said.status < 300, "\(said.text)")
        return w
    }

    static func faults(_ w: Workshop) async throws -> [String] {
        try await w.house.store.read(by: .system("verify")) { tx in
            try History.verify(tx).faults + Seal.verify(tx).faults + TicketVerify.run(tx).faults
        }
    }

    @Test func whatTheProgramDidIsClean() async throws {
        let w = try await Self.lived()
        #expect(try await Self.faults(w) == [])
        try await w.house.close()
    }

    static let damages: [(sql: [SQL], found: String)] = [
        (["delete from history where subject_kind = 'ticket' and number = 1"], "number 1 is missing"),
        (
            [
                """
                delete from history where subject_kind = 'ticket'
                  and number = (select max(number) from history where subject_kind = 'ticket')
                """
            ], "rows at the end are missing"
        ),
        (
            [
                "update history set number = -1 where subject_kind = 'ticket' and number = 1",
                "update history set number = 1 where subject_kind = 'ticket' and number = 2",
                "update history set number = 2 where subject_kind = 'ticket' and number = -1",
            ], "was changed after it was written"
        ),
        (
            ["update history set data = '{}' where subject_kind = 'ticket' and number = 1"],
            "was changed after it was written"
        ),
        (
            ["update history set at = at + 1 where subject_kind = 'ticket' and number = 1"],
            "was changed after it was written"
        ),
        (["delete from chain where subject_kind = 'ticket'"], "has no head"),
        (["delete from history where subject_kind = 'ticket'"], "its history is gone"),
        (["update ticket set r_due_at = r_due_at + 60000"], "stored response due differs from its facts"),
        (["update ticket set s_verdict = 'met'"], "stored solution verdict differs from its facts"),
        (["update ticket set due_at = due_at + 1"], "stored due differs from its facts"),
        (["update ticket set next_warning_at = next_warning_at + 1"], "stored next warning differs"),
        (["update ticket set title = 'another'"], "column title differs from its content"),
        (["update ticket set state = 'archived'"], "column state differs from its content"),
        (["update ticket set turn = 'nobody'"], "column turn differs from its content"),
        (["update ticket set content = '{'"], "its content cannot be read"),
        (["delete from account where login = 'customer'"], "its requester"),
        (["delete from site"], "its site"),
        (["delete from project"], "its project"),
        (["delete from organization where kind = 'customer'"], "its organisation"),
        (["delete from ticket_access where principal like 'o:%'"], "has no row of access"),
        (["delete from search_doc where doc_id like 't%'"], "has no search document"),
        (["delete from search_doc where doc_id like 'f%'"], "has no search document"),
        (["delete from ticket"], "the ticket does not exist"),
    ]

    @Test(arguments: damages.indices)
    func eachDamageIsFound(_ i: Int) async throws {
        let damage = Self.damages[i]
        let w = try await Self.lived()
        let changed = try await w.house.store.engine.write { connection in
            try damage.sql.map { try connection.execute($0) }.min() ?? 0
        }
        #expect(changed > 0, "\(damage.sql.map(\.text))")
        let found = try await Self.faults(w)
        #expect(found.contains { $0.contains(damage.found) }, "\(damage.sql.map(\.text)): \(found)")
        try await w.house.close()
    }

    /// What an older analyser had indexed is indexed anew, and then found in either script.
    @Test func anOldIndexIsMadeAnew() async throws {
        let w = try await Self.lived()
        try await w.house.store.engine.write { connection in
            for sql: SQL in [
                "delete from search_index", "insert into search_rebuild (after_id) values ('')",
            ] { _ = try connection.execute(sql) }
        }
        func found(_ q: String) async throws -> Int64? {
            let typed = q.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return try await w.api("service_manager").get("/search?q=\(typed)").json["total"]?.int
        }
        for q in ["方位軸過流告警", "azimuth", "noon"] { #expect(try await found(q) == 0, "\(q)") }
        try await w.run { try await TicketSearchRebuild.run($0) }
        for q in ["方位軸過流告警", "方位轴过流告警", "azimuth", "noon"] {
            #expect(try await found(q) == 1, "\(q)")
        }
        #expect(try await Self.faults(w) == [])
        let left = try await w.house.store.read(by: .system("test")) {
            try $0.exists("select 1 from search_rebuild")
        }
        #expect(!left)
        try await w.house.close()
    }

    /// Whoever can write to the database can recompute its chains; not so an exported seal.
    @Test func aRecomputedChainIsFoundByTheSeal() async throws {
        let w = try await Self.lived()
        let store = w.house.store
        let seal = try await store.write(by: .system("verify")) { try Seal.make($0) }
        var lines: [String] = []
        seal.write { lines.append($0) }
        let kept = try Seal.read(lines: lines)
        #expect(kept == [seal])
        let before = try await store.read(by: .system("verify")) {
            try seal.faults($0) + Seal.verify($0).faults
        }
        #expect(before == [])
        try await store.write(by: .system("forger")) { tx in
            let subject = try tx.first(
                "select subject_id from chain where subject_kind = 'ticket'"
            ) { $0.text() }
            let id = Subject("ticket", subject ?? "")
            let rows = try tx.history(of: id)
            try tx.run("delete from history where subject_kind = 'ticket' and subject_id = \(id.id)")
            try tx.run("delete from chain where subject_kind = 'ticket' and subject_id = \(id.id)")
            var chain = PastChain(id)
            for row in rows { try chain.add(row.kind, at: row.at, row.visibility, data: row.data, tx) }
            try chain.close(tx)
        }
        let after = try await store.read(by: .system("verify")) { tx in
            (try History.verify(tx).faults, try kept[0].faults(tx))
        }
        #expect(after.0 == [])
        #expect(after.1.contains { $0.contains("not what seal 1 holds") })
        // A forged file is found by itself, a removed seal by its successor.
        var forged = seal
        forged.heads[0].number += 1
        let wrong: [String] = try await store.read(by: .system("verify")) { [forged] tx in
            try forged.faults(tx)
        }
        #expect(wrong.count == 1)
        try await store.write(by: .system("verify")) { _ = try Seal.make($0) }
        _ = try await store.engine.write { try $0.execute("delete from seal where number = 1") }
        let gap = try await store.read(by: .system("verify")) { try Seal.verify($0).faults }
        #expect(gap.contains { $0.contains("seal 1 is missing") })
        try await w.house.close()
    }
}
