import Base
import Store
import TestKit
import Testing

@testable import Inventory

/// Who counts what, how much passes without a second look, and what becomes of what is found.
@Suite struct CountingTests {
    private func begin(
        _ s: Storehouse, at place: String = "store", _ more: KeyValuePairs<String, JSON> = [:],
        expect status: Int = 201
    ) async throws -> String {
        let all: [JSON.Member] =
            [.init("kind", "blind"), .init("place_id", .string(s.id(place)))]
            + more.map { JSON.Member($0.key, $0.value) }
        let made = try await s.post("keeper", "/stock-checks", .object(all), expect: status)
        return "/stock-checks/\(made["id"]?.string ?? "")"
    }

    private func count(_ line: Int64, _ quantity: Int64) -> JSON {
        ["lines": [["line": .int(line), "quantity": .int(quantity)]]]
    }

    /// Those who answer for the place count, and who was named; each corrects their own count alone.
    @Test func whoeverIsNamedCounts() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 9), expect: 201)
        for nobody in ["customer", "auditor"] {
            _ = try await begin(s, ["counter_ids": .array([.string(s.id(nobody))])], expect: 422)
        }
        let path = try await begin(s, ["counter_ids": .array([.string(s.id("engineer"))])])
        for who in ["engineer2", "site_lead", "service_manager", "auditor"] {
            try await s.post(who, path + "/counts", count(1, 9), expect: 403)
        }
        try await s.post("engineer", path + "/counts", count(1, 8), expect: 200)
        try await s.post("keeper", path + "/counts", count(1, 9), expect: 403, code: "stock.others_count")
        try await s.post("engineer", path + "/counts", count(1, 7), expect: 200)
        try await s.post("keeper", path + "/submission", expect: 200)
        try await s.post("engineer", path + "/counts", count(1, 9), expect: 403, code: "stock.second_person")
        try await s.post("keeper", path + "/counts", count(1, 9), expect: 200)
        try await s.post("keeper2", path + "/counts", count(1, 8), expect: 403, code: "stock.others_count")
        let done = try await s.post("keeper", path + "/submission", expect: 200)
        #expect(done["state"]?.string == "posted")
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// At most fifty in a thousand, and nothing at all of class A.
    @Test func toleranceIsBounded() async throws {
        let s = try await Storehouse.open()
        _ = try await begin(s, ["tolerance_permille": 51], expect: 422)
        for (part, abc) in [("fan", "A"), ("drive", "C")] {
            let old = try await s.api("keeper").get("/parts/\(s.id(part))").json
            let changed = try await s.api("keeper").send(
                "PATCH", "/parts/\(s.id(part))", ["abc": .string(abc)],
                headers: [("If-Match", "\"\(old["version"]?.int ?? 0)\"")])
            #expect(changed.status == 200, "\(changed.text)")
            try await s.post("keeper", "/receipts", s.one(part, 100), expect: 201)
        }
        let path = try await begin(s, ["tolerance_permille": 50])
        for n in [1, 2] as [Int64] {
            try await s.post("keeper", path + "/counts", count(n, 96), expect: 200)
        }
        let again = try await s.post("keeper", path + "/submission", expect: 200)
        #expect(again["state"]?.string == "recounting")
        let lines = try await s.api("keeper").get(path + "/lines").json["items"]?.array ?? []
        for line in lines {
            let isA = line["part_id"]?.string == s.id("fan")
            #expect(line["needs_recount"]?.bool == isA, "\(line)")
        }
        try await s.house.close()
    }

    /// A serial number that is lent or under way by the books and found in a count: back, arrived, or
    /// written off on its way and booked where it is. Nothing blocks the approval, and no value is made.
    @Test func aFindThatWasLentOrUnderWayIsSettled() async throws {
        let s = try await Storehouse.open()
        func lna(_ serial: String, to target: String? = nil, _ more: [(String, JSON)] = []) -> JSON {
            s.one("lna", 1, to: target, [("serial", .string(serial))] + more)
        }
        for n in 1...4 {
            try await s.post(
                "keeper", "/receipts", lna("L-\(n)", to: nil, [("unit_cost_minor", .int(Int64(n) * 1000))]),
                expect: 201)
        }
        let lent = try await s.post("keeper", "/loans", lna("L-1"), expect: 201)
        let sent = try await s.post("keeper", "/transfers", lna("L-2", to: "depot"), expect: 201)
        let astray = try await s.post("keeper", "/transfers", lna("L-3", to: "depot"), expect: 201)
        for (place, found, outcomes) in [
            ("store", ["L-1", "L-3"], ["find_returned", "find_adjusted"]),
            ("depot", ["L-2"], ["find_arrived"]),
        ] {
            let path = try await begin(s, at: place)
            let finds: [JSON] = found.map {
                ["part_id": .string(s.id("lna")), "quantity": 1, "serial": .string($0)]
            }
            try await s.post("keeper", path + "/counts", ["found": .array(finds)], expect: 200)
            var lines = try await s.api("keeper").get(path + "/lines").json["items"]?.array ?? []
            for line in lines where line["counted"]?.int == nil {
                try await s.post(
                    "keeper", path + "/counts", count(line["line"]?.int ?? 0, 1), expect: 200)
            }
            try await s.post("keeper", path + "/submission", expect: 200)
            lines = try await s.api("keeper").get(path + "/lines?open=1").json["items"]?.array ?? []
            for line in lines {
                try await s.post(
                    "keeper2", path + "/counts", count(line["line"]?.int ?? 0, 1), expect: 200)
            }
            let counted = try await s.post("keeper", path + "/submission", expect: 200)
            #expect(counted["state"]?.string == "counted", "\(place)")
            let done = try await s.post("service_manager", path + "/approval", expect: 200)
            #expect(done["state"]?.string == "posted", "\(place)")
            let facts = try await s.house.store.read(by: .system("test")) { tx in
                try tx.rows("select kind from history where kind like 'stock.find%' order by at, number") {
                    $0.text()
                }
            }
            for outcome in outcomes { #expect(facts.contains("stock." + outcome), "\(place): \(facts)") }
        }
        for (kind, made) in [("loans", lent), ("transfers", sent), ("transfers", astray)] {
            let d = try await s.api("auditor").get("/\(kind)/\(made["id"]?.string ?? "")").json
            #expect(d["state"]?.string == "received", "\(kind): \(d)")
        }
        let rows = try await s.api("finance").get("/balances?part=\(s.id("lna"))").json["items"]?.array ?? []
        let there = Dictionary(
            rows.map { ($0["serial"]?.string ?? "", $0["place_id"]?.string ?? "") },
            uniquingKeysWith: { a, _ in a })
        let (store, depot) = (s.id("store"), s.id("depot"))
        #expect(there == ["L-1": store, "L-2": depot, "L-3": store, "L-4": store])
        #expect(rows.reduce(0) { $0 + ($1["value_minor"]?.int ?? 0) } == 10_000)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }
}
