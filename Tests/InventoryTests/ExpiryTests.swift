import Base
import TestKit
import Testing

/// Nobody but quality makes a batch last longer.
@Suite struct ExpiryTests {
    private static func grease(_ s: Storehouse) async throws {
        try await s.patch("keeper", "/parts/\(s.id("grease"))", ["shelf_life_months": 12], expect: 200)
        let batch: [(String, JSON)] = [("batch", "G25"), ("expires_on", "2026-01-01")]
        try await s.post("keeper", "/receipts", s.one("grease", 3, batch), expect: 201)
    }

    /// A known batch keeps its day, whatever brings more of it; also where no day is said.
    @Test func aBatchIsNotRelabelled() async throws {
        let s = try await Storehouse.open()
        try await ExpiryTests.grease(s)
        let later: [(String, JSON)] = [("batch", "G25"), ("expires_on", "2027-01-01")]
        for (kind, more) in [
            ("adjustments", [("direction", "in")]), ("receipts", []), ("returns", [("status", "usable")]),
        ] as [(String, [(String, JSON)])] {
            try await s.post(
                "keeper", "/\(kind)", s.one("grease", 1, later + more), expect: 409,
                code: "stock.batch_expiry")
            try await s.post(
                "keeper", "/\(kind)", s.one("grease", 1, [("batch", "G25")] + more), expect: 201)
        }
        try await s.post(
            "keeper", "/issues", s.one("grease", 1, [("batch", "G25")]), expect: 409, code: "stock.expired")
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// What a count finds of an unknown batch doesn't last for ever: it has the part's shelf life.
    @Test func aFindHasAShelfLife() async throws {
        let s = try await Storehouse.open()
        try await ExpiryTests.grease(s)
        let check = try await s.post(
            "keeper", "/stock-checks", ["kind": "blind", "place_id": .string(s.id("store"))], expect: 201)
        let path = "/stock-checks/\(check["id"]?.string ?? "")"
        let three: JSON = .array([["line": 1, "quantity": 3]])
        let found: JSON = .array([["part_id": .string(s.id("grease")), "quantity": 2, "batch": "NEW"]])
        try await s.post("keeper", path + "/counts", ["lines": three, "found": found], expect: 200)
        try await s.post("keeper", path + "/submission", expect: 200)
        let again: JSON = .array([["line": 2, "quantity": 2]])
        try await s.post("keeper2", path + "/counts", ["lines": again], expect: 200)
        try await s.post("keeper", path + "/submission", expect: 200)
        try await s.post("service_manager", path + "/approval", expect: 200)
        let rows = try await s.api("auditor").get("/balances?part=\(s.id("grease"))").json["items"]?.array
        let new = rows?.first { $0["batch"]?.string == "NEW" }
        // House.morning is in March 2026.
        #expect(new?["expires_on"]?.string?.hasPrefix("2027-03") == true, "\(rows ?? [])")
        #expect(try await s.faults() == [])
        try await s.house.close()
    }
}
