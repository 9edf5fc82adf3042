import Base
import Store
import TestKit
import Testing

@testable import Inventory

/// Who may what with stock, and how documents and stock checks pass from hand to hand.
@Suite struct StockRightsTests {
    private static let values: [(String, Bool)] = [
        ("keeper", true), ("service_manager", true), ("finance", true), ("management", true),
        ("auditor", true), ("engineer", false), ("quality", false), ("technical_lead", false),
        ("site_lead", false),
    ]

    @Test func valuesAreForSomeAndStockForNobodyElse() async throws {
        let s = try await Storehouse.open()
        let made = try await s.post(
            "keeper", "/receipts", s.one("fan", 3, [("unit_cost_minor", 500)]), expect: 201)
        let receipt = "/receipts/\(made["id"]?.string ?? "")"
        for (who, sees) in Self.values {
            let row = try await s.api(who).get("/balances?part=\(s.id("fan"))").json["items"]?.array?.first
            #expect(row?["on_hand"]?.int == 3, "\(who)")
            #expect(row?["value_minor"]?.int == (sees ? 1500 : nil), "\(who)")
            let d = try await s.api(who).get(receipt).json
            #expect(d["value_minor"]?.int == (sees ? 1500 : nil), "\(who)")
            #expect(d["lines"]?.array?.first?["unit_cost_minor"]?.int == (sees ? 500 : nil), "\(who)")
            let m = try await s.api(who).get("/movements?part=\(s.id("fan"))").json["items"]?.array?.first
            #expect(m?["value_minor"]?.int == (sees ? 1500 : nil), "\(who)")
        }
        for who in ["customer", "supplier", "trainer", "administrator"] {
            for path in ["/balances", "/parts", "/places", "/movements", "/stock-checks", receipt] {
                #expect(try await s.api(who).get(path).status == 404, "\(who) \(path)")
            }
            #expect(try await s.api(who).post("/issues", s.one("fan", 1)).status == 404, "\(who)")
        }
        for who in ["service_manager", "finance", "auditor", "technical_lead", "management", "quality"] {
            try await s.post(who, "/issues", s.one("fan", 1), expect: 403)
        }
        try await s.post("site_lead", "/receipts", s.one("fan", 1), expect: 403)
        try await s.post("site_lead", "/receipts", s.one("fan", 1, at: "site_store"), expect: 201)
        try await s.house.close()
    }

