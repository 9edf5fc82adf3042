import Base
import Store
import TestKit
import Testing
import Web

@testable import Inventory
@testable import fettle

/// Counting: what lies there without being on the sheet, and what reaches the server late.
@Suite struct StockCountTests {
    typealias World = StockPagesTests.World

    private func begun(_ s: World, _ kind: String = "blind") async throws -> String {
        let begun = try await s.w.api("keeper").form(
            "/stock/checks",
            [("place_id", s.store), ("kind", kind), ("abc", "C"), ("counter.\(s.w.id("engineer"))", "1")])
        let at = begun.header("Location") ?? ""
        #expect(begun.status == 303, "\(begun.text)")
        return String(at.prefix { $0 != "?" })
    }

    private func count(_ s: World, _ who: String, _ path: String, _ line: Int, _ n: String) async throws {
        let reply = try await s.w.api(who).form(
            path + "/counts", [("lines.0.line", String(line)), ("lines.0.quantity", n)])
        #expect(reply.status == 303, "\(who) \(line): \(reply.text)")
    }

    /// A part and a serial number that the sheet doesn't list: written down, counted again by somebody
    /// else, approved, and then in the books.
    @Test func whatIsNotOnTheSheetIsFound() async throws {
        let s = try await World.open()
        let engineer = s.w.api("engineer")
        try await s.w.house.store.write(by: .system("test")) {
            _ = try Inventory.add(PartInput(number: "OIL-9", name: "润滑脂", tracking: .batch), $0)
        }
        let path = try await begun(s)
        #expect(try await engineer.page(path + "/count").text.contains("action=\"\(path)/finds\""))
        func find(_ part: String, _ more: [(String, String)] = []) -> [(String, String)] {
            [("found.0.part_id", part), ("found.0.status", "usable")] + more
        }
        let one = ("found.0.quantity", "1")
        let wrong: [([(String, String)], Int, String)] = [
            (find("NO-SUCH", [one]), 422, "found.0.part_id"), (find("LNA-X85", [one]), 422, "found.0.serial"),
            (find("OIL-9", [one]), 422, "found.0.batch"),
            (find("FAN-92", [one, ("found.0.serial", "X")]), 422, "found.0.serial"),
            (find("LNA-X85", [("found.0.quantity", "2"), ("found.0.serial", "X")]), 422, "found.0.quantity"),
            (find("FAN-92", [one, ("found.0.place_id", s.depot)]), 422, "found.0.place_id"),
            (find("FAN-92", [one]), 409, ""),
        ]
        for (body, status, field) in wrong {
            let reply = try await engineer.form(path + "/finds", body)
            #expect(reply.status == status, "\(body): \(reply.text)")
            #expect(reply.text.contains("<details class=\"fold panel panel-body\" id=\"find\" open"))
            #expect(field.isEmpty || reply.text.contains("href=\"#f-\(field)\""), "\(body)")
        }
        #expect(try await s.w.api("auditor").form(path + "/finds", find("FAN-92", [one])).status == 403)
        // Scanned with the serial number behind a bar.
        let serial = try await engineer.form(path + "/finds", find("lna-x85|lna-0099", [one]))
        #expect(serial.header("Location") == path + "/count?done=check_found", "\(serial.text)")
        let oil = find("OIL-9", [("found.0.quantity", "3"), ("found.0.batch", "B-7")])
        #expect(try await engineer.form(path + "/finds", oil).status == 303)
        let found = try await s.w.api("keeper").get("/stock-checks/\(path.suffix(10))/lines").json["items"]
        #expect(found?.array?.count == 4 && found?.array?.last?["counted"]?.int == 3)
        try await count(s, "engineer", path, 1, "10")
        try await count(s, "engineer", path, 2, "1")
        let keeper = s.w.api("keeper")
        let again = try await keeper.form(path + "/submission", [])
        #expect(again.header("Location")?.hasSuffix("check_recount") == true, "\(again.text)")
        try await count(s, "keeper", path, 3, "1")
        try await count(s, "keeper", path, 4, "2")
        #expect(try await keeper.form(path + "/submission", []).status == 303)
        let page = try await s.w.api("service_manager").page(path).text
        #expect(page.contains(said("stock.check.unlisted")) && page.contains("LNA-0099"))
        #expect(try await s.w.api("service_manager").form(path + "/approval", []).status == 303)
        let rows = try await keeper.get("/balances?place=\(s.store)").json["items"]?.array ?? []
        #expect(rows.contains { $0["serial"]?.string == "LNA-0099" && $0["on_hand"]?.int == 1 })
        #expect(rows.contains { $0["batch"]?.string == "B-7" && $0["on_hand"]?.int == 2 })
        #expect(try await faults(s) == [])
        try await s.w.house.close()
    }

