import Base
import Foundation
import Store
import TestKit
import Testing
import Web

@testable import Inventory
@testable import fettle

/// The pages of stock: what they show to whom, and what their forms do.
@Suite struct StockPagesTests {
    struct World {
        let w: Workshop
        let store, depot, fan, lna: String

        static func open() async throws -> World {
            let w = try await Workshop.open()
            let ids = try await w.house.store.write(by: .system("test")) { tx -> [String] in
                var fan = PartInput(number: "FAN-92", name: "散热风扇")
                fan.priceMinor = .set(12_345)
                let a = try Inventory.add(fan, tx)
                let b = try Inventory.add(PartInput(number: "LNA-X85", name: "低噪放", tracking: .serial), tx)
                let store = try Inventory.add(PlaceInput(.store, name: "南京备件库"), tx)
                let depot = try Inventory.add(PlaceInput(.depot, name: "成都外库"), tx)
                var line = LineInput(part: a.id, quantity: 10)
                line.unitCostMinor = 12_345
                _ = try Inventory.draw(
                    .receipt,
                    DocumentInput(
                        place: store.id,
                        lines: [line, LineInput(part: b.id, quantity: 1, serial: "LNA-0067")],
                        submit: true), InventoryNeighbours(), tx)
                return [store.id.text, depot.id.text, a.id.text, b.id.text]
            }
            return World(w: w, store: ids[0], depot: ids[1], fan: ids[2], lna: ids[3])
        }

        func issue(_ more: [(String, String)]) -> [(String, String)] {
            [("kind", "issue"), ("place_id", store), ("reason", "a trial")] + more
        }

        func balance(_ part: String) async throws -> Int64 {
            try await w.house.store.read(by: .system("test")) { tx in
                try tx.int(
                    "select coalesce(sum(on_hand), 0) from stock_balance where part_id = \(part) and place_id = \(self.store)"
                )
            }
        }
    }

    @Test func theListShowsValuesOnlyToWhoMaySee() async throws {
        let s = try await World.open()
        for (who, sees) in [("keeper", true), ("finance", true), ("engineer", false), ("quality", false)] {
            let page = try await s.w.api(who).page("/stock").text
            #expect(page.contains("FAN-92") && page.contains("LNA-0067"), "\(who)")
            #expect(page.contains("1,234.50") == sees, "\(who)")
            let csv = try await s.w.api(who).page("/stock/export.csv").text
            #expect(csv.hasPrefix("\u{FEFF}") && csv.contains("FAN-92"), "\(who)")
            #expect(csv.contains("1234.5") == sees, "\(who)")
        }
        #expect(try await s.w.api("keeper").page("/stock").text.contains("action=\"/stock/scan\""))
        #expect(try await s.w.api("auditor").page("/stock").text.contains("/stock/scan") == false)
        #expect(try await s.w.api("customer").page("/stock").status == 404)
        let narrowed = try await s.w.api("keeper").page("/stock?q=lna&place=\(s.store)").text
        #expect(narrowed.contains("LNA-X85") && !narrowed.contains("FAN-92</span>"))
        for view in StockListQuery.View.allCases {
            #expect(try await s.w.api("keeper").page("/stock?view=\(view.rawValue)").status == 200, "\(view)")
        }
        for name in ["stock/export.xlsx", "stock/movements/export.xlsx"] {
            let book = try await s.w.api("keeper").page("/\(name)")
            #expect(book.status == 200 && book.body.starts(with: [0x50, 0x4B]), "\(name)")
        }
        #expect(try await s.w.api("keeper").page("/stock/movements/export.csv").text.contains("GR-26-0001"))
        try await s.w.house.close()
    }

