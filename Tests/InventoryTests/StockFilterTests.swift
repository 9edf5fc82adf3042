import Base
import TestKit
import Testing

/// A list of stock answers a filter that makes no sense as every list of the house does: what is no choice and
/// what has no shape is 422, what nobody knows has nothing, and an unknown parameter is passed over.
@Suite struct StockFilterTests {
    @Test func nonsenseIsAnsweredAsElsewhere() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 5), expect: 201)
        let long = String(repeating: "x", count: 101)
        for (path, fields, count) in [
            ("/tickets?state=nonsense", ["state"], -1), ("/balances?status=nonsense", ["status"], -1),
            ("/movements?status=nonsense", ["status"], -1), ("/issues?state=nonsense", ["state"], -1),
            ("/reservations?state=nonsense", ["state"], -1), ("/stock-checks?state=nonsense", ["state"], -1),
            ("/places?kind=nonsense", ["kind"], -1), ("/tickets?limit=201", ["limit"], -1),
            ("/balances?limit=201", ["limit"], -1), ("/tickets?cursor=x", ["cursor"], -1),
            ("/balances?cursor=x", ["cursor"], -1), ("/tickets?organization=\(long)", ["organization"], -1),
            ("/balances?place=\(long)", ["place"], -1), ("/balances?part=\(long)", ["part"], -1),
            ("/movements?place=\(long)&status=x", ["place", "status"], -1),
            ("/balances?place=a&place=b", ["place", "place"], -1),
            ("/tickets?organization=nobody", [], 0), ("/balances?place=nowhere", [], 0),
            ("/balances?part=nothing", [], 0), ("/movements?part=nothing", [], 0),
            ("/movements?place=nowhere", [], 0), ("/receipts?place=nowhere", [], 0),
            ("/receipts?ticket=nothing", [], 0), ("/reservations?part=nothing", [], 0),
            ("/stock-checks?place=nowhere", [], 0), ("/parts?product=nothing", [], 0),
            ("/balances?nonsense=1", [], 1), ("/movements?nonsense=1", [], 1),
        ] as [(String, [String], Int)] {
            let reply = try await s.api("auditor").get(path)
            #expect(reply.status == (count < 0 ? 422 : 200), "\(path): \(reply.text)")
            let wrong = Set(reply.json["errors"]?.array?.compactMap { $0["field"]?.string } ?? [])
            #expect(wrong == Set(fields), "\(path): \(reply.text)")
            if count >= 0 { #expect(reply.json["items"]?.array?.count == count, "\(path): \(reply.text)") }
        }
        try await s.house.close()
    }
}
