import Base
import TestKit
import Testing

/// Whoever tries to make stock out of nothing, by way of the API (`design: abuse`, 44 to 50).
@Suite struct AbuseStockTests {
    /// 44: two issues of the last part.
    @Test func theLastPartGoesOnce() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 1), expect: 201)
        let body = s.one("fan", 1)
        async let a = s.api("keeper").post("/issues", body)
        async let b = s.api("keeper2").post("/issues", body)
        let replies = try await [a, b]
        #expect(replies.map(\.status).sorted() == [201, 409])
        #expect(replies.first { $0.status == 409 }?.code == "stock.insufficient")
        #expect(try await s.onHand("fan") == 0)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// 45: what is no quantity.
    @Test func quantitiesAreWholePositiveAndBounded() async throws {
        let s = try await Storehouse.open()
        let texts = [
            "-1", "0", "-0", "0.1", "0.30000000000000004", "1.5", "1e309", "-1e309", "NaN", "Infinity",
            "1000000001", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "\"5\"",
            "\"NaN\"", "true", "null", "[1]", "{}", "0x10", "1e-400",
        ]
        for kind in ["receipts", "issues", "adjustments", "scrappings"] {
            for text in texts {
                let body =
                    #"{"place_id":"\#(s.id("store"))","reason":"x","submit":true,"lines":[{"part_id":"\#(s.id("fan"))","quantity":\#(text)}]}"#
                let reply = try await s.house.client.send(
                    "POST", "/api/v1/\(kind)",
                    headers: [
                        ("Authorization", "Bearer \(s.tokens["keeper"] ?? "")"),
                        ("Content-Type", "application/json"),
                    ], body: Array(body.utf8))
                #expect([400, 422].contains(reply.status), "\(kind) \(text): \(reply.status) \(reply.text)")
            }
        }
        // Each fits, their product does not.
        let huge: [(String, JSON)] = [("unit_cost_minor", 1_000_000_000_000)]
        try await s.post(
            "keeper", "/receipts", s.one("fan", 1_000_000_000, huge), expect: 409, code: "stock.too_large")
        for cost in [JSON.int(-1), .int(Int64.max), "1"] {
            try await s.post(
                "keeper", "/receipts", s.one("fan", 1, [("unit_cost_minor", cost)]), expect: 422)
        }
        #expect(try await s.onHand("fan") == 0)
        try await s.house.close()
    }

    /// 46: posted twice, reversed twice.
    @Test func nothingIsPostedOrReversedTwice() async throws {
        let s = try await Storehouse.open()
        let made = try await s.post("keeper", "/receipts", s.one("fan", 5, submit: false), expect: 201)
        let path = "/receipts/\(made["id"]?.string ?? "")"
        #expect(made["state"]?.string == "draft")
        #expect(try await s.onHand("fan") == 0)
        let posted = try await s.post("keeper", "\(path)/submission", expect: 200)
        #expect(posted["state"]?.string == "posted")
        for step in ["submission", "posting"] {
            try await s.post("keeper", "\(path)/\(step)", expect: 409, code: "stock.already_posted")
        }
        let version = posted["version"]?.int ?? 0
        let edit = try await s.api("keeper").send(
            "PATCH", path, s.one("fan", 50), headers: [("If-Match", "\"\(version)\"")])
        #expect(edit.status == 409)
        let why: JSON = ["reason": "wrong store"]
        async let a = s.api("keeper").post("\(path)/reversal", why)
        async let b = s.api("keeper2").post("\(path)/reversal", why)
        #expect(try await [a.status, b.status].sorted() == [200, 409])
        let again = try await s.post("keeper", "\(path)/reversal", why, expect: 409)
        #expect(again["code"]?.string == "stock.already_reversed")
        #expect(try await s.onHand("fan") == 0)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// 47: a serial number in two places.
    @Test func aSerialIsInOnePlace() async throws {
        let s = try await Storehouse.open()
        let serial: [(String, JSON)] = [("serial", "LNA-0067")]
        try await s.post("keeper", "/receipts", s.one("lna", 1, serial), expect: 201)
        // The same number, typed with full-width digits.
        let wide: [(String, JSON)] = [("serial", "ｌｎａ－００６７")]
        for (place, given) in [("store", serial), ("depot", serial), ("depot", wide)] {
            try await s.post(
                "keeper", "/receipts", s.one("lna", 1, at: place, given), expect: 409,
                code: "stock.serial_elsewhere")
        }
        try await s.post(
            "keeper", "/issues", s.one("lna", 1, at: "depot", serial), expect: 409,
            code: "stock.serial_elsewhere")
        try await s.post("keeper", "/receipts", s.one("lna", 2, serial), expect: 422)
        try await s.post("keeper", "/transfers", s.one("lna", 1, to: "depot", serial), expect: 201)
        let rows = try await s.api("keeper").get("/balances?part=\(s.id("lna"))").json["items"]?.array ?? []
        #expect(rows.count == 1)
        #expect(rows.first?["place_id"]?.string == "place:transit")
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// 48: an expired batch.
    @Test func anExpiredBatchStaysUntilQualityAgrees() async throws {
        let s = try await Storehouse.open()
        let old: [(String, JSON)] = [("batch", "G2401"), ("expires_on", "2026-03-08")]
        try await s.post("keeper", "/receipts", s.one("grease", 4, old), expect: 201)
        let named: [(String, JSON)] = [("batch", "G2401")]
        for line in [named, []] {
            try await s.post(
                "keeper", "/issues", s.one("grease", 1, line), expect: 409, code: "stock.expired")
        }
        let path = "/parts/\(s.id("grease"))/concessions"
        let body: JSON = ["batch": "g2401", "until": "2026-03-31", "reason": "tested, drops at 190 °C"]
        try await s.post("keeper", path, body, expect: 403)
        try await s.post("quality", path, body, expect: 200)
        try await s.post("keeper", "/issues", s.one("grease", 1, named), expect: 201)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// 49: a place under a frozen full count. 50: a closed period.
    @Test func frozenPlacesAndClosedPeriods() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 9), expect: 201)
        let check = try await s.post(
            "keeper", "/stock-checks", ["kind": "full", "place_id": .string(s.id("store"))], expect: 201)
        #expect(check["frozen"]?.bool == true)
        for (path, body) in [
            ("/receipts", s.one("fan", 1)), ("/issues", s.one("fan", 1)),
            ("/transfers", s.one("fan", 1, to: "depot")), ("/adjustments", s.one("fan", 1)),
        ] { try await s.post("keeper", path, body, expect: 409, code: "stock.frozen") }
        try await s.post("keeper", "/receipts", s.one("fan", 1, at: "depot"), expect: 201)
        try await s.post(
            "keeper", "/transfers", s.one("fan", 1, at: "depot", to: "store"), expect: 201)
        let transfers = try await s.api("keeper").get("/transfers").json["items"]?.array ?? []
        let under = transfers.first?["id"]?.string ?? ""
        try await s.post(
            "keeper", "/transfers/\(under)/receipt", ["lines": []], expect: 409, code: "stock.frozen")
        try await s.post(
            "keeper", "/stock-checks/\(check["id"]?.string ?? "")/cancellation", ["reason": "rain"],
            expect: 200)
        try await s.post("keeper", "/transfers/\(under)/receipt", ["lines": []], expect: 200)

        try await s.post("keeper", "/periods", ["month": "2026-03"], expect: 403)
        try await s.post("finance", "/periods", ["month": "2026-03"], expect: 201)
        try await s.post(
            "keeper", "/issues", s.one("fan", 1), expect: 409, code: "stock.period_closed")
        try await s.post("finance", "/periods", ["month": "2026-13"], expect: 422)
        try await s.post("finance", "/periods", ["month": "2026-09"], expect: 422, code: "stock.future")
        try await s.post("finance", "/periods/2026-03/reopening", ["reason": "an invoice"], expect: 200)
        try await s.post("keeper", "/issues", s.one("fan", 1), expect: 201)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// A repeated request posts once.
    @Test func postingIsIdempotent() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 9), expect: 201)
        let key = [("Idempotency-Key", "issue-1")]
        for _ in 0..<3 {
            let reply = try await s.api("keeper").post("/issues", s.one("fan", 2), headers: key)
            #expect(reply.status == 201, "\(reply.text)")
        }
        #expect(try await s.onHand("fan") == 7)
        #expect(try await s.api("keeper").post("/issues", s.one("fan", 3), headers: key).status == 422)
        let draft = try await s.post("keeper", "/issues", s.one("fan", 2, submit: false), expect: 201)
        let step = "/issues/\(draft["id"]?.string ?? "")/submission"
        for _ in 0..<2 {
            let reply = try await s.api("keeper").post(step, headers: [("Idempotency-Key", "step-1")])
            #expect(reply.status == 200, "\(reply.text)")
        }
        #expect(try await s.onHand("fan") == 5)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// 64 callers fight for 40 pieces, some of them reserved: each goes once, and the books agree.
    @Test func sixtyFourFightForForty() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 40, [("unit_cost_minor", 333)]), expect: 201)
        let reserve: JSON = .make([
            "part_id": .string(s.id("fan")), "place_id": .string(s.id("store")), "quantity": 1,
        ])
        let taken = try await withThrowingTaskGroup(of: Int.self) { group in
            for n in 0..<64 {
                group.addTask {
                    let path = n % 4 == 3 ? "/reservations" : "/issues"
                    let body = n % 4 == 3 ? reserve : s.one("fan", 1)
                    for _ in 0..<20 {
                        let reply = try await s.api(n % 2 == 0 ? "keeper" : "keeper2").post(path, body)
                        if reply.status == 201 { return 1 }
                        if reply.status == 409 {
                            #expect(reply.code == "stock.insufficient", "\(reply.text)")
                            return 0
                        }
                        // A busy server asks to try later.
                        #expect([429, 503].contains(reply.status), "\(reply.status) \(reply.text)")
                    }
                    return 0
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(taken == 40)
        let rows = try await s.api("keeper").get("/balances?part=\(s.id("fan"))&place=\(s.id("store"))").json[
            "items"]?.array
        #expect(rows?.allSatisfy { $0["available"]?.int == 0 } == true, "\(String(describing: rows))")
        #expect(try await s.faults() == [])
        try await s.house.close()
    }
}
