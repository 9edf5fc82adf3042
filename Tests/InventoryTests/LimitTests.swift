import Base
import TestKit
import Testing

/// Values above the limit need a second person, whatever way somebody looks for round it.
@Suite struct LimitTests {
    /// Ten drives in the store, worth a million each; the limit is 50,000.00.
    private static func open() async throws -> Storehouse {
        let s = try await Storehouse.open()
        let body = s.one("drive", 10, [("unit_cost_minor", 1_000_000)])
        let receipt = try await s.post("keeper", "/receipts", body, expect: 201)
        #expect(receipt["state"]?.string == "submitted")
        let path = "/receipts/\(receipt["id"]?.string ?? "")"
        try await s.post("service_manager", path + "/approval", expect: 200)
        try await s.post("keeper", path + "/posting", expect: 200)
        return s
    }

    /// A price named on what leaves the store changes nothing of what it is worth.
    @Test func whatLeavesIsWorthWhatTheBooksSay() async throws {
        let s = try await LimitTests.open()
        for kind in ["issues", "scrappings", "shipments", "loans"] {
            let body = s.one("drive", 10, [("unit_cost_minor", 0)])
            let reply = try await s.api("keeper").post("/\(kind)", body)
            let state = reply.json["state"]?.string
            #expect(reply.status == 422 || state == "submitted", "\(kind): \(reply.status) \(reply.text)")
            if state == "submitted" { #expect(reply.json["value_minor"]?.int == 10_000_000, "\(kind)") }
        }
        #expect(try await s.onHand("drive") == 10)
        try await s.house.close()
    }

    /// What comes in without a cost is worth its reference price, as the ledger books it.
    @Test func aReceiptWithoutCostIsWorthItsReferencePrice() async throws {
        let s = try await LimitTests.open()
        let part = try await s.api("keeper").get("/parts/\(s.id("fan"))")
        let priced = try await s.api("keeper").send(
            "PATCH", "/parts/\(s.id("fan"))", ["price_minor": 1_000_000],
            headers: [("If-Match", "\"\(part.json["version"]?.int ?? 0)\"")])
        #expect(priced.status == 200)
        try await s.post("keeper", "/receipts", s.one("fan", 2, [("unit_cost_minor", 1)]), expect: 201)
        let made = try await s.post("keeper", "/receipts", s.one("fan", 10), expect: 201)
        #expect(made["state"]?.string == "submitted")
        #expect(made["value_minor"]?.int == 10_000_000)
        #expect(try await s.onHand("fan") == 2)
        try await s.house.close()
    }

    /// Worn stock that carries a value is scrapped like any other.
    @Test func wornStockHasItsValue() async throws {
        let s = try await LimitTests.open()
        let worn = try await s.post(
            "keeper", "/status-changes", s.one("drive", 10, [("to_status", "defective")]), expect: 201)
        let path = "/status-changes/\(worn["id"]?.string ?? "")"
        try await s.post("service_manager", path + "/approval", expect: 200)
        try await s.post("keeper", path + "/posting", expect: 200)
        let made = try await s.post(
            "keeper", "/scrappings", s.one("drive", 10, [("status", "defective")]), expect: 201)
        #expect(made["state"]?.string == "submitted")
        #expect(made["value_minor"]?.int == 10_000_000)
        try await s.house.close()
    }

    /// An engineer's own box lets out at any value; what comes into it is asked for like elsewhere.
    @Test func nobodyMakesValueInTheirOwnBox() async throws {
        let s = try await LimitTests.open()
        let dear: [(String, JSON)] = [("unit_cost_minor", 1_000_000_000_000)]
        for kind in ["receipts", "returns"] {
            let made = try await s.post(
                "engineer", "/\(kind)", s.one("drive", 900, at: "box", dear), expect: 201)
            #expect(made["state"]?.string == "submitted", "\(kind)")
            let path = "/\(kind)/\(made["id"]?.string ?? "")/posting"
            try await s.post(
                "engineer", path, expect: kind == "receipts" ? 403 : 409,
                code: kind == "receipts" ? "stock.needs_keeper" : "stock.needs_approval")
        }
        try await s.post(
            "engineer", "/receipts", s.one("drive", 1_000_000, at: "box", dear), expect: 409,
            code: "stock.too_large")
        let row = try await s.api("auditor").get("/balances?part=\(s.id("drive"))")
        #expect(row.json["items"]?.array?.first?["value_minor"]?.int == 10_000_000)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// What has arrived is the receiver's: the sender alone doesn't take it back.
    @Test func whatHasArrivedIsNotTakenBackByItsSender() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 5, at: "box"), expect: 201)
        let sent = try await s.post(
            "engineer", "/transfers", s.one("fan", 5, at: "box", to: "store"), expect: 201)
        let path = "/transfers/\(sent["id"]?.string ?? "")"
        try await s.post("keeper", path + "/receipt", expect: 200)
        try await s.post("engineer", path + "/reversal", ["reason": "mine"], expect: 403)
        #expect(try await s.onHand("fan") == 5)
        try await s.post("keeper", path + "/reversal", ["reason": "sent in error"], expect: 200)
        #expect(try await s.onHand("fan", at: "box") == 5)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// What doesn't arrive is given up for a reason.
    @Test func aLossHasAReason() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 5), expect: 201)
        let sent = try await s.post("keeper", "/transfers", s.one("fan", 5, to: "depot"), expect: 201)
        let path = "/transfers/\(sent["id"]?.string ?? "")/receipt"
        let lost: JSON = .array([["line": 1, "received": 4, "written_off": 1]])
        try await s.post("keeper", path, ["lines": lost], expect: 422, code: "field.required")
        #expect(try await s.onHand("fan", at: "depot") == 0)
        try await s.post("keeper", path, ["lines": lost, "reason": "crushed"], expect: 200)
        #expect(try await s.onHand("fan", at: "depot") == 4)
        try await s.house.close()
    }

    /// A batch that has expired is not fresh again in an earlier month's books.
    @Test func anEarlierDayMakesNothingFresh() async throws {
        let s = try await Storehouse.open()
        let batch: [(String, JSON)] = [("batch", "G25"), ("expires_on", "2026-01-01")]
        try await s.post("keeper", "/receipts", s.one("grease", 3, batch), expect: 201)
        guard case .object(let members) = s.one("grease", 1, [("batch", "G25")]) else { return }
        try await s.post("keeper", "/issues", .object(members), expect: 409, code: "stock.expired")
        let earlier = members + [JSON.Member("posted_on", "2025-12-01")]
        try await s.post("keeper", "/issues", .object(earlier), expect: 409, code: "stock.expired")
        #expect(try await s.onHand("grease") == 3)
        try await s.house.close()
    }
}
