import Base
import Foundation
import Store
import TestKit
import Testing
import Web

@testable import Inventory
@testable import fettle

/// What somebody meets in their first week with stock: serial numbers scanned in, loans, exports, a month's
/// end.
@Suite struct StockNewcomerTests {
    typealias World = StockPagesTests.World

    // MARK: Serial numbers that nobody knows yet

    /// The lines of a form that came back, as it would be sent again.
    private func lines(_ page: String) -> [(String, String)] {
        page.components(separatedBy: "name=\"lines.").dropFirst().compactMap { piece in
            let name = piece.prefix { $0 != "\"" }
            guard let start = piece.range(of: "value=\""),
                let end = piece.range(of: ">"), start.lowerBound < end.lowerBound
            else { return nil }
            return ("lines." + name, String(piece[start.upperBound...].prefix { $0 != "\"" }))
        }
    }

    private func serials(_ page: String) -> [String] {
        lines(page).filter { $0.0.hasSuffix(".serial") }.map(\.1)
    }

    @Test(arguments: ["receipt", "return"])
    func anUnknownCodeIsTheNextSerialNumber(_ kind: String) async throws {
        let s = try await World.open()
        let keeper = s.w.api("keeper")
        var typed: [(String, String)] = []
        func scan(_ text: String, _ quantity: String = "") async throws -> (status: Int, text: String) {
            let reply = try await keeper.form(
                "/stock/scan",
                [("kind", kind), ("place_id", s.store), ("do", "add"), ("scan", text)]
                    + [("scan_quantity", quantity)] + typed)
            if reply.status == 200 { typed = lines(reply.text) }
            return (reply.status, reply.text)
        }
        #expect(try await scan("SN-1").status == 422, "a serial number of what?")
        #expect(serials(try await scan("LNA-X85").text) == [""])
        #expect(serials(try await scan("ｓｎ-1").text) == ["SN-1"])
        #expect(serials(try await scan("SN-2").text) == ["SN-1", "SN-2"])
        #expect(serials(try await scan("SN-2").text) == ["SN-1", "SN-2"], "the same once more")
        #expect(serials(try await scan("LNA-X85", "3").text) == ["SN-1", "SN-2", "", "", ""])
        for n in 3...5 { _ = try await scan("SN-\(n)") }
        #expect(serials(try await scan("SN-6").text) == (1...6).map { "SN-\($0)" })
        // A part of another kind comes between: what is unknown then is a fault.
        _ = try await scan("FAN-92", "2")
        #expect(try await scan("SN-7").status == 422)
        for wrong in ["0", "195", "201", "99999999999999999999", "many"] {
            let refused = try await scan("LNA-X85", wrong)
            #expect(
                refused.status == 422 && refused.text.contains(said("error.stock.scan_count", ["n": "200"])))
        }
        let posted = try await keeper.form(
            "/stock/scan", [("kind", kind), ("place_id", s.store), ("do", "submit")] + typed)
        #expect(posted.status == 303, "\(posted.text)")
        try await s.w.house.close()
    }

    /// What leaves is known: there an unknown code is refused, as before.
    @Test func anIssueKnowsItsSerialNumbers() async throws {
        let s = try await World.open()
        let line = [("lines.0.part_id", s.lna), ("lines.0.quantity", "1"), ("lines.0.serial", "")]
        let keeper = s.w.api("keeper")
        let add = [("do", "add")]
        #expect(try await keeper.form("/stock/scan", s.issue(line + add + [("scan", "SN-1")])).status == 422)
        let known = try await keeper.form("/stock/scan", s.issue(line + add + [("scan", "LNA-0067")]))
        #expect(serials(known.text) == ["LNA-0067"])
        try await s.w.house.close()
    }

    @Test func aRefusedScanIsScannedAgain() async throws {
        let s = try await World.open()
        let refused = try await s.w.api("keeper").form(
            "/stock/scan", s.issue([("do", "add"), ("scan", "NO-SUCH")]))
        #expect(refused.status == 422 && refused.text.contains("class=\"error-summary\" role=\"alert\""))
        #expect(!refused.text.contains("data-focus") && refused.text.contains("data-scan aria-invalid"))
        #expect(refused.text.contains("aria-describedby=\"e-scan\" autofocus"))
        let other = try await s.w.api("keeper").form("/stock/scan", s.issue([("do", "submit")]))
        #expect(other.status == 422 && other.text.contains("data-focus"))
        try await s.w.house.close()
    }

    // MARK: Documents

    /// On the page; a program may lend as it did.
    @Test func aLoanHasABorrowerAndAnEnd() async throws {
        let s = try await World.open()
        let keeper = s.w.api("keeper")
        let head = [
            ("kind", "loan"), ("place_id", s.store), ("lines.0.part_id", s.fan), ("lines.0.quantity", "1"),
        ]
        let refused = try await keeper.form("/stock/documents", head + [("do", "submit")])
        #expect(refused.status == 422 && refused.text.contains(said("error.stock.borrower")))
        #expect(refused.text.contains("id=\"e-due_on\""))
        let draft = try await keeper.form("/stock/documents", head + [("do", "draft")])
        #expect(draft.status == 303)
        let path = "/stock/documents/LN-26-0001"
        #expect(try await keeper.form(path + "/submission", []).status == 422)
        let customer = try await s.w.house.store.read(by: .system("test")) { tx in
            try tx.first("select id from organization where kind = 'customer' limit 1") { $0.text() } ?? ""
        }
        let lent = try await keeper.form(
            "/stock/documents",
            head + [("partner_id", customer), ("due_on", "2026-12-24"), ("do", "submit")])
        #expect(lent.status == 303, "\(lent.text)")
        let transit = try await keeper.page("/stock?view=transit").text
        #expect(transit.contains("LN-26-0002") && transit.contains("2026-12-24"))
        let list = try await keeper.page("/stock/documents?state=lent").text
        #expect(list.contains("LN-26-0002") && !list.contains("LN-26-0001"))
        #expect(!(try await keeper.page("/stock/documents?state=transit").text.contains("LN-26-0002")))
        let body: JSON = .make([
            "place_id": .string(s.store), "submit": true,
            "lines": .array([.make(["part_id": .string(s.fan), "quantity": 1])]),
        ])
        #expect(try await keeper.post("/loans", body).status == 201)
        try await s.w.house.close()
    }

    @Test func aReceiptComesFromItsSupplier() async throws {
        let s = try await World.open()
        try await s.w.house.store.write(by: .system("test")) { tx in
            let id = try tx.first("select id from organization where kind = 'customer' limit 1") { $0.text() }
            try tx.run("update stock_document set partner_id = \(id ?? "") where number = 'GR-26-0001'")
        }
        let page = try await s.w.api("keeper").page("/stock/documents").text
        #expect(page.contains(" → 南京备件库") && !page.contains("南京备件库 → "))
        try await s.w.house.close()
    }

    /// A keeper may not open tickets: their number is no way to a page that isn't there.
    @Test func aTicketIsALinkForWhoMayOpenIt() async throws {
        let s = try await TicketPartsTests.World.open()
        #expect(try await s.use("engineer", s.body(1)).status == 201)
        let link = "href=\"/tickets/\(s.ticket)\""
        for path in ["/stock/documents", "/stock/documents/GI-26-0001"] {
            let keeper = try await s.w.api("keeper").page(path).text
            #expect(keeper.contains(s.ticket) && !keeper.contains(link), "\(path)")
            #expect(try await s.w.api("engineer").page(path).text.contains(link), "\(path)")
        }
        try await s.close()
    }

    // MARK: Lists and months

    @Test func theFileHoldsWhatTheViewShows() async throws {
        let s = try await World.open()
        try await s.w.house.store.write(by: .system("test")) { tx in
            try tx.run(
                "insert into part_minimum (part_id, place_id, minimum, target) values (\(s.lna), \(s.depot), 2, 5)"
            )
        }
        let csv = try await s.w.api("keeper").page("/stock/export.csv?view=below").text
        let rows = csv.split(whereSeparator: \.isNewline)
        #expect(rows.count == 2, "\(csv)")
        #expect(
            rows.last?.hasPrefix("LNA-X85,") == true && rows.last?.hasSuffix(",0,0,2,5,5") == true, "\(csv)")
        let other = try await s.w.api("keeper").page("/stock/export.csv?view=below&place=\(s.store)").text
        #expect(!other.contains("LNA-X85"))
        try await s.w.house.close()
    }

    @Test func aMonthIsClosedInTwoSteps() async throws {
        let s = try await World.open()
        let finance = s.w.api("finance")
        let draft = try await s.w.api("keeper").form(
            "/stock/documents",
            s.issue([("lines.0.part_id", s.fan), ("lines.0.quantity", "1"), ("do", "draft")]))
        #expect(draft.status == 303)
        let day = try await s.w.house.store.read(by: .system("test")) { tx in
            CivilDate.text(dayNumber: Inventory.today("UTC", tx))
        }
        let path = "/stock/periods/\(day.prefix(7))"
        let asked = try await finance.form(path + "/closing", [])
        #expect(asked.status == 200, "\(asked.status)")
        #expect(asked.text.contains(said("stock.period.not_over")))
        #expect(asked.text.contains(said("stock.period.has.draft", ["n": "1"])))
        #expect(asked.text.contains("name=\"sure\""))
        #expect(!(try await finance.page(path).text.contains("name=\"sure\"")))
        #expect(try await finance.form(path + "/closing", [("sure", "1")]).status == 303)
        try await s.w.house.close()
    }
}