    /// A part number, the same again, a serial number, something unknown, one line taken off, and posted.
    @Test func scannedLinesArePosted() async throws {
        let s = try await World.open()
        let keeper = s.w.api("keeper")
        let first = try await keeper.form(
            "/stock/scan", s.issue([("scan", "ｆａｎ-92"), ("scan_quantity", "2")]))
        #expect(first.status == 200 && first.text.contains("name=\"lines.0.part_id\" value=\"\(s.fan)\""))
        let line = [("lines.0.part_id", s.fan), ("lines.0.quantity", "2")]
        let again = try await keeper.form("/stock/scan", s.issue(line + [("scan", "FAN-92")]))
        #expect(again.text.contains("name=\"lines.0.quantity\" type=\"text\" value=\"3\""))
        #expect(!again.text.contains("lines.1."))
        let serial = try await keeper.form(
            "/stock/scan", s.issue(line + [("scan", "LNA-0067"), ("do", "add")]))
        #expect(serial.text.contains("name=\"lines.1.serial\" type=\"text\" value=\"LNA-0067\""))
        let unknown = try await keeper.form("/stock/scan", s.issue(line + [("scan", "NO-SUCH")]))
        #expect(
            unknown.status == 422 && unknown.text.contains("id=\"e-scan\"")
                && unknown.text.contains("NO-SUCH"))
        #expect(unknown.text.contains("name=\"lines.0.part_id\""), "the lines so far stay")
        let two =
            line + [("lines.4.part_id", s.lna), ("lines.4.quantity", "1"), ("lines.4.serial", "LNA-0067")]
        let fewer = try await keeper.form("/stock/scan", s.issue(two + [("do", "remove.0")]))
        #expect(fewer.text.contains("value=\"\(s.lna)\"") && !fewer.text.contains("value=\"\(s.fan)\""))
        #expect(try await s.balance(s.fan) == 10, "so far nothing moved")
        let posted = try await keeper.form("/stock/scan", s.issue(two + [("do", "submit")]))
        #expect(posted.status == 303, "\(posted.text)")
        #expect(posted.header("Location") == "/stock/documents/GI-26-0001?done=stock_posting")
        #expect(try await s.balance(s.fan) == 8)
        #expect(try await s.balance(s.lna) == 0)
        let much = s.issue([("lines.0.part_id", s.fan), ("lines.0.quantity", "9"), ("do", "submit")])
        let refused = try await keeper.form("/stock/scan", much)
        #expect(refused.status == 409 && refused.text.contains("value=\"9\""), "what was typed stays")
        #expect(try await s.balance(s.fan) == 8)
        #expect(try await s.w.api("auditor").form("/stock/scan", much).status == 403)
        #expect(try await s.w.api("customer").form("/stock/scan", much).status == 404)
        try await s.w.house.close()
    }

    /// An engineer asks, the keeper finds it waiting and posts it; the steps shown are those that are open.
    @Test func anEngineerAsksAndTheKeeperPosts() async throws {
        let s = try await World.open()
        let asked = try await s.w.api("engineer").form(
            "/stock/documents",
            s.issue([("lines.0.part_id", s.fan), ("lines.0.quantity", "1"), ("do", "submit")]))
        #expect(
            asked.header("Location") == "/stock/documents/GI-26-0001?done=stock_submission", "\(asked.text)")
        let path = "/stock/documents/GI-26-0001"
        #expect(!(try await s.w.api("engineer").page(path).text.contains("\(path)/posting")))
        let waiting = try await s.w.api("keeper").page("/stock/documents").text
        #expect(waiting.contains("doc-waiting") && waiting.contains("GI-26-0001"))
        let page = try await s.w.api("keeper").page(path).text
        for step in ["posting", "rejection"] {
            #expect(page.contains("action=\"\(path)/\(step)\""), "\(step)")
        }
        #expect(!page.contains("\(path)/approval"))
        let back = try await s.w.api("keeper").form(path + "/rejection", [("reason", "")])
        #expect(back.status == 422)
        let done = try await s.w.api("keeper").form(path + "/posting", [])
        #expect(done.status == 303, "\(done.text)")
        #expect(try await s.balance(s.fan) == 9)
        #expect(try await s.w.api("keeper").form(path + "/posting", []).status == 409)
        let reversed = try await s.w.api("keeper").form(path + "/reversal", [("reason", "wrong part")])
        #expect(reversed.status == 303)
        #expect(try await s.balance(s.fan) == 10)
        try await s.w.house.close()
    }

    @Test func aTransferIsDraftedChangedSentAndArrives() async throws {
        let s = try await World.open()
        let keeper = s.w.api("keeper")
        let head = [("kind", "transfer"), ("place_id", s.store), ("to_place_id", s.depot)]
        let line = [("lines.0.part_id", s.fan), ("lines.0.quantity", "4")]
        let kept = try await keeper.form("/stock/documents", head + line + [("do", "draft")])
        #expect(kept.header("Location") == "/stock/documents/TR-26-0001?done=stock_draft", "\(kept.text)")
        let edit = try await keeper.page("/stock/documents/TR-26-0001/edit").text
        #expect(edit.contains("name=\"lines.0.quantity\" type=\"text\" value=\"4\""))
        let more = head + [("lines.0.part_id", s.fan), ("lines.0.quantity", "5"), ("do", "submit")]
        let id = try await s.w.house.store.read(by: .system("test")) {
            try $0.stockDocument("TR-26-0001")?.id.text ?? ""
        }
        let stale = try await keeper.form("/stock/documents/\(id)", more + [("version", "9")])
        #expect(stale.status == 412, "\(stale.status)")
        let sent = try await keeper.form("/stock/documents/\(id)", more + [("version", "1")])
        #expect(sent.status == 303, "\(sent.text)")
        #expect(try await s.balance(s.fan) == 5)
        let receipt = "/stock/documents/TR-26-0001/receipt"
        let nothing = [("lines.0.line", "1"), ("lines.0.received", "0"), ("lines.0.written_off", "")]
        #expect(try await keeper.form(receipt, nothing).status == 422, "nothing said is not everything")
        let part = [("lines.0.line", "1"), ("lines.0.received", "3"), ("lines.0.written_off", "1")]
        #expect(try await keeper.form(receipt, part).status == 422, "a loss has a reason")
        #expect(try await keeper.form(receipt, part + [("reason", "运输途中压坏")]).status == 303)
        let page = try await keeper.page("/stock/documents/TR-26-0001").text
        #expect(
            page.contains("name=\"lines.0.received\" type=\"text\" value=\"1\""), "one is still under way")
        let paper = try await keeper.page("/stock/documents/TR-26-0001/paper").text
        #expect(paper.components(separatedBy: "class=\"sheet stock-sheet\"").count == 4, "three copies")
        try await s.w.house.close()
    }

    @Test func partsAndPlacesAreKept() async throws {
        let s = try await World.open()
        let keeper = s.w.api("keeper")
        let page = try await keeper.page("/stock/parts/\(s.fan)").text
        #expect(page.contains("GR-26-0001") && page.contains("南京备件库"))
        let made = try await keeper.form(
            "/stock/parts",
            [
                ("number", "FAN-93"), ("name", "风扇"), ("unit", "pcs"), ("tracking", "none"), ("abc", "A"),
                ("price", "12.50"), ("superseded_by", "fan-92"), ("fits", "GS73X"), ("minimums", "1"),
                ("minimums.0.place_id", s.store), ("minimums.0.minimum", "2"),
            ])
        let place = made.header("Location") ?? ""
        #expect(made.status == 303, "\(made.text)")
        let part = try await keeper.get(
            "/parts/"
                + (place.split(separator: "?").first.map { String($0.dropFirst("/stock/parts/".count)) } ?? "")
        )
        #expect(part.json["price_minor"]?.int == 1250)
        #expect(part.json["superseded_by"]?.string == s.fan)
        #expect(part.json["fits"]?.array?.count == 1)
        #expect(try await keeper.page("/stock?view=below").text.contains("FAN-93"))
        let wrong = try await keeper.form(
            "/stock/parts", [("number", "X"), ("name", "x"), ("price", "a lot")])
        #expect(wrong.status == 422 && wrong.text.contains("a lot"))
        #expect(try await s.w.api("engineer").form("/stock/parts", []).status == 403)
        let below = try await keeper.form(
            "/stock/places", [("name", "A-03"), ("kind", "zone"), ("parent_id", s.store)])
        #expect(below.status == 303, "\(below.text)")
        #expect(try await keeper.page("/stock/places").text.contains("└ "))
        #expect(try await keeper.page("/stock/places/\(s.store)").text.contains("FAN-92"))
        for path in [
            "parts/\(s.fan)/label?batch=B-1&n=3", "places/\(s.store)/label", "places/new", "parts/new",
        ] {
            #expect(try await keeper.page("/stock/\(path)").status == 200, "\(path)")
        }
        try await s.w.house.close()
    }

    @Test func everyKindHasAFormAndAPaper() async throws {
        let s = try await World.open()
        for kind in StockDocument.Kind.allCases where kind != .countDifference {
            let form = try await s.w.api("keeper").page(
                "/stock/documents/new?kind=\(kind.rawValue)&part=\(s.fan)")
            #expect(form.status == 200 && form.text.contains("name=\"lines.0.part_id\""), "\(kind)")
            let id = try await s.w.house.store.write(by: .system("test")) { tx -> String in
                var line = LineInput(part: PartID(s.fan), quantity: 1)
                if kind == .statusChange { line.toStatus = .quarantine }
                return try Inventory.draw(
                    kind,
                    DocumentInput(
                        place: PlaceID(s.store), toPlace: kind == .transfer ? PlaceID(s.depot) : nil,
                        reason: "x",
                        lines: [line]), InventoryNeighbours(), tx
                ).number
            }
            for path in ["", "/paper", "/edit"] {
                let page = try await s.w.api("keeper").page("/stock/documents/\(id)\(path)")
                #expect(page.status == 200, "\(kind)\(path): \(page.text.prefix(200))")
            }
        }
        try await s.w.house.close()
    }

    /// An issue for nobody is asked for a ticket or a reason, for which there is a field then.
    @Test func anIssueIsForSomebody() async throws {
        let s = try await World.open()
        let keeper = s.w.api("keeper")
        let nobody = s.issue([("lines.0.part_id", s.fan), ("lines.0.quantity", "1"), ("do", "submit")])
            .filter { $0.0 != "reason" }
        #expect(!(try await keeper.page("/stock").text.contains("name=\"reason\"")))
        let refused = try await keeper.form("/stock/scan", nobody)
        #expect(refused.status == 422 && refused.text.contains(said("error.stock.for_whom")))
        #expect(refused.text.contains("name=\"reason\""))
        #expect(try await keeper.form("/stock/documents", nobody).status == 422)
        #expect(try await keeper.form("/stock/scan", nobody + [("reason", "a sample")]).status == 303)
        #expect(try await s.balance(s.fan) == 9)
        try await s.w.house.close()
    }

    /// Counted blind on the phone, what differs again by somebody else, approved and posted.
    @Test func aBlindCountEndsInADifference() async throws {
        let s = try await World.open()
        let keeper = s.w.api("keeper")
        let begun = try await keeper.form(
            "/stock/checks",
            [
                ("place_id", s.store), ("kind", "blind"), ("abc", ""), ("blind", "1"),
                ("counter.\(s.w.id("engineer"))", "1"),
            ])
        #expect(begun.status == 303, "\(begun.text)")
        let path = "/stock/checks/CK-26-0001"
        #expect(begun.header("Location") == path + "?done=check_begun")
        let sheet = try await keeper.page(path + "/count").text
        #expect(sheet.contains("FAN-92") && !sheet.contains(">10<"), "the books stay hidden")
        #expect(!(try await keeper.page(path).text.contains("data-label=\"\u{8D26}\u{9762}\"")))
        func count(_ who: String, _ line: Int, _ n: String) async throws -> Int {
            try await s.w.api(who).form(
                path + "/counts", [("lines.0.line", String(line)), ("lines.0.quantity", n)]
            ).status
        }
        #expect(try await count("keeper", 1, "") == 422)
        #expect(try await count("keeper", 1, "9") == 303)
        #expect(try await count("keeper", 2, "1") == 303)
        #expect(
            try await keeper.form(path + "/submission", []).header("Location")?.hasSuffix("check_recount")
                == true)
        #expect(try await count("keeper", 1, "9") == 403, "a second person counts again")
        let mine = try await keeper.page(path).text
        #expect(!mine.contains(path + "/count\"") && mine.contains(said("stock.check.second_person")))
        #expect(try await keeper.page(path + "/count").text.contains(said("stock.check.all_counted.by_me")))
        #expect(try await s.w.api("engineer").page(path).text.contains(path + "/count\""))
        #expect(try await s.w.api("engineer2").page(path + "/count").status == 403)
        #expect(try await count("engineer", 1, "9") == 303)
        #expect(
            try await keeper.form(path + "/submission", []).header("Location")?.hasSuffix("check_submission")
                == true)
        let page = try await s.w.api("service_manager").page(path).text
        #expect(page.contains("action=\"\(path)/approval\""))
        #expect(try await keeper.page(path + "/paper").text.contains("CK-26-0001"))
        #expect(try await s.w.api("service_manager").form(path + "/approval", []).status == 303)
        #expect(try await s.balance(s.fan) == 9)
        try await s.w.house.close()
    }
}