    /// An engineer asks and a keeper posts; what is in the own box is the engineer's own.
    @Test func anEngineerAsksOrTakesFromTheBox() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 3), expect: 201)
        try await s.post("keeper", "/receipts", s.one("fan", 2, at: "box"), expect: 201)
        let asked = try await s.post("engineer", "/issues", s.one("fan", 1), expect: 201)
        #expect(asked["state"]?.string == "submitted")
        #expect(try await s.onHand("fan") == 3)
        let path = "/issues/\(asked["id"]?.string ?? "")"
        try await s.post("engineer", "\(path)/posting", expect: 403)
        let done = try await s.post("keeper", "\(path)/posting", expect: 200)
        #expect(done["state"]?.string == "posted")
        #expect(try await s.onHand("fan") == 2)
        let own = try await s.post("engineer", "/issues", s.one("fan", 1, at: "box"), expect: 201)
        #expect(own["state"]?.string == "posted")
        let other = try await s.post("engineer2", "/issues", s.one("fan", 1, at: "box"), expect: 201)
        #expect(other["state"]?.string == "submitted")
        try await s.post("engineer", "/receipts", s.one("fan", 1), expect: 403)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// Above 50,000.00 a service manager agrees, never to their own.
    @Test func aboveTheLimitSomebodyElseAgrees() async throws {
        let s = try await Storehouse.open()
        let made = try await s.post(
            "keeper", "/receipts", s.one("drive", 10, [("unit_cost_minor", 500_001)]), expect: 201)
        #expect(made["state"]?.string == "submitted")
        let path = "/receipts/\(made["id"]?.string ?? "")"
        try await s.post("keeper", "\(path)/posting", expect: 409, code: "stock.needs_approval")
        try await s.post("keeper", "\(path)/approval", expect: 403)
        let approved = try await s.post("service_manager", "\(path)/approval", expect: 200)
        #expect(approved["state"]?.string == "approved")
        try await s.post("keeper", "\(path)/posting", expect: 200)
        #expect(try await s.onHand("drive") == 10)
        let within = try await s.post(
            "keeper", "/receipts", s.one("fan", 10, [("unit_cost_minor", 500_000)]), expect: 201)
        #expect(within["state"]?.string == "posted")
        // Its reversal is as large.
        let back = try await s.post("keeper", "\(path)/reversal", ["reason": "not ours"], expect: 200)
        #expect(back["state"]?.string == "submitted")
        try await s.post("keeper", "\(path)/reversal", ["reason": "not ours"], expect: 409)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// Blind and frozen, counted by one, again by another, approved by whom the difference is for.
    @Test func aFullCountFromSheetToDifference() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 9, [("unit_cost_minor", 100)]), expect: 201)
        try await s.post(
            "keeper", "/receipts", s.one("drive", 5, [("unit_cost_minor", 300_000)]), expect: 201)
        try await s.post("keeper", "/receipts", s.one("lna", 1, [("serial", "L-1")]), expect: 201)
        let body: JSON = .make([
            "kind": "full", "place_id": .string(s.id("store")), "blind": true,
            "counter_ids": .array([.string(s.id("engineer"))]),
        ])
        try await s.post("engineer", "/stock-checks", body, expect: 403)
        let check = try await s.post("keeper", "/stock-checks", body, expect: 201)
        let path = "/stock-checks/\(check["id"]?.string ?? "")"
        try await s.post("keeper", "/stock-checks", body, expect: 409, code: "stock.frozen")
        let sheet = try await s.api("keeper").get("\(path)/lines").json["items"]?.array ?? []
        #expect(sheet.count == 3)
        #expect(sheet.allSatisfy { $0["expected"]?.int == nil })
        func number(_ part: String) -> JSON {
            .int(sheet.first { $0["part_id"]?.string == s.id(part) }?["line"]?.int ?? 0)
        }
        func counts(_ all: [(String, Int64)]) -> JSON {
            .make([
                "lines": .array(all.map { .make(["line": number($0.0), "quantity": .int($0.1)]) })
            ])
        }
        try await s.post("keeper", "\(path)/counts", counts([("fan", 10), ("drive", 3)]), expect: 200)
        try await s.post("keeper", "\(path)/submission", expect: 409, code: "stock.uncounted")
        try await s.post("engineer", "\(path)/counts", counts([("lna", 1)]), expect: 200)
        let again = try await s.post("keeper", "\(path)/submission", expect: 200)
        #expect(again["state"]?.string == "recounting")
        try await s.post(
            "keeper", "\(path)/counts", counts([("fan", 10)]), expect: 403, code: "stock.second_person")
        try await s.post(
            "keeper2", "\(path)/counts", counts([("lna", 1)]), expect: 409, code: "stock.not_recounted")
        try await s.post("keeper2", "\(path)/counts", counts([("fan", 9), ("drive", 3)]), expect: 200)
        let counted = try await s.post("keeper", "\(path)/submission", expect: 200)
        #expect(counted["state"]?.string == "counted")
        #expect(counted["difference_minor"]?.int == 600_000)
        // Above 5,000.00 it is for finance.
        try await s.post(
            "service_manager", "\(path)/approval", expect: 403, code: "stock.other_approver")
        let done = try await s.post("finance", "\(path)/approval", expect: 200)
        #expect(done["state"]?.string == "posted")
        #expect(try await s.onHand("drive") == 3)
        #expect(try await s.onHand("fan") == 9)
        let difference = try await s.api("finance").get("/count-differences").json["items"]?.array?.first
        #expect(difference?["value_minor"]?.int == 600_000)
        let undone = "/count-differences/\(difference?["id"]?.string ?? "")/reversal"
        try await s.post("keeper", undone, ["reason": "no"], expect: 409, code: "stock.count_again")
        // The place moves again.
        try await s.post("keeper", "/issues", s.one("fan", 1), expect: 201)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// What moves while a cycle count runs is netted out.
    @Test func aCycleCountLetsTheStoreWork() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 9), expect: 201)
        let check = try await s.post(
            "keeper", "/stock-checks",
            ["kind": "cycle", "place_id": .string(s.id("store")), "abc": "C"], expect: 201)
        let path = "/stock-checks/\(check["id"]?.string ?? "")"
        try await s.post("keeper", "/issues", s.one("fan", 4), expect: 201)
        try await s.post(
            "keeper", "\(path)/counts", ["lines": [["line": 1, "quantity": 5]]], expect: 200)
        let line = try await s.api("keeper").get("\(path)/lines").json["items"]?.array?.first
        #expect(line?["expected"]?.int == 9)
        #expect(line?["moved"]?.int == -4)
        #expect(line?["difference"]?.int == 0)
        try await s.post("keeper", "/receipts", s.one("fan", 2), expect: 201)
        let done = try await s.post("keeper", "\(path)/submission", expect: 200)
        #expect(done["state"]?.string == "posted")
        #expect(try await s.onHand("fan") == 7)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }
}
