import Base
import Store
import TestKit
import Testing
import Web

@testable import Inventory
@testable import fettle

/// The pages of reservations and of the accounts' months and years.
@Suite struct StockKeepingPagesTests {
    typealias World = StockPagesTests.World

    private func reservation(_ s: World, _ quantity: String, _ more: [(String, String)] = []) -> [(
        String, String
    )] {
        [("part_id", "fan-92"), ("place_id", s.store), ("quantity", quantity), ("priority", "P4")] + more
    }

    private func ticket(_ s: World, _ priority: String) async throws -> String {
        let (number, _) = try await s.w.enter(title: "A \(priority)")
        try await s.w.bringToWork(number, priority)
        return number
    }

    private func available(_ s: World) async throws -> Int64 {
        try await s.w.house.store.read(by: .system("test")) { tx in
            try tx.int(
                "select sum(on_hand - reserved) from stock_balance where part_id = \(s.fan) and status = 'usable'"
            )
        }
    }

    /// Kept, refused, asked of a lower priority, agreed to by somebody else, and let go.
    @Test func stockIsKeptGivesWayAndIsLetGo() async throws {
        let s = try await World.open()
        let engineer = s.w.api("engineer")
        #expect(try await engineer.page("/stock/reservations").text.contains(said("stock.reservations.none")))
        let form = try await engineer.page("/stock/reservations/new?part=FAN-92").text
        #expect(form.contains("value=\"FAN-92\""))
        let made = try await engineer.form(
            "/stock/reservations",
            reservation(
                s, "8",
                [
                    ("until", "2026-03-20T10:00"), ("reason", "visit"),
                    ("ticket_id", try await ticket(s, "P3")),
                ]))
        #expect(
            made.header("Location") == "/stock/reservations/RS-26-0001?done=reservation_made", "\(made.text)")
        #expect(try await available(s) == 2)
        let other = s.w.api("keeper")
        let refused = try await other.form("/stock/reservations", reservation(s, "3"))
        #expect(refused.status == 409 && refused.text.contains("error-summary"))
        #expect(refused.text.contains("value=\"fan-92\"") && refused.text.contains("value=\"3\""))
        for (field, value) in [("part_id", "NO-SUCH"), ("quantity", "0"), ("until", "2026-03-01T10:00")] {
            let wrong = reservation(s, "1").filter { $0.0 != field } + [(field, value)]
            let reply = try await other.form("/stock/reservations", wrong)
            #expect(reply.status == 422 && reply.text.contains("href=\"#f-\(field)\""), "\(field)")
        }
        let urgent =
            reservation(s, "3").filter { $0.0 != "priority" } + [("priority", "P1"), ("preempt", "1")]
        for more in [[], [("ticket_id", try await ticket(s, "P2"))]] as [[(String, String)]] {
            let claimed = try await other.form("/stock/reservations", urgent + more)
            #expect(claimed.status == 422 && claimed.text.contains("href=\"#f-priority\""), "\(more)")
        }
        let asked = try await other.form(
            "/stock/reservations", urgent + [("ticket_id", try await ticket(s, "P1"))])
        // PostgreSQL leaves out the numbers of what was refused.
        let path = asked.header("Location").map { String($0.prefix { $0 != "?" }) } ?? ""
        #expect(asked.header("Location") == path + "?done=reservation_waits", "\(asked.text)")
        // The service manager finds it waiting and lets it go ahead; whoever asked may not.
        let list = try await s.w.api("service_manager").page("/stock/reservations").text
        #expect(list.contains("doc-waiting"))
        #expect(!(try await other.page(path).text.contains("\(path)/approval")))
        #expect(try await other.form("\(path)/approval", []).status == 403)
        #expect(try await s.w.api("service_manager").page(path).text.contains("action=\"\(path)/approval\""))
        #expect(try await s.w.api("service_manager").form("\(path)/approval", []).status == 303)
        let gone = try await engineer.page("/stock/reservations/RS-26-0001").text
        #expect(gone.contains(said("stock.reservation.preempted")))
        #expect(gone.contains(said("fact.stock.preempted", ["number": "RS-26-0001"])))
        #expect(!gone.contains("/release"), "no button for what is refused")
        let told = try await engineer.get("/notifications").json["items"]?.array ?? []
        #expect(told.contains { $0["kind"]?.string == "stock.preempted" }, "\(told)")
        #expect(try await available(s) == 7)
        let narrowed = try await s.w.api("auditor").page("/stock/reservations?state=preempted").text
        #expect(narrowed.contains("RS-26-0001") && !narrowed.contains(path))
        #expect(try await engineer.form("\(path)/release", []).status == 403)
        #expect(try await s.w.api("keeper").form("\(path)/release", []).status == 303)
        #expect(try await available(s) == 10)
        let again = try await s.w.api("keeper").form("\(path)/release", [])
        #expect(again.status == 409 && again.text.contains("error-summary"))
        #expect(try await s.w.api("customer").page("/stock/reservations").status == 404)
        try await s.w.house.close()
    }

    /// A month is closed, refuses, is opened again for a reason; a year with postings keeps its method.
    @Test func monthsCloseAndYearsKeepTheirMethod() async throws {
        let s = try await World.open()
        let finance = s.w.api("finance")
        let list = try await finance.page("/stock/periods").text
        #expect(list.contains("href=\"/stock/periods/2026-03\""), "\(list)")
        let path = "/stock/periods/2026-03"
        // Once it is over, closing it stands beside it, for those who close.
        let button = "href=\"\(path)\">\(said("stock.period.closing"))</a>"
        #expect(!list.contains(button))
        #expect(try await finance.page(path).text.contains("action=\"\(path)/closing\""))
        #expect(!(try await s.w.api("keeper").page(path).text.contains("\(path)/closing")))
        #expect(try await s.w.api("keeper").form("\(path)/closing", []).status == 403)
        let closed = try await finance.form("\(path)/closing", [("sure", "1")])
        #expect(closed.header("Location") == path + "?done=period_closing", "\(closed.text)")
        let twice = try await finance.form("\(path)/closing", [("sure", "1")])
        #expect(twice.status == 409 && twice.text.contains("error-summary"))
        let issue = s.issue([("lines.0.part_id", s.fan), ("lines.0.quantity", "1"), ("do", "submit")])
        let refused = try await s.w.api("keeper").form("/stock/documents", issue)
        #expect(refused.status == 409 && refused.text.contains("2026-03"))
        let silent = try await finance.form("\(path)/reopening", [("reason", "")])
        #expect(silent.status == 422 && silent.text.contains("href=\"#f-reason\""))
        let reopened = try await finance.form("\(path)/reopening", [("reason", "A late invoice")])
        #expect(reopened.status == 303)
        let page = try await finance.page(path).text
        #expect(
            page.contains("A late invoice")
                && page.contains(said("fact.stock.period_closed", ["month": "2026-03"])))
        #expect(try await s.w.api("keeper").form("/stock/documents", issue).status == 303)
        #expect(try await finance.form("/stock/periods/2027-01/closing", []).status == 422)
        #expect(try await finance.page("/stock/periods/2026-13").status == 404)
        let held = try await finance.form("/stock/valuation-years", [("year", "2026"), ("method", "fifo")])
        #expect(held.status == 409 && held.text.contains("value=\"2026\""))
        let chosen = try await finance.form("/stock/valuation-years", [("year", "2027"), ("method", "fifo")])
        #expect(chosen.header("Location") == "/stock/periods?done=saved", "\(chosen.text)")
        #expect(try await finance.page("/stock/periods").text.contains(said("stock.method.fifo")))
        s.w.house.clock.advance(.days(31))
        #expect(try await finance.page("/stock/periods").text.contains(button))
        #expect(!(try await s.w.api("keeper").page("/stock/periods").text.contains(button)))
        let keeper = try await s.w.api("keeper").form(
            "/stock/valuation-years", [("year", "2028"), ("method", "fifo")])
        #expect(keeper.status == 403)
        try await s.w.house.close()
    }

    /// Out of stock and superseded: the refused page offers the successor, one press puts it in.
    @Test func theSuccessorIsOfferedWhereAPartIsOut() async throws {
        let s = try await World.open()
        let new = try await s.w.house.store.write(by: .system("test")) { tx -> String in
            let next = try Inventory.add(PartInput(number: "FAN-93", name: "新风扇"), tx)
            let old = try #require(try tx.part("FAN-92"))
            var change = PartInput(number: "FAN-92", name: "散热风扇")
            change.supersededBy = .set(next.id)
            _ = try Inventory.change(old, change, tx)
            _ = try Inventory.draw(
                .receipt,
                DocumentInput(
                    place: PlaceID(s.store), lines: [LineInput(part: next.id, quantity: 20)], submit: true),
                InventoryNeighbours(), tx)
            return next.id.text
        }
        let keeper = s.w.api("keeper")
        let line = [("lines.0.part_id", s.fan), ("lines.0.quantity", "12")]
        for path in ["/stock/scan", "/stock/documents"] {
            let refused = try await keeper.form(path, s.issue(line + [("do", "submit")]))
            #expect(refused.status == 409 && refused.text.contains("value=\"replace.0\""), "\(path)")
            #expect(refused.text.contains("FAN-93"))
            let replaced = try await keeper.form(path, s.issue(line + [("do", "replace.0")]))
            #expect(replaced.text.contains("name=\"lines.0.part_id\" value=\"\(new)\""), "\(path)")
            #expect(replaced.text.contains("name=\"lines.0.quantity\" type=\"text\" value=\"12\""))
        }
        // A draft whose step is refused leads to itself with the successor in it.
        _ = try await keeper.form("/stock/documents", s.issue(line + [("do", "draft")]))
        let path = "/stock/documents/GI-26-0001"
        let refused = try await keeper.form(path + "/submission", [])
        #expect(refused.status == 409 && refused.text.contains("\(path)/edit?replace=0"), "\(refused.text)")
        let edit = try await keeper.page(path + "/edit?replace=0").text
        #expect(edit.contains("name=\"lines.0.part_id\" value=\"\(new)\""))
        // What an engineer asked for is asked for anew.
        _ = try await s.w.api("engineer").form("/stock/documents", s.issue(line + [("do", "submit")]))
        let posting = try await keeper.form("/stock/documents/GI-26-0002/posting", [])
        #expect(posting.status == 409 && posting.text.contains("part=\(new)"))
        let kept = try await keeper.form(
            "/stock/reservations", [("part_id", "FAN-92"), ("place_id", s.store), ("quantity", "12")])
        #expect(kept.status == 409 && kept.text.contains("/stock/reservations/new?part=\(new)"))
        let enough = [("lines.0.part_id", s.lna), ("lines.0.quantity", "1"), ("lines.0.serial", "NONE")]
        let plain = try await keeper.form("/stock/scan", s.issue(enough + [("do", "submit")]))
        #expect(plain.status == 409 && !plain.text.contains("replace."), "no successor, no offer")
        try await s.w.house.close()
    }

    /// What a customer owns comes in and goes out at no value, and is kept apart.
    @Test func aCustomersPartHasNoValue() async throws {
        let s = try await World.open()
        let keeper = s.w.api("keeper")
        let form = try await keeper.page("/stock/documents/new?kind=receipt&part=FAN-92").text
        #expect(form.contains("name=\"lines.0.owner_id\""))
        let (customer, home) = try await s.w.house.store.read(by: .system("test")) { tx in
            (
                try tx.rows("select id from organization where kind = 'customer' order by id") { $0.text() }
                    .first ?? "",
                try tx.rows("select id from organization where kind = 'house' order by id") { $0.text() }
                    .first ?? ""
            )
        }
        func receipt(_ owner: String) -> [(String, String)] {
            [
                ("kind", "receipt"), ("place_id", s.store), ("lines.0.part_id", s.fan),
                ("lines.0.quantity", "2"), ("lines.0.unit_cost", "99.00"), ("lines.0.owner_id", owner),
                ("do", "submit"),
            ]
        }
        let ours = try await keeper.form("/stock/documents", receipt(home))
        #expect(ours.status == 422 && ours.text.contains("f-lines.0.owner_id"), "\(ours.text)")
        let made = try await keeper.form("/stock/documents", receipt(customer))
        #expect(made.status == 303, "\(made.text)")
        let rows = try await keeper.get("/balances?part=\(s.fan)").json["items"]?.array ?? []
        let own = rows.first { $0["owner"]?.string == customer }
        #expect(own?["on_hand"]?.int == 2 && own?["value_minor"]?.int == 0, "\(rows)")
        #expect(rows.first { $0["owner"]?.string == nil }?["value_minor"]?.int == 123_450)
        // The house's own is not taken for the customer's, nor the other way round.
        let much = s.issue([
            ("lines.0.part_id", s.fan), ("lines.0.quantity", "3"), ("lines.0.owner_id", customer),
            ("do", "submit"),
        ])
        #expect(try await keeper.form("/stock/documents", much).status == 409)
        #expect(
            !(try await s.w.api("engineer").page("/stock/documents/new?part=FAN-92").text.contains("owner_id"))
        )
        try await s.w.house.close()
    }

    /// One begins where one works: in the own place, else in the house's store.
    @Test func thePanelBeginsInTheOwnPlace() async throws {
        let s = try await World.open()
        func chosen(_ who: String) async throws -> String? {
            let page = try await s.w.api(who).page("/stock").text
            let panel = page.firstRange(of: "id=\"f-place_id\"").map { String(page[$0.upperBound...]) } ?? ""
            return panel.firstMatch(of: /<option value="([^"]+)" selected>/).map { String($0.1) }
        }
        // A place whose name comes first is not the one.
        _ = try await s.w.house.store.write(by: .system("test")) {
            try Inventory.add(PlaceInput(.siteStore, name: "AAA"), $0)
        }
        #expect(try await chosen("keeper") == s.store)
        let box = try await s.w.house.store.write(by: .system("test")) { tx -> String in
            var input = PlaceInput(.box, name: "工具箱")
            input.keeper = .set(AccountID(s.w.id("engineer")))
            return try Inventory.add(input, tx).id.text
        }
        #expect(try await chosen("engineer") == box)
        #expect(try await chosen("engineer2") == s.store)
        try await s.w.house.close()
    }
}