    /// By the books a serial number is in the depot, counted it was in the store: it is missing there first,
    /// and keeps what it was worth.
    @Test func aSerialNumberComesHomeFromWhereTheBooksHadIt() async throws {
        let s = try await World.open()
        try await s.w.house.store.write(by: .system("test")) { tx in
            var line = LineInput(part: PartID(s.lna), quantity: 1, serial: "LNA-0100")
            line.unitCostMinor = 50_000
            _ = try Inventory.draw(
                .receipt, DocumentInput(place: PlaceID(s.depot), lines: [line], submit: true),
                InventoryNeighbours(), tx)
        }
        let path = try await begun(s)
        let find = [("found.0.part_id", "LNA-0100"), ("found.0.quantity", "1"), ("found.0.status", "usable")]
        #expect(try await s.w.api("engineer").form(path + "/finds", find).status == 303)
        try await count(s, "engineer", path, 1, "10")
        try await count(s, "engineer", path, 2, "1")
        let keeper = s.w.api("keeper")
        _ = try await keeper.form(path + "/submission", [])
        try await count(s, "keeper", path, 3, "1")
        #expect(try await keeper.form(path + "/submission", []).status == 303)
        let before = try await value(s)
        let approved = try await s.w.api("service_manager").form(path + "/approval", [])
        #expect(approved.status == 303, "\(approved.text)")
        let rows = try await keeper.get("/balances?part=\(s.lna)").json["items"]?.array ?? []
        let here = rows.first { $0["serial"]?.string == "LNA-0100" }
        #expect(here?["place_id"]?.string == s.store, "\(rows)")
        #expect(try await value(s) == before)
        #expect(try await faults(s) == [])
        try await s.w.house.close()
    }

    /// A count that was kept on the phone is compared with the books as they stood when it was counted.
    @Test func aLateCountMeetsTheBooksOfItsTime() async throws {
        let s = try await World.open()
        let path = try await begun(s, "cycle")
        let api = "/stock-checks/\(path.suffix(10))"
        s.w.house.clock.advance(.minutes(10))
        // Counted now: ten. Then four leave, and an hour later the phone has a connection.
        s.w.house.clock.advance(.minutes(20))
        let issue = s.issue([("lines.0.part_id", s.fan), ("lines.0.quantity", "4"), ("do", "submit")])
        #expect(try await s.w.api("keeper").form("/stock/documents", issue).status == 303)
        s.w.house.clock.advance(.minutes(40))
        let fan = try await s.w.api("keeper").get("\(api)/lines").json["items"]?.array?
            .first { $0["part_id"]?.string == s.fan }
        func send(_ seconds: Int64) async throws -> Int64? {
            let body: JSON = .make([
                "lines": .array([
                    .make([
                        "line": .int(fan?["line"]?.int ?? 0), "quantity": 10, "seconds_ago": .int(seconds),
                    ])
                ])
            ])
            let reply = try await s.w.api("keeper").post("\(api)/counts", body)
            #expect(reply.status == 200, "\(reply.text)")
            return try await s.w.api("keeper").get("\(api)/lines").json["items"]?.array?
                .first { $0["part_id"]?.string == s.fan }?["difference"]?.int
        }
        #expect(try await send(3600) == 0, "four left since")
        #expect(try await send(0) == 4, "said to be counted now")
        #expect(try await send(2_000_000) == 0, "not before the check began")
        try await s.w.house.close()
    }

    private func value(_ s: World) async throws -> Int64 {
        try await s.w.house.store.read(by: .system("test")) {
            try $0.int("select sum(value_minor) from cost_layer where part_id = \(s.lna)")
        }
    }

    private func faults(_ s: World) async throws -> [String] {
        try await s.w.house.store.read(by: .system("test")) { try Inventory.verify($0).faults }
    }
}
